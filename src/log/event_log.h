#pragma once
// EventLog: the immutable, totally ordered log. It knows revisions, terms, recording times, command
// ids and the Merkle tree over the stored bytes; what the bytes mean is the codec's business.
//
// Stored in one LMDB file with durable sync flags, tables and bytes in log/format.h and
// docs/FORMAT.md; beside it, in `commands/`, what finds a command by its key, which follows from
// the log. One writer thread; any number of readers.
//
// Invariants (INVARIANT on write, verify() on read):
//  - revisions are 1, 2, 3 ... without gaps; recorded_at strictly increases; term never decreases
//  - committed() <= last(); entries above committed() are a tail that may still be discarded
//  - the tree's size is last(); its leaf i is SHA-256(0x00 || stored entry i) (RFC 6962, 2.1)
//  - the bound kept by reserve_until() outlives restarts and never decreases. The log only keeps
//  it:
//    who assigns recording times honours it (a replicated entry may lie below a bound that was
//    reserved here and promised to nobody)
//
// Long reads: read() copies at most `bytes_max` per call in a short transaction of its own, so that
// no reader ever keeps old pages alive (they would make the file grow at each commit).
//
// Threads: append, commit_to, confirm, discard_*, reserve_until and set_note belong to one writer
// thread; all else may be called from any. A log opened read-only shows last() and committed() as
// of open().

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/result.h"
#include "log/merkle.h"
#include "storage/environment.h"

namespace tenure::log {

namespace format {
struct Position;
}

// Names the log on every copy of it; made once by `init`. Never zero.
struct LogId {
    std::array<std::uint64_t, 2> words{};
    bool operator==(const LogId&) const = default;
};

// A client's command id, hashed to 128 bits (SHA-256, first half) by the caller's layer.
struct CommandKey {
    std::array<std::uint64_t, 2> words{};
    bool operator==(const CommandKey&) const = default;
};

// What a command id was used for: kept for ever.
struct CommandRecord {
    Digest body_hash{};  // of the command's canonical bytes
    Revision first;      // the events it caused: [first, first + count)
    // 0 for a command that changed nothing: `first` is then the revision its events would have had.
    std::uint64_t count = 0;

    // The last revision the command has to do with: it is discarded with it.
    Revision last() const { return Revision{first.value + count - 1}; }

    bool operator==(const CommandRecord&) const = default;
};

// A leadership period that has entries, and the first of them.
struct TermStart {
    Term term;
    Revision first;
    bool operator==(const TermStart&) const = default;
};

struct NewEntry {
    Term term;
    Instant recorded_at;
    std::vector<std::byte> body;  // whole 8-byte words
};

struct NewCommand {
    CommandKey key;
    CommandRecord record;
};

struct Entry {
    Revision revision;
    Term term;
    Instant recorded_at;
    Bytes body;    // owner: the EntryBatch it stands in
    Bytes stored;  // header and body as stored and hashed; same owner
};

// A copied run of entries.
class EntryBatch {
public:
    EntryBatch() = default;
    EntryBatch(EntryBatch&&) = default;
    EntryBatch& operator=(EntryBatch&&) = default;
    EntryBatch(const EntryBatch&) = delete;  // the entries point into words_
    EntryBatch& operator=(const EntryBatch&) = delete;

    std::size_t size() const { return entries_.size(); }

    bool empty() const { return entries_.empty(); }

    const Entry& operator[](std::size_t i) const { return entries_[i]; }

    auto begin() const { return entries_.begin(); }

    auto end() const { return entries_.end(); }

private:
    friend class EventLog;
    std::vector<std::uint64_t> words_;
    std::vector<Entry> entries_;
};

// Consecutive entries on their way to another copy of the log, as they are stored, and the commands
// that belong to them.
//
// A command that changed nothing goes with the entry that follows it: the newest of a log are not
// yet on their way. Of those at most idle_commands_max go with one run.
struct StoredRun {
    Revision before;                   // the entry they follow
    Revision last;                     // the newest of them
    Term term;                         // of that
    std::vector<std::uint64_t> words;  // header, body, header, body ...
    std::vector<NewCommand> commands;  // in the order of their entries
    Digest root{};                     // of the tree up to `last`
};

inline constexpr std::size_t idle_commands_max = 10'000;

// The entries of a run; their bytes are the run's. Of a run from anywhere: what is not well formed
// is an invalid_argument (field "run"). Whether they are entries of some log is not looked at.
Result<std::vector<Entry>> entries_of(const StoredRun& run);

// The same of words alone, of which nobody says where they begin and end: those before the first
// that is none, and what is wrong with that.
struct FoundEntries {
    std::vector<Entry> entries;
    std::optional<Error> flaw;
};

FoundEntries entries_in(std::span<const std::uint64_t> words);

struct OpenOptions {
    std::uint64_t map_bytes = std::uint64_t{1} << 40U;
    bool read_only = false;
};

struct VerifyProgress {
    Revision done;
    Revision last;
};

class EventLog {
public:
    // Makes a new log in `directory` (which must not hold one). `now` is kept as created-at.
    static Result<std::unique_ptr<EventLog>> create(const std::string& directory, LogId id,
                                                    Instant now, const OpenOptions& options = {});
    // Checks format version, header fields and the last 1,024 leaves against the tree's root.
    // Errors: not_found, storage_damaged, storage_too_new, storage_failed.
    static Result<std::unique_ptr<EventLog>> open(const std::string& directory,
                                                  const OpenOptions& options = {});
    ~EventLog();
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    LogId id() const;
    Instant created_at() const;
    Revision last() const;                 // newest entry, committed or not
    Revision committed() const;            // newest entry that will never be discarded
    Instant last_recorded_at() const;      // instant_min when empty
    Term last_term() const;                // 0 when empty
    std::vector<TermStart> terms() const;  // in order; a term without entries is not among them

    // Appends `entries` after last() with their tree nodes and `commands`, in one durable LMDB
    // transaction. With `commit` also sets committed() to the new last(). All or nothing.
    // A command belongs to some of these entries, or to none, and its key is new; commands stand in
    // the order of their entries.
    // Returns the new last(). Error: storage_full, with nothing kept.
    Result<Revision> append(const std::vector<NewEntry>& entries,
                            const std::vector<NewCommand>& commands, bool commit);
    // Likewise, and sets committed() to `committed`, which may lie before the new entries: what was
    // learnt about older ones needs no transaction of its own.
    Result<Revision> append(const std::vector<NewEntry>& entries,
                            const std::vector<NewCommand>& commands, Revision committed);
    // Appends what read_run() of another copy of this log gave, likewise. It is believed no more
    // than the disk is: order, headers and the tree's root are checked first. A command whose key
    // is known already is left out.
    // Errors: invalid_argument (field "run"), with nothing kept; storage_full.
    Result<Revision> append_run(const StoredRun& run, Revision committed);
    // Whether append_run() would refuse it.
    Result<void> check_run(const StoredRun& run);
    // Sets committed() to `to`, durably. committed() <= to <= last().
    Result<void> commit_to(Revision to);
    // And keeps notes, all or nothing.
    Result<void> commit_to(Revision to,
                           const std::vector<std::pair<std::string_view, std::string>>& notes);
    // Likewise, but it is written down only with the next change of any kind: for who can find it
    // out again after a crash.
    void confirm(Revision to);
    // Discards the entries above committed(), with their tree nodes and command records.
    // Returns how many there were.
    Result<std::uint64_t> discard_uncommitted();
    // Likewise, those above `keep`, where committed() <= keep <= last().
    Result<std::uint64_t> discard_above(Revision keep);

    // In a log opened read-only it looks through all commands.
    std::optional<CommandRecord> find_command(CommandKey key) const;

    // Copies entries from `from` on, at most `count_max` and about `bytes_max`, each checked
    // against its leaf; none above `last()`. At least one, if there is one. Error storage_damaged
    // names the revision. From revision 0 is from 1.
    Result<EntryBatch> read(Revision from, std::uint64_t count_max = 5'000,
                            std::uint64_t bytes_max = std::uint64_t{1} << 22U) const;

    // The entries from `from` (1 or later) to `to` at most, likewise, as another copy appends them.
    // Without entries `last` is `before`.
    Result<StoredRun> read_run(Revision from, Revision to, std::uint64_t bytes_max) const;

    // Durable bound on recording times: after it is stored no entry is ever recorded at or before
    // it, also after a restart with the clock set back. Never decreases.
    Instant reserved_until() const;
    Result<void> reserve_until(Instant bound);

    // RFC 6962 tree over the first `size` entries; size <= last(). See merkle.h for checking
    // proofs.
    Digest root(std::uint64_t size) const;
    std::vector<Digest> inclusion_proof(Revision revision, std::uint64_t size) const;
    std::vector<Digest> consistency_proof(std::uint64_t from_size, std::uint64_t to_size) const;

    // Reads everything: each entry against its leaf, each node against its children, revisions,
    // terms and times in order. The error names the first bad revision (or node).
    Result<void> verify(const std::function<void(const VerifyProgress&)>& progress) const;

    // A consistent copy in a directory without one, opened once to see that it is whole. Safe while
    // the log is written.
    Result<void> copy_to(const std::string& directory) const;

    // Free-form small values of the owner (`node`), durable: e.g. the index generation, boot marks.
    std::optional<std::string> note(std::string_view name) const;
    Result<void> set_note(std::string_view name, std::string_view value);
    // All of them or none.
    Result<void> set_notes(const std::vector<std::pair<std::string_view, std::string>>& notes);

    std::uint64_t file_bytes() const;
    std::vector<storage::TableUse> table_use() const;

private:
    struct State;
    struct Appending;
    Result<void> take_run(const StoredRun& run, Appending& appending) const;
    explicit EventLog(std::unique_ptr<State> state);
    static Result<EntryBatch> read_entries(const storage::Reader& reader,
                                           const format::Position& position, Revision from,
                                           std::uint64_t end, std::uint64_t count_max,
                                           std::uint64_t bytes_max);
    static Result<std::unique_ptr<EventLog>> load(
        std::unique_ptr<storage::Environment> environment);
    std::unique_ptr<State> state_;
};

}  // namespace tenure::log
