#pragma once
// DigestMemory: the digest of the index that was made last, and what it cost. To make one, a thread
// for long questions reads the whole index, and where public_metrics is set anybody may ask: so the
// same is answered from here, and another has to wait for a few times as long as the last one took.
// All may be called from any thread.

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/instant.h"
#include "node/node.h"

namespace tenure::server {

class DigestMemory {
public:
    // Another is made after so many times what the last one took.
    static constexpr std::int64_t pause_factor = 4;
    // One that took less is no burden.
    static constexpr std::int64_t cheap_us = 10'000;

    // The digest of the index of that generation as of the root's revision, if it is remembered; it
    // says `root` of the log.
    std::optional<node::IndexDigest> known(std::uint64_t index_generation,
                                           const node::LogRoot& root) const;

    // How many seconds another has to wait; 0: it may be made.
    std::int64_t wait_s(Instant now) const;

    // `made` in the time between.
    void remember(std::uint64_t index_generation, const node::IndexDigest& made, Instant began,
                  Instant ended);

private:
    mutable std::mutex mutex_;
    std::uint64_t index_generation_ = 0;
    std::optional<node::IndexDigest> last_;
    Instant ended_;
    std::int64_t pause_us_ = 0;
};

}  // namespace tenure::server
