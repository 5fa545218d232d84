#include "base/hex_words.h"

#include <gtest/gtest.h>

namespace tenure {
namespace {

TEST(HexWords, AreWrittenWithAllTheirDigitsAndReadBack) {
    EXPECT_EQ(hex_of(0), "0000000000000000");
    EXPECT_EQ(hex_of(0xfedcba9876543210ULL), "fedcba9876543210");
    const WordPair words{0x0123456789abcdefULL, 7};
    EXPECT_EQ(hex_of(words), "0123456789abcdef0000000000000007");
    EXPECT_EQ(words_of_hex(hex_of(words)), words);
    EXPECT_EQ(words_of_hex("0123456789ABCDEF0000000000000007"), words);
}

TEST(HexWords, OfAnythingElseThereAreNone) {
    for (const char* text : {"", "0123456789abcdef", "0123456789abcdef000000000000000g",
                             "0123456789abcdef 000000000000007", "-123456789abcdef0000000000000007",
                             "0123456789abcdef00000000000000070"})
        EXPECT_EQ(words_of_hex(text), std::nullopt) << text;
}

}  // namespace
}  // namespace tenure
