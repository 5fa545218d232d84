#pragma once
// Rows: the index tables as `fold` writes them and everybody reads them, with each value's checksum
// made on write and checked on read. Two kinds of row exist, see tables.h: versioned and plain.
//
// A damaged row is never turned into an answer: the index is marked for a rebuild and the process
// ends (storage/damage.h).

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "projection/tables.h"
#include "storage/environment.h"

namespace tenure::projection {

using storage::Key;
using storage::Table;
using Words = std::span<const std::uint64_t>;

// One version of a value: in force in [from, to). `payload` is borrowed from the Rows it came from:
// until its transaction ends or, on the writing side, until the next put.
struct Version {
    RevisionRange range;
    Words payload;
};

struct VersionRow {
    Key key;  // owner words, then ~from
    Version version;

    std::uint64_t owner(std::size_t word) const { return key.word(word); }
};

class Rows {
public:
    virtual ~Rows() = default;

    // Newest version of the owner, in force or not.
    virtual std::optional<Version> head(Table table, const Key& owner) const = 0;
    // Inserts or replaces the version that begins at `range.from`.
    virtual void put(Table table, const Key& owner, RevisionRange range, Words payload) = 0;

    virtual std::optional<Words> get(Table table, const Key& key) const = 0;
    // The last row with key <= `key` that shares its first `prefix_words` words.
    virtual std::optional<std::pair<Key, std::vector<std::uint64_t>>> last_at(
        Table table, const Key& key, std::size_t prefix_words) const = 0;
    virtual void set(Table table, const Key& key, Words payload) = 0;

    // Elements e with a version of [owner, e] in force at head, in order of e.
    virtual std::vector<std::uint64_t> live_elements(Table table, std::uint64_t owner) const = 0;

    // The first error of a put or set, if any: the transaction must then not be committed.
    virtual const std::optional<Error>& failure() const = 0;

    // Ends the head version at `at`, if it is in force.
    void close(Table table, const Key& owner, Revision at);
    // The head version is closed and a new one begins.
    void replace(Table table, const Key& owner, Revision at, Words payload);
};

[[noreturn]] void row_damaged(Table table, const Key& key);

// Reading at any revision, over a read or a write transaction.
class RowReader {
public:
    explicit RowReader(const storage::Reader& reader) : reader_{&reader} {}

    // The version in force at `at`.
    std::optional<Version> at(Table table, const Key& owner, Revision at) const;
    std::optional<Version> head(Table table, const Key& owner) const;
    std::optional<Words> get(Table table, const Key& key) const;
    // Last plain row <= key within the prefix.
    std::optional<std::pair<Key, Words>> last_at(Table table, const Key& key,
                                                 std::size_t prefix_words) const;
    // Every version whose key begins with `prefix`, in key order; stops when visit returns false.
    void scan(Table table, const Key& prefix,
              const std::function<bool(const VersionRow&)>& visit) const;
    // The same from `from` on (inclusive), which shares `prefix_words` words with every row
    // visited.
    void scan_from(Table table, const Key& from, std::size_t prefix_words,
                   const std::function<bool(const VersionRow&)>& visit) const;
    void scan_plain(Table table, const Key& from, std::size_t prefix_words,
                    const std::function<bool(const Key&, Words)>& visit) const;

    std::uint64_t seeks() const { return reader_->seeks(); }

private:
    const storage::Reader* reader_;
};

// Rows over an open write transaction.
class LmdbRows final : public Rows {
public:
    explicit LmdbRows(storage::WriteTxn& txn) : txn_{&txn}, reader_{txn} {}

    std::optional<Version> head(Table table, const Key& owner) const override;
    void put(Table table, const Key& owner, RevisionRange range, Words payload) override;
    std::optional<Words> get(Table table, const Key& key) const override;
    std::optional<std::pair<Key, std::vector<std::uint64_t>>> last_at(
        Table table, const Key& key, std::size_t prefix_words) const override;
    void set(Table table, const Key& key, Words payload) override;
    std::vector<std::uint64_t> live_elements(Table table, std::uint64_t owner) const override;

    const std::optional<Error>& failure() const override { return failure_; }

private:
    void store(Table table, const Key& key);
    storage::WriteTxn* txn_;
    RowReader reader_;
    std::vector<std::uint64_t> scratch_;
    std::optional<Error> failure_;
};

// Checksum word of a value (without it) under a key.
std::uint64_t row_checksum(Table table, const Key& key, Words value);

// Texts inside values: length word, then the bytes padded with zeros to whole words.
void push_text(std::vector<std::uint64_t>& words, std::string_view text);
// Reads a text at `at` and moves past it. The view lives as long as the words.
std::string_view take_text(Words words, std::size_t& at);
void push_bytes(std::vector<std::uint64_t>& words, Bytes whole_words);
Bytes as_byte_span(Words words);

}  // namespace tenure::projection
