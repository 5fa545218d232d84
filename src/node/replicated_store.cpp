#include "node/replicated_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <span>
#include <string_view>

#include "base/invariant.h"
#include "node/copy_notes.h"
#include "node/core.h"
#include "node/maintenance.h"
#include "node/writer.h"

namespace tenure::node {
namespace {

// How long a copy that is kept busy may show an old state.
constexpr std::int64_t settle_us_max = 50'000;
// Of events that are decoded and not folded yet, as stored; and one run beside them.
constexpr std::size_t ahead_bytes_max = std::size_t{4} << 20U;
// Of one frame of replication, about.
constexpr std::uint64_t run_bytes_max = std::uint64_t{1} << 18U;

replication::RunCommand sent(const log::NewCommand& command) {
    return {command.key.words, command.record.body_hash, command.record.first,
            command.record.count};
}

log::NewCommand kept(const replication::RunCommand& command) {
    return {{command.key}, {command.body_hash, command.first, command.count}};
}

log::StoredRun stored_run(const replication::Run& run) {
    log::StoredRun stored;
    stored.before = run.before.revision;
    stored.last = run.last;
    stored.term = run.terms.empty() ? run.before.term : run.terms.back().term;
    stored.words = run.content->words;
    stored.root = run.root;
    for (const replication::RunCommand& command : run.content->commands)
        stored.commands.push_back(kept(command));
    return stored;
}

// What a copy keeps it must be able to fold, now and whenever it is opened.
Result<std::vector<domain::Event>> events_in(const log::StoredRun& run) {
    TRY(const auto entries, log::entries_of(run));
    auto events = events_of(entries);
    if (!events) events.error().field = "run";
    return events;
}

// Of a file of entries that are not in the log.
std::string name_aside(std::string_view why, Revision first, Revision last) {
    return std::string(why) + '-' + std::to_string(first.value) + '-' + std::to_string(last.value);
}

void write_words(std::ofstream& file, const std::vector<std::uint64_t>& words) {
    file.write(reinterpret_cast<const char*>(words.data()),
               static_cast<std::streamsize>(words.size() * sizeof(std::uint64_t)));
}

}  // namespace

bool ReplicatedStore::copies() const { return core_.options.copies; }

log::LogId ReplicatedStore::log_id() const { return core_.log->id(); }

Instant ReplicatedStore::created_at() const { return core_.log->created_at(); }

Result<Term> ReplicatedStore::term() const {
    if (copies()) return known_term(*core_.log);
    return core_.term;
}

Instant ReplicatedStore::reserved_until() const { return core_.log->reserved_until(); }

Instant ReplicatedStore::last_recorded_at() const { return core_.log->last_recorded_at(); }

Result<replication::StoreId> ReplicatedStore::store_id(const std::string& node) {
    const std::lock_guard guard{core_.log_writes};
    return node::store_id(*core_.log, node, *core_.random);
}

Revision ReplicatedStore::last() const {
    return copies() || needs_members() ? core_.log->last() : core_.log->committed();
}

Revision ReplicatedStore::committed() const { return core_.log->committed(); }

Revision ReplicatedStore::applied() const { return core_.current_index()->visible(); }

std::vector<replication::TermStart> ReplicatedStore::terms(Revision up_to) const {
    std::vector<replication::TermStart> all;
    for (const log::TermStart& start : core_.log->terms())
        if (start.first <= up_to) all.push_back({start.term, start.first});
    return all;
}

replication::Root ReplicatedStore::root(Revision size) const {
    // Nothing is cut meanwhile.
    const std::lock_guard guard{core_.log_writes};
    if (size > core_.log->last()) return {};
    return core_.log->root(size.value);
}

Result<replication::Run> ReplicatedStore::read_run(Revision from) const {
    TRY(auto stored, core_.log->read_run(from, last(), run_bytes_max));
    replication::Run run;
    const auto all = terms(stored.last);
    run.before = {replication::term_at(all, stored.before), stored.before};
    run.last = stored.last;
    for (const replication::TermStart& start : all)
        if (start.first > stored.before) run.terms.push_back(start);
    run.root = stored.root;
    auto content = std::make_shared<replication::RunContent>();
    content->words = std::move(stored.words);
    for (const log::NewCommand& command : stored.commands)
        content->commands.push_back(sent(command));
    run.content = std::move(content);
    return run;
}

Instant ReplicatedStore::close_now() {
    const Instant now = core_.clock->now();
    core_.closed_time->close(now, now, core_.log_writes);
    return core_.closed_time->promised();
}

void ReplicatedStore::bound_closed(Instant until) { core_.closed_time->bound(until); }

bool ReplicatedStore::needs_members() const { return core_.needs_members; }

Result<std::vector<replication::Member>> ReplicatedStore::members() const {
    return node::members(*core_.log);
}

void ReplicatedStore::need_members(Done done) {
    later(
        [this]() -> Result<void> {
            core_.needs_members = true;
            return success();
        },
        std::move(done));
}

void ReplicatedStore::keep_members(std::vector<replication::Member> members, Done done) {
    later(
        [this, members = std::move(members)]() -> Result<void> {
            const std::lock_guard guard{core_.log_writes};
            if (!members.empty()) return node::keep_members(*core_.log, members);
            TRY(forget_members(*core_.log));
            core_.needs_members = false;
            return success();
        },
        std::move(done));
}

Instant ReplicatedStore::closed() const { return core_.closed_time->closed(); }

void ReplicatedStore::confirmed(Revision to) { writer_->confirmed(to); }

void ReplicatedStore::keep_confirmed() {
    later(
        [this]() -> Result<void> {
            const std::lock_guard guard{core_.log_writes};
            return core_.log->commit_to(core_.log->committed());
        },
        {});
}

void ReplicatedStore::hold_up(std::string why) { writer_->hold_up(std::move(why)); }

void ReplicatedStore::on_in_flight(std::function<void()> in_flight) {
    later(
        [this, in_flight = std::move(in_flight)]() mutable -> Result<void> {
            writer_->on_in_flight(std::move(in_flight));
            return success();
        },
        {});
}

void ReplicatedStore::later(std::function<Result<void>()> work, Done done, When when) {
    INVARIANT(writer_ != nullptr);
    auto all = [this, work = std::move(work), done = std::move(done), when] {
        Result<void> result = success();
        const auto broken = core_.why_broken();
        if (broken && when == When::sound)
            result = *broken;
        else
            result = work();
        if (done) done(std::move(result));
        settle();
    };
    // A store that stops needs no more of it.
    const auto queued = writer_->post(std::move(all));
    static_cast<void>(queued);
}

void ReplicatedStore::detach() {
    if (writer_ == nullptr) return;
    std::promise<void> last;
    const auto queued = writer_->post([this, &last] {
        on_applied_ = nullptr;
        on_closed_ = nullptr;
        writer_->on_in_flight({});
        last.set_value();
    });
    // A writer that has stopped has done all it was asked for.
    if (queued) last.get_future().wait();
}

void ReplicatedStore::keep_term(Term term, Done done) {
    later(
        [this, term]() -> Result<void> {
            const std::lock_guard guard{core_.log_writes};
            return node::keep_term(*core_.log, term);
        },
        std::move(done), When::always);
}

void ReplicatedStore::append(replication::Run run, Done done) {
    // Here, beside what the writer thread does.
    log::StoredRun stored = stored_run(run);
    auto events = events_in(stored);
    later(
        [this, stored = std::move(stored), events = std::move(events)]() mutable -> Result<void> {
            // One before it could not be written.
            if (stored.before != core_.log->last())
                return Error{Errc::unavailable, "the entries before these are not here"};
            if (!events) {
                // What is not even of this log says less by what it cannot be read as.
                const std::lock_guard guard{core_.log_writes};
                const auto of_log = core_.log->check_run(stored);
                return with_evidence(of_log ? events.error() : of_log.error(), stored);
            }
            const Instant at = events.value().front().recorded_at;
            if (at > core_.log->last_recorded_at() && at <= closed())
                return with_evidence(
                    invalid("run", "revision " + std::to_string(next(stored.before).value) +
                                       " was recorded at " + format_instant(at) +
                                       ", but what was so up to " + format_instant(closed()) +
                                       " has been called final here"),
                    stored);
            TRY(core_.check_disk());
            const auto kept = [&]() -> Result<Revision> {
                const std::lock_guard guard{core_.log_writes};
                return core_.log->append_run(stored, std::max(to_commit_, core_.log->committed()));
            }();
            if (kept) {
                keep_ahead(std::move(events.value()), stored.words.size() * sizeof(std::uint64_t));
                return success();
            }
            return kept.error().field == "run" ? with_evidence(kept.error(), stored) : kept.error();
        },
        std::move(done));
}

// For whoever has to find out what happened. The error says where.
Error ReplicatedStore::with_evidence(Error why, const log::StoredRun& run) const {
    const std::string name = name_aside("refused", next(run.before), run.last);
    const auto kept = keep_aside(name, [&](std::ofstream& file) -> Result<void> {
        write_words(file, run.words);
        return success();
    });
    why.detail += kept ? "; what came is in " + name : "; what came could not be kept";
    return why;
}

void ReplicatedStore::commit(Revision to, bool behind) {
    later(
        [this, to, behind]() -> Result<void> {
            INVARIANT(to <= core_.log->last());
            to_commit_ = std::max(to_commit_, to);
            behind_ = behind;
            return success();
        },
        {});
}

void ReplicatedStore::cut(Revision to, Done done) {
    later(
        [this, to]() -> Result<void> {
            const Revision last = core_.log->last();
            if (to == last) return success();
            TRY(keep_aside(cut_name(next(to), last), [&](std::ofstream& file) -> Result<void> {
                for (Revision at = next(to); at <= last;) {
                    TRY(const auto run, core_.log->read_run(at, last, run_bytes_max));
                    write_words(file, run.words);
                    at = next(run.last);
                }
                return success();
            }));
            const std::lock_guard guard{core_.log_writes};
            TRY(core_.log->discard_above(to));
            std::erase_if(events_ahead_,
                          [&](const domain::Event& event) { return event.revision > to; });
            return success();
        },
        std::move(done));
}

void ReplicatedStore::reserve(Instant until, Done done) {
    later(
        [this, until]() -> Result<void> {
            const std::lock_guard guard{core_.log_writes};
            return core_.log->reserve_until(until);
        },
        std::move(done));
}

void ReplicatedStore::close_time(Instant until) {
    later(
        [this, until]() -> Result<void> {
            to_close_ = std::max(to_close_, until);
            return success();
        },
        {});
}

void ReplicatedStore::step_down(const std::string& reason) {
    // First: what is answered from now on is not called final for what the new leader may record.
    core_.closed_time->freeze();
    core_.break_down(Error{Errc::unavailable, reason});
    writer_->look_again();
}

std::string ReplicatedStore::cut_name(Revision first, Revision last) {
    return name_aside("cut", first, last);
}

Result<void> ReplicatedStore::keep_aside(
    const std::string& name, const std::function<Result<void>(std::ofstream&)>& write) const {
    const std::string path = core_.directory + '/' + name;
    // Under its name only once it is whole: an earlier one stays as long.
    const std::string part = path + ".part";
    std::ofstream file{part, std::ios::binary};
    Result<void> kept = write(file);
    file.close();
    if (kept && !file) kept = Error{Errc::storage_full, "cannot write " + part};
    if (kept) kept = sync_path(part);
    std::error_code failed;
    if (kept) std::filesystem::rename(part, path, failed);
    if (kept && failed)
        kept = Error{Errc::storage_failed, "cannot rename " + part + ": " + failed.message()};
    if (kept) return sync_path(core_.directory);
    std::filesystem::remove(part, failed);
    return kept;
}

void ReplicatedStore::settle() {
    // A leader's writer commits and folds itself.
    if (!copies() || core_.why_broken()) return;
    // While more and more comes, now and then all the same.
    const Instant now = core_.clock->now();
    if (writer_->waiting() > 0 && now < settled_at_ + settle_us_max && now >= settled_at_) return;
    settled_at_ = now;
    if (to_commit_ > core_.log->committed()) core_.log->confirm(to_commit_);
    if (behind_) return;
    if (const auto folded = fold(); !folded) {
        core_.break_down({folded.error().code,
                          "the index could not follow the log; nothing is applied until the store "
                          "is opened again: " +
                              folded.error().detail});
        return;
    }
    // What was committed when it was promised is visible now.
    if (core_.current_index()->visible() < to_commit_) return;
    const Instant before = closed();
    core_.closed_time->told(to_close_);
    if (on_closed_ && closed() > before) on_closed_();
}

void ReplicatedStore::keep_ahead(std::vector<domain::Event> events, std::size_t bytes) {
    if (events_ahead_.empty() || ahead_bytes_ > ahead_bytes_max) {
        events_ahead_.clear();
        ahead_bytes_ = 0;
    }
    ahead_bytes_ += bytes;
    std::ranges::move(events, std::back_inserter(events_ahead_));
}

Result<void> ReplicatedStore::fold_events_ahead(projection::Index& index, Revision to) {
    const auto after = [&](Revision revision) {
        return std::ranges::upper_bound(events_ahead_, revision, {}, &domain::Event::revision);
    };
    const std::span<const domain::Event> events{after(index.applied()), after(to)};
    if (!events.empty() && events.front().revision == next(index.applied())) {
        TRY(fold_into(index, events));
    }
    events_ahead_.erase(events_ahead_.begin(), after(to));
    return success();
}

Result<void> ReplicatedStore::fold() {
    const auto index = core_.current_index();
    const Revision to = core_.log->committed();
    const std::uint64_t lacks = to.value - index->applied().value;
    if (lacks == 0) return success();
    const Instant started = core_.clock->now();
    if (cheaper_anew(index->applied(), to)) {
        events_ahead_.clear();
        TRY(core_.rebuild_index());
    } else {
        TRY(core_.mark_in_use());
        TRY(fold_events_ahead(*index, to));
        TRY(catch_up(*index, *core_.log, to, {}));
        index->set_visible(to);
    }
    Committed report;
    report.last = to;
    report.events = lacks;
    report.index_us = core_.clock->now().us - started.us;
    if (core_.options.committed) core_.options.committed(report);
    if (on_applied_) on_applied_(to);
    return success();
}

}  // namespace tenure::node
