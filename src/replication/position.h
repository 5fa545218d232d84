#pragma once
// What replication knows of a log: how long it is, in which terms, the root of its tree. What the
// entries say is none of its business.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"

namespace tenure::replication {

// Of the RFC 6962 tree over the first entries of a log.
using Root = std::array<std::byte, 32>;

// Names a log on every copy of it.
struct LogName {
    std::array<std::uint64_t, 2> words{};
    auto operator<=>(const LogName&) const = default;
};

// Names one copy of a log. A copy gets a new one whenever it is made: by `init`, by a restore, by a
// follower that begins with nothing. So a disk that was wiped or put back to an older state cannot
// pass for what it was.
struct StoreId {
    std::array<std::uint64_t, 2> words{};
    auto operator<=>(const StoreId&) const = default;
};

struct Member {
    std::string node;
    StoreId store;
    auto operator<=>(const Member&) const = default;
};

// Terms begin with 1 and grow by one at a time; more than this is somebody's mistake.
inline constexpr Term term_max{std::uint64_t{1} << 32U};

// A node that was away may have missed this many; a term further ahead is somebody's mistake too.
// Otherwise one such mistake would leave no term for those who lead after it.
inline constexpr std::uint64_t terms_ahead_max = std::uint64_t{1} << 20U;

constexpr bool plausible(Term said, Term known) {
    return said.value <= known.value + terms_ahead_max;
}

// Of an entry; {0, 0} is before the first.
struct Position {
    Term term;
    Revision revision;
    bool operator==(const Position&) const = default;
};

// A term that has entries, and the first of them.
struct TermStart {
    Term term;
    Revision first;
    bool operator==(const TermStart&) const = default;
};

// What a command id was used for, on its way with the entries (log/event_log.h).
struct RunCommand {
    std::array<std::uint64_t, 2> key{};
    std::array<std::byte, 32> body_hash{};
    Revision first;
    std::uint64_t count = 0;
    bool operator==(const RunCommand&) const = default;
};

// What the machine does not look at.
struct RunContent {
    std::vector<std::uint64_t> words;  // the entries as stored, one after the other
    std::vector<RunCommand> commands;
    bool operator==(const RunContent&) const = default;
};

// Consecutive entries on their way from one log to another.
struct Run {
    Position before;               // the entry they follow
    Revision last;                 // the newest of them
    std::vector<TermStart> terms;  // those that begin among them
    Root root{};                   // of the tree up to `last`
    std::shared_ptr<const RunContent> content;

    // What it takes to hold, about.
    std::uint64_t bytes() const {
        constexpr std::uint64_t on_its_way = 1'024;
        const std::uint64_t held = content ? content->words.size() * sizeof(std::uint64_t) +
                                                 content->commands.size() * sizeof(RunCommand)
                                           : 0;
        return on_its_way + terms.size() * sizeof(TermStart) + held;
    }
};

}  // namespace tenure::replication
