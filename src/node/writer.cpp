#include "node/writer.h"

#include <algorithm>
#include <future>

#include "log/event_log.h"
#include "node/core.h"
#include "node/recording.h"

namespace tenure::node {
namespace {

Error stopping_error() { return Error{Errc::unavailable, "the store is stopping"}; }

// Whether it has been recorded up to there for good is not decided.
Error not_known_error(Revision last, const Error& why) {
    return Error{Errc::unavailable, "recorded up to revision " + std::to_string(last.value) +
                                        ", but whether it stands is not known yet: " + why.detail +
                                        "; repeat it with the same command id to find out"};
}

Error held_up_error(const std::string& why) {
    return Error{Errc::unavailable, "nothing can be recorded now: " + why};
}

}  // namespace

Writer::Writer(Core& core)
    : core_{core},
      held_up_{core.needs_members ? "the members have not been looked for yet" : ""},
      thread_{[this] { loop(); }} {}

Writer::~Writer() { stop(); }

Result<void> Writer::enqueue(Waiting waiting) {
    {
        const std::lock_guard guard{mutex_};
        if (stopping_) return stopping_error();
        if (queue_.size() >= core_.options.writer_queue_batches_max)
            return Error{Errc::unavailable, "too many commands are waiting to be written"};
        queue_.push_back(std::move(waiting));
        // Its turn comes after what is in flight.
        if (confirming_ && held_up_.empty()) return success();
    }
    wake_.notify_one();
    return success();
}

std::function<void()> Writer::take_posted() {
    if (posted_.empty()) return {};
    auto work = std::move(posted_.front());
    posted_.pop_front();
    return work;
}

Result<void> Writer::submit(Submission submission) {
    TRY(check_batch(submission.batch));
    return enqueue({std::move(submission), {}});
}

Result<void> Writer::run(std::function<Result<void>()> work) {
    std::promise<Result<void>> promise;
    auto future = promise.get_future();
    TRY(enqueue({{}, [&] { promise.set_value(work()); }}));
    return future.get();
}

Result<void> Writer::post(std::function<void()> work) {
    {
        const std::lock_guard guard{mutex_};
        if (stopping_) return stopping_error();
        posted_.push_back(std::move(work));
    }
    wake_.notify_one();
    return success();
}

void Writer::confirmed(Revision to) {
    {
        const std::lock_guard guard{mutex_};
        confirmed_ = std::max(confirmed_, to);
    }
    wake_.notify_one();
}

void Writer::hold_up(std::string why) {
    {
        const std::lock_guard guard{mutex_};
        held_up_ = std::move(why);
    }
    wake_.notify_one();
}

void Writer::look_again() {
    // Who looks holds it.
    { const std::lock_guard guard{mutex_}; }
    wake_.notify_one();
}

std::optional<Error> Writer::why_held_up() {
    const std::lock_guard guard{mutex_};
    if (given_up_) return stopping_error();
    if (!core_.needs_members) return std::nullopt;
    if (stopping_) return stopping_error();
    if (held_up_.empty()) return std::nullopt;
    return held_up_error(held_up_);
}

Result<Receipt> Writer::held_up_answer(const domain::Batch& batch, const Error& why) const {
    auto first = first_answer(*core_.log, batch);
    if (!first) return why;
    if (*first && first->value().last > core_.log->committed())
        return not_known_error(first->value().last, why);
    return std::move(*first);
}

Writer::Ending Writer::await_confirmed(Revision last,
                                       const std::function<void(const Error&)>& late) {
    std::unique_lock guard{mutex_};
    confirming_ = true;
    std::string told;
    const auto ended = [&](Ending ending) {
        confirming_ = false;
        given_up_ = ending == Ending::given_up;
        return ending;
    };
    const auto meanwhile = [&](const auto& work) {
        guard.unlock();
        work();
        guard.lock();
    };
    for (;;) {
        if (confirmed_ >= last) return ended(Ending::confirmed);
        if (stopping_ || core_.why_broken()) return ended(Ending::given_up);
        if (const auto work = take_posted()) {
            meanwhile(work);
            continue;
        }
        std::vector<Submission> refused;
        while (!held_up_.empty() && !queue_.empty() && !queue_.front().work) {
            refused.push_back(std::move(queue_.front().submission));
            queue_.pop_front();
        }
        if (held_up_ == told && refused.empty()) {
            wake_.wait(guard);
            continue;
        }
        told = held_up_;
        meanwhile([&] {
            if (!told.empty()) late(Error{Errc::unavailable, told});
            for (const Submission& each : refused)
                each.done(held_up_answer(each.batch, held_up_error(told)));
        });
    }
}

// Refusals neither stand before the group does: they may rest on what was recorded with them.
Writer::Ending Writer::confirm(BatchGroup& group, Revision last) {
    const auto not_known = [&](const Error& why) { group.answer_all(not_known_error(last, why)); };
    if (in_flight_) in_flight_();
    const Ending ending = await_confirmed(last, not_known);
    if (ending == Ending::confirmed)
        core_.log->confirm(last);
    else
        not_known(core_.why_broken().value_or(stopping_error()));
    return ending;
}

void Writer::commit_tail() {
    const Revision committed = core_.log->committed();
    const Revision last = core_.log->last();
    if (!core_.needs_members || committed == last) return;
    RecordingTime time{*core_.closed_time};
    time.goes_on();
    if (await_confirmed(last, [](const Error&) {}) == Ending::given_up) return time.never_end();
    core_.log->confirm(last);
    Result<void> done = core_.mark_in_use();
    if (done) done = catch_up(*core_.current_index(), *core_.log, last, {});
    if (!done) {
        time.never_end();
        return core_.break_down({done.error().code,
                                 "what was in flight when the store was closed could not be "
                                 "finished: " +
                                     done.error().detail});
    }
    core_.current_index()->set_visible(last);
    time.end();
    Committed report;
    report.last = last;
    report.events = last.value - committed.value;
    if (core_.options.committed) core_.options.committed(report);
}

void Writer::stop() {
    {
        const std::lock_guard guard{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

std::size_t Writer::waiting() {
    const std::lock_guard guard{mutex_};
    return queue_.size() + posted_.size();
}

void Writer::loop() {
    commit_tail();
    for (;;) {
        std::vector<Submission> group;
        std::function<void()> work;
        {
            std::unique_lock guard{mutex_};
            wake_.wait(guard, [&] { return stopping_ || !queue_.empty() || !posted_.empty(); });
            work = take_posted();
            if (!work && queue_.empty()) return;
            while (!work && !queue_.empty() && !queue_.front().work &&
                   group.size() < core_.options.group_commit_batches_max) {
                group.push_back(std::move(queue_.front().submission));
                queue_.pop_front();
            }
            if (!work && group.empty()) {
                work = std::move(queue_.front().work);
                queue_.pop_front();
            }
        }
        if (work)
            work();
        else
            commit_group(std::move(group));
    }
}

bool Writer::may_commit(std::vector<Submission>& submissions) {
    const auto refuse = [&](const Error& why) {
        for (Submission& each : submissions) each.done(why);
        return false;
    };
    if (const auto broken = core_.why_broken()) return refuse(*broken);
    if (const auto held_up = why_held_up()) {
        for (Submission& each : submissions) each.done(held_up_answer(each.batch, *held_up));
        return false;
    }
    if (const auto disk = core_.check_disk(); !disk) return refuse(disk.error());
    if (const auto marked = core_.mark_in_use(); !marked) return refuse(marked.error());
    return true;
}

void Writer::commit_group(std::vector<Submission> submissions) {
    if (!may_commit(submissions)) return;
    BatchGroup group{std::move(submissions)};
    RecordingTime time{*core_.closed_time};
    const auto index = core_.current_index();
    const Instant started = core_.clock->now();
    std::optional<Committed> report;
    for (bool decided = false; !decided;) {
        Recording recording{*index, core_.guardians, time.next(core_.clock->now()),
                            core_.log->last(), core_.term};
        decided = group.decide(recording, *core_.log);
        if (const auto full = recording.batch().failure()) {
            time.end();
            return group.answer_all(*full);
        }
        if (!decided || (recording.entries().empty() && group.commands().empty())) continue;
        report = store(group, recording, time, started);
        if (!report) return;
    }
    time.end();  // before the answers: who got one may ask about now
    if (report && core_.options.committed) core_.options.committed(*report);
    group.answer();
}

std::optional<Committed> Writer::store(BatchGroup& group, Recording& recording, RecordingTime& time,
                                       Instant started) {
    const bool needs_members = core_.needs_members;
    const Revision last = recording.last();
    const Instant decided_at = core_.clock->now();
    Result<Revision> appended = last;
    {
        const std::lock_guard guard{core_.log_writes};
        appended = core_.log->append(recording.entries(), group.commands(), !needs_members);
    }
    if (!appended) {
        time.end();
        group.answer_all(appended.error());
        return std::nullopt;
    }
    const Instant appended_at = core_.clock->now();
    if (needs_members && !recording.entries().empty() && confirm(group, last) == Ending::given_up) {
        time.never_end();
        return std::nullopt;
    }
    const Instant confirmed_at = core_.clock->now();
    if (const auto folded = recording.batch().commit(); !folded) {
        const std::string at = std::to_string(last.value);
        Error error = folded.error();
        error.detail =
            "recorded as revision " + at +
            ", but the index could not follow (it will at the next open): " + error.detail;
        core_.break_down({error.code, "the index could not follow the log at revision " + at +
                                          "; nothing is written until the store is opened again"});
        time.never_end();
        // The log has it all, so what was refused was refused rightly.
        group.answer_unless_refused(error);
        return std::nullopt;
    }
    core_.current_index()->set_visible(last);
    return Committed{last,
                     group.size(),
                     recording.entries().size(),
                     decided_at.us - started.us,
                     appended_at.us - decided_at.us,
                     confirmed_at.us - appended_at.us,
                     core_.clock->now().us - confirmed_at.us,
                     waiting()};
}

}  // namespace tenure::node
