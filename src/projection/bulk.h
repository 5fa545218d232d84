#pragma once
// BulkRows: the rows of a new index, kept in memory while a whole log is folded, then written in
// key order (full pages, no search). The rows come out exactly as LmdbRows would have made them:
// both are written by the same fold.
//
// Three kinds of table need three kinds of care: owners whose newest version is read back and
// changed are kept open by owner; rows that are only ever put are collected and sorted at the end,
// the last put of a key wins; names and times are looked up by key.

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "projection/rows.h"

namespace tenure::projection {

class BulkRows final : public Rows {
public:
    BulkRows();

    std::optional<Version> head(Table table, const Key& owner) const override;
    void put(Table table, const Key& owner, RevisionRange range, Words payload) override;
    std::optional<Words> get(Table table, const Key& key) const override;
    std::optional<std::pair<Key, std::vector<std::uint64_t>>> last_at(
        Table table, const Key& key, std::size_t prefix_words) const override;
    void set(Table table, const Key& key, Words payload) override;
    std::vector<std::uint64_t> live_elements(Table table, std::uint64_t owner) const override;

    const std::optional<Error>& failure() const override { return failure_; }

    // About what is held; for the caller's limit.
    std::uint64_t bytes() const { return bytes_; }

    // Writes everything to an index whose tables are empty but for `meta`, in several transactions.
    // Nothing may be read or put afterwards.
    Result<void> write(storage::Environment& environment,
                       const std::function<void(std::uint64_t rows)>& progress);

private:
    // Key words and a value in words_, for rows that are finished.
    struct Row {
        std::array<std::uint64_t, 4> key{};
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        std::uint32_t order = 0;  // among rows of one table, for rows put twice
    };

    // The newest version of an owner.
    struct Head {
        RevisionRange range;
        std::vector<std::uint64_t> payload;
    };

    using OwnerKey = std::array<std::uint64_t, 3>;

    struct OwnerHash {
        std::size_t operator()(const OwnerKey& key) const {
            std::uint64_t h = 0;
            for (const std::uint64_t word : key) h = (h ^ word) * 0x9E3779B97F4A7C15ULL;
            return h ^ (h >> 32U);
        }
    };

    // Heads of one table: owners of one word, ids handed out in sequence, by number; others by key.
    struct Heads {
        std::vector<std::uint32_t> slot_of;  // by id: position in `heads` + 1, 0 none
        std::deque<Head> heads;
        std::vector<std::uint64_t> owners;  // of `heads`
        boost::unordered_flat_map<OwnerKey, Head, OwnerHash> by_key;
    };

    const Head* find_head(Table table, const Key& owner) const;
    // True if it is new. Until the next one is added.
    std::pair<Head*, bool> find_or_add_head(Table table, const Key& owner);

    void finish_row(Table table, const Key& key, std::uint64_t first, bool has_first, Words rest);
    Words row_words(const Row& row) const;

    std::vector<std::vector<std::uint64_t>> chunks_;  // row values; a value lies in one chunk
    std::vector<std::vector<Row>> rows_;              // by table
    std::vector<Heads> heads_;                        // by table, if it is read back
    boost::unordered_flat_map<OwnerKey, std::vector<std::uint64_t>, OwnerHash> keyed_;  // names
    std::vector<std::vector<std::uint64_t>> meta_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<std::uint64_t>> times_;
    std::unordered_map<std::uint64_t, std::set<std::uint64_t>> descendants_;
    std::uint64_t bytes_ = 0;
    std::optional<Error> failure_;
};

}  // namespace tenure::projection
