#pragma once
// Pool: a few threads for work that may take long, so that it never holds up the threads that
// answer checks. Each has a tool of its own. Bounded: when too many wait, the next is refused at
// once.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace tenure::server {

template <class Tool>
class Pool {
public:
    // `make_tool` is called by each thread, before its first work.
    Pool(std::size_t threads, std::size_t waiting_max,
         std::function<std::unique_ptr<Tool>()> make_tool)
        : waiting_max_{waiting_max}, make_tool_{std::move(make_tool)} {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { loop(); });
    }

    ~Pool() { stop(); }

    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    using Work = std::function<void(Tool&)>;

    // Any thread. False: too many wait, or it has stopped; then `work` is not called.
    bool submit(Work work) {
        {
            const std::lock_guard guard{mutex_};
            if (stopping_ || queue_.size() >= waiting_max_) return false;
            queue_.push_back(std::move(work));
        }
        wake_.notify_one();
        return true;
    }

    std::size_t waiting() const {
        const std::lock_guard guard{mutex_};
        return queue_.size();
    }

    // Finishes what is under way. What waits is dropped: whoever waits for it has gone.
    void stop() {
        std::deque<Work> dropped;
        {
            const std::lock_guard guard{mutex_};
            stopping_ = true;
            dropped.swap(queue_);
        }
        wake_.notify_all();
        for (std::thread& thread : threads_)
            if (thread.joinable()) thread.join();
    }

private:
    void loop() {
        const std::unique_ptr<Tool> tool = make_tool_();
        for (;;) {
            Work work;
            {
                std::unique_lock guard{mutex_};
                wake_.wait(guard, [&] { return stopping_ || !queue_.empty(); });
                if (queue_.empty()) return;
                work = std::move(queue_.front());
                queue_.pop_front();
            }
            work(*tool);
        }
    }

    const std::size_t waiting_max_;
    const std::function<std::unique_ptr<Tool>()> make_tool_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace tenure::server
