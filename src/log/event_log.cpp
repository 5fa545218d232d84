#include "log/event_log.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>
#include <utility>

#include "base/text.h"
#include "log/command_lookup.h"
#include "log/format.h"
#include "log/stored.h"

namespace tenure::log {

// The atomics are what the writer publishes after its commit; the rest of the mutable state is its
// own. Nothing is changed before the commit, so a failed one leaves memory as it leaves the disk.
struct EventLog::State {
    std::unique_ptr<storage::Environment> environment;
    std::unique_ptr<CommandLookup> lookup;  // not in a log that is only read
    LogId id;
    Instant created_at;
    std::atomic<std::uint64_t> last{0};
    std::atomic<std::uint64_t> committed{0};
    std::uint64_t committed_on_disk = 0;
    std::atomic<std::uint64_t> last_term{0};
    std::atomic<std::int64_t> last_recorded_at_us{instant_min.us};
    std::atomic<std::int64_t> reserved_until_us{instant_min.us};
    RightEdge edge;
    std::uint64_t commands = 0;
    std::vector<std::uint64_t> entry_words;  // reused, the entry being written

    void publish_end(Revision revision, Term term, Instant recorded_at) {
        last_recorded_at_us = recorded_at.us;
        last_term = term.value;
        last = revision.value;
    }
};

namespace {

constexpr std::uint64_t tail_checked_at_open = 1'024;

template <class Value>
Bytes bytes_of(const Value& value) {
    return std::as_bytes(std::span{&value, 1});
}

storage::Key key_of(Revision revision) { return {revision.value}; }

Result<void> put_position(storage::WriteTxn& txn, const format::Position& position) {
    const storage::Key key = format::meta_key(format::MetaId::position);
    const auto row = format::seal(format::meta, key, position);
    return txn.put(format::meta, key, bytes_of(row));
}

Result<void> put_block(storage::WriteTxn& txn, const TreeBlock& block) {
    return txn.put(format::tree, format::tree_key(block.level, block.index), bytes_of(block.nodes));
}

Result<void> put_term(storage::WriteTxn& txn, Term term, Revision first) {
    const storage::Key key{term.value};
    const auto row = format::seal(format::terms, key, format::TermValue{first.value, 0});
    return txn.put(format::terms, key, bytes_of(row));
}

Result<void> put_notes(storage::WriteTxn& txn,
                       const std::vector<std::pair<std::string_view, std::string>>& notes) {
    for (const auto& [name, value] : notes) {
        const std::vector<std::uint64_t> words = encode_note(name, value);
        TRY(txn.put(format::notes, note_key(name), std::as_bytes(std::span{words})));
    }
    return success();
}

Result<void> append_command(storage::WriteTxn& txn, std::uint64_t number,
                            const NewCommand& command) {
    const storage::Key key{number};
    const auto row =
        format::seal(format::commands, key,
                     format::CommandValue{command.key.words, command.record.body_hash,
                                          command.record.first.value, command.record.count, 0});
    return txn.append(format::commands, key, bytes_of(row));
}

// The row is there: where it is not, the file is not what we wrote.
Result<void> erase_row(storage::WriteTxn& txn, storage::Table table, const storage::Key& key) {
    if (txn.erase(table, key)) return success();
    if (txn.failed()) return txn.commit();
    storage::fatal_storage("a row of the log that should be there is missing");
}

NewCommand read_command(const storage::Reader& reader, std::uint64_t number) {
    const storage::Key key{number};
    const auto stored = reader.get(format::commands, key);
    const auto row = stored ? format::unseal<format::CommandValue>(format::commands, key, *stored)
                            : std::nullopt;
    if (!row) storage::fatal_storage("a command of the log is not what was written");
    return {{row->key}, {row->body_hash, Revision{row->first}, row->count}};
}

// How many commands of `count` a log keeps that ends at `keep`.
std::uint64_t commands_kept(const storage::Reader& reader, std::uint64_t count,
                            std::uint64_t keep) {
    while (count > 0 && read_command(reader, count).record.last().value > keep) --count;
    return count;
}

Result<void> discard_terms(storage::WriteTxn& txn, std::uint64_t keep) {
    const storage::Key end{~std::uint64_t{0}};
    while (const auto row = txn.seek_back(format::terms, end, 0)) {
        const storage::Key key = row->key;
        const auto term = format::unseal<format::TermValue>(format::terms, key, row->value);
        if (!term) storage::fatal_storage("a term of the log is not what was written");
        if (term->first <= keep) break;
        TRY(erase_row(txn, format::terms, key));
    }
    return success();
}

// Cuts a tree of `size` leaves down to those of `edge`.
Result<void> discard_blocks(storage::WriteTxn& txn, std::uint64_t size, const RightEdge& edge) {
    for (unsigned level = 0; RightEdge::nodes_at(level, size) != 0; ++level) {
        const std::uint64_t nodes = RightEdge::nodes_at(level, size);
        const std::uint64_t nodes_kept = RightEdge::nodes_at(level, edge.size());
        const std::uint64_t end = (nodes + block_nodes - 1) / block_nodes;
        const std::uint64_t end_kept = (nodes_kept + block_nodes - 1) / block_nodes;
        for (std::uint64_t block = end; block-- > end_kept;) {
            TRY(erase_row(txn, format::tree, format::tree_key(level, block)));
        }
    }
    for (const TreeBlock& block : edge.open_blocks()) {
        TRY(put_block(txn, block));
    }
    return success();
}

// The entry a command goes with from copy to copy.
std::uint64_t entry_of(const CommandRecord& record) {
    return record.first.value + std::max<std::uint64_t>(record.count, 1) - 1;
}

Error refused_run(const std::string& why) {
    return invalid("run", "entries of another copy cannot be appended: " + why);
}

Error refused_entry(Revision revision, const std::string& why) {
    return refused_run("revision " + std::to_string(revision.value) + ": " + why);
}

// The stored entry at the front of `words`.
Result<Bytes> first_entry(Revision revision, Bytes words) {
    if (words.size() < sizeof(format::EntryHeader))
        return refused_entry(revision, "it is shorter than its header");
    const std::uint64_t room = (words.size() - sizeof(format::EntryHeader)) / sizeof(std::uint64_t);
    const std::uint64_t body = header_of(words).body_words;
    if (body > room)
        return refused_entry(revision, "its header says " + std::to_string(body) +
                                           " words of body, of which " + std::to_string(room) +
                                           " are there");
    const Bytes stored = words.first(sizeof(format::EntryHeader) + body * sizeof(std::uint64_t));
    if (const std::string why = fault_of(revision, stored); !why.empty())
        return refused_entry(revision, why);
    return stored;
}

}  // namespace

// One durable transaction that adds entries. Memory follows when it has committed.
struct EventLog::Appending {
    explicit Appending(State& of)
        : state{of},
          edge{of.edge},
          revision{of.last},
          term{of.last_term},
          recorded_at{of.last_recorded_at_us},
          commands{of.commands},
          txn{*of.environment} {
        // Two processes that write one log would end here.
        const auto newest = txn.seek_back(format::entries, key_of(revision_max), 0);
        INVARIANT((newest ? newest->key.word(0) : 0) == revision.value);
    }

    Result<void> add(const format::EntryHeader& header, Bytes stored) {
        revision = next(revision);
        INVARIANT(header.revision == revision.value);
        if (revision == Revision{1} || header.term != term.value) {
            TRY(put_term(txn, Term{header.term}, revision));
        }
        term = Term{header.term};
        recorded_at = Instant{header.recorded_at_us};
        TRY(txn.append(format::entries, key_of(revision), stored));
        edge.push(leaf_hash(stored), completed);
        return success();
    }

    Result<void> add(const NewCommand& command) { return append_command(txn, ++commands, command); }

    Result<void> commit(Revision committed) {
        for (const TreeBlock& block : completed) {
            TRY(put_block(txn, block));
        }
        if (revision.value != state.last)
            for (const TreeBlock& block : edge.open_blocks()) {
                TRY(put_block(txn, block));
            }
        const bool new_commands = commands != state.commands;
        if (new_commands) {
            TRY(state.lookup->mark_in_use(txn));
        }
        TRY(put_position(txn, {revision.value, committed.value, commands, edge.root(), 0}));
        TRY(txn.commit());

        state.edge = std::move(edge);
        state.commands = commands;
        state.publish_end(revision, term, recorded_at);
        state.committed = committed.value;
        state.committed_on_disk = committed.value;
        if (new_commands) state.lookup->added(commands);
        return success();
    }

    State& state;
    RightEdge edge;
    std::vector<TreeBlock> completed;
    Revision revision;
    Term term;
    Instant recorded_at;
    std::uint64_t commands;
    storage::WriteTxn txn;
};

EventLog::EventLog(std::unique_ptr<State> state) : state_{std::move(state)} {}

EventLog::~EventLog() = default;

Result<std::unique_ptr<EventLog>> EventLog::create(const std::string& directory, LogId id,
                                                   Instant now, const OpenOptions& options) {
    INVARIANT(id != LogId{});
    INVARIANT(!options.read_only);
    storage::EnvironmentOptions environment_options;
    environment_options.map_bytes = options.map_bytes;
    environment_options.create = true;
    TRY(auto environment,
        storage::Environment::open(directory, format::tables, environment_options));
    {
        storage::WriteTxn txn{*environment};
        const storage::Key key = format::meta_key(format::MetaId::identity);
        if (txn.get(format::meta, key))
            return Error{Errc::already_exists,
                         "there is a log in " + tenure::quoted(directory) + " already"};
        if (txn.seek(format::entries, {0}, 0)) return damaged("its identity record is missing");
        const auto identity =
            format::seal(format::meta, key,
                         format::Identity{format::magic, format::version, id.words, now.us, 0});
        TRY(txn.put(format::meta, key, bytes_of(identity)));
        TRY(put_position(txn, {0, 0, 0, empty_root(), 0}));
        TRY(txn.commit());
    }
    return load(std::move(environment));
}

Result<std::unique_ptr<EventLog>> EventLog::open(const std::string& directory,
                                                 const OpenOptions& options) {
    storage::EnvironmentOptions environment_options;
    environment_options.map_bytes = options.map_bytes;
    environment_options.read_only = options.read_only;
    TRY(auto environment,
        storage::Environment::open(directory, format::tables, environment_options));
    environment->clear_stale_readers();
    return load(std::move(environment));
}

Result<std::unique_ptr<EventLog>> EventLog::load(
    std::unique_ptr<storage::Environment> environment) {
    auto state = std::make_unique<State>();
    {
        const storage::ReadTxn txn{*environment};
        TRY(const format::Identity identity, read_identity(txn));
        TRY(const format::Position position, read_position(txn));
        TRY(verify_tail(txn, position, tail_checked_at_open));
        TRY(const Instant reserved_until, read_reservation(txn));
        TRY(state->edge, read_edge(txn, position.last));
        state->id.words = identity.log_id;
        state->created_at = Instant{identity.created_at_us};
        state->committed = position.committed;
        state->committed_on_disk = position.committed;
        state->commands = position.commands;
        state->reserved_until_us = reserved_until.us;
        if (position.last != 0) {
            const auto header = header_of(*txn.get(format::entries, {position.last}));
            state->publish_end(Revision{header.revision}, Term{header.term},
                               Instant{header.recorded_at_us});
        }
    }
    state->environment = std::move(environment);
    if (!state->environment->read_only()) {
        TRY(state->lookup, CommandLookup::open(*state->environment));
    }
    return std::unique_ptr<EventLog>(new EventLog(std::move(state)));
}

LogId EventLog::id() const { return state_->id; }

Instant EventLog::created_at() const { return state_->created_at; }

Revision EventLog::last() const { return Revision{state_->last}; }

Revision EventLog::committed() const { return Revision{state_->committed}; }

Instant EventLog::last_recorded_at() const { return Instant{state_->last_recorded_at_us}; }

Term EventLog::last_term() const { return Term{state_->last_term}; }

std::vector<TermStart> EventLog::terms() const {
    const storage::ReadTxn txn{*state_->environment};
    std::vector<TermStart> result;
    txn.scan(format::terms, {0}, 0, [&](const storage::RowView& row) {
        const auto term = format::unseal<format::TermValue>(format::terms, row.key, row.value);
        if (!term) storage::fatal_storage("a term of the log is not what was written");
        result.push_back({Term{row.key.word(0)}, Revision{term->first}});
        return true;
    });
    return result;
}

Result<Revision> EventLog::append(const std::vector<NewEntry>& entries,
                                  const std::vector<NewCommand>& commands, bool commit) {
    return append(entries, commands,
                  commit ? Revision{last().value + entries.size()} : committed());
}

Result<Revision> EventLog::append(const std::vector<NewEntry>& entries,
                                  const std::vector<NewCommand>& commands, Revision committed) {
    State& state = *state_;
    const Revision last_before = last();
    const Revision last_after{last_before.value + entries.size()};
    INVARIANT(!state.environment->read_only());
    INVARIANT(this->committed() <= committed);
    INVARIANT(committed <= last_after);
    if (entries.empty() && commands.empty() && committed.value == state.committed_on_disk)
        return last_before;

    Appending appending{state};
    for (const NewEntry& entry : entries) {
        INVARIANT(entry.body.size() % sizeof(std::uint64_t) == 0);
        INVARIANT(entry.term >= appending.term);
        INVARIANT(entry.recorded_at > appending.recorded_at);
        const format::EntryHeader header{next(appending.revision).value, entry.term.value,
                                         entry.recorded_at.us,
                                         entry.body.size() / sizeof(std::uint64_t)};
        state.entry_words.resize(sizeof header / sizeof(std::uint64_t) + header.body_words);
        std::memcpy(state.entry_words.data(), &header, sizeof header);
        if (!entry.body.empty())
            std::memcpy(&state.entry_words[sizeof header / sizeof(std::uint64_t)],
                        entry.body.data(), entry.body.size());
        TRY(appending.add(header, std::as_bytes(std::span{state.entry_words})));
    }
    Revision position = last_before;
    for (const NewCommand& command : commands) {
        INVARIANT(command.record.first.value > last_before.value);
        INVARIANT(command.record.last() >= position);
        position = command.record.last();
        TRY(appending.add(command));
    }
    INVARIANT(position <= last_after);
    TRY(appending.commit(committed));
    return last_after;
}

namespace {

FoundEntries entries_after(Revision revision, std::span<const std::uint64_t> words) {
    FoundEntries found;
    for (Bytes rest = std::as_bytes(words); !rest.empty();) {
        revision = next(revision);
        const auto stored = first_entry(revision, rest);
        if (!stored) {
            found.flaw = stored.error();
            break;
        }
        const format::EntryHeader header = header_of(stored.value());
        found.entries.push_back({revision, Term{header.term}, Instant{header.recorded_at_us},
                                 stored.value().subspan(sizeof header), stored.value()});
        rest = rest.subspan(stored.value().size());
    }
    return found;
}

}  // namespace

FoundEntries entries_in(std::span<const std::uint64_t> words) {
    const std::uint64_t first = words.empty() ? 0 : words.front();
    if (first == 0) return {{}, refused_run("no entry has revision 0")};
    return entries_after(Revision{first - 1}, words);
}

Result<std::vector<Entry>> entries_of(const StoredRun& run) {
    auto [entries, flaw] = entries_after(run.before, run.words);
    if (flaw) return *std::move(flaw);
    const Revision revision = entries.empty() ? run.before : entries.back().revision;
    if (revision != run.last)
        return refused_run("its entries end at revision " + std::to_string(revision.value) +
                           ", it says at " + std::to_string(run.last.value));
    return entries;
}

Result<void> EventLog::take_run(const StoredRun& run, Appending& appending) const {
    if (run.before != last())
        return refused_run("it follows revision " + std::to_string(run.before.value) +
                           ", the log ends at " + std::to_string(last().value));
    TRY(const auto entries, entries_of(run));
    for (const Entry& entry : entries) {
        if (entry.term < appending.term)
            return refused_entry(entry.revision, "its term " + std::to_string(entry.term.value) +
                                                     " is older than the one before");
        if (entry.term == Term{0}) return refused_entry(entry.revision, "it has no term");
        if (entry.recorded_at <= appending.recorded_at)
            return refused_entry(entry.revision, "it is not recorded after the one before");
        if (entry.recorded_at > instant_max)
            return refused_entry(entry.revision, "it is recorded after the year 9999");
        TRY(appending.add(header_of(entry.stored), entry.stored));
    }
    if (appending.term != run.term)
        return refused_run("its newest entry is of term " + std::to_string(appending.term.value) +
                           ", it says of " + std::to_string(run.term.value));
    if (appending.edge.root() != run.root)
        return refused_run("with the entries up to revision " + std::to_string(run.last.value) +
                           " the tree's root is " + hex(appending.edge.root()) + ", it says " +
                           hex(run.root));
    std::uint64_t goes_with = run.before.value + 1;
    std::set<std::array<std::uint64_t, 2>> fresh;
    for (const NewCommand& command : run.commands) {
        const std::uint64_t entry = entry_of(command.record);
        if (entry < goes_with || entry > run.last.value || command.record.count > entry ||
            command.record.first.value == 0)
            return refused_run("a command of revision " +
                               std::to_string(command.record.first.value) +
                               " does not belong to its entries");
        goes_with = entry;
        if (!fresh.insert(command.key.words).second)
            return refused_run("it has two commands with one key");
        if (find_command(command.key)) continue;
        TRY(appending.add(command));
    }
    return success();
}

Result<void> EventLog::check_run(const StoredRun& run) {
    Appending appending{*state_};
    return take_run(run, appending);
}

Result<Revision> EventLog::append_run(const StoredRun& run, Revision committed) {
    INVARIANT(!state_->environment->read_only());
    INVARIANT(this->committed() <= committed);
    if (committed > run.last)
        return refused_run("it ends at revision " + std::to_string(run.last.value) +
                           ", before what is said to be committed");
    Appending appending{*state_};
    TRY(take_run(run, appending));
    TRY(appending.commit(committed));
    return run.last;
}

Result<void> EventLog::commit_to(Revision to) {
    INVARIANT(committed() <= to);
    INVARIANT(to <= last());
    TRY(append({}, {}, to));
    return success();
}

Result<void> EventLog::commit_to(
    Revision to, const std::vector<std::pair<std::string_view, std::string>>& notes) {
    INVARIANT(committed() <= to);
    INVARIANT(to <= last());
    Appending appending{*state_};
    TRY(put_notes(appending.txn, notes));
    return appending.commit(to);
}

void EventLog::confirm(Revision to) {
    INVARIANT(committed() <= to);
    INVARIANT(to <= last());
    state_->committed = to.value;
}

Result<std::uint64_t> EventLog::discard_uncommitted() { return discard_above(committed()); }

Result<std::uint64_t> EventLog::discard_above(Revision keep) {
    State& state = *state_;
    INVARIANT(!state.environment->read_only());
    INVARIANT(committed() <= keep);
    INVARIANT(keep <= last());
    const std::uint64_t last_before = last().value;
    if (keep.value == last_before) return std::uint64_t{0};

    std::uint64_t commands = 0;
    {
        const storage::ReadTxn txn{*state.environment};
        commands = commands_kept(txn, state.commands, keep.value);
    }
    TRY(state.lookup->forget_above(commands));
    storage::WriteTxn txn{*state.environment};
    RightEdge edge = must(read_edge(txn, keep.value));
    format::EntryHeader header{};
    header.recorded_at_us = instant_min.us;
    if (keep != revision_none) {
        const auto stored = txn.get(format::entries, key_of(keep));
        if (!stored) storage::fatal_storage("a row of the log that should be there is missing");
        header = header_of(*stored);
    }
    for (std::uint64_t revision = last_before; revision > keep.value; --revision) {
        TRY(erase_row(txn, format::entries, {revision}));
    }
    TRY(discard_blocks(txn, last_before, edge));
    for (std::uint64_t number = state.commands; number > commands; --number) {
        TRY(erase_row(txn, format::commands, {number}));
    }
    TRY(discard_terms(txn, keep.value));
    TRY(put_position(txn, {keep.value, committed().value, commands, edge.root(), 0}));
    TRY(txn.commit());

    state.edge = std::move(edge);
    state.commands = commands;
    state.committed_on_disk = state.committed;
    state.publish_end(keep, Term{header.term}, Instant{header.recorded_at_us});
    return last_before - keep.value;
}

std::optional<CommandRecord> EventLog::find_command(CommandKey key) const {
    std::optional<format::CommandValue> row;
    if (state_->lookup) {
        row = state_->lookup->find(key.words);
    } else {
        row = scan_commands(storage::ReadTxn{*state_->environment}, key.words, 1);
    }
    if (!row) return std::nullopt;
    return CommandRecord{row->body_hash, Revision{row->first}, row->count};
}

Result<EntryBatch> EventLog::read(Revision from, std::uint64_t count_max,
                                  std::uint64_t bytes_max) const {
    const std::uint64_t last_before = last().value;
    const storage::ReadTxn txn{*state_->environment};
    TRY(const format::Position position, read_position(txn));
    // The tail may have been discarded a moment ago.
    return read_entries(txn, position, from, std::min(last_before, position.last), count_max,
                        bytes_max);
}

Result<EntryBatch> EventLog::read_entries(const storage::Reader& txn,
                                          const format::Position& position, Revision from,
                                          std::uint64_t end, std::uint64_t count_max,
                                          std::uint64_t bytes_max) {
    const std::uint64_t first = std::max<std::uint64_t>(from.value, 1);
    EntryBatch batch;
    if (first > end || count_max == 0) return batch;
    const std::uint64_t count_asked = std::min(count_max, end - first + 1);

    LeafReader leaves{txn, position.last};
    std::optional<Error> fault;
    const auto take = [&](const storage::RowView& row) -> Result<void> {
        const Revision revision{first + batch.entries_.size()};
        if (row.key.word(0) != revision.value) return damaged_entry(revision, "it is missing");
        TRY(const Digest leaf, leaves.leaf(revision.value - 1));
        if (leaf_hash(row.value) != leaf)
            return damaged_entry(revision, "its bytes do not match the tree");
        if (std::string why = fault_of(revision, row.value); !why.empty())
            return damaged_entry(revision, why);
        const std::size_t begin = batch.words_.size();
        batch.words_.resize(begin + row.value.size() / sizeof(std::uint64_t));
        std::memcpy(&batch.words_[begin], row.value.data(), row.value.size());
        const format::EntryHeader header = header_of(row.value);
        // Only the sizes count yet: the words still move when their vector grows.
        batch.entries_.push_back({revision,
                                  Term{header.term},
                                  Instant{header.recorded_at_us},
                                  {},
                                  Bytes{row.value.data(), row.value.size()}});
        return success();
    };
    txn.scan(format::entries, {first}, 0, [&](const storage::RowView& row) {
        auto taken = take(row);
        if (!taken) {
            fault = std::move(taken).error();
            return false;
        }
        return batch.entries_.size() < count_asked &&
               batch.words_.size() * sizeof(std::uint64_t) < bytes_max;
    });
    if (fault) return *fault;
    if (batch.empty()) return damaged_entry(Revision{first}, "it is missing");

    const Bytes words = std::as_bytes(std::span{batch.words_});
    std::size_t begin = 0;
    for (Entry& entry : batch.entries_) {
        const std::size_t size = entry.stored.size();
        entry.stored = words.subspan(begin, size);
        entry.body = entry.stored.subspan(sizeof(format::EntryHeader));
        begin += size;
    }
    return batch;
}

Result<StoredRun> EventLog::read_run(Revision from, Revision to, std::uint64_t bytes_max) const {
    INVARIANT(from >= Revision{1});
    StoredRun run;
    run.before = run.last = Revision{from.value - 1};
    const std::uint64_t last_before = std::min(to, last()).value;
    const storage::ReadTxn txn{*state_->environment};
    TRY(const format::Position position, read_position(txn));
    TRY(auto batch, read_entries(txn, position, from, std::min(last_before, position.last),
                                 ~std::uint64_t{0}, bytes_max));
    if (batch.empty()) return run;
    run.last = batch[batch.size() - 1].revision;
    run.term = batch[batch.size() - 1].term;
    run.words = std::move(batch.words_);
    run.root = tree_root(StoredTree{txn, run.last.value}, run.last.value);

    // Commands stand in the order of the entries they go with.
    std::uint64_t low = 1;
    for (std::uint64_t high = position.commands + 1; low < high;) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (entry_of(read_command(txn, middle).record) <= run.before.value)
            low = middle + 1;
        else
            high = middle;
    }
    std::size_t idle = 0;
    for (; low <= position.commands; ++low) {
        NewCommand command = read_command(txn, low);
        if (entry_of(command.record) > run.last.value) break;
        if (command.record.count == 0 && ++idle > idle_commands_max) continue;
        run.commands.push_back(command);
    }
    return run;
}

Instant EventLog::reserved_until() const { return Instant{state_->reserved_until_us}; }

Result<void> EventLog::reserve_until(Instant bound) {
    if (bound <= reserved_until()) return success();
    storage::WriteTxn txn{*state_->environment};
    const storage::Key key = format::meta_key(format::MetaId::reservation);
    const auto row = format::seal(format::meta, key, format::Reservation{bound.us, 0});
    TRY(txn.put(format::meta, key, bytes_of(row)));
    TRY(txn.commit());
    state_->reserved_until_us = bound.us;
    return success();
}

Digest EventLog::root(std::uint64_t size) const {
    INVARIANT(size <= last().value);
    const storage::ReadTxn txn{*state_->environment};
    return tree_root(StoredTree{txn, size}, size);
}

std::vector<Digest> EventLog::inclusion_proof(Revision revision, std::uint64_t size) const {
    INVARIANT(revision.value >= 1);
    INVARIANT(revision.value <= size);
    INVARIANT(size <= last().value);
    const storage::ReadTxn txn{*state_->environment};
    return inclusion_path(StoredTree{txn, size}, revision.value - 1, size);
}

std::vector<Digest> EventLog::consistency_proof(std::uint64_t from_size,
                                                std::uint64_t to_size) const {
    INVARIANT(from_size <= to_size);
    INVARIANT(to_size <= last().value);
    const storage::ReadTxn txn{*state_->environment};
    return consistency_path(StoredTree{txn, to_size}, from_size, to_size);
}

Result<void> EventLog::verify(const std::function<void(const VerifyProgress&)>& progress) const {
    TRY(verify_log(*state_->environment, progress));
    if (!state_->lookup) return success();
    return state_->lookup->verify();
}

Result<void> EventLog::copy_to(const std::string& directory) const {
    TRY(state_->environment->copy_to(directory));
    OpenOptions options;
    options.map_bytes = state_->environment->map_bytes();
    options.read_only = true;
    TRY(open(directory, options));
    return success();
}

std::optional<std::string> EventLog::note(std::string_view name) const {
    const storage::ReadTxn txn{*state_->environment};
    const storage::Key key = note_key(name);
    const std::optional<Bytes> stored = txn.get(format::notes, key);
    if (!stored) return std::nullopt;
    std::optional<Note> note = decode_note(key, *stored);
    if (!note || note->name != name)
        storage::fatal_storage("the note " + tenure::quoted(name) + " is not what was written");
    return std::move(note->value);
}

Result<void> EventLog::set_note(std::string_view name, std::string_view value) {
    return set_notes({{name, std::string(value)}});
}

Result<void> EventLog::set_notes(
    const std::vector<std::pair<std::string_view, std::string>>& notes) {
    storage::WriteTxn txn{*state_->environment};
    TRY(put_notes(txn, notes));
    return txn.commit();
}

std::uint64_t EventLog::file_bytes() const { return state_->environment->file_bytes(); }

std::vector<storage::TableUse> EventLog::table_use() const {
    return state_->environment->table_use();
}

}  // namespace tenure::log
