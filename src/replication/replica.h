#pragma once
// Replica: the replication of one copy of a log as a pure machine. Messages, ticks and completions
// go in, effects come out; it does no I/O and has no clock and no chance of its own, so a
// simulation drives the same code as the program does.
//
//   replica.received(session, message);
//   for (Effect& effect : replica.take_effects()) ...   // in order
//
// What it keeps (tests/simulation shows each of them, and that each rule of settings.h is needed):
//  - in a term one node at most adds entries (who leads, and in which term, is decided outside)
//  - two logs that agree on the (term, revision) of an entry are equal up to it
//  - what is committed is never discarded; in mode sync it is at every member of that term
//  - a copy commits only what it has agreed on with its source in the source's term
//  - a time is closed at a copy only when all events up to it are committed there
//
// Threads: one at a time; the shell's strand.

#include <vector>

#include "base/result.h"
#include "replication/asks.h"
#include "replication/core.h"
#include "replication/downstream.h"
#include "replication/upstream.h"

namespace tenure::replication {

class Replica {
public:
    // `log` outlives it.
    Replica(Settings settings, const LogView& log, Rules rules = {});

    // Leads from now on, in a term that nobody else leads in and that this copy has kept; its log
    // ends with the first entry of that term, at `first`, durable.
    void lead(Term term, Revision first);
    // Of a leader: who must have an entry before it is committed, `self` not counted, and how many
    // they must be with it; none and 1: mode async. A new member has to have everything that is
    // committed: else unavailable, and nothing is changed.
    Result<void> change_members(std::vector<Member> members, std::size_t members_min);
    // Of a leader with members: these have to have an entry as well, so that they come to have all
    // that is committed; until change_members().
    void wait_also_for(std::vector<Member> joining);

    // Sessions: to the source this one copies from, from a copy, and their end (also after Close).
    void opened_upstream(SessionId session);
    void opened_downstream(SessionId session);
    void ended(SessionId session);
    void received(SessionId session, const Message& message);

    // Of effects.
    // One of the two for each KeepTerm; one that failed is asked for again.
    void term_kept(Term term);
    void term_not_kept();
    void reserved(Instant until);  // the bound that is durable now
    // One of the two for each Write, in order. After one that failed none of those that were asked
    // for before it was known may succeed.
    void written();
    void write_failed();
    // One of the two for each Cut.
    void cut();
    void cut_failed();
    void read(SessionId session, const Run& run);

    // The shell cannot go on: halts.
    void fail(std::string reason) { core_.halt(std::move(reason)); }

    // A leader's own entries are durable; LogView::last() says how many.
    void appended();

    // Up to here the index follows.
    void applied(Revision revision) { upstream_.applied(revision); }

    // A leader's promise: nothing after what is committed now is recorded at or before `until`. It
    // is given out as far as all who may lead next are bound by it: `reserved` is this copy's own
    // durable bound, which the others are told to keep too.
    void close_time(Instant until, Instant reserved);
    void tick();

    // Asks what a reader has to wait for who wants nothing older than now; ends with an Answer. In
    // mode async a leader answers for itself: one that was replaced without knowing it answers too.
    void ask(std::uint64_t id) { asks_.asked(std::nullopt, id); }

    std::vector<Effect> take_effects();

    bool leading() const { return core_.leading; }

    bool halted() const { return core_.halted; }

    const std::vector<Member>& members() const { return core_.settings.members; }

    // What is known to be durable at a copy, also while it is away; of this term.
    Revision durable_at(const Member& copy) const { return downstream_.durable_at(copy); }

    // Up to when this leader may have closed time; and whether a copy, should it lead, would record
    // after that.
    Instant promised() const;

    bool binds(const Member& copy) const { return downstream_.reserved_at(copy) >= promised(); }

    Term term() const { return core_.term; }

    Revision committed() const { return core_.committed; }

    Instant closed() const { return core_.closed; }

    // Steps to the leader, which has 0; nothing if it is not known.
    std::optional<std::uint32_t> distance() const;

    std::vector<PeerStatus> peers() const { return downstream_.peers(); }

private:
    void hear_of(Term term);
    void advance();

    Core core_;
    Upstream upstream_;
    Downstream downstream_;
    Asks asks_;
    Term served_;  // in which copies have been served
};

}  // namespace tenure::replication
