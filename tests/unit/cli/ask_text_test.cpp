#include "cli/ask_text.h"

#include <gtest/gtest.h>

namespace tenure::cli {
namespace {

constexpr query::Basis basis{Revision{42}, Instant{0}, true};

domain::AskLine check(std::optional<bool> expected) {
    domain::CheckQuestion question;
    question.principal = "dana";
    question.action = "Files/read";
    question.scope = "/files";
    question.as_of.at = Instant{0};
    return {question, expected, std::nullopt};
}

domain::AskLine who_can(std::optional<std::vector<std::string>> expected) {
    domain::WhoCanQuestion question;
    question.action = "Files/read";
    question.scope = "/files";
    return {question, std::nullopt, std::move(expected)};
}

Answer principals(const std::vector<std::string>& ids) {
    query::WhoCanAnswer answer;
    for (const std::string& id : ids) answer.principals.push_back({id, {}, ""});
    answer.basis = basis;
    return answer;
}

TEST(AskText, AnswersInOneLine) {
    EXPECT_EQ(answer_line(7, Answer{query::CheckAnswer{true, basis}}),
              "{\"line\":7,\"decision\":\"allow\",\"revision\":42,\"final\":true}");
    EXPECT_EQ(answer_line(8, principals({"a", "b"})),
              "{\"line\":8,\"principals\":[\"a\",\"b\"],\"revision\":42,\"final\":true}");
    EXPECT_EQ(answer_line(9, Answer{query::WhatCanAnswer{{{"/x", {}}}, "", basis}}),
              "{\"line\":9,\"scopes\":[\"/x\"],\"revision\":42,\"final\":true}");
    EXPECT_EQ(answer_line(3, Error{Errc::unavailable, "not here", "revision"}),
              "{\"line\":3,\"error\":\"unavailable\",\"detail\":\"not here\",\"field\":"
              "\"revision\"}");
}

TEST(AskText, ComparesDecisions) {
    const Answer allow{query::CheckAnswer{true, basis}};
    EXPECT_FALSE(mismatch(check(std::nullopt), allow));
    EXPECT_FALSE(mismatch(check(true), allow));
    EXPECT_EQ(mismatch(check(false), allow),
              "check 'dana' 'Files/read' on '/files' at 1970-01-01T00:00:00Z: expected deny, got "
              "allow (revision 42)");
}

TEST(AskText, ComparesLists) {
    EXPECT_FALSE(mismatch(who_can(std::nullopt), principals({"a"})));
    EXPECT_FALSE(mismatch(who_can({{}}), principals({})));
    EXPECT_FALSE(mismatch(who_can({{"a", "b"}}), principals({"a", "b"})));
    EXPECT_EQ(mismatch(who_can({{"a", "b"}}), principals({"b", "c", "d"})),
              "who-can 'Files/read' on '/files': missing a; unexpected c, d");
    EXPECT_EQ(mismatch(who_can({{"b", "a"}}), principals({"a", "b"})),
              "who-can 'Files/read' on '/files': the same entries in another order, or more than "
              "once");
}

TEST(AskText, KnowsWhetherAnythingIsExpected) {
    EXPECT_FALSE(has_expectation(check(std::nullopt)));
    EXPECT_TRUE(has_expectation(check(false)));
    EXPECT_TRUE(has_expectation(who_can({{}})));
}

}  // namespace
}  // namespace tenure::cli
