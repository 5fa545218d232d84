#pragma once
// LMDB behind four small types. Only the sources of this folder include <lmdb.h>.
//
// An Environment is one LMDB file with a fixed list of tables, which its owner keeps beside its
// formats. Transactions are scopes: they neither copy nor move, views read inside one die with it.
//
// Keys are one to six 64-bit words, stored big-endian, so that memcmp order is numeric order.
// Values are whole 8-byte words; LMDB then keeps them 8-byte aligned, so they can be read in place.
//
// Threads: an Environment may be shared, and is opened once per process; by one process at a time
// for writing. A ReadTxn belongs to the thread that made it (its reader slot does): it is renewed,
// read and destroyed there. One ReadTxn per thread and environment is active at a time; one that
// was reset does not count. There is one WriteTxn at a time in the whole system.
//
// Errors: a full map or disk is Errc::storage_full. Everything else LMDB can say after a successful
// open is fatal: fatal_storage() reports it and ends the process.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/invariant.h"
#include "base/result.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace tenure::storage {

// Position of a table in the list its environment was opened with.
struct Table {
    std::uint32_t index{};
    constexpr auto operator<=>(const Table&) const = default;
};

struct TableSpec {
    const char* name;         // a literal: it outlives the environment
    std::uint32_t key_words;  // every key of the table has exactly this many words
};

// The word whose bytes in memory are those of `word`, most significant first; its own inverse.
constexpr std::uint64_t big_endian(std::uint64_t word) {
    static_assert(std::endian::native == std::endian::little, "stored words are little-endian");
    return __builtin_bswap64(word);
}

// A key of up to six words, big-endian in memory.
class Key {
public:
    static constexpr std::size_t words_max = 6;

    Key() = default;

    Key(std::initializer_list<std::uint64_t> words) {
        for (const std::uint64_t word : words) push(word);
    }

    // `stored`: bytes() of another key.
    static Key from_bytes(Bytes stored);

    void push(std::uint64_t word) {
        INVARIANT(count_ < words_max);
        big_endian_[count_++] = big_endian(word);
    }

    std::size_t size() const { return count_; }

    // In native order.
    std::uint64_t word(std::size_t i) const {
        INVARIANT(i < count_);
        return big_endian(big_endian_[i]);
    }

    // Owner: this key.
    Bytes bytes() const { return std::as_bytes(std::span{big_endian_.data(), count_}); }

    bool operator==(const Key&) const = default;

private:
    std::array<std::uint64_t, words_max> big_endian_{};
    std::size_t count_ = 0;
};

// A row seen through a transaction: `value` is valid until the transaction ends, or, in a WriteTxn,
// until the next write.
struct RowView {
    Key key;
    Bytes value;
};

enum class Sync { durable, relaxed };

struct EnvironmentOptions {
    // Size of the map; the file grows up to it. The same for all processes that have the file open.
    // 0: what the file was last written with.
    std::uint64_t map_bytes = 0;
    Sync sync = Sync::durable;
    bool read_only = false;
    std::uint32_t readers_max = 512;
    bool create = false;  // make the directory, the file and the tables that are missing
    // All in it can be made anew from elsewhere: damage is noted, see damage.h.
    bool replaceable = false;
};

struct TableUse {
    std::string name;
    std::uint64_t rows{};
    std::uint64_t bytes{};  // whole pages
};

class ReadTxn;
class WriteTxn;

class Environment {
public:
    // Refuses, without touching the file: a truncated file (shorter than its meta page says), a
    // foreign or damaged meta page, a missing table (storage_damaged), no file (not_found), missing
    // permissions (storage_failed), a file that another has open for writing (unavailable; does not
    // apply to read_only). After creation the directory is synced, so that the file
    // survives a power cut.
    static Result<std::unique_ptr<Environment>> open(const std::string& directory,
                                                     std::span<const TableSpec> tables,
                                                     const EnvironmentOptions& options);
    ~Environment();
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

    const std::string& directory() const { return directory_; }

    bool read_only() const { return read_only_; }

    // Where damage is to be noted; empty if nowhere.
    const std::string& damage_path() const { return damage_path_; }

    std::uint64_t map_bytes() const { return map_bytes_; }

    std::uint64_t file_bytes() const;  // pages in use, free ones included
    // This and copy_to() read: the calling thread has no active ReadTxn of this environment.
    std::vector<TableUse> table_use() const;
    // Forces a relaxed environment to disk.
    Result<void> sync();
    // Drops reader slots of processes that died. Call at open and now and then.
    std::size_t clear_stale_readers();
    // Writes a compact copy to `directory`/data.mdb (already_exists if there is one), syncs file
    // and directory.
    Result<void> copy_to(const std::string& directory) const;

private:
    friend class Reader;
    friend class ReadTxn;
    friend class WriteTxn;
    Environment() = default;

    std::string directory_;
    std::string damage_path_;
    std::uint64_t map_bytes_ = 0;
    MDB_env* env_ = nullptr;
    std::vector<TableSpec> tables_;
    std::vector<unsigned> handles_;
    bool read_only_ = false;
    int lock_fd_ = -1;
};

// Reading. `get` and the seeks return views; see RowView. No call allocates, but for the first one
// on a table.
class Reader {
public:
    virtual ~Reader() = default;

    // `key` has all the words of the table's keys.
    std::optional<Bytes> get(Table table, const Key& key) const;
    // The first row whose key is >= `key`, if its first `prefix_words` words are those of `key`.
    // `key` may be short: it stands before all keys that it begins.
    std::optional<RowView> seek(Table table, const Key& key, std::size_t prefix_words) const;
    // The last row whose key is <= `key`, likewise; `key` has all the words of the table's keys.
    std::optional<RowView> seek_back(Table table, const Key& key, std::size_t prefix_words) const;

    // Rows from `from` on, in order, while their first `prefix_words` words are those of `from` and
    // `visit(const RowView&)` returns true. `visit` may read, but not write.
    template <class Visit>
    void scan(Table table, const Key& from, std::size_t prefix_words, Visit&& visit) const {
        const auto call = [&visit](const RowView& row) -> bool { return visit(row); };
        scan_rows(
            table, from, prefix_words,
            [](const void* visitor, const RowView& row) {
                return (*static_cast<const decltype(call)*>(visitor))(row);
            },
            &call);
    }

    // Calls of get, seek, seek_back and scan since this object was made; for benchmarks.
    std::uint64_t seeks() const { return seeks_; }

protected:
    Reader(const Environment& environment, MDB_txn* txn);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // The cursor is good while `snapshot` is the transaction's.
    struct Slot {
        MDB_cursor* cursor = nullptr;
        std::uint64_t snapshot = 0;
    };

    using VisitRow = bool (*)(const void* visitor, const RowView& row);

    MDB_cursor* cursor(Table table) const;
    void scan_rows(Table table, const Key& from, std::size_t prefix_words, VisitRow visit,
                   const void* visitor) const;
    void close_cursors();

    const Environment* environment_;
    MDB_txn* txn_;
    mutable std::vector<Slot> slots_;  // one per table, opened at first use
    std::uint64_t snapshot_ = 1;       // counts renewals
    bool failed_ = false;              // a write did not fit: the transaction can only be dropped
    mutable std::uint64_t seeks_ = 0;
};

class ReadTxn final : public Reader {
public:
    explicit ReadTxn(const Environment& environment);
    ~ReadTxn() override;
    ReadTxn(const ReadTxn&) = delete;
    ReadTxn& operator=(const ReadTxn&) = delete;
    // Ends the snapshot and takes the newest one; views read before are dead. Cheaper than a new
    // ReadTxn: the reader slot and the cursors are kept.
    void renew();
    // Ends the snapshot and keeps the slot: an idle reader must not hold pages. renew() goes on.
    void reset();

private:
    bool active_ = true;
};

// Writing. It reads its own writes. After put, append, erase or commit have failed nothing of the
// transaction is kept, and all that may follow is the destructor (reads see no rows any more).
class WriteTxn final : public Reader {
public:
    explicit WriteTxn(Environment& environment);
    ~WriteTxn() override;  // aborts what was not committed
    WriteTxn(const WriteTxn&) = delete;
    WriteTxn& operator=(const WriteTxn&) = delete;

    // `value` must not be a view into this environment.
    Result<void> put(Table table, const Key& key, Bytes value);
    // For a key greater than all keys of the table: no search, full pages.
    Result<void> append(Table table, const Key& key, Bytes value);
    // True if there was such a row. Erasing needs space too: if there is none, failed() is true and
    // commit() returns the error.
    bool erase(Table table, const Key& key);

    bool failed() const { return failed_; }

    Result<void> commit();

private:
    Result<void> write(Table table, const Key& key, Bytes value, unsigned flags);
};

// Reports a storage failure that nobody can act on, and ends the process (abort).
[[noreturn]] void fatal_storage(const std::string& what);

}  // namespace tenure::storage
