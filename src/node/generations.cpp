#include "node/generations.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include "codec/event_codec.h"
#include "projection/bulk.h"
#include "projection/impossible_event.h"
#include "storage/boot_id.h"
#include "storage/damage.h"

namespace tenure::node {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view note_generation = "index-generation";
constexpr std::string_view note_use =
    "index-use";  // "in-use <boot id>", "clean <digest>" or "stale"
constexpr std::string_view use_stale = "stale";

// Events folded in one transaction: well below LMDB's limit of dirty pages.
constexpr std::uint64_t events_per_transaction = 4'096;

// Larger files are not read through at open; their rows' checksums and `verify` guard them.
constexpr std::uint64_t digest_bytes_max = std::uint64_t{256} << 20U;

// A quick digest of a whole file in four lanes; empty if it is too large or cannot be read.
std::string file_digest(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return {};
    std::array<std::uint64_t, 4> lanes{1, 2, 3, 4};
    std::vector<std::uint64_t> buffer(std::size_t{1} << 17U);
    std::uint64_t total = 0;
    for (;;) {
        const ssize_t got = ::read(file, buffer.data(), buffer.size() * sizeof(std::uint64_t));
        if (got <= 0) break;
        total += static_cast<std::uint64_t>(got);
        const std::size_t words = static_cast<std::size_t>(got) / sizeof(std::uint64_t);
        for (std::size_t i = 0; i + 4 <= words; i += 4)
            for (std::size_t lane = 0; lane < 4; ++lane) {
                lanes[lane] = (lanes[lane] ^ buffer[i + lane]) * 0xD6E8FEB86659FD93ULL;
                lanes[lane] ^= lanes[lane] >> 32U;
            }
        if (total > digest_bytes_max) break;
    }
    ::close(file);
    if (total > digest_bytes_max) return {};
    std::array<char, 80> text{};
    std::snprintf(
        text.data(), text.size(), "%016llx%016llx%016llx%016llx",
        static_cast<unsigned long long>(lanes[0]), static_cast<unsigned long long>(lanes[1]),
        static_cast<unsigned long long>(lanes[2]), static_cast<unsigned long long>(lanes[3]));
    return text.data();
}

}  // namespace

std::uint64_t Generations::current() const {
    const auto note = log_.note(note_generation);
    std::uint64_t generation = 0;
    if (note) std::from_chars(note->data(), note->data() + note->size(), generation);
    return generation;
}

std::string Generations::path(std::uint64_t generation) const {
    return directory_ + "/index-" + std::to_string(generation);
}

std::string Generations::distrust() const {
    if (const std::string what = storage::noted_damage(path(current())); !what.empty())
        return "it was found damaged: " + what;
    const std::string use = log_.note(note_use).value_or("");
    if (use.starts_with("in-use ")) {
        if (use.substr(7) != storage::boot_id()) return "the machine stopped uncleanly";
        return {};
    }
    if (use.starts_with("clean ") && use.size() > 6 &&
        use.substr(6) != file_digest(path(current()) + "/data.mdb"))
        return "its file is not what it was when it was closed";
    if (use == use_stale) return "it held events of an import that was not finished";
    if (!use.starts_with("clean ")) return "nothing says that it was ever whole";
    return {};
}

std::string Generations::distrust(const projection::Index& opened) const {
    if (log_.note(note_use).value_or("").starts_with("clean ")) return {};
    if (opened.environment().file_bytes() > digest_bytes_max) return {};
    const auto flaw = projection::first_flaw(opened);
    return flaw ? "it is damaged: " + *flaw : "";
}

Result<void> Generations::mark_in_use() {
    const std::string use = "in-use " + storage::boot_id();
    if (log_.note(note_use) == use) return success();
    return log_.set_note(note_use, use);
}

Result<void> Generations::mark_stale() { return log_.set_note(note_use, use_stale); }

Result<void> Generations::mark_clean() {
    return log_.set_note(note_use, "clean " + file_digest(path(current()) + "/data.mdb"));
}

Result<void> Generations::switch_to(std::uint64_t generation) {
    // In this order: the old index may be one that nobody should trust again.
    TRY(log_.set_note(note_generation, std::to_string(generation)));
    TRY(mark_in_use());
    remove_others();
    return success();
}

void Generations::remove_leftovers() const {
    remove_others();
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{directory_, error})
        if (entry.path().filename().string().starts_with("verify-")) {
            std::error_code ignored;
            fs::remove_all(entry.path(), ignored);
        }
}

void Generations::remove_others() const {
    const std::string keep = path(current());
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{directory_, error}) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("index-") && entry.path().string() != keep) {
            std::error_code ignored;
            fs::remove_all(entry.path(), ignored);
        }
    }
}

Result<domain::Event> event_of(const log::Entry& entry) {
    auto event = codec::decode_event(entry.body);
    if (!event)
        return Error{Errc::storage_too_new,
                     "the event at revision " + std::to_string(entry.revision.value) +
                         " cannot be read by this program: " + event.error().detail};
    event.value().revision = entry.revision;
    event.value().term = entry.term;
    event.value().recorded_at = entry.recorded_at;
    return event;
}

Result<std::vector<domain::Event>> events_of(std::span<const log::Entry> entries) {
    std::vector<domain::Event> events;
    events.reserve(entries.size());
    for (const log::Entry& entry : entries) {
        TRY(auto event, event_of(entry));
        events.push_back(std::move(event));
    }
    return events;
}

namespace {

Result<void> fold(projection::Folder& folder, const domain::Event& event) {
    try {
        folder.fold(event);
        return success();
    } catch (const projection::ImpossibleEvent& impossible) {
        return Error{Errc::storage_damaged,
                     "the event at revision " + std::to_string(event.revision.value) +
                         " cannot be after those before it: " + impossible.what() +
                         "; copy the log anew from another node, or restore a backup"};
    }
}

}  // namespace

Result<void> fold_into(projection::Index& index, std::span<const domain::Event> events) {
    while (!events.empty()) {
        const auto now = events.first(std::min<std::size_t>(events.size(), events_per_transaction));
        projection::IndexBatch batch{index};
        for (const domain::Event& event : now) {
            TRY(fold(batch.folder(), event));
        }
        TRY(batch.commit());
        events = events.subspan(now.size());
    }
    return success();
}

bool cheaper_anew(Revision applied, Revision to) {
    constexpr std::uint64_t events_min = 100'000;
    constexpr std::uint64_t part = 4;
    const std::uint64_t lacks = to.value - applied.value;
    return lacks > events_min && lacks > to.value / part;
}

Result<void> catch_up(projection::Index& index, const log::EventLog& log, Revision to,
                      const std::function<void(Revision)>& progress) {
    Revision done = index.applied();
    while (done < to) {
        TRY(const auto entries,
            log.read(next(done), std::min(events_per_transaction, to.value - done.value)));
        if (entries.empty())
            return Error{Errc::storage_damaged, "the log ends at revision " +
                                                    std::to_string(done.value) + " instead of " +
                                                    std::to_string(to.value)};
        TRY(const auto events, events_of({entries.begin(), entries.end()}));
        TRY(fold_into(index, events));
        done = entries[entries.size() - 1].revision;
        if (progress) progress(done);
    }
    return success();
}

namespace {

// Decoded events of a log, a run at a time, read ahead on a thread of its own.
class EventReader {
public:
    EventReader(const log::EventLog& log, Revision to)
        : log_{log}, to_{to}, thread_{[this] { read(); }} {}

    ~EventReader() {
        {
            const std::lock_guard guard{mutex_};
            stopped_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    EventReader(const EventReader&) = delete;
    EventReader& operator=(const EventReader&) = delete;

    // The next events in order; empty at the end.
    Result<std::vector<domain::Event>> take() {
        std::unique_lock guard{mutex_};
        changed_.wait(guard, [&] { return !runs_.empty(); });
        auto run = std::move(runs_.front());
        runs_.pop_front();
        guard.unlock();
        changed_.notify_all();
        return run;
    }

private:
    static constexpr std::size_t runs_ahead_max = 4;

    Result<std::vector<domain::Event>> read_run(Revision from) {
        if (from > to_) return std::vector<domain::Event>{};
        TRY(const auto entries,
            log_.read(from, std::min(events_per_transaction, to_.value - from.value + 1)));
        if (entries.empty())
            return Error{Errc::storage_damaged,
                         "the log ends before revision " + std::to_string(from.value)};
        return events_of({entries.begin(), entries.end()});
    }

    void read() {
        Revision at{1};
        for (bool more = true; more;) {
            auto run = read_run(at);
            more = run && !run.value().empty();
            if (more) at = next(run.value().back().revision);
            std::unique_lock guard{mutex_};
            changed_.wait(guard, [&] { return stopped_ || runs_.size() < runs_ahead_max; });
            if (stopped_) return;
            runs_.push_back(std::move(run));
            guard.unlock();
            changed_.notify_all();
        }
    }

    const log::EventLog& log_;
    Revision to_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Result<std::vector<domain::Event>>> runs_;
    bool stopped_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace

Result<std::unique_ptr<projection::Index>> build_index(
    const std::string& directory, const log::EventLog& log, Revision to, const BuildLimits& limits,
    const std::function<void(Revision)>& progress) {
    std::error_code ignored;
    fs::remove_all(directory, ignored);
    projection::IndexOptions options;
    options.map_bytes = limits.map_bytes;
    options.create = true;
    TRY(auto index, projection::Index::open(directory, log.id(), options));
    {
        projection::BulkRows rows;
        projection::WriterNames names{index->sip(), 0};
        projection::Folder folder{rows, names};
        EventReader reader{log, to};
        while (rows.bytes() < limits.memory_bytes) {
            TRY(const auto run, reader.take());
            if (run.empty()) break;
            for (const domain::Event& event : run) {
                TRY(fold(folder, event));
            }
            if (progress) progress(folder.applied());
        }
        folder.finish();
        TRY(rows.write(index->environment(), {}));
    }
    TRY(catch_up(*index, log, to, progress));
    index->set_visible(index->applied());
    return index;
}

}  // namespace tenure::node
