#pragma once
// Times: instant -> revision, per tenant by effective time and (tenant 0) for the whole store by
// recording time. Both never decrease, so a floor seek and a binary search answer "as of T". Of
// several events with one instant the first and the last are kept.

#include <cstdint>
#include <map>
#include <optional>

#include "base/instant.h"
#include "projection/rows.h"

namespace tenure::projection {

// Order-preserving word of an instant.
constexpr std::uint64_t word_of(Instant t) {
    return static_cast<std::uint64_t>(t.us) ^ (std::uint64_t{1} << 63U);
}

constexpr Instant instant_of(std::uint64_t word) {
    return Instant{static_cast<std::int64_t>(word ^ (std::uint64_t{1} << 63U))};
}

struct TimePoint {
    Instant instant;
    Revision revision;
};

inline constexpr ObjectId by_recording{0};

// The newest event of `tenant` at or before `t`.
std::optional<TimePoint> time_floor(const RowReader& reader, ObjectId tenant, Instant t);
// The oldest event of `tenant` after `t`.
std::optional<TimePoint> first_after(const RowReader& reader, ObjectId tenant, Instant t);

// The newest event of `tenant` at or before `revision`. Quick near the end of the series.
std::optional<TimePoint> time_floor(const RowReader& reader, ObjectId tenant, Revision revision);

// When the events of `tenant` around a revision took effect: the newest before it, the oldest after
// it. Reads the whole series.
struct TimesAround {
    std::optional<Instant> before;
    std::optional<Instant> after;
};

TimesAround times_around(const RowReader& reader, ObjectId tenant, Revision revision);

// The writer's end of the series: collects a batch's events, flush() stores them.
class TimesTail {
public:
    void append(const Rows& rows, ObjectId tenant, Instant t, Revision revision);
    std::optional<TimePoint> last(const Rows& rows, ObjectId tenant);
    void flush(Rows& rows);

private:
    static constexpr std::size_t pairs_max = 120;

    struct Tail {
        std::uint64_t first = 0;
        std::vector<std::uint64_t> pairs;
        bool dirty = false;
    };

    Tail& tail(const Rows& rows, ObjectId tenant);
    std::map<ObjectId, Tail> tails_;
    std::vector<std::pair<ObjectId, Tail>> full_;
};

}  // namespace tenure::projection
