#include "base/text.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "base/result.h"

namespace tenure {
namespace {

TEST(Text, FoldsAsciiLettersOnly) {
    EXPECT_EQ(folded("Microsoft.Storage/READ_09[]"), "microsoft.storage/read_09[]");
    EXPECT_EQ(folded("\xC3\x84"), "\xC3\x84");  // a capital with two dots stays
    EXPECT_TRUE(equal_folded("Owner", "oWNER"));
    EXPECT_FALSE(equal_folded("Owner", "Owners"));
    EXPECT_FALSE(equal_folded("\xC3\x84", "\xC3\xA4"));
    EXPECT_FALSE(equal_folded("[", "{"));  // 0x20 apart, like letters
}

TEST(Text, TakesValidUtf8) {
    for (const std::string_view text :
         {std::string_view{""}, std::string_view{"abc"}, std::string_view{"\0", 1},
          std::string_view{"\xC2\x80"}, std::string_view{"\xDF\xBF"},
          std::string_view{"\xE0\xA0\x80"}, std::string_view{"\xED\x9F\xBF"},
          std::string_view{"\xEE\x80\x80"}, std::string_view{"\xEF\xBF\xBF"},
          std::string_view{"\xF0\x90\x80\x80"}, std::string_view{"\xF4\x8F\xBF\xBF"},
          std::string_view{"a\xE2\x82\xACz"}})
        EXPECT_TRUE(valid_utf8(text)) << quoted(text);
}

TEST(Text, RefusesInvalidUtf8) {
    for (const std::string_view text : {"\x80",
                                        "\xBF",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xC2",
                                        "\xC2z",
                                        "\xC2\xC2",
                                        "\xE0\x80\x80",
                                        "\xE0\x9F\xBF",
                                        "\xE2\x82",
                                        "\xE2\x82z",
                                        "\xED\xA0\x80",
                                        "\xED\xBF\xBF",
                                        "\xF0\x80\x80\x80",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF0\x90\x80",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFE",
                                        "\xFF",
                                        "abc\x80"})
        EXPECT_FALSE(valid_utf8(text)) << quoted(text);
}

TEST(Text, JoinsPartsInTheirOrder) {
    const std::vector<std::string> none;
    const std::vector<std::string> one{"a"};
    const std::vector<std::string> some{"", "b", "c"};
    EXPECT_EQ(joined(none), "");
    EXPECT_EQ(joined(one), "a");
    EXPECT_EQ(joined(some), ", b, c");
    EXPECT_EQ(joined(some, " or ", quoted), "'' or 'b' or 'c'");

    const std::vector<std::pair<int, std::string_view>> pairs{{1, "x"}, {2, "y"}};
    EXPECT_EQ(joined(pairs, "+", &std::pair<int, std::string_view>::second), "x+y");
    EXPECT_EQ(joined(pairs, " ", [](const auto& pair) { return std::to_string(pair.first); }),
              "1 2");
}

TEST(Text, DecidesAllTwoByteSequences) {
    for (unsigned a = 0; a < 256; ++a) {
        for (unsigned b = 0; b < 256; ++b) {
            const std::string text{static_cast<char>(a), static_cast<char>(b)};
            const bool valid =
                (a < 0x80 && b < 0x80) || (a >= 0xC2 && a < 0xE0 && b >= 0x80 && b < 0xC0);
            EXPECT_EQ(valid_utf8(text), valid) << a << ' ' << b;
        }
    }
}

TEST(Text, FindsControls) {
    EXPECT_FALSE(has_control("abc \x80\xFF~"));
    EXPECT_TRUE(has_control("a\nb"));
    EXPECT_TRUE(has_control(std::string_view("\0", 1)));
    EXPECT_TRUE(has_control("\x1F"));
    EXPECT_TRUE(has_control("\x7F"));
}

TEST(Text, QuotesForMessages) {
    EXPECT_EQ(tenure::quoted(std::string_view{"abc"}), "'abc'");
    EXPECT_EQ(tenure::quoted(std::string_view{"a\n\x7F"}), "'a\\x0a\\x7f'");
    const std::string longer(500, 'x');
    EXPECT_EQ(tenure::quoted(longer), "'" + std::string(120, 'x') + "...'");
}

TEST(Errc, HasANameForEachKind) {
    EXPECT_STREQ(name_of(Errc::invalid_argument), "invalid_argument");
    EXPECT_STREQ(name_of(Errc::storage_failed), "storage_failed");
    EXPECT_STREQ(name_of(Errc::storage_too_new), "storage_too_new");
}

TEST(Result, LeavesWithTheFirstError) {
    const auto inner = [](int x) -> Result<int> {
        if (x < 0) return invalid("x", "too small");
        return x + 1;
    };
    const auto outer = [&](int x) -> Result<std::string> {
        TRY(const int y, inner(x));
        return std::to_string(y);
    };
    EXPECT_EQ(outer(1).value(), "2");
    EXPECT_EQ(outer(-1).error().code, Errc::invalid_argument);
    EXPECT_EQ(outer(-1).error().field, "x");
}

}  // namespace
}  // namespace tenure
