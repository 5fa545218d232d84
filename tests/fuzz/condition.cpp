#include "domain/condition.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/limits.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

using domain::condition::AttributeSet;
using domain::condition::CircumstancesView;
using domain::condition::Doubt;
using domain::condition::Program;
using domain::condition::Trace;
using domain::condition::Truth;

void require_explained(const Error& error) {
    INVARIANT(error.field == "condition");
    INVARIANT(valid_utf8(error.detail));
    const bool placed = error.detail.starts_with("condition, line ");
    INVARIANT(placed || error.code == Errc::limit_exceeded);
    INVARIANT(error.code == Errc::limit_exceeded ||
              error.detail.find("; expected ") != std::string::npos);
}

// The truth of a whole follows from that of its parts.
void require_consistent(const Trace& trace) {
    for (const Trace& part : trace.parts) require_consistent(part);
    INVARIANT(trace.doubt == Doubt::none || trace.truth == Truth::unknown);
    if (trace.parts.empty()) return;
    Truth least = Truth::yes;
    Truth greatest = Truth::no;
    for (const Trace& part : trace.parts) {
        least = std::min(least, part.truth);
        greatest = std::max(greatest, part.truth);
    }
    if (trace.text == "AND") return INVARIANT(trace.truth == least);
    if (trace.text == "OR") return INVARIANT(trace.truth == greatest);
    INVARIANT(trace.text == "NOT" && trace.parts.size() == 1);
    INVARIANT((trace.truth == Truth::yes) == (least == Truth::no));
    INVARIANT((trace.truth == Truth::no) == (least == Truth::yes));
}

void require_same(const Program& a, const Program& b, const CircumstancesView& circumstances) {
    INVARIANT(a == b);
    INVARIANT(a.evaluate(circumstances) == b.evaluate(circumstances));
    INVARIANT(a.explain(circumstances) == b.explain(circumstances));
}

}  // namespace

void condition(Bytes input) {
    std::string_view text = text_of(input);
    const std::string value{take_line(text)};
    const std::string action = folded(take_line(text));
    const auto program = Program::parse(text, "condition");
    if (!program) return require_explained(program.error());
    INVARIANT(text.size() <= domain::limits::condition_length_max);

    // The first line is the value of whatever attribute is called so, in every kind and number.
    const AttributeSet one{{{"a", std::vector{value}}, {"n", std::vector<std::int64_t>{7}}}};
    const AttributeSet two{{{"a", std::vector{value, value + "x"}},
                            {"n", std::vector<std::int64_t>{-1, 7}},
                            {"b", true}}};
    CircumstancesView circumstances{action, action, Instant{1'700'000'000'000'000}, &one, &two,
                                    {},     {}};
    const Truth truth = program.value().evaluate(circumstances);
    const Trace trace = program.value().explain(circumstances);
    INVARIANT(trace.truth == truth);
    require_consistent(trace);

    const std::string usual = program.value().text();
    if (usual.size() <= domain::limits::condition_length_max) {
        const auto again = Program::parse(usual, "condition");
        INVARIANT(again.has_value());
        require_same(again.value(), program.value(), circumstances);
        INVARIANT(again.value().text() == usual);
    }

    const auto points = program.value().turning_points(circumstances);
    INVARIANT(points.empty() || program.value().reads_clock());
    if (points.empty()) {
        circumstances.now = Instant{0};
        INVARIANT(program.value().evaluate(circumstances) == truth);
    }
}

}  // namespace tenure::fuzz
