#include "base/duration.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace tenure {
namespace {

constexpr std::int64_t second_us = 1'000'000;

Error bad_duration(std::string_view text, std::string_view field) {
    return invalid(std::string(field), "duration " + quoted(text) +
                                           " is not of the form PT8H, PT1H30M or P1D (ISO 8601)");
}

}  // namespace

Result<Duration> parse_duration(std::string_view text, std::string_view field) {
    std::string_view rest = text;
    if (!rest.starts_with('P')) return bad_duration(text, field);
    rest.remove_prefix(1);

    // Each unit once, the larger before the smaller.
    struct Unit {
        char letter;
        bool of_day;
        std::int64_t us;
    };

    constexpr Unit units[] = {{'D', false, 24 * 60 * minute_us},
                              {'H', true, 60 * minute_us},
                              {'M', true, minute_us},
                              {'S', true, second_us}};
    constexpr std::int64_t count_max = 1'000'000;
    std::int64_t total = 0;
    bool in_day = false;
    bool any = false;
    for (const Unit& unit : units) {
        if (!in_day && rest.starts_with('T') && unit.of_day) {
            in_day = true;
            rest.remove_prefix(1);
            if (rest.empty()) return bad_duration(text, field);
        }
        std::int64_t count = 0;
        const auto number = std::from_chars(rest.data(), rest.data() + rest.size(), count);
        if (number.ec != std::errc{} || rest.front() == '-') continue;
        if (count > count_max) return bad_duration(text, field);
        const std::string_view after{
            number.ptr, static_cast<std::size_t>(rest.data() + rest.size() - number.ptr)};
        if (!after.starts_with(unit.letter) || unit.of_day != in_day) continue;
        total += count * unit.us;
        any = true;
        rest = after.substr(1);
    }
    if (!rest.empty() || !any) return bad_duration(text, field);
    return Duration{total};
}

std::string format_duration(Duration duration) {
    std::int64_t left = duration.us / second_us;
    const auto take = [&](std::int64_t seconds) {
        const std::int64_t count = left / seconds;
        left -= count * seconds;
        return count;
    };
    const std::int64_t days = take(24 * 3600);
    const std::int64_t hours = take(3600);
    const std::int64_t minutes = take(60);
    std::string text = "P";
    if (days > 0) text += std::to_string(days) + 'D';
    if (hours > 0 || minutes > 0 || left > 0 || days == 0) {
        text += 'T';
        if (hours > 0) text += std::to_string(hours) + 'H';
        if (minutes > 0) text += std::to_string(minutes) + 'M';
        if (left > 0 || (hours == 0 && minutes == 0)) text += std::to_string(left) + 'S';
    }
    return text;
}

std::string duration_text(Instant from, Instant to) {
    struct Unit {
        std::int64_t us;
        const char* name;
    };

    constexpr std::array<Unit, 4> units{
        {{86'400'000'000, " d"}, {3'600'000'000, " h"}, {60'000'000, " min"}, {1'000'000, " s"}}};
    std::int64_t left = to.us - from.us;
    std::string text;
    std::size_t parts = 0;
    for (const Unit& unit : units) {
        const std::int64_t count = left / unit.us;
        left %= unit.us;
        if (count == 0 && parts == 0) continue;
        if (count > 0) text += (text.empty() ? "" : " ") + std::to_string(count) + unit.name;
        if (++parts == 2) break;
    }
    return text.empty() ? "less than 1 s" : text;
}

}  // namespace tenure
