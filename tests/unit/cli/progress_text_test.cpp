#include "cli/progress_text.h"

#include <gtest/gtest.h>

namespace tenure::cli {
namespace {

TEST(ProgressText, ShowsShareRateAndTimeLeft) {
    EXPECT_EQ(progress_line({"import", 25'000, 100'000, 5'000}, 79),
              "import  [#######.......................]   25%  5,000/s  0:15 left");
    EXPECT_EQ(progress_line({"import", 100'000, 100'000, 5'000}, 79),
              "import  [##############################]  100%  20,000/s  0:00 left");
}

TEST(ProgressText, CountsWhenTheEndIsUnknown) {
    EXPECT_EQ(progress_line({"export", 1'234'567, 0, 61'000}, 79),
              "export  1,234,567  20,238/s  1:01");
}

TEST(ProgressText, NeverClaimsMoreThanAll) {
    EXPECT_EQ(progress_line({"ask", 150, 100, 1'000}, 79),
              "ask  [##############################]  100%  150/s  0:00 left");
}

TEST(ProgressText, FitsNarrowTerminals) {
    for (std::size_t columns = 1; columns < 80; ++columns)
        EXPECT_LE(progress_line({"rebuild", 5'000, 10'000'000, 2'000}, columns).size(), columns);
}

TEST(ProgressText, WritesHours) {
    EXPECT_EQ(progress_line({"rebuild", 1'000, 10'000'000, 1'000}, 30),
              "rebuild    0%  1,000/s  2:46:3");
}

}  // namespace
}  // namespace tenure::cli
