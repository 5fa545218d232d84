#include "server/long_questions.h"

namespace tenure::server {

LongQuestions::LongQuestions(node::Node& node, std::size_t threads, std::size_t waiting_max)
    : waiting_max_{waiting_max} {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this, &node] { loop(node); });
}

LongQuestions::~LongQuestions() { stop(); }

bool LongQuestions::submit(Work work) {
    {
        const std::lock_guard guard{mutex_};
        if (stopping_ || queue_.size() >= waiting_max_) return false;
        queue_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

std::size_t LongQuestions::waiting() const {
    const std::lock_guard guard{mutex_};
    return queue_.size();
}

void LongQuestions::stop() {
    {
        const std::lock_guard guard{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        if (thread.joinable()) thread.join();
}

void LongQuestions::loop(node::Node& node) {
    const auto session = node.session();
    for (;;) {
        Work work;
        {
            std::unique_lock guard{mutex_};
            wake_.wait(guard, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        work(*session);
    }
}

}  // namespace tenure::server
