#include "base/instant.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace tenure {
namespace {

Instant parsed(std::string_view text) {
    const auto result = parse_instant(text, "at");
    EXPECT_TRUE(result.has_value()) << text;
    return result ? result.value() : Instant{-1};
}

TEST(Instant, IsParsedFromRfc3339) {
    EXPECT_EQ(parsed("1970-01-01T00:00:00Z").us, 0);
    EXPECT_EQ(parsed("1970-01-01T00:00:00.000001Z").us, 1);
    EXPECT_EQ(parsed("1969-12-31T23:59:59.999999Z").us, -1);
    EXPECT_EQ(parsed("2001-09-09T01:46:40Z").us, 1'000'000'000'000'000);
    EXPECT_EQ(parsed("2000-02-29T12:30:45.5Z").us, 951'827'445'500'000);
    EXPECT_EQ(parsed("0000-01-01T00:00:00Z"), instant_min);
    EXPECT_EQ(parsed("9999-12-31T23:59:59.999999Z"), instant_max);
}

TEST(Instant, TakesOffsetsCaseAndDates) {
    const Instant noon = parsed("2024-05-01T12:00:00Z");
    EXPECT_EQ(parsed("2024-05-01t12:00:00z"), noon);
    EXPECT_EQ(parsed("2024-05-01T14:00:00+02:00"), noon);
    EXPECT_EQ(parsed("2024-05-01T06:30:00-05:30"), noon);
    EXPECT_EQ(parsed("2024-05-01T12:00:00-00:00"), noon);
    EXPECT_EQ(parsed("2024-05-01"), parsed("2024-05-01T00:00:00Z"));
}

TEST(Instant, CutsDigitsBeyondMicroseconds) {
    EXPECT_EQ(parsed("1970-01-01T00:00:00.1234567899Z").us, 123'456);
    EXPECT_EQ(parsed("1970-01-01T00:00:00.1Z").us, 100'000);
}

TEST(Instant, TakesLeapSecondAsTheNextMinute) {
    const Instant next_minute = parsed("2017-01-01T00:00:00Z");
    EXPECT_EQ(parsed("2016-12-31T23:59:60Z"), next_minute);
    EXPECT_EQ(parsed("2016-12-31T23:59:60.75Z"), next_minute);
}

TEST(Instant, RefusesWhatIsNotATime) {
    for (const char* text : {"",
                             "x",
                             "2024",
                             "2024-05",
                             "2024-5-1",
                             "2024-13-01",
                             "2024-00-01",
                             "2024-02-30",
                             "2023-02-29",
                             "2100-02-29",
                             "2024-05-01 12:00:00Z",
                             "2024-05-01T12:00:00",
                             "2024-05-01T12:00Z",
                             "2024-05-01T24:00:00Z",
                             "2024-05-01T12:60:00Z",
                             "2024-05-01T12:00:61Z",
                             "2024-05-01T12:00:00.Z",
                             "2024-05-01T12:00:00,5Z",
                             "2024-05-01T12:00:00+0200",
                             "2024-05-01T12:00:00+24:00",
                             "2024-05-01T12:00:00+02:60",
                             "2024-05-01T12:00:00Zjunk",
                             "2024-05-01junk",
                             "2024-05-01T12:00:00+02",
                             " 2024-05-01",
                             "+2024-05-01",
                             "-024-05-01",
                             "12024-05-01T12:00:00Z",
                             "1714564800",
                             "0000-01-01T00:00:00+00:01",
                             "9999-12-31T23:59:59-00:01",
                             "9999-12-31T23:59:60Z"}) {
        const auto result = parse_instant(text, "as_of.at");
        ASSERT_FALSE(result.has_value()) << text;
        EXPECT_EQ(result.error().code, Errc::invalid_argument);
        EXPECT_EQ(result.error().field, "as_of.at");
        EXPECT_NE(result.error().detail.find("RFC 3339"), std::string::npos);
    }
}

TEST(Instant, IsWrittenAsShortAsItIs) {
    EXPECT_EQ(format_instant(Instant{0}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_instant(Instant{1}), "1970-01-01T00:00:00.000001Z");
    EXPECT_EQ(format_instant(Instant{-1}), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(format_instant(Instant{1'500'000}), "1970-01-01T00:00:01.5Z");
    EXPECT_EQ(format_instant(instant_min), "0000-01-01T00:00:00Z");
    EXPECT_EQ(format_instant(instant_max), "9999-12-31T23:59:59.999999Z");
}

TEST(Instant, SurvivesTextAndBack) {
    SeededRandom random{11};
    const auto span = static_cast<std::uint64_t>(instant_max.us - instant_min.us) + 1;
    for (int i = 0; i < 20'000; ++i) {
        Instant instant = instant_min + static_cast<std::int64_t>(random.below(span));
        if (random.one_in(2)) instant.us -= instant.us % 1'000'000;
        EXPECT_EQ(parsed(format_instant(instant)), instant);
    }
}

TEST(Instant, IsOrderedLikeItsText) {
    SeededRandom random{12};
    for (int i = 0; i < 2'000; ++i) {
        // Whole seconds: their texts are of one length
        const Instant a{static_cast<std::int64_t>(random.below(200'000'000'000)) * 1'000'000};
        const Instant b{static_cast<std::int64_t>(random.below(200'000'000'000)) * 1'000'000};
        EXPECT_EQ(a < b, format_instant(a) < format_instant(b));
    }
}

}  // namespace
}  // namespace tenure
