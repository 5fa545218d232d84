#pragma once
// Core: what the parts of an open store share. Private to node/.

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "log/event_log.h"
#include "node/authority.h"
#include "node/generations.h"
#include "node/node.h"
#include "node/store_lock.h"
#include "projection/index.h"

namespace tenure::node {

// Closed timestamps (docs/ARCHITECTURE.md, "Time"): what was answered about T is never contradicted
// by an event recorded at or before T. In memory for this run; durable (log: reserve_until) so that
// the next run keeps the promise, a little ahead where the store is written to so that not every
// question costs a write.
//
// A recording that is under way has chosen its instants and cannot be seen yet: nothing is promised
// from its first instant on until it can be. Writer and questions meet without a lock: the writer
// says from where on it records before it looks at what is closed, a question closes its instant
// before it looks at the recording; at least one of the two sees the other.
class ClosedTime {
public:
    // `closed`: up to then nothing can be recorded any more. `durable`: can keep promises of its
    // own.
    ClosedTime(log::EventLog& log, bool ahead, bool durable, Instant closed)
        : log_{log}, ahead_{ahead}, durable_{durable}, closed_{closed.us} {}

    // Nothing is promised any more that was not promised before.
    void freeze() { frozen_ = true; }

    Instant closed() const { return std::min(promised(), Instant{bound_.load()}); }

    // By this node, whoever may lead after it.
    Instant promised() const { return Instant{std::min(closed_.load(), recording_.load() - 1)}; }

    // Nothing after it is closed, before it is moved: that far those are bound too who may lead
    // next.
    void bound(Instant until) { bound_ = until.us; }

    // Promises that nothing will be recorded at or before t, if t <= now. Returns closed().
    Instant close(Instant t, Instant now, std::mutex& log_writes);

    // Of a copy: its source says that it has all that was recorded up to then.
    void told(Instant until);

    // Makes the durable promise longer when most of it has passed.
    void promise_ahead(Instant now, std::mutex& log_writes);

    // The writer's: the earliest instant the next event may be recorded at. From here on a
    // recording is under way, until everything recorded can be seen or was given up.
    Instant begin_recording(Instant now);

    // Of an earlier run, from `first` on: it is under way.
    void recording_since(Instant first) { recording_ = first.us; }

    void end_recording() { recording_ = none_us; }

private:
    static constexpr std::int64_t ahead_us = 1'000'000;
    static constexpr std::int64_t none_us = std::numeric_limits<std::int64_t>::max();
    log::EventLog& log_;
    bool ahead_;
    bool durable_;
    std::atomic<bool> frozen_{false};
    std::atomic<std::int64_t> closed_;
    std::atomic<std::int64_t> bound_{none_us};
    std::atomic<std::int64_t> recording_{none_us};  // first instant of the recording under way
};

// A recording is under way until end(), at the latest until this dies.
class RecordingTime {
public:
    explicit RecordingTime(ClosedTime& time) : time_{time} {}

    ~RecordingTime() { end(); }

    RecordingTime(const RecordingTime&) = delete;
    RecordingTime& operator=(const RecordingTime&) = delete;

    Instant next(Instant now) {
        begun_ = true;
        return time_.begin_recording(now);
    }

    // One that was under way before this was made.
    void goes_on() { begun_ = true; }

    void end() {
        if (begun_ && !settled_) time_.end_recording();
        settled_ = true;
    }

    // What was recorded will not be seen in this run: nothing is promised about its time any more.
    void never_end() { settled_ = true; }

private:
    ClosedTime& time_;
    bool begun_ = false;
    bool settled_ = false;
};

struct Core {
    std::string directory;
    Options options;
    Clock* clock = nullptr;
    Random* random = nullptr;
    Term term{1};  // of what is recorded here
    std::unique_ptr<StoreLock> lock;
    std::unique_ptr<log::EventLog> log;
    std::unique_ptr<Generations> generations;
    // Replaced by a rebuild; sessions notice by the number.
    std::shared_ptr<projection::Index> index;
    std::atomic<std::uint64_t> index_number{1};
    mutable std::mutex index_mutex;
    // What is recorded is committed when other nodes have it (docs/decisions/0008). Changed on the
    // writer thread.
    std::atomic<bool> needs_members{false};
    // Serialises everything that writes to the log's environment.
    std::mutex log_writes;
    std::unique_ptr<ClosedTime> closed_time;
    // A digest of the index is being made.
    std::atomic<bool> digesting{false};
    std::vector<std::string> repairs;
    // Set once writing has become impossible; says why.
    std::mutex broken_mutex;
    std::optional<Error> broken;
    // The writer thread's.
    bool index_changed = false;  // in this run
    Guardians guardians;

    std::shared_ptr<projection::Index> current_index() const {
        const std::lock_guard guard{index_mutex};
        return index;
    }

    std::optional<Error> why_broken() {
        const std::lock_guard guard{broken_mutex};
        return broken;
    }

    void break_down(Error error) {
        const std::lock_guard guard{broken_mutex};
        if (!broken) broken = std::move(error);
    }

    // Before the first change of the index in this run.
    Result<void> mark_in_use();
    // Refuses writes while the file system is nearly full.
    Result<void> check_disk() const;

    BuildLimits build_limits() const {
        return {options.index_map_bytes, options.rebuild_memory_bytes};
    }

    // Replaces the index by one built from the log.
    Result<void> rebuild_index();

    void report(std::string_view work, std::uint64_t done, std::uint64_t total) const {
        if (options.progress) options.progress(Progress{work, done, total});
    }
};

}  // namespace tenure::node
