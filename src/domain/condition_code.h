#pragma once
// Code: a condition after parsing, as flat lists that refer to each other by place. Made by the
// parser only, never changed afterwards.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "domain/condition_attributes.h"
#include "domain/condition_operators.h"
#include "domain/condition_values.h"

namespace tenure::domain::condition {

using Place = std::uint16_t;
inline constexpr Place no_place = std::numeric_limits<Place>::max();

struct Span {
    std::uint32_t at{};
    std::uint32_t size{};
    bool operator==(const Span&) const = default;
};

enum class LiteralKind : std::uint8_t { text, like_pattern, number, date_time, guid, boolean };

// A constant, read as the operator beside it needs it: the string of a GUID is a GUID beside
// GuidEquals. One that cannot be read so stays what it is, and its comparison is unknown.
struct Literal {
    LiteralKind kind{};
    Span text;              // of texts, as meant; of Like patterns and DateTimes, as written
    std::int64_t number{};  // also of DateTimes (ticks) and Bools (0 or 1)
    Guid guid;
    bool operator==(const Literal&) const = default;
};

struct AttributeName {
    Source source{};
    bool utc_now = false;  // @Environment[UtcNow]: the instant that is asked about
    Span written;
    Span canonical;
    bool operator==(const AttributeName&) const = default;
};

struct ActionPattern {
    Span written;
    Span folded;
    bool operator==(const ActionPattern&) const = default;
};

struct Operand {
    enum class Kind : std::uint8_t { attribute, literal, set };
    Kind kind{};
    Place first{};  // in attributes or literals
    Place count{};  // of literals
    bool operator==(const Operand&) const = default;
};

struct Comparison {
    Operator op;
    Quantifier quantifier{};
    Operand left;
    Operand right;
    bool operator==(const Comparison&) const = default;
};

struct PatternList {
    Place first{};
    Place count{};
    bool operator==(const PatternList&) const = default;
};

enum class PartKind : std::uint8_t {
    all_of,                 // AND
    any_of,                 // OR
    negation,               // NOT
    action_matches,         // first: in lists
    sub_operation_matches,  // first: in lists
    exists,                 // first: in attributes
    comparison              // first: in comparisons
};

struct Part {
    PartKind kind{};
    Place first{};          // of AND, OR and NOT: the first part below
    Place next = no_place;  // the next part below the same one
    bool operator==(const Part&) const = default;
};

struct Code {
    std::vector<Part> parts;
    Place root = no_place;
    std::vector<Comparison> comparisons;
    std::vector<PatternList> lists;
    std::vector<ActionPattern> patterns;
    std::vector<AttributeName> attributes;  // each one once
    std::vector<Literal> literals;
    std::string texts;

    std::string_view text(Span span) const {
        return std::string_view{texts}.substr(span.at, span.size);
    }

    bool operator==(const Code&) const = default;
};

// Calls look(part) for the parts right below the one at `at` until it returns false.
template <class Look>
void each_below(const Code& code, Place at, Look&& look) {
    for (Place below = code.parts[at].first; below != no_place; below = code.parts[below].next)
        if (!look(below)) return;
}

}  // namespace tenure::domain::condition
