#include "api/display.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace tenure::api {
namespace {

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

// Combining marks, joiners and variation selectors.
constexpr std::array<Range, 15> no_width{{{0x0300, 0x036F},
                                          {0x0483, 0x0489},
                                          {0x0591, 0x05BD},
                                          {0x0610, 0x061A},
                                          {0x064B, 0x065F},
                                          {0x06D6, 0x06DC},
                                          {0x0900, 0x0902},
                                          {0x093C, 0x093C},
                                          {0x0E34, 0x0E3A},
                                          {0x1AB0, 0x1AFF},
                                          {0x1DC0, 0x1DFF},
                                          {0x200B, 0x200F},
                                          {0x20D0, 0x20FF},
                                          {0xFE00, 0xFE0F},
                                          {0xFE20, 0xFE2F}}};

constexpr std::array<Range, 9> two_columns{{{0x1100, 0x115F},
                                            {0x2E80, 0x303E},
                                            {0x3041, 0xA4CF},
                                            {0xAC00, 0xD7A3},
                                            {0xF900, 0xFAFF},
                                            {0xFE30, 0xFE6F},
                                            {0xFF00, 0xFF60},
                                            {0x1F300, 0x1FAFF},
                                            {0x20000, 0x3FFFD}}};

template <std::size_t n>
bool among(const std::array<Range, n>& ranges, std::uint32_t point) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](Range r) { return r.first <= point && point <= r.last; });
}

// Takes one code point off the front; a byte that is not UTF-8 counts for itself.
std::uint32_t take_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
    if (more == 0 || text.size() <= more) {
        text.remove_prefix(1);
        return lead;
    }
    std::uint32_t point = lead & (0x3FU >> more);
    for (std::size_t i = 1; i <= more; ++i)
        point = point << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.remove_prefix(more + 1);
    return point;
}

std::string_view code_of(Colour colour) {
    switch (colour) {
        case Colour::allow:
            return "\x1b[1;32m";
        case Colour::deny:
            return "\x1b[1;31m";
        case Colour::title:
            return "\x1b[1m";
        case Colour::faint:
            return "\x1b[2m";
        case Colour::warn:
            return "\x1b[33m";
    }
    return "";
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const std::uint32_t point = take_point(text);
        if (among(no_width, point)) continue;
        width += among(two_columns, point) ? 2U : 1U;
    }
    return width;
}

std::string printable(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string shown;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        // U+0080 to U+009F, the other control characters, are C2 80 to C2 9F.
        const bool second_set =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F || second_set) {
            const auto shown_byte = second_set ? static_cast<unsigned char>(text[++i]) : byte;
            shown += "\\x";
            shown += hex[shown_byte >> 4U];
            shown += hex[shown_byte & 0xFU];
        } else {
            shown += text[i];
        }
    }
    return shown;
}

std::string grouped(std::size_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string byte_size(std::size_t bytes) {
    constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) return std::to_string(bytes) + " B";
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 1024 && unit + 1 < units.size()) {
        size /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %s", size, units[unit]);
    return text.data();
}

std::string counted(std::size_t number, std::string_view singular) {
    return grouped(number) + ' ' + std::string(singular) + (number == 1 ? "" : "s");
}

std::string Paint::operator()(Colour colour, std::string_view text) const {
    if (!on_ || text.empty()) return std::string(text);
    return std::string(code_of(colour)) + std::string(text) + "\x1b[0m";
}

}  // namespace tenure::api
