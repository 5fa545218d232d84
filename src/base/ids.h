#pragma once
// Ids that cannot be mixed up: Id<Tag> converts neither from nor to an integer, nor to another Id.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace tenure {

template <class Tag>
struct Id {
    std::uint64_t value{};
    constexpr auto operator<=>(const Id&) const = default;
};

// An event's position in the log: 1, 2, 3 ... without gaps. 0 is the state before the first event.
using Revision = Id<struct RevisionTag>;
// The leadership period an event was appended in. A store that runs alone is in term 1.
using Term = Id<struct TermTag>;

inline constexpr Revision revision_none{0};
// "No end yet" of an interval of revisions.
inline constexpr Revision revision_max{~std::uint64_t{0}};

constexpr Revision next(Revision r) { return Revision{r.value + 1}; }

// A half-open interval of revisions [from, to).
struct RevisionRange {
    Revision from{};
    Revision to = revision_max;

    constexpr bool contains(Revision r) const { return from <= r && r < to; }

    constexpr bool empty() const { return !(from < to); }

    constexpr RevisionRange intersect(RevisionRange other) const {
        return {from < other.from ? other.from : from, to < other.to ? to : other.to};
    }

    constexpr bool operator==(const RevisionRange&) const = default;
};

}  // namespace tenure

template <class Tag>
struct std::hash<tenure::Id<Tag>> {
    std::size_t operator()(tenure::Id<Tag> id) const noexcept {
        // Ids are handed out in sequence; the multiplication spreads them.
        return static_cast<std::size_t>(id.value * 0x9E3779B97F4A7C15ULL);
    }
};
