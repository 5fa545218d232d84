#pragma once
// Heads: how far the store has come, for those who wait for more. The writer's thread tells it;
// listeners are called there and must only pass the word on.

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "base/ids.h"

namespace tenure::server {

class Heads {
public:
    Revision newest() const { return Revision{newest_.load(std::memory_order_acquire)}; }

    void reached(Revision revision) {
        newest_.store(revision.value, std::memory_order_release);
        const std::lock_guard guard{mutex_};
        for (const auto& listener : listeners_) listener();
    }

    // Stays until clear().
    void listen(std::function<void()> listener) {
        const std::lock_guard guard{mutex_};
        listeners_.push_back(std::move(listener));
    }

    void clear() {
        const std::lock_guard guard{mutex_};
        listeners_.clear();
    }

private:
    std::atomic<std::uint64_t> newest_{0};
    std::mutex mutex_;
    std::vector<std::function<void()>> listeners_;
};

}  // namespace tenure::server
