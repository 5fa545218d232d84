#pragma once
// Operators of conditions and their names. Names are read without regard to case;
// name_of writes them as the documentation of the language does.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenure::domain::condition {

// What an operator compares. It decides how both sides are read.
enum class Family : std::uint8_t { text, number, date_time, guid, boolean };

enum class Relation : std::uint8_t {
    equals,
    starts_with,
    like,
    ends_with,
    contains,
    greater_than,
    greater_than_equals,
    less_than,
    less_than_equals
};

struct Operator {
    Family family{};
    Relation relation{};
    bool negated = false;      // "Not": of the single comparison, inside the quantifier
    bool ignore_case = false;  // of text only; ASCII
    bool operator==(const Operator&) const = default;
};

// How a list on the left is held against a list on the right. Plain: one value against one.
enum class Quantifier : std::uint8_t { plain, any_of_any, all_of_any, any_of_all, all_of_all };

std::optional<Operator> operator_named(std::string_view name);
std::string name_of(const Operator& op);

std::optional<Quantifier> quantifier_named(std::string_view name);
// "ForAnyOfAnyValues"; empty for plain.
std::string_view name_of(Quantifier quantifier);

}  // namespace tenure::domain::condition
