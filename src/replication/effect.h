#pragma once
// What the machine wants done. The shell does it in this order, and tells of those that end with
// an answer when they have ended.

#include <string>
#include <variant>

#include "replication/message.h"

namespace tenure::replication {

// One connection between two replicas; never used again.
using SessionId = Id<struct SessionTag>;

struct Send {
    SessionId session;
    Message message;
};

struct Close {
    SessionId session;
    std::string reason;
};

// Make it durable, then Replica::term_kept() or term_not_kept().
struct KeepTerm {
    Term term;
};

// Check the run against its root and make it durable, then Replica::written() or write_failed().
// Several may be under way; they are done in order.
struct Write {
    Run run;
};

// Keep what is cut off somewhere, discard all entries after `to`, durably, then Replica::cut() or
// cut_failed().
struct Cut {
    Revision to;
};

// Read durable entries from `from` on, then Replica::read().
struct Read {
    SessionId session;
    Revision from;
};

// Entries up to here will never be discarded: apply them, show them, answer for them.
struct Commit {
    Revision to;
};

// Make this bound on recording times durable, then Replica::reserved(), also when that failed.
struct Reserve {
    Instant until;
};

// The answer of Replica::ask(): who has applied `revision` has all that was committed anywhere when
// it was asked. Not known: there is no way to the leader, or its members do not answer.
struct Answer {
    std::uint64_t id = 0;
    bool known = false;
    Revision revision;
};

// Nothing after what is committed now is recorded at or before it.
struct CloseTime {
    Instant until;
};

// There is a newer term, so this leader is none any more. What was written and not committed may
// yet be committed by others, or be lost: "unknown", not "failed". A session to a source is opened
// only when none of its own writes is under way.
struct StepDown {
    Term term;
};

// Something is wrong that must not be: stop replicating, keep everything, call somebody.
struct Halt {
    std::string reason;
};

using Effect = std::variant<Send, Close, KeepTerm, Write, Cut, Read, Commit, Reserve, CloseTime,
                            Answer, StepDown, Halt>;

}  // namespace tenure::replication
