#pragma once
// Ids of 128 bits (logs, copies of them) as people see them: 32 hex digits, the first word first.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenure {

using WordPair = std::array<std::uint64_t, 2>;

std::string hex_of(const WordPair& words);

// Nothing, if it is not exactly 32 hex digits.
std::optional<WordPair> words_of_hex(std::string_view text);

}  // namespace tenure
