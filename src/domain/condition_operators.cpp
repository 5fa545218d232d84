#include "domain/condition_operators.h"

#include <array>

#include "base/invariant.h"
#include "base/text.h"

namespace tenure::domain::condition {
namespace {

template <class Value>
struct Named {
    Value value;
    std::string_view name;
};

constexpr std::array families{
    Named<Family>{Family::text, "String"}, Named<Family>{Family::number, "Numeric"},
    Named<Family>{Family::date_time, "DateTime"}, Named<Family>{Family::guid, "Guid"},
    Named<Family>{Family::boolean, "Bool"}};

constexpr std::array relations{Named<Relation>{Relation::equals, "Equals"},
                               Named<Relation>{Relation::starts_with, "StartsWith"},
                               Named<Relation>{Relation::like, "Like"},
                               Named<Relation>{Relation::ends_with, "EndsWith"},
                               Named<Relation>{Relation::contains, "Contains"},
                               Named<Relation>{Relation::greater_than, "GreaterThan"},
                               Named<Relation>{Relation::greater_than_equals, "GreaterThanEquals"},
                               Named<Relation>{Relation::less_than, "LessThan"},
                               Named<Relation>{Relation::less_than_equals, "LessThanEquals"}};

constexpr std::array quantifiers{Named<Quantifier>{Quantifier::any_of_any, "ForAnyOfAnyValues"},
                                 Named<Quantifier>{Quantifier::all_of_any, "ForAllOfAnyValues"},
                                 Named<Quantifier>{Quantifier::any_of_all, "ForAnyOfAllValues"},
                                 Named<Quantifier>{Quantifier::all_of_all, "ForAllOfAllValues"}};

constexpr std::string_view negation = "Not";
constexpr std::string_view ignoring_case = "IgnoreCase";

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    for (const auto& each : table)
        if (each.value == value) return each.name;
    INVARIANT(!"every operator has a name");
    return {};
}

bool take_front(std::string_view& text, std::string_view part) {
    if (!equal_folded(text.substr(0, part.size()), part)) return false;
    text.remove_prefix(part.size());
    return true;
}

bool take_back(std::string_view& text, std::string_view part) {
    if (text.size() < part.size() || !equal_folded(text.substr(text.size() - part.size()), part))
        return false;
    text.remove_suffix(part.size());
    return true;
}

bool is_ordering(Relation relation) {
    return relation == Relation::greater_than || relation == Relation::greater_than_equals ||
           relation == Relation::less_than || relation == Relation::less_than_equals;
}

bool exists(const Operator& op) {
    if (op.relation == Relation::equals) return true;
    switch (op.family) {
        case Family::text:
            return !is_ordering(op.relation);
        case Family::number:
        case Family::date_time:
            return is_ordering(op.relation) && !op.negated;
        case Family::guid:
        case Family::boolean:
            return false;
    }
    return false;
}

}  // namespace

std::optional<Operator> operator_named(std::string_view name) {
    for (const auto& family : families) {
        std::string_view rest = name;
        if (!take_front(rest, family.name)) continue;
        Operator op{family.value};
        op.negated = take_front(rest, negation);
        op.ignore_case = family.value == Family::text && take_back(rest, ignoring_case);
        for (const auto& relation : relations) {
            if (!equal_folded(rest, relation.name)) continue;
            op.relation = relation.value;
            if (exists(op)) return op;
        }
    }
    return std::nullopt;
}

std::string name_of(const Operator& op) {
    std::string name{name_in(families, op.family)};
    if (op.negated) name += negation;
    name += name_in(relations, op.relation);
    if (op.ignore_case) name += ignoring_case;
    return name;
}

std::optional<Quantifier> quantifier_named(std::string_view name) {
    for (const auto& each : quantifiers)
        if (equal_folded(each.name, name)) return each.value;
    return std::nullopt;
}

std::string_view name_of(Quantifier quantifier) {
    if (quantifier == Quantifier::plain) return {};
    return name_in(quantifiers, quantifier);
}

}  // namespace tenure::domain::condition
