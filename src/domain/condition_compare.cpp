#include "domain/condition_compare.h"

#include <optional>

#include "base/invariant.h"
#include "base/match.h"
#include "domain/limits.h"

namespace tenure::domain::condition {
namespace {

const AttributeSet* attributes_of(Source source, const CircumstancesView& circumstances) {
    switch (source) {
        case Source::request:
            return circumstances.request;
        case Source::resource:
            return circumstances.resource;
        case Source::principal:
            return circumstances.principal;
        case Source::environment:
            return circumstances.environment;
    }
    return nullptr;
}

std::size_t count_of(const ValuesView& values) {
    return std::visit(
        match{[](std::monostate) { return std::size_t{0}; }, [](bool) { return std::size_t{1}; },
              [](Instant) { return std::size_t{1}; }, [](const auto& list) { return list.size(); }},
        values);
}

// The readers: value `i` of a list as a value of the family, nothing if it is of another kind.

struct TextReader {
    const Code& code;

    std::optional<std::string_view> operator()(const ValuesView& values, std::size_t i) const {
        if (const auto* texts = std::get_if<std::span<const std::string>>(&values))
            return (*texts)[i];
        const auto* literals = std::get_if<std::span<const Literal>>(&values);
        if (literals == nullptr) return std::nullopt;
        const Literal& literal = (*literals)[i];
        if (literal.kind != LiteralKind::text && literal.kind != LiteralKind::like_pattern)
            return std::nullopt;
        return code.text(literal.text);
    }
};

struct NumberReader {
    std::optional<std::int64_t> operator()(const ValuesView& values, std::size_t i) const {
        if (const auto* numbers = std::get_if<std::span<const std::int64_t>>(&values))
            return (*numbers)[i];
        const auto* literals = std::get_if<std::span<const Literal>>(&values);
        if (literals == nullptr || (*literals)[i].kind != LiteralKind::number) return std::nullopt;
        return (*literals)[i].number;
    }
};

struct DateTimeReader {
    std::optional<Ticks> operator()(const ValuesView& values, std::size_t i) const {
        if (const auto* now = std::get_if<Instant>(&values)) return ticks_of(*now);
        if (const auto* texts = std::get_if<std::span<const std::string>>(&values))
            return parse_date_time((*texts)[i]);
        const auto* literals = std::get_if<std::span<const Literal>>(&values);
        if (literals == nullptr || (*literals)[i].kind != LiteralKind::date_time)
            return std::nullopt;
        return Ticks{(*literals)[i].number};
    }
};

struct GuidReader {
    std::optional<Guid> operator()(const ValuesView& values, std::size_t i) const {
        if (const auto* texts = std::get_if<std::span<const std::string>>(&values))
            return parse_guid((*texts)[i]);
        const auto* literals = std::get_if<std::span<const Literal>>(&values);
        if (literals == nullptr || (*literals)[i].kind != LiteralKind::guid) return std::nullopt;
        return (*literals)[i].guid;
    }
};

struct BooleanReader {
    std::optional<bool> operator()(const ValuesView& values, std::size_t i) const {
        if (const auto* value = std::get_if<bool>(&values)) return *value;
        const auto* literals = std::get_if<std::span<const Literal>>(&values);
        if (literals == nullptr || (*literals)[i].kind != LiteralKind::boolean) return std::nullopt;
        return (*literals)[i].number != 0;
    }
};

// Why a comparison with these values on one side is unknown, if it is.
template <class Reader>
Doubt doubt_of(const Reader& reader, const ValuesView& values, Quantifier quantifier) {
    if (std::holds_alternative<std::monostate>(values)) return Doubt::missing;
    const std::size_t count = count_of(values);
    if (count == 0) return Doubt::empty_list;
    if (count > 1 && quantifier == Quantifier::plain) return Doubt::several_values;
    for (std::size_t i = 0; i < count; ++i)
        if (!reader(values, i)) return Doubt::wrong_kind;
    return Doubt::none;
}

// `any`: holds(i) for some i < count, else for every one.
template <class Holds>
bool quantified(bool any, std::size_t count, const Holds& holds) {
    for (std::size_t i = 0; i < count; ++i)
        if (holds(i) == any) return any;
    return !any;
}

bool any_of_left(Quantifier quantifier) {
    return quantifier != Quantifier::all_of_any && quantifier != Quantifier::all_of_all;
}

bool any_of_right(Quantifier quantifier) {
    return quantifier != Quantifier::any_of_all && quantifier != Quantifier::all_of_all;
}

Compared unknown(Doubt doubt) { return {Truth::unknown, doubt}; }

// Reading a text as a GUID or a DateTime costs as much as looking at so many bytes.
constexpr std::size_t steps_to_read = 32;

bool is_read_from_text(const Operator& op, const ValuesView& values) {
    return op.family != Family::text &&
           std::holds_alternative<std::span<const std::string>>(values);
}

// holds(a, b, steps) says whether the operator, not negated, holds for two values.
template <class Reader, class Holds>
Compared compare_lists(const Comparison& comparison, const ValuesView& left,
                       const ValuesView& right, Steps steps, const Reader& reader,
                       const Holds& holds) {
    for (const ValuesView& side : {left, right})
        if (const Doubt doubt = doubt_of(reader, side, comparison.quantifier); doubt != Doubt::none)
            return unknown(doubt);
    const bool any_left = any_of_left(comparison.quantifier);
    const bool any_right = any_of_right(comparison.quantifier);
    const bool negated = comparison.op.negated;
    const std::size_t steps_per_pair = is_read_from_text(comparison.op, right) ? steps_to_read : 1;
    // When the steps are spent both loops are told what ends them.
    const bool result = quantified(any_left, count_of(left), [&](std::size_t i) {
        const auto a = *reader(left, i);
        const bool held = quantified(any_right, count_of(right), [&](std::size_t k) {
            const bool pair =
                steps.take(steps_per_pair) && holds(a, *reader(right, k), steps) != negated;
            return steps.spent() ? any_right : pair;
        });
        return steps.spent() ? any_left : held;
    });
    if (steps.spent()) return unknown(Doubt::too_long);
    return {result ? Truth::yes : Truth::no, Doubt::none};
}

template <class Value>
bool in_order(Relation relation, const Value& a, const Value& b) {
    switch (relation) {
        case Relation::equals:
            return a == b;
        case Relation::greater_than:
            return a > b;
        case Relation::greater_than_equals:
            return a >= b;
        case Relation::less_than:
            return a < b;
        case Relation::less_than_equals:
            return a <= b;
        case Relation::starts_with:
        case Relation::like:
        case Relation::ends_with:
        case Relation::contains:
            break;
    }
    INVARIANT(!"only texts have these relations");
    return false;
}

}  // namespace

ValuesView values_of(const Code& code, const AttributeName& name,
                     const CircumstancesView& circumstances) {
    if (name.utc_now) return circumstances.now;
    const AttributeSet* attributes = attributes_of(name.source, circumstances);
    if (attributes == nullptr) return std::monostate{};
    const AttributeValues* values = attributes->find(code.text(name.canonical));
    if (values == nullptr) return std::monostate{};
    return std::visit(match{[](bool value) -> ValuesView { return value; },
                            [](const auto& list) -> ValuesView { return std::span{list}; }},
                      *values);
}

ValuesView values_of(const Code& code, const Operand& operand,
                     const CircumstancesView& circumstances) {
    if (operand.kind == Operand::Kind::attribute)
        return values_of(code, code.attributes[operand.first], circumstances);
    return std::span{code.literals}.subspan(operand.first, operand.count);
}

Compared compare(const Code& code, const Comparison& comparison,
                 const CircumstancesView& circumstances) {
    const ValuesView left = values_of(code, comparison.left, circumstances);
    const ValuesView right = values_of(code, comparison.right, circumstances);
    const Steps share{limits::condition_steps_max / code.comparisons.size()};
    const auto ordered = [&](const auto& a, const auto& b, Steps&) {
        return in_order(comparison.op.relation, a, b);
    };
    const auto equal = [](const auto& a, const auto& b, Steps&) { return a == b; };
    const auto compared = [&](const auto& reader, const auto& holds) {
        return compare_lists(comparison, left, right, share, reader, holds);
    };
    switch (comparison.op.family) {
        case Family::text:
            return compared(TextReader{code}, [&](auto a, auto b, Steps& steps) {
                return compare_texts(comparison.op, a, b, steps);
            });
        case Family::number:
            return compared(NumberReader{}, ordered);
        case Family::date_time:
            return compared(DateTimeReader{}, ordered);
        case Family::guid:
            return compared(GuidReader{}, equal);
        case Family::boolean:
            return compared(BooleanReader{}, equal);
    }
    INVARIANT(!"every family is compared");
    return {};
}

Doubt doubt_of_constants(const Code& code, const Comparison& comparison) {
    const CircumstancesView nothing;
    const auto doubted = [&](const auto& reader) {
        for (const Operand& side : {comparison.left, comparison.right}) {
            if (side.kind == Operand::Kind::attribute) continue;
            const Doubt doubt =
                doubt_of(reader, values_of(code, side, nothing), comparison.quantifier);
            if (doubt != Doubt::none) return doubt;
        }
        return Doubt::none;
    };
    switch (comparison.op.family) {
        case Family::text:
            return doubted(TextReader{code});
        case Family::number:
            return doubted(NumberReader{});
        case Family::date_time:
            return doubted(DateTimeReader{});
        case Family::guid:
            return doubted(GuidReader{});
        case Family::boolean:
            return doubted(BooleanReader{});
    }
    INVARIANT(!"every family is compared");
    return {};
}

void add_turning_points(const Code& code, const Comparison& comparison,
                        const CircumstancesView& circumstances, std::vector<Instant>& to) {
    const auto is_now = [&](const Operand& side) {
        return side.kind == Operand::Kind::attribute && code.attributes[side.first].utc_now;
    };
    const auto add_for = [&](const Operand& side) {
        const ValuesView values = values_of(code, side, circumstances);
        const DateTimeReader reader;
        for (std::size_t i = 0; i < count_of(values); ++i) {
            const auto ticks = reader(values, i);
            if (!ticks) continue;
            // The first instant that is not before the value, and the first one after it.
            const Instant not_before = first_instant_from(*ticks);
            to.push_back(not_before);
            if (ticks_of(not_before) == *ticks) to.push_back(not_before + 1);
        }
    };
    if (is_now(comparison.left) && !is_now(comparison.right)) add_for(comparison.right);
    if (is_now(comparison.right) && !is_now(comparison.left)) add_for(comparison.left);
}

}  // namespace tenure::domain::condition
