#include "api/display.h"

#include <gtest/gtest.h>

namespace tenure::api {
namespace {

TEST(Display, CountsColumnsNotBytes) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("maya"), 4U);
    EXPECT_EQ(display_width("Zo\xc3\xab"), 3U);                // precomposed
    EXPECT_EQ(display_width("Zoe\xcc\x88"), 3U);               // with a combining mark
    EXPECT_EQ(display_width("\xe6\x9d\x8e\xe9\x9b\xb7"), 4U);  // two ideographs
    EXPECT_EQ(display_width("\xf0\x9f\x94\x91"), 2U);          // an emoji
    EXPECT_EQ(display_width("\xff\xfe"), 2U);                  // not UTF-8
}

TEST(Display, ShowsControlCharactersInsteadOfObeyingThem) {
    EXPECT_EQ(printable("a\nb"), "a\\x0ab");
    EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
    EXPECT_EQ(printable("\x7f"), "\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"), "\\x9b");  // U+009B, another way to say ESC [
    EXPECT_EQ(printable("Zo\xc3\xab \xc2\xa7"), "Zo\xc3\xab \xc2\xa7");
}

TEST(Display, GroupsDigits) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1'000), "1,000");
    EXPECT_EQ(grouped(31'554), "31,554");
    EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

TEST(Display, CountsNouns) {
    EXPECT_EQ(counted(0, "event"), "0 events");
    EXPECT_EQ(counted(1, "event"), "1 event");
    EXPECT_EQ(counted(1'000, "event"), "1,000 events");
}

TEST(Display, WritesSizes) {
    EXPECT_EQ(byte_size(0), "0 B");
    EXPECT_EQ(byte_size(1'023), "1023 B");
    EXPECT_EQ(byte_size(1'536), "1.5 KiB");
    EXPECT_EQ(byte_size(std::size_t{3} << 30U), "3.0 GiB");
}

TEST(Display, PaintsOnlyWhenOn) {
    EXPECT_EQ(Paint{false}(Colour::allow, "allow"), "allow");
    EXPECT_EQ(Paint{true}(Colour::allow, "allow"), "\x1b[1;32mallow\x1b[0m");
    EXPECT_EQ(Paint{true}(Colour::deny, ""), "");
}

}  // namespace
}  // namespace tenure::api
