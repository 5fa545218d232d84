#include "server/token_uses.h"

#include <limits>

namespace tenure::server {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

std::string key_of(std::string_view tenant, std::string_view token) {
    std::string key{tenant};
    key += '\n';  // in no id
    key += token;
    return key;
}

}  // namespace

TokenUses::Place* TokenUses::place_of(std::string_view tenant, std::string_view token) {
    std::string key = key_of(tenant, token);
    const std::lock_guard guard{mutex_};
    const auto known = places_.find(key);
    if (known != places_.end()) return &known->second;
    if (places_.size() >= tokens_max_) {
        complete_ = false;
        return nullptr;
    }
    return &places_.try_emplace(std::move(key), never).first->second;
}

void TokenUses::note(Place* place, Instant now) {
    if (place == nullptr) return;
    const std::int64_t second = now.us - now.us % second_us;
    // Uses come nearly in order; one that comes late is at most as wrong as threads are apart.
    if (place->load(std::memory_order_relaxed) != second)
        place->store(second, std::memory_order_relaxed);
}

std::optional<Instant> TokenUses::last_use(std::string_view tenant, std::string_view token) const {
    const std::string key = key_of(tenant, token);
    const std::lock_guard guard{mutex_};
    const auto known = places_.find(key);
    if (known == places_.end()) return std::nullopt;
    const std::int64_t us = known->second.load(std::memory_order_relaxed);
    if (us == never) return std::nullopt;
    return Instant{us};
}

}  // namespace tenure::server
