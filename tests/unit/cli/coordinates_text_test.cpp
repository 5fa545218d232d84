#include "cli/coordinates_text.h"

#include <gtest/gtest.h>

namespace tenure::cli {
namespace {

constexpr Instant now{1'700'000'000'000'000};

Instant at(const char* text) { return parse_instant(text, "test").value(); }

TEST(CoordinatesText, ReadsTimesDatesAndNow) {
    EXPECT_EQ(parse_time("now", "--at", now).value(), now);
    EXPECT_EQ(parse_time("2024-05-01", "--at", now).value(), at("2024-05-01T00:00:00Z"));
    EXPECT_EQ(parse_time("2024-05-01T12:00:00+02:00", "--at", now).value(),
              at("2024-05-01T10:00:00Z"));

    const auto wrong = parse_time("yesterday", "--at", now);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Errc::invalid_argument);
    EXPECT_EQ(wrong.error().field, "--at");
}

TEST(CoordinatesText, TakesANumberAloneForARevision) {
    const auto revision = parse_point("42", "FROM", now);
    ASSERT_TRUE(revision);
    EXPECT_EQ(revision.value().revision, Revision{42});
    EXPECT_FALSE(revision.value().at);

    const auto time = parse_point("2024-05-01", "FROM", now);
    ASSERT_TRUE(time);
    EXPECT_EQ(time.value().at, at("2024-05-01T00:00:00Z"));
    EXPECT_FALSE(time.value().revision);

    EXPECT_FALSE(parse_point("-1", "FROM", now));
    EXPECT_FALSE(parse_point("", "FROM", now));
}

TEST(CoordinatesText, RefusesTwoMoments) {
    EXPECT_FALSE(parse_as_of({.at = "now", .revision = 3}, now));

    const auto both = parse_as_of({.revision = 3, .known_at = "now"}, now);
    ASSERT_TRUE(both);
    EXPECT_EQ(both.value().revision, Revision{3});
    EXPECT_EQ(both.value().known_at, now);
    EXPECT_EQ(parse_as_of({}, now).value(), domain::AsOf{});
}

}  // namespace
}  // namespace tenure::cli
