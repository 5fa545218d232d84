#include "api/condition_text.h"

#include <gtest/gtest.h>

#include "api/condition_json.h"

namespace tenure::api {
namespace {

using api::to_json;

using domain::condition::Doubt;
using domain::condition::Trace;
using domain::condition::Truth;

const Paint plain{false};

Trace some_trace() {
    const Trace action{"ActionMatches{'x/write'}", Truth::yes, {}, {}, {}};
    const Trace negation{"NOT", Truth::no, {}, {}, {action}};
    const Trace comparison{"@Request[a] StringEquals @Resource[b\n]",
                           Truth::unknown,
                           Doubt::missing,
                           {{"@Request[a]", "'x'"}, {"@Resource[b\n]", std::nullopt}},
                           {}};
    return {"OR", Truth::unknown, {}, {}, {negation, comparison}};
}

TEST(ConditionText, ShowsEachPartBelowItsWhole) {
    EXPECT_EQ(to_text(some_trace(), plain),
              "unknown  OR\n"
              "false      NOT\n"
              "true         ActionMatches{'x/write'}\n"
              "unknown    @Request[a] StringEquals @Resource[b\\x0a]: an attribute is missing\n"
              "               @Request[a] is 'x'\n"
              "               @Resource[b\\x0a] is missing\n");
}

TEST(ConditionText, WritesJson) {
    EXPECT_EQ(to_json(some_trace()),
              R"({"part":"OR","truth":"unknown","parts":[{"part":"NOT","truth":"false",)"
              R"("parts":[{"part":"ActionMatches{'x/write'}","truth":"true"}]},)"
              R"({"part":"@Request[a] StringEquals @Resource[b\n]","truth":"unknown",)"
              R"("doubt":"an attribute is missing","read":[{"attribute":"@Request[a]",)"
              R"("value":"'x'"},{"attribute":"@Resource[b\n]"}]}]})");
}

TEST(ConditionText, IsColouredOnATerminal) {
    const std::string text = to_text(Trace{"x", Truth::yes, {}, {}, {}}, Paint{true});
    EXPECT_EQ(text, "\x1b[1;32mtrue\x1b[0m     x\n");
}

}  // namespace
}  // namespace tenure::api
