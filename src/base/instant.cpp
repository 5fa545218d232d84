#include "base/instant.h"

#include <chrono>

namespace tenure {
namespace {

// Reads exactly `count` digits from the front of `text`; false leaves `text` unspecified.
bool take_digits(std::string_view& text, std::size_t count, int& value) {
    if (text.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const char c = text[i];
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool take_char(std::string_view& text, char expected, char also) {
    if (text.empty() || (text.front() != expected && text.front() != also)) return false;
    text.remove_prefix(1);
    return true;
}

// Reads ".123456789" if there; false if there is a point without digits.
bool take_fraction(std::string_view& text, std::int64_t& us) {
    us = 0;
    if (text.empty() || text.front() != '.') return true;
    text.remove_prefix(1);
    std::int64_t unit = 100'000;
    std::size_t digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        us += unit * (text.front() - '0');
        unit /= 10;
        ++digits;
        text.remove_prefix(1);
    }
    return digits > 0;
}

bool take_offset(std::string_view& text, std::int64_t& us) {
    us = 0;
    if (take_char(text, 'Z', 'z')) return true;
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
    const std::int64_t sign = text.front() == '+' ? 1 : -1;
    text.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!take_digits(text, 2, hours) || !take_char(text, ':', ':') ||
        !take_digits(text, 2, minutes) || hours > 23 || minutes > 59)
        return false;
    us = sign * (std::int64_t{hours} * 60 + minutes) * 60'000'000;
    return true;
}

// The last `count` digits of a number that is not negative.
void put_digits(std::string& text, std::size_t count, std::int64_t number) {
    const std::size_t begin = text.size();
    text.resize(begin + count);
    for (std::size_t i = begin + count; i-- > begin; number /= 10)
        text[i] = static_cast<char>('0' + number % 10);
}

Error bad_instant(std::string_view text, std::string_view field) {
    return invalid(std::string(field),
                   "'" + std::string(text.substr(0, 64)) +
                       "' is not a time: RFC 3339 is expected, such as 2024-05-01T12:00:00Z");
}

}  // namespace

Result<Instant> parse_instant(std::string_view text, std::string_view field) {
    std::string_view rest = text;
    int year = 0;
    int month = 0;
    int day = 0;
    if (!take_digits(rest, 4, year) || !take_char(rest, '-', '-') || !take_digits(rest, 2, month) ||
        !take_char(rest, '-', '-') || !take_digits(rest, 2, day))
        return bad_instant(text, field);
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return bad_instant(text, field);
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    Instant result{days * 86'400'000'000};
    if (!rest.empty()) {
        int hour = 0;
        int minute = 0;
        int second = 0;
        std::int64_t fraction_us = 0;
        std::int64_t offset_us = 0;
        if (!take_char(rest, 'T', 't') || !take_digits(rest, 2, hour) ||
            !take_char(rest, ':', ':') || !take_digits(rest, 2, minute) ||
            !take_char(rest, ':', ':') || !take_digits(rest, 2, second) ||
            !take_fraction(rest, fraction_us) || !take_offset(rest, offset_us) || !rest.empty() ||
            hour > 23 || minute > 59 || second > 60)
            return bad_instant(text, field);
        // In a leap second every fraction is the same instant.
        if (second == 60) fraction_us = 0;
        result.us += ((std::int64_t{hour} * 60 + minute) * 60 + second) * 1'000'000 + fraction_us -
                     offset_us;
    }
    if (result < instant_min || result > instant_max) return bad_instant(text, field);
    return result;
}

std::string format_instant(Instant t) {
    using namespace std::chrono;
    const sys_time<microseconds> point{microseconds{t.us}};
    const auto day = floor<days>(point);
    const year_month_day date{day};
    const hh_mm_ss time{point - day};
    std::string text;
    text.reserve(sizeof "2024-05-01T12:00:00.123456Z");
    put_digits(text, 4, static_cast<int>(date.year()));
    text += '-';
    put_digits(text, 2, static_cast<unsigned>(date.month()));
    text += '-';
    put_digits(text, 2, static_cast<unsigned>(date.day()));
    text += 'T';
    put_digits(text, 2, time.hours().count());
    text += ':';
    put_digits(text, 2, time.minutes().count());
    text += ':';
    put_digits(text, 2, time.seconds().count());
    if (const auto fraction = time.subseconds().count(); fraction != 0) {
        text += '.';
        put_digits(text, 6, fraction);
        while (text.back() == '0') text.pop_back();
    }
    text += 'Z';
    return text;
}

}  // namespace tenure
