#pragma once
// Instant: a point in time, UTC, in whole microseconds since 1970-01-01T00:00:00Z (may be
// negative). Text form is RFC 3339; we write "Z" and only as many fraction digits as are needed.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenure {

struct Instant {
    std::int64_t us{};
    constexpr auto operator<=>(const Instant&) const = default;
};

// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z: what RFC 3339 can write.
inline constexpr Instant instant_min{-62'167'219'200'000'000};
inline constexpr Instant instant_max{253'402'300'799'999'999};

constexpr Instant operator+(Instant t, std::int64_t us) { return Instant{t.us + us}; }

// RFC 3339, section 5.6: date-time with "Z" or a numeric offset. Digits beyond microseconds are cut
// off. A leap second (":60") becomes the first instant of the next minute. `field` names the input
// in the error. A date alone ("2024-05-01") is taken as its first instant in UTC.
Result<Instant> parse_instant(std::string_view text, std::string_view field);

std::string format_instant(Instant t);

}  // namespace tenure
