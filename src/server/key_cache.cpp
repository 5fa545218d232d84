#include "server/key_cache.h"

namespace tenure::server {
namespace {

// A clock that was set back ends every wait, rather than making it longer.
bool has_passed(std::int64_t us, Instant since, Instant now) {
    return now < since || now.us - since.us >= us;
}

}  // namespace

std::shared_ptr<const KeySet> KeyCache::keys() const {
    const std::lock_guard guard{mutex_};
    return keys_;
}

void KeyCache::key_was_unknown() {
    const std::lock_guard guard{mutex_};
    key_was_unknown_ = true;
}

bool KeyCache::wants_fetch(Instant now) {
    const std::lock_guard guard{mutex_};
    if (last_fetch_ && !has_passed(times_.pause_us, *last_fetch_, now)) return false;
    const bool due = !keys_ || key_was_unknown_ || state_.failures > 0 ||
                     has_passed(times_.refresh_us, *state_.fetched_at, now);
    if (!due) return false;
    last_fetch_ = now;
    key_was_unknown_ = false;
    return true;
}

void KeyCache::fetched(Result<KeySet> result, Instant now) {
    std::shared_ptr<const KeySet> old;  // freed without the lock
    std::shared_ptr<const KeySet> fresh;
    if (result) fresh = std::make_shared<const KeySet>(std::move(result.value()));
    const std::lock_guard guard{mutex_};
    if (fresh) {
        old = std::exchange(keys_, std::move(fresh));
        state_ = {.fetched_at = now};
        return;
    }
    ++state_.failures;
    state_.failure = std::move(result.error().detail);
}

KeyCacheState KeyCache::state() const {
    const std::lock_guard guard{mutex_};
    return state_;
}

}  // namespace tenure::server
