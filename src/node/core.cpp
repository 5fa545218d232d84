#include "node/core.h"

#include <sys/statvfs.h>

#include <algorithm>

namespace tenure::node {

Instant ClosedTime::close(Instant t, Instant now, std::mutex& log_writes) {
    const Instant wanted = std::min(t, now);
    if (wanted.us <= closed_.load() || !durable_ || frozen_) return closed();
    if (wanted > log_.reserved_until()) {
        const std::lock_guard guard{log_writes};
        // A full or failing disk leaves the promise unmade: the answer is then not called final.
        const Instant bound = ahead_ ? std::max(wanted, now) + ahead_us : wanted;
        if (!log_.reserve_until(bound)) return closed();
    }
    told(wanted);
    return closed();
}

void ClosedTime::told(Instant until) {
    std::int64_t seen = closed_.load();
    while (seen < until.us && !closed_.compare_exchange_weak(seen, until.us)) {
    }
}

void ClosedTime::promise_ahead(Instant now, std::mutex& log_writes) {
    if (!durable_ || frozen_ || !ahead_ || now + ahead_us / 2 <= log_.reserved_until()) return;
    const std::lock_guard guard{log_writes};
    // If it cannot be kept, the next question finds out.
    const auto kept = log_.reserve_until(now + ahead_us);
    static_cast<void>(kept);
}

Instant ClosedTime::begin_recording(Instant now) {
    const std::int64_t last = log_.last_recorded_at().us;
    const bool begins = recording_.load() == none_us;
    // What is closed already stays so. The true first instant is known only once no question can
    // close it any more.
    if (begins) recording_ = std::max(last, closed_.load()) + 1;
    const std::int64_t first = std::max(now.us, std::max(last, closed_.load()) + 1);
    if (begins) recording_ = first;
    return Instant{first};
}

Result<void> Core::mark_in_use() {
    if (index_changed) return success();
    const std::lock_guard guard{log_writes};
    TRY(generations->mark_in_use());
    index_changed = true;
    return success();
}

Result<void> Core::check_disk() const {
    struct statvfs use {};

    if (::statvfs(directory.c_str(), &use) != 0) return success();
    const std::uint64_t free_bytes = std::uint64_t{use.f_bavail} * use.f_frsize;
    if (free_bytes >= options.disk_free_bytes_min) return success();
    return Error{Errc::storage_full,
                 "the file system of " + directory + " has " + std::to_string(free_bytes >> 20U) +
                     " MiB free; writes need at least " +
                     std::to_string(options.disk_free_bytes_min >> 20U) + " MiB"};
}

Result<void> Core::rebuild_index() {
    const std::uint64_t generation = generations->current() + 1;
    const Revision to = log->committed();
    TRY(auto built, build_index(generations->path(generation), *log, to, build_limits(),
                                [&](Revision done) { report("rebuild", done.value, to.value); }));
    TRY(built->environment().sync());
    {
        const std::lock_guard guard{log_writes};
        TRY(generations->switch_to(generation));
    }
    index_changed = true;
    const std::lock_guard guard{index_mutex};
    index = std::move(built);
    index_number.fetch_add(1, std::memory_order_release);
    return success();
}

}  // namespace tenure::node
