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

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "domain/command.h"
#include "node/node.h"

namespace tenure::node {

struct Core;

class Writer {
public:
    // `core` outlives the writer.
    explicit Writer(Core& core);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    using Done = std::function<void(Result<Receipt>)>;
    // Error unavailable: stopped, or the queue is full.
    Result<void> submit(domain::Batch batch, Done done, Guard guard);
    // Runs `work` on the writer thread, alone, after what is queued; waits for it.
    Result<void> run(std::function<Result<void>()> work);
    // The same without waiting, however long the queue is. Error unavailable: stopped.
    Result<void> post(std::function<void()> work);
    // Refuses new work and finishes what is queued.
    void stop();
    // Batches in the queue.
    std::size_t waiting();

private:
    struct Waiting {
        domain::Batch batch;
        Done done;
        Guard guard;
        std::function<void()> work;  // instead of a batch
    };

    Result<void> enqueue(Waiting waiting);
    void loop();
    void commit_group(std::vector<Waiting>& group);

    Core& core_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Waiting> queue_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace tenure::node
