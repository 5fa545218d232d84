#pragma once
// KeyCache: the present keys of one issuer, and when to ask for them again. It reads nothing and
// knows no clock: whoever fetches asks wants_fetch() now and then, and tells it what came of it.
//
// Any thread may call anything. Keys that were handed out stay as they are.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/instant.h"
#include "server/jwks.h"

namespace tenure::server {

struct KeyCacheTimes {
    std::int64_t refresh_us = 600'000'000;  // after so long the keys are fetched again
    std::int64_t pause_us = 60'000'000;     // between two fetches, whatever the reason
};

struct KeyCacheState {
    std::optional<Instant> fetched_at{};  // the keys that are served; none yet: nothing is served
    std::uint64_t failures = 0;           // since then
    std::string failure{};                // the last of them
};

class KeyCache {
public:
    explicit KeyCache(KeyCacheTimes times = {}) : times_{times} {}

    // Null until the first fetch that brought some.
    std::shared_ptr<const KeySet> keys() const;

    // A token named a key that is not among them: perhaps there are new ones.
    void key_was_unknown();

    // True: fetch now, and call fetched(). Said to one caller only, and then not again for a pause,
    // so no number of tokens with invented key ids makes the issuer see more than that.
    bool wants_fetch(Instant now);

    // A failure leaves the keys as they were: the issuer's outage is not ours.
    void fetched(Result<KeySet> result, Instant now);

    KeyCacheState state() const;

private:
    const KeyCacheTimes times_;
    mutable std::mutex mutex_;
    std::shared_ptr<const KeySet> keys_;
    KeyCacheState state_;
    std::optional<Instant> last_fetch_;
    bool key_was_unknown_ = false;
};

}  // namespace tenure::server
