#pragma once
// What single values of conditions are and how two of them compare.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "domain/condition_operators.h"

namespace tenure::domain::condition {

struct Guid {
    std::uint64_t high{};
    std::uint64_t low{};
    bool operator==(const Guid&) const = default;
};

// 8-4-4-4-12 hexadecimal digits, or 32 of them.
std::optional<Guid> parse_guid(std::string_view text);
// With hyphens, in lower case.
std::string format_guid(const Guid& guid);

// A DateTime: units of 100 ns since 1970-01-01T00:00:00Z.
struct Ticks {
    std::int64_t count{};
    constexpr auto operator<=>(const Ticks&) const = default;
};

inline constexpr std::int64_t ticks_per_microsecond = 10;

constexpr Ticks ticks_of(Instant t) { return Ticks{t.us * ticks_per_microsecond}; }

// The first instant that is not before `ticks`.
constexpr Instant first_instant_from(Ticks ticks) {
    const std::int64_t us = ticks.count / ticks_per_microsecond;
    const bool cut_off = ticks.count > us * ticks_per_microsecond;
    return Instant{cut_off ? us + 1 : us};
}

// yyyy-mm-ddThh:mm:ss[.f]Z with up to seven digits of fraction; those left out are zeros.
std::optional<Ticks> parse_date_time(std::string_view text);

// What one comparison may still look at. Once spent, its answer is worth nothing.
class Steps {
public:
    explicit Steps(std::size_t count) : left_{count} {}

    // False if there are fewer than `count` left.
    bool take(std::size_t count) {
        spent_ = spent_ || count > left_;
        if (!spent_) left_ -= count;
        return !spent_;
    }

    bool spent() const { return spent_; }

private:
    std::size_t left_;
    bool spent_ = false;
};

// `op` is of family text, its negation is not looked at. For Like, `right` is a pattern: '*' is any
// run of characters, '?' one character, and '\' takes the meaning from the character after it.
bool compare_texts(const Operator& op, std::string_view left, std::string_view right, Steps& steps);

}  // namespace tenure::domain::condition
