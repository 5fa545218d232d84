#include "base/duration.h"

#include <gtest/gtest.h>

namespace tenure {
namespace {

TEST(Duration, IsReadAndWritten) {
    for (const char* text : {"PT5M", "PT8H", "P1D", "PT1H30M", "P2DT3H4M5S", "PT0S"}) {
        const auto duration = parse_duration(text, "d");
        ASSERT_TRUE(duration) << text;
        EXPECT_EQ(format_duration(duration.value()), text);
    }
    EXPECT_EQ(parse_duration("PT90M", "d").value().us, 90 * minute_us);
    for (const char* text : {"", "P", "PT", "8H", "PT-5M", "PT5", "P5H", "PT5D", "PT1M1H", "PT5M ",
                             "PT9999999H", "P1DT", "pt5m"})
        EXPECT_FALSE(parse_duration(text, "d")) << text;
}

TEST(Duration, IsSaidInWords) {
    constexpr Instant now{1'700'000'000'000'000};
    constexpr std::int64_t second = 1'000'000;
    EXPECT_EQ(duration_text(now, now + 1), "less than 1 s");
    EXPECT_EQ(duration_text(now, now + 41 * second), "41 s");
    EXPECT_EQ(duration_text(now, now + 3'600 * second), "1 h");
    EXPECT_EQ(duration_text(now, now + 7'500 * second), "2 h 5 min");
    EXPECT_EQ(duration_text(now, now + (3 * 86'400 + 59) * second), "3 d");
    EXPECT_EQ(duration_text(now, now + (3 * 86'400 + 4 * 3'600) * second), "3 d 4 h");
}

}  // namespace
}  // namespace tenure
