#include "domain/condition.h"

#include <algorithm>
#include <array>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/action.h"
#include "domain/condition_compare.h"
#include "domain/condition_parser.h"
#include "domain/condition_text.h"

namespace tenure::domain::condition {
namespace {

constexpr std::array<std::string_view, 3> truth_names{"false", "unknown", "true"};
constexpr std::array<std::string_view, 6> doubt_texts{"",
                                                      "an attribute is missing",
                                                      "a list is empty",
                                                      "a value is not of the operator's kind",
                                                      "several values without a quantifier",
                                                      "comparing takes too many steps"};

Truth truth_of(bool value) { return value ? Truth::yes : Truth::no; }

Truth negation_of(Truth truth) {
    if (truth == Truth::unknown) return truth;
    return truth_of(truth == Truth::no);
}

// A program and what it is asked about, for the time of the answer.
class EvaluationView {
public:
    EvaluationView(const Code& code, const CircumstancesView& circumstances)
        : code_{code}, circumstances_{circumstances} {}

    // Recursive, at most as deep as the parser lets a condition be.
    Truth truth(Place at) const {
        const Part& part = code_.parts[at];
        switch (part.kind) {
            case PartKind::all_of:
            case PartKind::any_of:
                return joined(at);
            case PartKind::negation:
                return negation_of(truth(part.first));
            case PartKind::action_matches:
            case PartKind::sub_operation_matches:
            case PartKind::exists:
            case PartKind::comparison:
                break;
        }
        return leaf(part).truth;
    }

    Trace trace(Place at) const {
        const Part& part = code_.parts[at];
        switch (part.kind) {
            case PartKind::all_of:
            case PartKind::any_of:
                return joined_trace(at);
            case PartKind::negation: {
                Trace below = trace(part.first);
                const Truth truth = negation_of(below.truth);
                Trace whole{"NOT", truth, {}, {}, {}};
                whole.parts.push_back(std::move(below));
                return whole;
            }
            case PartKind::action_matches:
            case PartKind::sub_operation_matches:
            case PartKind::exists:
            case PartKind::comparison:
                break;
        }
        const Compared value = leaf(part);
        return {text_of_leaf(code_, part), value.truth, value.doubt, read_by(part), {}};
    }

private:
    Truth joined(Place at) const {
        const bool all = code_.parts[at].kind == PartKind::all_of;
        // The truth that settles it.
        const Truth last = all ? Truth::no : Truth::yes;
        Truth whole = all ? Truth::yes : Truth::no;
        each_below(code_, at, [&](Place below) {
            whole = all ? std::min(whole, truth(below)) : std::max(whole, truth(below));
            return whole != last;
        });
        return whole;
    }

    Trace joined_trace(Place at) const {
        const bool all = code_.parts[at].kind == PartKind::all_of;
        Trace whole{all ? "AND" : "OR", all ? Truth::yes : Truth::no, {}, {}, {}};
        each_below(code_, at, [&](Place below) {
            const Trace& part = whole.parts.emplace_back(trace(below));
            whole.truth =
                all ? std::min(whole.truth, part.truth) : std::max(whole.truth, part.truth);
            return true;
        });
        return whole;
    }

    Compared leaf(const Part& part) const {
        switch (part.kind) {
            case PartKind::action_matches:
                return {truth_of(any_matches(code_.lists[part.first], circumstances_.action)), {}};
            case PartKind::sub_operation_matches:
                return {
                    truth_of(!circumstances_.sub_operation.empty() &&
                             any_matches(code_.lists[part.first], circumstances_.sub_operation)),
                    {}};
            case PartKind::exists:
                return {truth_of(!std::holds_alternative<std::monostate>(
                            values_of(code_, code_.attributes[part.first], circumstances_))),
                        {}};
            case PartKind::comparison:
                return compare(code_, code_.comparisons[part.first], circumstances_);
            case PartKind::all_of:
            case PartKind::any_of:
            case PartKind::negation:
                break;
        }
        INVARIANT(!"a part without parts below it");
        return {};
    }

    bool any_matches(const PatternList& list, std::string_view asked) const {
        const auto patterns = std::span{code_.patterns}.subspan(list.first, list.count);
        return std::ranges::any_of(patterns, [&](const ActionPattern& pattern) {
            return matches_folded(code_.text(pattern.folded), asked);
        });
    }

    std::vector<AttributeRead> read_by(const Part& part) const {
        std::vector<AttributeRead> read;
        const auto add = [&](Place attribute) {
            const AttributeName& name = code_.attributes[attribute];
            read.push_back(
                {text_of(code_, name), text_of(code_, values_of(code_, name, circumstances_))});
        };
        if (part.kind == PartKind::exists) add(part.first);
        if (part.kind != PartKind::comparison) return read;
        const Comparison& comparison = code_.comparisons[part.first];
        for (const Operand& side : {comparison.left, comparison.right})
            if (side.kind == Operand::Kind::attribute) add(side.first);
        return read;
    }

    const Code& code_;
    const CircumstancesView& circumstances_;
};

}  // namespace

std::string_view name_of(Truth truth) { return truth_names[static_cast<std::size_t>(truth)]; }

std::string_view text_of(Doubt doubt) { return doubt_texts[static_cast<std::size_t>(doubt)]; }

Result<Program> Program::parse(std::string_view text, std::string_view field) {
    TRY(Code code, parse_code(text, field));
    return Program{std::move(code)};
}

Result<Program> Program::compile(const Condition& condition, std::string_view field) {
    if (condition.version != "1.0" && condition.version != "2.0")
        return invalid(std::string(field), "condition version " + quoted(condition.version) +
                                               " is neither '2.0' nor '1.0'");
    return parse(condition.text, field);
}

Truth Program::evaluate(const CircumstancesView& circumstances) const {
    return EvaluationView{code_, circumstances}.truth(code_.root);
}

Trace Program::explain(const CircumstancesView& circumstances) const {
    return EvaluationView{code_, circumstances}.trace(code_.root);
}

bool Program::reads(Source source) const {
    return std::ranges::any_of(code_.attributes, [&](const AttributeName& name) {
        return name.source == source && !name.utc_now;
    });
}

bool Program::reads_clock() const {
    return std::ranges::any_of(code_.attributes, &AttributeName::utc_now);
}

std::vector<Instant> Program::turning_points(const CircumstancesView& circumstances) const {
    std::vector<Instant> points;
    for (const Comparison& comparison : code_.comparisons)
        if (comparison.op.family == Family::date_time)
            add_turning_points(code_, comparison, circumstances, points);
    std::ranges::sort(points);
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
}

std::vector<std::string> Program::never_decided() const {
    std::vector<std::string> all;
    for (const Part& part : code_.parts) {
        if (part.kind != PartKind::comparison) continue;
        const Doubt doubt = doubt_of_constants(code_, code_.comparisons[part.first]);
        if (doubt == Doubt::none) continue;
        all.push_back(text_of_leaf(code_, part) + ": " +
                      std::string(domain::condition::text_of(doubt)));
    }
    return all;
}

std::string Program::text() const { return text_of(code_); }

}  // namespace tenure::domain::condition
