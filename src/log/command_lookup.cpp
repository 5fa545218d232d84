#include "log/command_lookup.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "log/stored.h"
#include "storage/boot_id.h"
#include "storage/damage.h"

namespace tenure::log {
namespace {

constexpr storage::Table numbers{0};  // [command key] -> NumberValue
constexpr storage::Table state{1};    // [1] -> StateValue
constexpr std::array tables{storage::TableSpec{"numbers", 2}, storage::TableSpec{"state", 1}};
constexpr std::uint64_t rows_per_transaction_max = 65'536;

struct NumberValue {
    std::uint64_t number;
    std::uint64_t check;
};

struct StateValue {
    std::array<std::uint64_t, 2> log_id;
    std::uint64_t applied;
    std::uint64_t check;
};

using CommandWords = std::array<std::uint64_t, 2>;

storage::Key number_key(const CommandWords& key) { return {key[0], key[1]}; }

template <class Value>
Bytes bytes_of(const Value& value) {
    return std::as_bytes(std::span{&value, 1});
}

// Zero where the system does not tell its boots apart.
CommandWords boot_words() {
    const std::string id = storage::boot_id();
    CommandWords words{};
    if (id.empty()) return words;
    const Digest digest = sha256(std::as_bytes(std::span{id}));
    std::memcpy(words.data(), digest.data(), sizeof words);
    return words;
}

std::optional<StateValue> read_state(const storage::Reader& reader) {
    const std::optional<Bytes> stored = reader.get(state, {1});
    if (!stored) return std::nullopt;
    return format::unseal<StateValue>(state, {1}, *stored);
}

Result<void> put_state(storage::WriteTxn& txn, const CommandWords& log_id, std::uint64_t applied) {
    const auto row = format::seal(state, {1}, StateValue{log_id, applied, 0});
    return txn.put(state, {1}, bytes_of(row));
}

// Nothing if the key is not there; 0, which is no command's number, if the row is damaged.
std::optional<std::uint64_t> read_number(const storage::Reader& reader, const CommandWords& key) {
    const std::optional<Bytes> stored = reader.get(numbers, number_key(key));
    if (!stored) return std::nullopt;
    const auto row = format::unseal<NumberValue>(numbers, number_key(key), *stored);
    return row ? row->number : 0;
}

format::CommandValue command_in(const storage::Key& key, Bytes stored) {
    const auto command = format::unseal<format::CommandValue>(format::commands, key, stored);
    if (!command)
        storage::fatal_storage("the record of command " + std::to_string(key.word(0)) +
                               " of the log is not what was written");
    return *command;
}

}  // namespace

std::optional<format::CommandValue> scan_commands(const storage::Reader& reader,
                                                  const CommandWords& key, std::uint64_t first) {
    std::optional<format::CommandValue> found;
    reader.scan(format::commands, {first}, 0, [&](const storage::RowView& row) {
        const format::CommandValue command = command_in(row.key, row.value);
        if (command.key == key) found = command;
        return !found;
    });
    return found;
}

CommandLookup::CommandLookup(storage::Environment& log) : log_{log}, boot_{boot_words()} {}

std::string CommandLookup::directory() const { return log_.directory() + "/commands"; }

Result<std::unique_ptr<CommandLookup>> CommandLookup::open(storage::Environment& log) {
    std::unique_ptr<CommandLookup> lookup(new CommandLookup(log));
    std::uint64_t count = 0;
    {
        const storage::ReadTxn txn{log};
        TRY(const format::Identity identity, read_identity(txn));
        TRY(const format::Position position, read_position(txn));
        lookup->log_id_ = identity.log_id;
        count = position.commands;
    }
    if (count == 0) return lookup;
    const auto begun = lookup->begin(lookup->can_be_trusted(), count);
    // Without room for it commands are looked for in the log itself.
    if (!begun && begun.error().code != Errc::storage_full) return begun.error();
    return lookup;
}

CommandLookup::~CommandLookup() {
    if (!environment_ || !in_use_) return;
    // Whatever fails here leaves it marked as in use: another boot makes it anew.
    if (!catch_up() || !environment_->sync()) return;
    storage::WriteTxn txn{log_};
    const storage::Key key = format::meta_key(format::MetaId::lookup_use);
    const auto row = format::seal(format::meta, key, format::LookupUse{boot_, 0, 0});
    if (txn.put(format::meta, key, bytes_of(row))) static_cast<void>(txn.commit());
}

bool CommandLookup::can_be_trusted() const {
    const storage::ReadTxn txn{log_};
    const storage::Key key = format::meta_key(format::MetaId::lookup_use);
    const std::optional<Bytes> stored = txn.get(format::meta, key);
    if (!stored) return false;
    const auto use = format::unseal<format::LookupUse>(format::meta, key, *stored);
    if (!use) return false;
    return use->in_use == 0 || (use->boot == boot_ && boot_ != CommandWords{});
}

Result<void> CommandLookup::mark_in_use(storage::WriteTxn& txn) const {
    if (in_use_) return success();
    const storage::Key key = format::meta_key(format::MetaId::lookup_use);
    const auto row = format::seal(format::meta, key, format::LookupUse{boot_, 1, 0});
    return txn.put(format::meta, key, bytes_of(row));
}

Result<void> CommandLookup::begin(bool trusted, std::uint64_t count) {
    if (!trusted || !storage::noted_damage(directory()).empty() || !open_environment()) {
        std::error_code ignored;
        environment_.reset();
        std::filesystem::remove_all(directory(), ignored);
        TRY(open_environment());
    }
    shared_ = environment_.get();
    if (applied_ == count) return success();
    if (!in_use_) {
        storage::WriteTxn txn{log_};
        TRY(mark_in_use(txn));
        TRY(txn.commit());
        in_use_ = true;
    }
    return catch_up();
}

Result<void> CommandLookup::open_environment() {
    storage::EnvironmentOptions options;
    options.map_bytes = log_.map_bytes();
    options.sync = storage::Sync::relaxed;
    options.create = true;
    options.replaceable = true;
    TRY(environment_, storage::Environment::open(directory(), tables, options));
    {
        const storage::ReadTxn txn{*environment_};
        const auto row = read_state(txn);
        applied_ = row ? row->applied : 0;
    }
    if (!belongs_to_log(*environment_)) return damaged("its lookup of commands is another log's");
    return success();
}

bool CommandLookup::belongs_to_log(const storage::Environment& environment) const {
    const storage::ReadTxn txn{environment};
    const storage::ReadTxn log_txn{log_};
    const auto row = read_state(txn);
    if (!row) return !txn.seek(numbers, {0}, 0);
    if (row->log_id != log_id_) return false;
    if (row->applied == 0) return true;
    const auto newest = log_txn.get(format::commands, {row->applied});
    if (!newest) return false;
    return read_number(txn, command_in({row->applied}, *newest).key) == row->applied;
}

Result<void> CommandLookup::catch_up() {
    for (;;) {
        std::vector<std::pair<CommandWords, std::uint64_t>> rows;
        {
            const storage::ReadTxn txn{log_};
            txn.scan(format::commands, {applied_ + 1}, 0, [&](const storage::RowView& row) {
                rows.emplace_back(command_in(row.key, row.value).key, row.key.word(0));
                return rows.size() < rows_per_transaction_max;
            });
        }
        if (rows.empty()) return success();
        const std::uint64_t applied = rows.back().second;
        std::sort(rows.begin(), rows.end());  // neighbours share pages
        storage::WriteTxn txn{*environment_};
        for (const auto& [key, number] : rows) {
            const auto value = format::seal(numbers, number_key(key), NumberValue{number, 0});
            TRY(txn.put(numbers, number_key(key), bytes_of(value)));
        }
        TRY(put_state(txn, log_id_, applied));
        TRY(txn.commit());
        applied_ = applied;
    }
}

void CommandLookup::added(std::uint64_t count) {
    in_use_ = true;
    if (count < applied_ + rows_behind_max) return;
    static_cast<void>(environment_ ? catch_up() : begin(false, count));
}

Result<void> CommandLookup::forget_above(std::uint64_t number) {
    if (applied_ <= number) return success();
    storage::WriteTxn txn{*environment_};
    {
        const storage::ReadTxn log_txn{log_};
        for (std::uint64_t i = number + 1; i <= applied_; ++i)
            if (const auto stored = log_txn.get(format::commands, {i}))
                txn.erase(numbers, number_key(command_in({i}, *stored).key));
    }
    TRY(put_state(txn, log_id_, number));
    TRY(txn.commit());
    applied_ = number;
    return success();
}

std::optional<format::CommandValue> CommandLookup::find(const CommandWords& key) const {
    std::optional<std::uint64_t> number;
    std::uint64_t applied = 0;
    if (const storage::Environment* const environment = shared_) {
        const storage::ReadTxn txn{*environment};
        if (const auto row = read_state(txn)) applied = row->applied;
        number = read_number(txn, key);
        if (number == 0) storage::fatal_damage("the log's lookup of commands is damaged");
    }
    const storage::ReadTxn txn{log_};
    if (number) {
        const auto stored = txn.get(format::commands, {*number});
        if (stored) {
            const format::CommandValue command = command_in({*number}, *stored);
            if (command.key == key) return command;
        }
        // Discarded a moment ago.
    }
    return scan_commands(txn, key, applied + 1);
}

Result<void> CommandLookup::verify() const {
    const storage::Environment* const environment = shared_;
    if (environment == nullptr) return success();
    storage::ReadTxn log_txn{log_};
    storage::ReadTxn txn{*environment};
    for (std::uint64_t next = 1;;) {
        // The log first: what it has committed now the lookup does not forget later.
        log_txn.renew();
        txn.renew();
        TRY(const format::Position position, read_position(log_txn));
        const auto row = read_state(txn);
        if (!row) return damaged("its lookup of commands has lost its state");
        const std::uint64_t end = std::min(next + rows_per_transaction_max,
                                           std::min(position.commands, row->applied) + 1);
        std::optional<std::uint64_t> lost;
        log_txn.scan(format::commands, {next}, 0, [&](const storage::RowView& found) {
            const std::uint64_t number = found.key.word(0);
            if (number >= end) return false;
            const format::CommandValue command = command_in(found.key, found.value);
            if (command.last() <= position.committed && read_number(txn, command.key) != number)
                lost = number;
            return !lost;
        });
        if (lost)
            return damaged("its lookup of commands does not find command " + std::to_string(*lost) +
                           "; without its directory it is made anew");
        if (end <= next || end > std::min(position.commands, row->applied)) return success();
        next = end;
    }
}

}  // namespace tenure::log
