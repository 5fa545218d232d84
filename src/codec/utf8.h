#pragma once
// valid_utf8 with a short way for ASCII, which nearly every stored text is.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/text.h"

namespace tenure::codec {

inline bool is_utf8(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
    while (text.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        if ((word & high_bits) != 0) break;
        text.remove_prefix(sizeof word);
    }
    return valid_utf8(text);
}

}  // namespace tenure::codec
