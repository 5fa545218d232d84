#pragma once
// Conditions: the attribute language of roles and assignments (docs/ARCHITECTURE.md,
// "Conditions"). A text is parsed once into a Program, which then answers for any question.
//
// What is missing makes a comparison unknown, not false (Kleene): AND is false if a part is false,
// else unknown if one is; OR is true if a part is true, else unknown if one is; NOT unknown is
// unknown. A comparison is unknown if one of its attributes is missing, a list is empty, a value is
// not of the operator's kind, or an operator without quantifier gets several values. Only `yes`
// meets the condition.
//
// The cost of any condition is bounded: its size, depth, parts and lists by domain/limits.h, and a
// comparison that would look at more than its share of limits::condition_steps_max bytes and pairs
// of values is unknown. Each comparison of a condition has the same share, so that its truth does
// not depend on which others are looked at.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "domain/condition_attributes.h"
#include "domain/condition_code.h"

namespace tenure::domain::condition {

// In the order of AND (least) and OR (greatest).
enum class Truth : std::uint8_t { no, unknown, yes };

// "false", "unknown", "true".
std::string_view name_of(Truth truth);

// What a condition is asked about. Borrows everything; a source that is null has no attributes.
// @Environment[UtcNow] is `now`, whatever the environment says.
struct CircumstancesView {
    std::string_view action;              // folded, see parse_action
    std::string_view sub_operation = {};  // folded; empty: none
    Instant now;
    const AttributeSet* request = nullptr;
    const AttributeSet* resource = nullptr;
    const AttributeSet* principal = nullptr;
    const AttributeSet* environment = nullptr;
};

// Why a comparison is unknown.
enum class Doubt : std::uint8_t { none, missing, empty_list, wrong_kind, several_values, too_long };

// A few words for a person; empty for none.
std::string_view text_of(Doubt doubt);

// An attribute that was looked for, and its value as the language writes it; nothing: missing.
struct AttributeRead {
    std::string attribute;  // "@Request[name]"
    std::optional<std::string> value;
    bool operator==(const AttributeRead&) const = default;
};

// One part of a condition with its truth: AND, OR and NOT with their parts below them, anything
// else as its text. Here every part is looked at, also those that cannot change the whole.
struct Trace {
    std::string text;
    Truth truth{};
    Doubt doubt{};
    std::vector<AttributeRead> read;
    std::vector<Trace> parts;
    bool operator==(const Trace&) const = default;
};

// Immutable; may be shared between threads.
class Program {
public:
    // A text that is not a condition is refused with line, column, what was found there and what
    // was expected; `field` names the input in the error.
    static Result<Program> parse(std::string_view text, std::string_view field);
    // The versions "1.0" and "2.0" have the same language, others have none.
    static Result<Program> compile(const Condition& condition, std::string_view field);

    // No allocation.
    Truth evaluate(const CircumstancesView& circumstances) const;

    // The same truth, with its reasons.
    Trace explain(const CircumstancesView& circumstances) const;

    // Whether the answer can depend on the attributes of `source`; if not, they need not be there.
    bool reads(Source source) const;
    // Whether it can depend on the instant.
    bool reads_clock() const;
    // The instants at which the truth can change while everything else stays as it is, in order:
    // between two of them it is the same. They depend on the attributes UtcNow is compared with.
    std::vector<Instant> turning_points(const CircumstancesView& circumstances) const;

    // What is wrong with comparisons that are unknown whatever is asked, because of their
    // constants:
    // "<comparison>: <why>" each.
    std::vector<std::string> never_decided() const;

    // The condition in the spelling of the documentation. Parsed again it is an equal program, if
    // it does not become longer than a condition may be.
    std::string text() const;

    bool operator==(const Program&) const = default;

private:
    explicit Program(Code code) : code_{std::move(code)} {}

    Code code_;
};

}  // namespace tenure::domain::condition
