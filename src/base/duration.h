#pragma once
// Durations as people write them.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"

namespace tenure {

struct Duration {
    std::int64_t us = 0;
    auto operator<=>(const Duration&) const = default;
};

inline constexpr std::int64_t minute_us = 60 * std::int64_t{1'000'000};

// "PT8H", "PT1H30M", "P1D": days, hours, minutes and seconds of ISO 8601, whole numbers.
Result<Duration> parse_duration(std::string_view text, std::string_view field);
std::string format_duration(Duration duration);

// "3 d 4 h", "2 h 5 min", "41 s": how long something lasted, for a person.
std::string duration_text(Instant from, Instant to);

}  // namespace tenure
