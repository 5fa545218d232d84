#include "server/base64url.h"

#include <cstdint>

namespace tenure::server {
namespace {

// All bits set if low <= c <= high, else none. No branch, no table: both differences are below zero
// only for what lies between.
constexpr std::uint32_t within(std::uint32_t c, std::uint32_t low, std::uint32_t high) {
    return 0U - (((low - 1U - c) & (c - high - 1U)) >> 31U);
}

struct Digit {
    std::uint32_t value;
    std::uint32_t valid;  // all bits or none
};

constexpr Digit digit_of(char character) {
    const std::uint32_t c = static_cast<unsigned char>(character);
    const std::uint32_t upper = within(c, 'A', 'Z');
    const std::uint32_t lower = within(c, 'a', 'z');
    const std::uint32_t number = within(c, '0', '9');
    const std::uint32_t minus = within(c, '-', '-');
    const std::uint32_t line = within(c, '_', '_');
    return {(upper & (c - 'A')) | (lower & (c - 'a' + 26U)) | (number & (c - '0' + 52U)) |
                (minus & 62U) | (line & 63U),
            upper | lower | number | minus | line};
}

static_assert(digit_of('A').value == 0 && digit_of('_').value == 63);
static_assert(digit_of('z').value == 51 && digit_of('9').value == 61);
static_assert(digit_of('=').valid == 0 && digit_of('@').valid == 0 && digit_of('\xC1').valid == 0);

}  // namespace

std::string base64url_encode(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    text.reserve(bytes.size() / 3 * 4 + 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(byte);
        count += 8;
        while (count >= 6) {
            count -= 6;
            text += digits[(bits >> count) & 63U];
        }
    }
    if (count > 0) text += digits[(bits << (6U - count)) & 63U];
    return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    std::uint32_t valid = ~0U;
    unsigned count = 0;
    for (const char c : text) {
        const Digit digit = digit_of(c);
        valid &= digit.valid;
        bits = (bits << 6U) | digit.value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> count) & 0xFFU);
        }
    }
    const std::uint32_t left_over = bits & ((1U << count) - 1U);
    if (valid == 0 || left_over != 0) return std::nullopt;
    return bytes;
}

}  // namespace tenure::server
