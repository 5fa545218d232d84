#pragma once
// Replicator: carries out what the replication machine (replication/replica.h) wants, on a thread
// of its own with an event loop: messages go to and from peers, writes to the store, beats by a
// timer. Who the peers are and how they are reached is the caller's business (server/).
//
//   peer -> received() -> Replica -> effects -> peers, ReplicatedStore -> completions -> Replica
//
// Threads: start, stop, status, grown, want_members and ask may be called from any; the rest
// belongs to its own thread (post to context()). Peers are called there.

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "node/node.h"
#include "node/replicated_store.h"
#include "replication/replica.h"

namespace tenure::node {

// Farther behind its source than this, a copy takes the log before it folds it, and is not ready.
inline constexpr std::uint64_t far_behind_events = 20'000;

// One end of a session. Dies when the replicator has closed it or was told that it ended.
class ReplicationPeer {
public:
    virtual ~ReplicationPeer() = default;
    // In order. What it keeps until it is sent is bounded by the replicator's window.
    virtual void send(const replication::Message& message) = 0;
    virtual void close(const std::string& reason) = 0;
};

struct ReplicatorSettings {
    std::string node;  // this node's name
    std::chrono::milliseconds tick{100};
    std::uint64_t silence_ticks = 50;
    std::uint64_t window_bytes = std::uint64_t{8} << 20U;
    std::size_t copies_max = 64;  // that copy from this node
    // A leader's: the nodes that must have what is recorded before it is committed. The store is
    // opened with Options::needs_members, if there are any.
    std::vector<std::string> members;
    // So long they may be away, or take for one group, before nothing more is recorded.
    std::uint64_t commit_ticks = 50;
    // Called on its thread; may be empty. Something happened that an operator wants to know.
    std::function<void(std::string_view event, const std::string& detail)> tell;
};

struct ReplicaPeerStatus {
    std::string node;
    Revision sent;
    Revision durable;
    Revision applied;
};

struct ReplicaMemberStatus {
    std::string node;
    bool here = false;  // it copies from this node now
    Revision durable;   // there, as far as it is known
};

struct ReplicaStatus {
    bool leads = false;
    // A leader's: who must have what is recorded before it is committed, from when on all of them
    // had everything; and why nothing can be recorded now, empty: it can.
    bool needs_members = false;
    std::vector<ReplicaMemberStatus> members;
    std::string held_up;
    Term term;
    std::optional<std::uint32_t> distance;  // steps to the leader
    std::string source;                     // the name of the node it copies from; empty: nobody
    Revision last;
    Term last_term;  // of that entry; `term` is the newest it knows
    Revision committed;
    Revision source_committed;  // as its source said last
    Instant closed;
    Instant heard_at;    // from its source; instant_min: never
    std::string halted;  // why nothing is replicated any more
    std::vector<ReplicaPeerStatus> copies;
};

class Replicator {
public:
    // The store outlives it. It leads, if the store does not copy another's log.
    Replicator(ReplicatedStore& store, Clock& clock, ReplicatorSettings settings);
    ~Replicator();  // stop()
    Replicator(const Replicator&) = delete;
    Replicator& operator=(const Replicator&) = delete;

    Result<void> start();
    // All peers are closed; nothing is called back any more.
    void stop();

    bool leads() const { return !store_.copies(); }

    log::LogId log_id() const { return store_.log_id(); }

    ReplicaStatus status() const;
    // A leader's log has grown.
    void grown();
    // ReplicatorSettings::members of a leader from now on: they count when each of them has all
    // that is committed, until then those before them do.
    void want_members(std::vector<std::string> nodes);
    // Calls back, on its thread, with the revision that has to be applied for an answer as new as
    // any that was given when this was asked; nothing if it cannot be found out.
    void ask(std::function<void(std::optional<Revision>)> answer);

    boost::asio::io_context& context() { return context_; }

    // Why nothing is replicated any more; empty: it is.
    const std::string& halted() const { return halted_; }

    replication::SessionId opened(std::shared_ptr<ReplicationPeer> peer, bool upstream);
    void received(replication::SessionId session, const replication::Message& message);
    void ended(replication::SessionId session);

private:
    class View;

    // Of a member, and of the commit as a whole.
    struct Watch {
        Instant since;            // of the last good news
        std::uint64_t ticks = 0;  // then
    };

    // The members that are wanted, and the nodes that cannot be yet.
    struct Wanted {
        std::vector<replication::Member> set;
        std::vector<std::string> missing;  // nodes
    };

    void tick();
    void take(replication::SessionId session, const replication::Message& message);
    // Of the source: bounded by this node's clock.
    void take_beat(replication::Beat beat);
    void carry_out();
    void carry_out(const replication::Effect& effect);
    // From the store's thread to this one.
    void back(std::function<void(replication::Replica&)> work);
    void close(replication::SessionId session, const std::string& reason);
    // The session is over.
    void forget(replication::SessionId session);
    void halt(const std::string& reason);
    // Whether it was. Why not is told once, since it is tried again and again.
    bool told_of(const Result<void>& written, std::string_view what);
    // The entries from there on, for a copy: those that keep up all want the same.
    Result<replication::Run> run_from(Revision from);
    // For status(), when what has come in by now is done as well.
    void publish_soon();
    void publish();
    bool behind() const;
    Wanted wanted_members() const;
    void change_members();
    // The set stays as it is for now.
    void put_off(const std::string& why);
    void wait_for_members_alone();
    // Why nothing can be recorded now.
    std::string look_after_members();
    void hold_up(std::string why);
    bool here(const replication::Member& member) const;

    ReplicatedStore& store_;
    Clock& clock_;
    const ReplicatorSettings settings_;  // wanted members: see wanted_
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};
    boost::asio::steady_timer ticker_{context_};
    std::unique_ptr<View> view_;
    std::unique_ptr<replication::Replica> replica_;
    std::map<std::uint64_t, std::shared_ptr<ReplicationPeer>> peers_;
    std::map<std::uint64_t, std::function<void(std::optional<Revision>)>> asked_;
    std::uint64_t sessions_ = 0;
    std::uint64_t asks_ = 0;
    std::optional<replication::SessionId> upstream_;
    std::string source_;
    Revision source_committed_;
    Instant heard_at_ = instant_min;
    bool source_ahead_ = false;  // its clock, or that of the leader
    Instant closed_ = instant_min;
    std::string halted_;
    bool not_written_ = false;  // and told; until something is
    bool carrying_out_ = false;
    bool publishing_ = false;
    std::optional<replication::Run> run_;  // the one that was read last
    // A leader's members: wanted, as written down, and whether new ones are being written down.
    std::vector<std::string> wanted_;
    std::vector<replication::Member> members_;
    std::uint64_t members_wanted_ = 0;  // how often that was said
    bool members_settled_ = true;       // what was wanted last is what is written down
    bool changing_members_ = false;
    bool taking_in_ = false;   // of them: the first, into a store that has none
    std::string not_changed_;  // why, as it was told
    std::map<replication::Member, Watch> seen_;
    Watch progress_;
    Revision progressed_to_;
    Instant closed_before_ = instant_min;  // in an earlier run, with members
    std::string held_up_;
    bool held_up_told_ = false;
    std::uint64_t ticks_ = 0;
    Revision last_at_tick_;
    std::uint64_t quiet_ = 0;  // ticks since the log has grown
    std::atomic<bool> grown_posted_{false};
    mutable std::mutex status_mutex_;
    ReplicaStatus status_;
    std::thread thread_;
};

}  // namespace tenure::node
