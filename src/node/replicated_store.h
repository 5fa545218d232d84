#pragma once
// ReplicatedStore: a store as replication sees and drives it. A leader's log is read from it; to a
// copy's log and index everything is done through it, in order, on the store's writer thread.
//
//   append -> log (fsync, not committed) -> commit -> fold -> visible
//
// What is committed is written down with the next append, or by keep_confirmed(): after a crash the
// index or the source says it again. The index is folded when nothing waits, so that a copy that is
// far behind takes the log first and builds its index in bulk at the end.
//
// Threads: any. Callbacks come on the writer thread and must be quick.

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "log/event_log.h"
#include "projection/index.h"
#include "replication/log_view.h"

namespace tenure::node {

struct Core;
class Writer;

class ReplicatedStore {
public:
    using Done = std::function<void(Result<void>)>;

    // Both outlive it. `writer` is null in a store that is only read.
    ReplicatedStore(Core& core, Writer* writer) : core_{core}, writer_{writer} {}

    bool copies() const;
    log::LogId log_id() const;
    Instant created_at() const;
    // The newest term it knows; of a leader the one it leads in.
    Result<Term> term() const;
    Instant reserved_until() const;
    Instant last_recorded_at() const;
    // Of this copy; a new one for each node's name (copy_notes.h).
    Result<replication::StoreId> store_id(const std::string& node);

    // The newest entry that may be sent on: of a leader without members the newest committed one
    // (an import may still be undone), otherwise its newest.
    Revision last() const;
    Revision committed() const;
    Revision applied() const;
    // Those that begin at or before `up_to`.
    std::vector<replication::TermStart> terms(Revision up_to) const;
    // Zero if the log has become shorter than `size`.
    replication::Root root(Revision size) const;
    Result<replication::Run> read_run(Revision from) const;

    // A leader's promise: what is recorded after this comes after it in time, and what was recorded
    // at or before it is committed.
    Instant close_now();
    // Of those promises, what whoever leads next is bound by as well: no question is told more.
    void bound_closed(Instant until);

    // A leader with members: what is recorded is committed when they have it. While none are
    // written down nothing may be recorded, see hold_up().
    bool needs_members() const;
    void need_members(Done done);
    // Those that are written down.
    Result<std::vector<replication::Member>> members() const;
    // Writes them down. None: the leader commits alone, also what is in flight.
    void keep_members(std::vector<replication::Member> members, Done done);
    Instant closed() const;
    // The members have the entries up to here.
    void confirmed(Revision to);
    // Writes down what is committed, if that has not been done yet. A failure is left to the next
    // call.
    void keep_confirmed();
    // Why members cannot have what is recorded now; empty: they can.
    void hold_up(std::string why);
    // Called when there are entries for the members.
    void on_in_flight(std::function<void()> in_flight);

    void keep_term(Term term, Done done);
    // Only of a copy.
    void append(replication::Run run, Done done);
    // Entries up to here are committed. `behind`: there are many more to come, so it waits.
    void commit(Revision to, bool behind);
    // What comes after `to` is discarded, and kept in a file of cut_name() before.
    void cut(Revision to, Done done);
    static std::string cut_name(Revision first, Revision last);
    void reserve(Instant until, Done done);
    // Nothing after what was committed before this call is recorded at or before it.
    void close_time(Instant until);

    // Called when the index has come so far. Set before anything is asked for.
    void on_applied(std::function<void(Revision)> applied) { on_applied_ = std::move(applied); }

    // Of a copy: called when answers about more instants are final. Set likewise.
    void on_closed(std::function<void()> closed) { on_closed_ = std::move(closed); }

    // When it returns nothing is called back any more. Not on the writer thread.
    void detach();

    // A leader's: another leads now. Nothing is recorded and no time is closed here any more; the
    // reason is told to who asks for a change.
    void step_down(const std::string& reason);

private:
    enum class When { sound, always };

    // `sound`: not when the store is broken, which it is told then.
    void later(std::function<Result<void>()> work, Done done, When when = When::sound);
    Error with_evidence(Error why, const log::StoredRun& run) const;
    // Entries that are none of this log, or are to be discarded, in a file beside it; durable.
    Result<void> keep_aside(const std::string& name,
                            const std::function<Result<void>(std::ofstream&)>& write) const;
    // On the writer thread, after each piece of work.
    void settle();
    Result<void> fold();
    void keep_ahead(std::vector<domain::Event> events, std::size_t bytes);
    // As far as they are at hand.
    Result<void> fold_events_ahead(projection::Index& index, Revision to);

    Core& core_;
    Writer* const writer_;
    std::function<void(Revision)> on_applied_;
    std::function<void()> on_closed_;
    // The writer thread's.
    // What was appended last and is not folded yet, without gaps; none if it is too much: the log
    // has it.
    std::vector<domain::Event> events_ahead_;
    std::size_t ahead_bytes_ = 0;
    Revision to_commit_;
    Instant to_close_ = instant_min;
    bool behind_ = false;
    Instant settled_at_ = instant_min;
};

}  // namespace tenure::node
