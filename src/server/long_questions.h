#pragma once
// LongQuestions: a few threads for questions that may take long (lists, differences, explanations),
// each with a session of its own, so that they never hold up the threads that answer checks.
// Bounded: when too many wait, the next is refused at once.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "node/node.h"

namespace tenure::server {

class LongQuestions {
public:
    // `node` outlives it.
    LongQuestions(node::Node& node, std::size_t threads, std::size_t waiting_max);
    ~LongQuestions();  // stop(), if nobody did
    LongQuestions(const LongQuestions&) = delete;
    LongQuestions& operator=(const LongQuestions&) = delete;

    using Work = std::function<void(node::Session&)>;
    // Any thread. False: too many wait, or it has stopped; then `work` is not called.
    bool submit(Work work);
    std::size_t waiting() const;
    // Finishes what waits.
    void stop();

private:
    void loop(node::Node& node);

    const std::size_t waiting_max_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace tenure::server
