#include "domain/condition_values.h"

#include <gtest/gtest.h>

#include "domain/condition_operators.h"

namespace tenure::domain::condition {
namespace {

TEST(ConditionValues, GuidsHaveTwoForms) {
    const auto guid = parse_guid("00482A5A-887f-4fb3-b363-3b7fe8e74483");
    ASSERT_TRUE(guid);
    EXPECT_EQ(parse_guid("00482a5a887f4fb3b3633b7fe8e74483"), guid);
    EXPECT_EQ(format_guid(*guid), "00482a5a-887f-4fb3-b363-3b7fe8e74483");
    for (const std::string_view wrong :
         {"", "x", "00482a5a-887f-4fb3-b363-3b7fe8e7448", "00482a5a-887f-4fb3-b363-3b7fe8e744833",
          "00482a5a887f-4fb3-b363-3b7fe8e74483", "00482a5a-887f4-fb3-b363-3b7fe8e74483",
          "g0482a5a887f4fb3b3633b7fe8e74483", "{0482a5a-887f-4fb3-b363-3b7fe8e74483"})
        EXPECT_FALSE(parse_guid(wrong)) << wrong;
}

TEST(ConditionValues, DateTimesHaveUpToSevenDigitsOfFraction) {
    EXPECT_EQ(parse_date_time("1970-01-01T00:00:00Z")->count, 0);
    EXPECT_EQ(parse_date_time("1970-01-01T00:00:00.0Z")->count, 0);
    EXPECT_EQ(parse_date_time("1970-01-01T00:00:01.5Z")->count, 15'000'000);
    EXPECT_EQ(parse_date_time("1970-01-01T00:00:00.0000001Z")->count, 1);
    EXPECT_EQ(parse_date_time("1969-12-31T23:59:59.9999999Z")->count, -1);
    EXPECT_EQ(parse_date_time("0000-01-01T00:00:00Z"), ticks_of(instant_min));
    EXPECT_EQ(parse_date_time("9999-12-31T23:59:59.999999Z"), ticks_of(instant_max));
    EXPECT_TRUE(parse_date_time("2024-02-29T00:00:00Z"));
    for (const std::string_view wrong :
         {"", "2024-05-01", "2024-05-01T00:00Z", "2024-05-01T00:00:00", "2024-05-01T00:00:00.Z",
          "2024-05-01T00:00:00.00000000Z", "2024-05-01T00:00:00+00:00", "2024-05-01t00:00:00Z",
          "2024-05-01 00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
          "2024-05-01T24:00:00Z", "2024-05-01T00:60:00Z", "2024-05-01T00:00:60Z",
          "2024-05-01T00:00:00Z ", "-024-05-01T00:00:00Z", "2024-5-01T00:00:00Z"})
        EXPECT_FALSE(parse_date_time(wrong)) << wrong;
}

TEST(ConditionValues, TicksAreRoundedUpToInstants) {
    EXPECT_EQ(first_instant_from(Ticks{0}), Instant{0});
    EXPECT_EQ(first_instant_from(Ticks{10}), Instant{1});
    EXPECT_EQ(first_instant_from(Ticks{11}), Instant{2});
    EXPECT_EQ(first_instant_from(Ticks{-10}), Instant{-1});
    EXPECT_EQ(first_instant_from(Ticks{-11}), Instant{-1});
    EXPECT_EQ(first_instant_from(Ticks{-9}), Instant{0});
}

bool holds(std::string_view op, std::string_view left, std::string_view right) {
    Steps steps{1'000'000};
    return compare_texts(operator_named(op).value(), left, right, steps);
}

TEST(ConditionValues, TextsCompareByteForByteOrFolded) {
    EXPECT_TRUE(holds("StringEquals", "abc", "abc"));
    EXPECT_FALSE(holds("StringEquals", "abc", "Abc"));
    EXPECT_FALSE(holds("StringEquals", "abc", "abcd"));
    EXPECT_TRUE(holds("StringEqualsIgnoreCase", "abc", "ABC"));
    EXPECT_FALSE(holds("StringEqualsIgnoreCase", "\xC3\xA4", "\xC3\x84"));  // ASCII only
    EXPECT_TRUE(holds("StringStartsWith", "abc", ""));
    EXPECT_TRUE(holds("StringStartsWith", "abc", "ab"));
    EXPECT_FALSE(holds("StringStartsWith", "ab", "abc"));
    EXPECT_TRUE(holds("StringStartsWithIgnoreCase", "abc", "AB"));
    EXPECT_TRUE(holds("StringEndsWith", "abc", "bc"));
    EXPECT_FALSE(holds("StringEndsWith", "abc", "ab"));
    EXPECT_TRUE(holds("StringEndsWithIgnoreCase", "abc", "BC"));
    EXPECT_TRUE(holds("StringContains", "abc", "b"));
    EXPECT_TRUE(holds("StringContains", "", ""));
    EXPECT_FALSE(holds("StringContains", "abc", "ac"));
    EXPECT_TRUE(holds("StringContainsIgnoreCase", "aaB", "AB"));
}

TEST(ConditionValues, LikeTakesTheWholeText) {
    EXPECT_TRUE(holds("StringLike", "", ""));
    EXPECT_TRUE(holds("StringLike", "", "**"));
    EXPECT_FALSE(holds("StringLike", "", "?"));
    EXPECT_FALSE(holds("StringLike", "abc", "ab"));
    EXPECT_TRUE(holds("StringLike", "abc", "a?c"));
    EXPECT_TRUE(holds("StringLike", "a/b/c", "a*c"));
    EXPECT_TRUE(holds("StringLike", "aXbXc", "*X?"));
    EXPECT_TRUE(holds("StringLike", "abcabd", "*ab?"));
    EXPECT_TRUE(holds("StringLikeIgnoreCase", "ABC", "a*c"));
    EXPECT_TRUE(holds("StringLike", "a?b", R"(a\?b)"));
    EXPECT_FALSE(holds("StringLike", "axb", R"(a\?b)"));
    EXPECT_TRUE(holds("StringLike", R"(a\b)", R"(a\\b)"));
    EXPECT_TRUE(holds("StringLike", R"(a\)", R"(a\)"));  // nothing follows it
    EXPECT_TRUE(holds("StringLike", "*", R"(*\*)"));
}

TEST(ConditionValues, AQuestionMarkIsOneCharacter) {
    EXPECT_TRUE(holds("StringLike", "\xC3\xA4", "?"));
    EXPECT_FALSE(holds("StringLike", "\xC3\xA4", "??"));
    EXPECT_TRUE(holds("StringLike", "x\xF0\x9F\x98\x80y", "x?y"));
    EXPECT_TRUE(holds("StringLike", "\xC3\xA4\xC3\xB6", "*?\xC3\xB6"));
}

TEST(ConditionValues, CountsStepsUntilTheyAreSpent) {
    const std::string text(10'000, 'a');
    const std::string pattern = "*" + std::string(5'000, 'a') + "b";
    Steps steps{100'000};
    EXPECT_FALSE(compare_texts(operator_named("StringLike").value(), text, pattern, steps));
    EXPECT_TRUE(steps.spent());
    Steps more{100'000};
    const std::string part = std::string(5'000, 'a') + "b";
    EXPECT_FALSE(compare_texts(operator_named("StringContains").value(), text, part, more));
    EXPECT_TRUE(more.spent());
    Steps enough{100'000};
    EXPECT_TRUE(compare_texts(operator_named("StringEquals").value(), text, text, enough));
    EXPECT_FALSE(enough.spent());
}

TEST(ConditionOperators, HaveOneNameEach) {
    for (const std::string_view name : {"StringEquals",
                                        "StringNotEquals",
                                        "StringEqualsIgnoreCase",
                                        "StringNotEqualsIgnoreCase",
                                        "StringStartsWith",
                                        "StringNotStartsWith",
                                        "StringStartsWithIgnoreCase",
                                        "StringNotStartsWithIgnoreCase",
                                        "StringLike",
                                        "StringNotLike",
                                        "StringLikeIgnoreCase",
                                        "StringNotLikeIgnoreCase",
                                        "StringEndsWith",
                                        "StringNotEndsWith",
                                        "StringEndsWithIgnoreCase",
                                        "StringNotEndsWithIgnoreCase",
                                        "StringContains",
                                        "StringNotContains",
                                        "StringContainsIgnoreCase",
                                        "StringNotContainsIgnoreCase",
                                        "NumericEquals",
                                        "NumericNotEquals",
                                        "NumericGreaterThan",
                                        "NumericGreaterThanEquals",
                                        "NumericLessThan",
                                        "NumericLessThanEquals",
                                        "DateTimeEquals",
                                        "DateTimeNotEquals",
                                        "DateTimeGreaterThan",
                                        "DateTimeGreaterThanEquals",
                                        "DateTimeLessThan",
                                        "DateTimeLessThanEquals",
                                        "GuidEquals",
                                        "GuidNotEquals",
                                        "BoolEquals",
                                        "BoolNotEquals"}) {
        const auto op = operator_named(name);
        ASSERT_TRUE(op) << name;
        EXPECT_EQ(name_of(*op), name);
    }
    for (const std::string_view none :
         {"", "String", "Equals", "StringNot", "StringGreaterThan", "StringEqualsNot",
          "NumericNotGreaterThan", "NumericLike", "NumericEqualsIgnoreCase", "GuidLike",
          "GuidEqualsIgnoreCase", "BoolGreaterThan", "DateTimeStartsWith", "StringEqualsEquals",
          "IpMatch"})
        EXPECT_FALSE(operator_named(none)) << none;
}

}  // namespace
}  // namespace tenure::domain::condition
