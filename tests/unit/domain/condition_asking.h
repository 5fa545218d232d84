#pragma once
// Asking conditions in tests: the circumstances, spelled out.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "domain/condition.h"

namespace tenure::domain::condition {

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

struct Asked {
    std::string action = "X/things/read";
    std::string sub_operation = {};
    std::vector<Attribute> request = {};
    std::vector<Attribute> resource = {};
    std::vector<Attribute> principal = {};
    std::vector<Attribute> environment = {};
    std::string now = "2024-05-01T00:00:00Z";
};

// Calls use(circumstances) with what `asked` says.
template <class Use>
auto with_circumstances(const Asked& asked, const Use& use) {
    const std::string action = folded(asked.action);
    const std::string sub_operation = folded(asked.sub_operation);
    const AttributeSet request{asked.request};
    const AttributeSet resource{asked.resource};
    const AttributeSet principal{asked.principal};
    const AttributeSet environment{asked.environment};
    CircumstancesView circumstances{action, sub_operation, {}, {}, {}, {}, {}};
    circumstances.now = parse_instant(asked.now, "now").value();
    circumstances.request = &request;
    circumstances.resource = &resource;
    circumstances.principal = &principal;
    circumstances.environment = &environment;
    return use(circumstances);
}

inline Program parsed(std::string_view text) {
    auto program = Program::parse(text, "condition");
    EXPECT_TRUE(program) << text << ": " << (program ? "" : program.error().detail);
    if (!program) return Program::parse("Exists @Request[none]", "condition").value();
    return std::move(program).value();
}

// "true", "false" or "unknown".
inline std::string asked(std::string_view text, const Asked& circumstances = {}) {
    const Program program = parsed(text);
    return with_circumstances(circumstances, [&](const CircumstancesView& view) {
        const Truth truth = program.evaluate(view);
        EXPECT_EQ(program.explain(view).truth, truth) << text;
        return std::string(name_of(truth));
    });
}

// With one resource attribute, "n".
inline std::string asked_of(std::string_view text, AttributeValues n) {
    Asked circumstances;
    circumstances.resource = {{"n", std::move(n)}};
    return asked(text, circumstances);
}

inline std::string refusal(std::string_view text) {
    const auto program = Program::parse(text, "data.condition");
    if (program) return "accepted";
    EXPECT_EQ(program.error().field, "data.condition");
    return program.error().detail;
}

}  // namespace tenure::domain::condition
