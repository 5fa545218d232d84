#pragma once
// What a replica is told at its start.

#include <cstdint>
#include <vector>

#include "base/instant.h"
#include "replication/position.h"

namespace tenure::replication {

enum class Mode {
    async,  // a leader commits what it has made durable itself
    sync,   // and what each of `members` has made durable as well
};

struct Settings {
    LogName log;
    std::uint64_t format = 1;
    Member self;
    Term term;         // the newest this copy has kept
    Instant reserved;  // the bound on recording times this copy has kept
    Mode mode = Mode::async;
    std::vector<Member> members;  // without `self`
    // Of a leader: members to be that have to have an entry as well.
    std::vector<Member> joining;
    // A leader with fewer members (itself counted) commits nothing.
    std::size_t members_min = 1;
    std::uint64_t beat_ticks = 1;                          // between two beats
    std::uint64_t silence_ticks = 20;                      // before a silent session is given up
    std::uint64_t window_bytes = std::uint64_t{4} << 20U;  // sent and not acknowledged, a session
    // Taken and not yet durable here; more than any source's window.
    std::uint64_t taken_bytes_max = std::uint64_t{64} << 20U;
    std::size_t sessions_max = 64;  // that copy from this one
    // Of copies without a session, beside members: what they had is remembered.
    std::size_t copies_known_max = 1'024;
    std::size_t asks_max = 10'000;  // that wait for an answer
};

// The rules without which it is not safe. All hold; a test that leaves one out must fail.
struct Rules {
    bool reject_older_terms = true;
    bool keep_terms = true;              // a term is durable before anything is done in it
    bool cut_where_logs_part = true;     // not at what is known to be committed (KIP-101)
    bool commit_after_agreement = true;  // what others committed says nothing of entries that part
    bool acknowledge_when_durable = true;
    bool commit_needs_all_members = true;
    bool members_are_copies = true;         // node and store, not the node's name alone
    bool members_join_caught_up = true;     // a new member has all that is committed
    bool relays_wait = true;                // a relay that is behind cuts nobody
    bool time_closes_with_commit = true;    // not before the events before it are here
    bool reads_ask_members = true;          // a leader may have been replaced without knowing it
    bool time_closes_when_reserved = true;  // not beyond what every possible leader keeps
};

}  // namespace tenure::replication
