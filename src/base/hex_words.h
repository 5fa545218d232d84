#pragma once
// Words as people see them, 16 hex digits each; ids of 128 bits (logs, copies of them) are two, the
// first word first.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenure {

using WordPair = std::array<std::uint64_t, 2>;

std::string hex_of(std::uint64_t word);
std::string hex_of(const WordPair& words);

// Nothing, if it is not exactly 32 hex digits.
std::optional<WordPair> words_of_hex(std::string_view text);

}  // namespace tenure
