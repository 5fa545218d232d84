#include "node/batch_group.h"

#include <cstring>
#include <span>
#include <utility>

#include "base/text.h"
#include "codec/command_bytes.h"
#include "domain/decide.h"
#include "domain/limits.h"
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

log::Digest body_hash_of(const domain::Batch& batch) {
    return log::sha256(bytes_of(codec::canonical_bytes(batch)));
}

Result<void> check_same(const log::CommandRecord& record, const log::Digest& body_hash,
                        const domain::Batch& batch) {
    if (record.body_hash == body_hash) return success();
    return Error{Errc::conflict,
                 "command id " + quoted(batch.command_id) +
                     " was used before for something else (revision " +
                     std::to_string(record.first.value) + ")",
                 "commandId"};
}

std::optional<Result<Receipt>> first_answer(const log::EventLog& log, const log::CommandKey& key,
                                            const log::Digest& body_hash,
                                            const domain::Batch& batch) {
    const auto record = log.find_command(key);
    if (!record) return std::nullopt;
    if (const auto same = check_same(*record, body_hash, batch); !same) return same.error();
    Instant recorded_at;
    if (record->count > 0) {
        const auto entries = log.read(record->last(), 1);
        if (entries && !entries.value().empty()) recorded_at = entries.value()[0].recorded_at;
    }
    return Receipt{record->first, record->last(), recorded_at, true};
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

// One command after the other until one is refused; of several, the error says which.
template <class Take>
Result<void> take_each(const domain::Batch& batch, Take take) {
    for (std::size_t i = 0; i < batch.commands.size(); ++i) {
        Result<void> taken = take(batch.commands[i]);
        if (taken) continue;
        if (batch.commands.size() > 1)
            taken.error().detail = "command " + std::to_string(i + 1) + ": " + taken.error().detail;
        return taken;
    }
    return success();
}

Result<void> record_commands(Recording& recording, const domain::Batch& batch) {
    TRY(take_each(batch, [&](const domain::Command& command) {
        return recording.record(command, batch.command_id);
    }));
    return recording.end_batch();
}

Result<void> record_batch(Recording& recording, const domain::Batch& batch, const Guard& guard) {
    // Looked at first, and told last: who may not do it is not told how far the tenant has come.
    const Result<void> expected = check_expected(recording.state(), batch, guard);
    const Result<void> recorded = record_commands(recording, batch);
    if (!expected && (recorded || recorded.error().code != Errc::forbidden)) return expected;
    return recorded;
}

}  // namespace

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
    return take_each(batch,
                     [](const domain::Command& command) { return domain::check_form(command); });
}

std::optional<Result<Receipt>> first_answer(const log::EventLog& log, const domain::Batch& batch) {
    if (batch.command_id.empty()) return std::nullopt;
    return first_answer(log, key_of(batch), body_hash_of(batch), batch);
}

BatchGroup::BatchGroup(std::vector<Submission> submissions) {
    parts_.reserve(submissions.size());
    for (Submission& each : submissions) {
        Part& part = parts_.emplace_back(Part{std::move(each)});
        const domain::Batch& batch = part.submission.batch;
        if (batch.command_id.empty()) continue;
        part.key = key_of(batch);
        part.body_hash = body_hash_of(batch);
    }
}

bool BatchGroup::repeats(Part& part, const log::EventLog& log) {
    const domain::Batch& batch = part.submission.batch;
    if (batch.command_id.empty()) return false;
    const auto found = fresh_.find(part.key);
    if (found == fresh_.end()) {
        part.settled = first_answer(log, part.key, part.body_hash, batch);
        return part.settled.has_value();
    }
    // The first one is not durable yet: both stand or fall together.
    const auto& [record, recorded_at] = found->second;
    if (const auto same = check_same(record, part.body_hash, batch); same)
        part.receipt = {record.first, record.last(), recorded_at, true};
    else
        part.settled = same.error();
    return true;
}

bool BatchGroup::decide(Recording& recording, const log::EventLog& log) {
    fresh_.clear();
    commands_.clear();
    for (Part& part : parts_) {
        if (part.settled || repeats(part, log)) continue;
        const domain::Batch& batch = part.submission.batch;
        const Revision before = recording.last();
        const auto recorded = record_batch(recording, batch, part.submission.guard);
        // A transaction that is full shows no rows: what was decided on it means nothing.
        if (recording.batch().failure()) return false;
        if (!recorded) {
            part.settled = recorded.error();
            if (recording.last() != before) return false;
            continue;
        }
        part.receipt = {next(before), recording.last(), recording.last_recorded_at(), false};
        if (batch.command_id.empty()) continue;
        const log::CommandRecord record{part.body_hash, next(before),
                                        recording.last().value - before.value};
        fresh_.emplace(part.key, Fresh{record, part.receipt.recorded_at});
        commands_.push_back({part.key, record});
    }
    return true;
}

template <class Outcome>
void BatchGroup::tell(Outcome outcome_of) {
    for (Part& part : parts_)
        if (const auto done = std::exchange(part.submission.done, {})) done(outcome_of(part));
}

void BatchGroup::answer() {
    tell([](Part& part) { return part.settled ? std::move(*part.settled) : part.receipt; });
}

void BatchGroup::answer_unless_refused(const Error& error) {
    tell([&](Part& part) { return part.settled ? std::move(*part.settled) : error; });
}

void BatchGroup::answer_all(const Error& error) {
    tell([&](const Part&) { return error; });
}

}  // namespace tenure::node
