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

}  // namespace
}  // namespace tenure
