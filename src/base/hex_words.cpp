#include "base/hex_words.h"

#include <algorithm>
#include <charconv>

namespace tenure {
namespace {

constexpr std::size_t word_digits = 16;

bool is_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string hex_of(std::uint64_t word) {
    char digits[word_digits];
    const auto written = std::to_chars(digits, digits + word_digits, word, 16);
    const auto length = static_cast<std::size_t>(written.ptr - digits);
    std::string text(word_digits - length, '0');
    text.append(digits, length);
    return text;
}

std::string hex_of(const WordPair& words) { return hex_of(words[0]) + hex_of(words[1]); }

std::optional<WordPair> words_of_hex(std::string_view text) {
    WordPair words;
    if (text.size() != word_digits * words.size() || !std::ranges::all_of(text, is_digit))
        return std::nullopt;
    const char* at = text.data();
    for (std::uint64_t& word : words) {
        std::from_chars(at, at + word_digits, word, 16);
        at += word_digits;
    }
    return words;
}

}  // namespace tenure
