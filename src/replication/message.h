#pragma once
// What two replicas say to each other. The one that copies opens the session and speaks first:
//
//   Hello ->            who I am, what I have
//         <- Welcome    how much of it to keep (or Refusal)
//   Ack ->              that much is here, go on
//         <- Append     entries, as many as the window allows
//   Ack ->              durable up to here
//         <- Beat       I am alive; what is committed; up to when time is closed
//   Ack ->
//   Ask ->              what is committed at the leader now?
//         <- Told
//
// Every message of the source names the term it speaks in, and nobody listens to an older term than
// the newest they know. Bytes: schema/replication.capnp.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "replication/position.h"

namespace tenure::replication {

struct Hello {
    LogName log;
    std::uint64_t format = 0;  // of the log
    Member member;
    Term term;  // the newest it knows
    Revision last;
    std::vector<TermStart> terms;
};

struct Welcome {
    Term term;
    std::string node;
    std::uint32_t distance = 0;  // 0: the leader itself
    Revision keep;               // what comes after it has to go
    Root root{};                 // of the tree up to `keep`
    Revision committed;
};

struct Append {
    Term term;
    Run run;
    Revision committed;
};

struct Beat {
    Term term;
    std::uint64_t round = 0;
    Revision committed;
    // No event after `committed` is recorded at or before it; at most `reserved`.
    Instant closed;
    // The leader's bound on recording times; a copy keeps it before it acknowledges.
    Instant reserved;
};

struct Ack {
    Term term;
    std::uint64_t round = 0;  // of the newest Beat
    Revision durable;
    Revision applied;
    Instant reserved;  // whoever leads from this copy records after it
};

// What a reader who wants nothing older than now has to wait for.
struct Ask {
    Term term;
    std::uint64_t id = 0;
};

struct Told {
    Term term;
    std::uint64_t id = 0;  // of the Ask
    bool known = false;    // false: it cannot be found out now
    Revision revision;
};

enum class Refused {
    stranger,   // another log
    format,     // entries of a format one of the two does not know
    term,       // an older term than the one asked for
    not_ready,  // cannot say yet what is right; ask again, or somebody else
};

struct Refusal {
    Refused why{};
    Term term;
};

using Message = std::variant<Hello, Welcome, Append, Beat, Ack, Ask, Told, Refusal>;

}  // namespace tenure::replication
