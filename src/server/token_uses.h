#pragma once
// TokenUses: when each token of the store was used last, at this server and since it started. Not
// an event: it is known here alone, to the second, and forgotten at a stop.
//
// Finding a token's place takes a lock and is done once for each place that keeps it; noting a use
// there is one store at most, and none within the same second.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.h"

namespace tenure::server {

class TokenUses {
public:
    // Microseconds of the second of the last use.
    using Place = std::atomic<std::int64_t>;

    // `tokens_max`: of how many it keeps the last use; of those that are used first.
    TokenUses(std::size_t tokens_max, Instant since) : tokens_max_{tokens_max}, since_{since} {}

    TokenUses(const TokenUses&) = delete;
    TokenUses& operator=(const TokenUses&) = delete;

    // Any thread, as all here. Lives as long as this; null: there are too many (token_uses_max).
    Place* place_of(std::string_view tenant, std::string_view token);

    // `place` may be null.
    static void note(Place* place, Instant now);

    // Nothing: not used since.
    std::optional<Instant> last_use(std::string_view tenant, std::string_view token) const;

    // Whether there were never too many: then who has no last use was not used.
    bool complete() const { return complete_.load(std::memory_order_relaxed); }

    // From when on uses are noted.
    Instant since() const { return since_; }

private:
    const std::size_t tokens_max_;
    const Instant since_;
    std::atomic<bool> complete_{true};
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Place> places_;  // by tenant and token; none is taken away
};

}  // namespace tenure::server
