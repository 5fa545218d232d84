#pragma once
// Writer: the one thread that changes a store. It takes the batches that wait, decides each against
// the state after the one before, appends all their events with one durable commit, commits the
// index and answers.
//
//   queue -> decide + fold (open index transaction) -> log append (fsync) -> index commit ->
//   answers
//
// A failure before the log's commit changes nothing. If the index cannot follow a log that has
// committed, the store stops taking work: what was recorded is safe and the next open folds it.
//
// Where other nodes must have what is recorded (Core::needs_members, docs/decisions/0008), the
// log's append commits nothing: the group is in flight until replication confirms it, one at a
// time.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "domain/command.h"
#include "node/batch_group.h"
#include "node/node.h"

namespace tenure::node {

struct Core;
class Recording;
class RecordingTime;

class Writer {
public:
    // `core` outlives the writer.
    explicit Writer(Core& core);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Error unavailable: stopped, or the queue is full.
    Result<void> submit(Submission submission);
    // Runs `work` on the writer thread, alone, after what is queued; waits for it.
    Result<void> run(std::function<Result<void>()> work);
    // The same without waiting, however long the queue is; also while a group is in flight, so it
    // must not need the index. Error unavailable: stopped.
    Result<void> post(std::function<void()> work);
    // The members have the entries up to `to`. Any thread, as the next two.
    void confirmed(Revision to);
    // Why the members cannot have what is recorded now; empty: they can. Then what is in flight is
    // answered as not known yet, and nothing more is taken. A store that needs members is held up
    // until the first call.
    void hold_up(std::string why);
    // The store is broken now.
    void look_again();

    // Called on the writer thread when a group is in flight. From posted work.
    void on_in_flight(std::function<void()> in_flight) { in_flight_ = std::move(in_flight); }

    // Refuses new work and finishes what is queued.
    void stop();
    // Batches in the queue.
    std::size_t waiting();

private:
    struct Waiting {
        Submission submission;
        std::function<void()> work;  // instead of a batch
    };

    enum class Ending { confirmed, given_up };

    Result<void> enqueue(Waiting waiting);
    // Oldest first, and without it in the queue; nothing if there is none. Holds the mutex.
    std::function<void()> take_posted();
    void loop();
    void commit_group(std::vector<Submission> submissions);
    // False: nothing can be recorded now, and everybody has been told.
    bool may_commit(std::vector<Submission>& submissions);
    // Makes durable and shows what was decided. Nothing: it cannot, and everybody has been told.
    std::optional<Committed> store(BatchGroup& group, Recording& recording, RecordingTime& time,
                                   Instant started);
    // Until the members have the group, which is in the log up to `last`. If that takes too long,
    // or is given up, who waits is told that it is not known yet.
    Ending confirm(BatchGroup& group, Revision last);
    // What an earlier run left in flight.
    void commit_tail();
    // Until the entries up to `last` are confirmed, or cannot be in this run. `late` is called
    // when they are held up, again and again.
    Ending await_confirmed(Revision last, const std::function<void(const Error&)>& late);
    // Why nothing can be recorded now.
    std::optional<Error> why_held_up();
    // For that reason; but what was recorded before is known by its command id.
    Result<Receipt> held_up_answer(const domain::Batch& batch, const Error& why) const;

    Core& core_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Waiting> queue_;
    std::deque<std::function<void()>> posted_;  // goes first
    bool stopping_ = false;
    bool confirming_ = false;
    bool given_up_ = false;  // something is in flight for ever
    Revision confirmed_;
    std::string held_up_;
    std::function<void()> in_flight_;  // the writer thread's
    std::thread thread_;               // last: it uses all of the above
};

}  // namespace tenure::node
