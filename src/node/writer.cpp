#include "node/writer.h"

#include <algorithm>
#include <cstring>
#include <future>

#include "base/text.h"
#include "codec/command_bytes.h"
#include "domain/decide.h"
#include "domain/limits.h"
#include "log/event_log.h"
#include "node/core.h"
#include "node/recording.h"

namespace tenure::node {
namespace {

Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span{text}); }

// Command ids are the tenant's own.
log::CommandKey key_of(const domain::Batch& batch) {
    const std::string& tenant = batch.commands.front().tenant;
    const log::Digest digest =
        log::sha256(bytes_of(std::to_string(tenant.size()) + ':' + tenant + batch.command_id));
    log::CommandKey key;
    std::memcpy(key.words.data(), digest.data(), sizeof key.words);
    return key;
}

struct KeyHash {
    std::size_t operator()(const log::CommandKey& key) const {
        return static_cast<std::size_t>(key.words[0]);
    }
};

// A command of the group that is being decided.
struct NewCommand {
    log::CommandRecord record;
    Instant recorded_at;
};

using NewCommands = std::unordered_map<log::CommandKey, NewCommand, KeyHash>;

// What became of one batch of the group that is being decided.
struct Outcome {
    std::optional<Result<Receipt>> answer;  // settled for good
    Receipt receipt;                        // if the group commits
};

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

Result<void> check_batch(const domain::Batch& batch) {
    using namespace domain::limits;
    if (batch.commands.empty()) return invalid("commands", "a batch needs at least one command");
    if (batch.commands.size() > batch_commands_max)
        return Error{Errc::limit_exceeded,
                     "a batch has " + std::to_string(batch.commands.size()) +
                         " commands; at most " + std::to_string(batch_commands_max) +
                         " are carried out together",
                     "commands"};
    if (batch.command_id.size() > command_id_length_max)
        return Error{Errc::limit_exceeded,
                     "a command id has at most " + std::to_string(command_id_length_max) + " bytes",
                     "commandId"};
    if (!valid_utf8(batch.command_id))
        return invalid("commandId", quoted(batch.command_id) + " is not UTF-8");
    for (std::size_t i = 0; i < batch.commands.size(); ++i) {
        auto form = domain::check_form(batch.commands[i]);
        if (form) continue;
        if (batch.commands.size() > 1)
            form.error().detail = "command " + std::to_string(i + 1) + ": " + form.error().detail;
        return form;
    }
    return success();
}

// The first answer again, or an error; nothing if the id is new.
std::optional<Result<Receipt>> repeated(const log::EventLog& log, const NewCommands& fresh,
                                        const log::CommandKey& key, const log::Digest& body_hash,
                                        const domain::Batch& batch) {
    const auto in_group = fresh.find(key);
    const auto record =
        in_group != fresh.end() ? std::optional{in_group->second.record} : log.find_command(key);
    if (!record) return std::nullopt;
    if (record->body_hash != body_hash)
        return Error{Errc::conflict,
                     "command id " + quoted(batch.command_id) +
                         " was used before for something else (revision " +
                         std::to_string(record->first.value) + ")",
                     "commandId"};
    const Revision last = record->last();
    if (in_group != fresh.end())
        return Receipt{record->first, last, in_group->second.recorded_at, true};
    Instant recorded_at;
    if (record->count > 0) {
        const auto entries = log.read(last, 1);
        if (entries && !entries.value().empty()) recorded_at = entries.value()[0].recorded_at;
    }
    return Receipt{record->first, last, recorded_at, true};
}

Result<void> check_tenant_at(domain::State& state, const domain::Batch& batch,
                             std::optional<Revision> expected, std::string_view field) {
    if (!expected) return success();
    const std::string& tenant = batch.commands.front().tenant;
    const auto known = state.tenant(tenant);
    const Revision actual = known ? known->last_revision : revision_none;
    if (actual == *expected) return success();
    return Error{Errc::conflict,
                 "tenant " + quoted(tenant) + " is at revision " + std::to_string(actual.value) +
                     ", not at " + std::to_string(expected->value) +
                     " as expected: read again and decide anew",
                 std::string(field)};
}

Result<void> check_expected(domain::State& state, const domain::Batch& batch, const Guard& guard) {
    if (guard.unmet) return *guard.unmet;
    TRY(check_tenant_at(state, batch, batch.expected_revision, "expectedRevision"));
    return check_tenant_at(state, batch, guard.tenant_at, "guard");
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

Result<void> Writer::submit(domain::Batch batch, Done done, Guard guard) {
    TRY(check_batch(batch));
    return enqueue({std::move(batch), std::move(done), std::move(guard), {}});
}

Result<void> Writer::run(std::function<Result<void>()> work) {
    std::promise<Result<void>> promise;
    auto future = promise.get_future();
    TRY(enqueue({{}, {}, {}, [&] { promise.set_value(work()); }}));
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
    if (batch.command_id.empty()) return why;
    const log::Digest body_hash = log::sha256(bytes_of(codec::canonical_bytes(batch)));
    auto first = repeated(*core_.log, {}, key_of(batch), body_hash, batch);
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
        std::vector<Waiting> refused;
        while (!held_up_.empty() && !queue_.empty() && !queue_.front().work) {
            refused.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        if (held_up_ == told && refused.empty()) {
            wake_.wait(guard);
            continue;
        }
        told = held_up_;
        meanwhile([&] {
            if (!told.empty()) late(Error{Errc::unavailable, told});
            for (const Waiting& each : refused)
                each.done(held_up_answer(each.batch, held_up_error(told)));
        });
    }
}

// Refusals neither stand before the group does: they may rest on what was recorded with them.
Writer::Ending Writer::confirm(std::vector<Waiting>& group, Revision last) {
    const auto not_known = [&](const Error& why) {
        const Error unknown = not_known_error(last, why);
        for (Waiting& waiting : group)
            if (waiting.done) std::exchange(waiting.done, {})(unknown);
    };
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
        std::vector<Waiting> group;
        std::function<void()> work;
        {
            std::unique_lock guard{mutex_};
            wake_.wait(guard, [&] { return stopping_ || !queue_.empty() || !posted_.empty(); });
            work = take_posted();
            if (!work && queue_.empty()) return;
            while (!work && !queue_.empty() && !queue_.front().work &&
                   group.size() < core_.options.group_commit_batches_max) {
                group.push_back(std::move(queue_.front()));
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
            commit_group(group);
    }
}

void Writer::commit_group(std::vector<Waiting>& group) {
    std::vector<Outcome> outcomes(group.size());
    std::vector<log::CommandKey> keys(group.size());
    std::vector<log::Digest> hashes(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (group[i].batch.command_id.empty()) continue;
        keys[i] = key_of(group[i].batch);
        hashes[i] = log::sha256(bytes_of(codec::canonical_bytes(group[i].batch)));
    }
    // Nothing of the group is kept. Refusals neither: they may rest on what is lost with it.
    RecordingTime time{*core_.closed_time};
    const auto answer_all = [&](const Error& error) {
        time.end();
        for (const Waiting& waiting : group) waiting.done(error);
    };
    if (const auto broken = core_.why_broken()) return answer_all(*broken);
    const bool needs_members = core_.needs_members;
    if (const auto held_up = why_held_up()) {
        for (const Waiting& waiting : group) waiting.done(held_up_answer(waiting.batch, *held_up));
        return;
    }
    if (const auto disk = core_.check_disk(); !disk) return answer_all(disk.error());
    if (const auto marked = core_.mark_in_use(); !marked) return answer_all(marked.error());

    const auto index = core_.current_index();
    const Instant started = core_.clock->now();
    std::optional<Committed> report;
    for (;;) {
        Recording recording{*index, core_.guardians, time.next(core_.clock->now()),
                            core_.log->last(), core_.term};
        NewCommands fresh;
        std::vector<log::NewCommand> commands;
        // A batch of several commands that is refused half way leaves its first events in the
        // transaction: then the group is decided again without it.
        bool again = false;
        for (std::size_t i = 0; i < group.size() && !again; ++i) {
            Outcome& outcome = outcomes[i];
            if (outcome.answer) continue;
            const domain::Batch& batch = group[i].batch;
            if (!batch.command_id.empty()) {
                auto first = repeated(*core_.log, fresh, keys[i], hashes[i], batch);
                if (first) {
                    // The first one of this group is not durable yet: both stand or fall together.
                    if (first->has_value() && fresh.contains(keys[i]))
                        outcome.receipt = first->value();
                    else
                        outcome.answer = std::move(first);
                    continue;
                }
            }
            const Revision before = recording.last();
            const Result<void> expected = check_expected(recording.state(), batch, group[i].guard);
            Result<void> decided = success();
            for (std::size_t c = 0; c < batch.commands.size() && decided; ++c) {
                decided = recording.record(batch.commands[c], batch.command_id);
                if (!decided && batch.commands.size() > 1)
                    decided.error().detail =
                        "command " + std::to_string(c + 1) + ": " + decided.error().detail;
            }
            if (decided) decided = recording.end_batch();
            // Who may not do it is not told how far the tenant has come.
            if (!expected && (decided || decided.error().code != Errc::forbidden))
                decided = expected.error();
            // A transaction that is full shows no rows: what was decided on it means nothing.
            if (recording.batch().failure()) return answer_all(*recording.batch().failure());
            if (!decided) {
                outcome.answer = std::move(decided.error());
                again = recording.last() != before;
                continue;
            }
            outcome.receipt = {next(before), recording.last(), recording.last_recorded_at(), false};
            if (!batch.command_id.empty()) {
                const log::CommandRecord record{hashes[i], next(before),
                                                recording.last().value - before.value};
                fresh.emplace(keys[i], NewCommand{record, outcome.receipt.recorded_at});
                commands.push_back({keys[i], record});
            }
        }
        if (again) continue;
        if (recording.entries().empty() && commands.empty()) break;
        const Instant decided_at = core_.clock->now();
        {
            const std::lock_guard guard{core_.log_writes};
            if (const auto appended =
                    core_.log->append(recording.entries(), commands, !needs_members);
                !appended)
                return answer_all(appended.error());
        }
        const Instant appended_at = core_.clock->now();
        if (needs_members && !recording.entries().empty() &&
            confirm(group, recording.last()) == Ending::given_up)
            return time.never_end();
        const Instant confirmed_at = core_.clock->now();
        if (const auto committed = recording.batch().commit(); !committed) {
            Error error = committed.error();
            error.detail =
                "recorded as revision " + std::to_string(recording.last().value) +
                ", but the index could not follow (it will at the next open): " + error.detail;
            core_.break_down(
                {error.code, "the index could not follow the log at revision " +
                                 std::to_string(recording.last().value) +
                                 "; nothing is written until the store is opened again"});
            time.never_end();
            // The log has it all, so what was refused was refused rightly.
            for (std::size_t i = 0; i < group.size(); ++i)
                if (group[i].done)
                    group[i].done(outcomes[i].answer ? std::move(*outcomes[i].answer) : error);
            return;
        }
        index->set_visible(recording.last());
        if (core_.options.committed) {
            const Instant end = core_.clock->now();
            report = Committed{recording.last(),
                               group.size(),
                               recording.entries().size(),
                               decided_at.us - started.us,
                               appended_at.us - decided_at.us,
                               confirmed_at.us - appended_at.us,
                               end.us - confirmed_at.us,
                               waiting()};
        }
        break;
    }
    time.end();  // before the answers: who got one may ask about now
    if (report) core_.options.committed(*report);
    for (std::size_t i = 0; i < group.size(); ++i)
        if (group[i].done)
            group[i].done(outcomes[i].answer ? std::move(*outcomes[i].answer)
                                             : outcomes[i].receipt);
}

}  // namespace tenure::node
