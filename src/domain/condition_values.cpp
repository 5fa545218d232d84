#include "domain/condition_values.h"

#include <array>
#include <charconv>
#include <chrono>

#include "base/invariant.h"
#include "base/text.h"

namespace tenure::domain::condition {
namespace {

constexpr std::array<std::size_t, 5> guid_groups{8, 4, 4, 4, 12};

std::optional<std::uint64_t> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint64_t>(c - '0');
    const char folded_c = fold(c);
    if (folded_c >= 'a' && folded_c <= 'f') return static_cast<std::uint64_t>(folded_c - 'a') + 10;
    return std::nullopt;
}

// Exactly `count` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
    if (text.size() < count || text.front() < '0' || text.front() > '9') return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
    if (error != std::errc{} || end != text.data() + count) return std::nullopt;
    text.remove_prefix(count);
    return value;
}

bool take_char(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

// The fraction of a second, with its point, in ticks; none is zero.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
    constexpr std::size_t digits_max = 7;
    if (!take_char(text, '.')) return 0;
    std::size_t digits = 0;
    std::int64_t value = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (++digits > digits_max) return std::nullopt;
        value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < digits_max; ++digits) value *= 10;
    return value;
}

bool same_bytes(std::string_view a, std::string_view b, bool ignore_case, Steps& steps) {
    if (!ignore_case) return steps.take(1 + a.size() / 16) && a == b;
    std::size_t i = 0;
    while (i < a.size() && fold(a[i]) == fold(b[i])) ++i;
    return steps.take(i + 1) && i == a.size();
}

bool contains(std::string_view text, std::string_view part, bool ignore_case, Steps& steps) {
    if (part.size() > text.size()) return false;
    for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
        std::size_t i = 0;
        while (i < part.size() &&
               (ignore_case ? fold(text[at + i]) == fold(part[i]) : text[at + i] == part[i]))
            ++i;
        if (!steps.take(i + 1)) return false;
        if (i == part.size()) return true;
    }
    return false;
}

// The place after the character at `at`.
std::size_t after_character(std::string_view text, std::size_t at) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) ++at;
    return at;
}

// Of all '*' only the last one passed is ever taken up again: what the ones before it took is the
// least they can take, and more of it could not help what comes later.
bool like(std::string_view text, std::string_view pattern, bool ignore_case, Steps& steps) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star_p = none;  // after the last '*'
    std::size_t star_t = 0;     // where that '*' ends
    while (t < text.size()) {
        if (!steps.take(1)) return false;
        if (p < pattern.size() && pattern[p] == '*') {
            star_p = ++p;
            star_t = t;
            continue;
        }
        if (p < pattern.size() && pattern[p] == '?') {
            ++p;
            t = after_character(text, t);
            continue;
        }
        const std::size_t letter = p + 1 < pattern.size() && pattern[p] == '\\' ? p + 1 : p;
        if (letter < pattern.size() &&
            (ignore_case ? fold(pattern[letter]) == fold(text[t]) : pattern[letter] == text[t])) {
            p = letter + 1;
            ++t;
            continue;
        }
        if (star_p == none) return false;
        p = star_p;
        star_t = after_character(text, star_t);
        t = star_t;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace

std::optional<Guid> parse_guid(std::string_view text) {
    const bool hyphens = text.size() == 36;
    if (!hyphens && text.size() != 32) return std::nullopt;
    Guid guid;
    std::size_t at = 0;
    for (std::size_t group = 0; group < guid_groups.size(); ++group) {
        if (hyphens && group > 0 && text[at++] != '-') return std::nullopt;
        for (std::size_t i = 0; i < guid_groups[group]; ++i) {
            const auto digit = hex_digit(text[at++]);
            if (!digit) return std::nullopt;
            guid.high = guid.high << 4U | guid.low >> 60U;
            guid.low = guid.low << 4U | *digit;
        }
    }
    return guid;
}

std::string format_guid(const Guid& guid) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text;
    for (const std::uint64_t half : {guid.high, guid.low}) {
        for (unsigned shift = 64; shift > 0; shift -= 4) {
            const std::size_t size = text.size();
            if (size == 8 || size == 13 || size == 18 || size == 23) text += '-';
            text += hex[half >> (shift - 4) & 0xFU];
        }
    }
    return text;
}

std::optional<Ticks> parse_date_time(std::string_view text) {
    const auto year = take_number(text, 4);
    if (!year || !take_char(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take_char(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || !take_char(text, 'T')) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || !take_char(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || !take_char(text, ':')) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction || text != "Z") return std::nullopt;

    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    const std::int64_t seconds =
        days * 86'400 + std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + *second;
    return Ticks{seconds * 10'000'000 + *fraction};
}

bool compare_texts(const Operator& op, std::string_view left, std::string_view right,
                   Steps& steps) {
    const auto same = [&](std::string_view a) {
        return same_bytes(a, right, op.ignore_case, steps);
    };
    switch (op.relation) {
        case Relation::equals:
            return left.size() == right.size() && same(left);
        case Relation::starts_with:
            return left.size() >= right.size() && same(left.substr(0, right.size()));
        case Relation::ends_with:
            return left.size() >= right.size() && same(left.substr(left.size() - right.size()));
        case Relation::contains:
            return contains(left, right, op.ignore_case, steps);
        case Relation::like:
            return like(left, right, op.ignore_case, steps);
        case Relation::greater_than:
        case Relation::greater_than_equals:
        case Relation::less_than:
        case Relation::less_than_equals:
            break;
    }
    INVARIANT(!"texts have no order");
    return false;
}

}  // namespace tenure::domain::condition
