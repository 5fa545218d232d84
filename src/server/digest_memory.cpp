#include "server/digest_memory.h"

namespace tenure::server {

std::optional<node::IndexDigest> DigestMemory::known(std::uint64_t index_generation,
                                                     const node::LogRoot& root) const {
    const std::lock_guard guard{mutex_};
    // What was not committed by all may have been cut off, and something else recorded there.
    if (!last_ || index_generation_ != index_generation || last_->log.revision != root.revision ||
        last_->log.root != root.root)
        return std::nullopt;
    node::IndexDigest found = *last_;
    found.log = root;
    return found;
}

std::int64_t DigestMemory::wait_s(Instant now) const {
    constexpr std::int64_t second_us = 1'000'000;
    const std::lock_guard guard{mutex_};
    const std::int64_t since = now.us - ended_.us;
    // A clock that was set back must not make the time longer.
    if (since < 0 || since >= pause_us_) return 0;
    return (pause_us_ - since + second_us - 1) / second_us;
}

void DigestMemory::remember(std::uint64_t index_generation, const node::IndexDigest& made,
                            Instant began, Instant ended) {
    const std::lock_guard guard{mutex_};
    index_generation_ = index_generation;
    last_ = made;
    ended_ = ended;
    const std::int64_t took = ended.us - began.us;
    pause_us_ = took < cheap_us ? 0 : pause_factor * took;
}

}  // namespace tenure::server
