#include "projection/bulk.h"

#include <algorithm>

#include "base/invariant.h"

namespace tenure::projection {
namespace {

constexpr std::size_t chunk_words = std::size_t{1} << 20U;
constexpr std::size_t rows_per_transaction = 100'000;

// Tables whose rows fold() puts without ever reading them back by owner.
bool only_put(Table t) {
    return t == table::members_of || t == table::descendants_of || t == table::grants_at ||
           t == table::grants_by_role;
}

std::array<std::uint64_t, 3> owner_key(const Key& key) {
    std::array<std::uint64_t, 3> owner{};
    for (std::size_t i = 0; i < key.size(); ++i) owner[i] = key.word(i);
    return owner;
}

}  // namespace

BulkRows::BulkRows()
    : rows_(index_tables.size()),
      heads_(index_tables.size()),
      meta_(static_cast<std::size_t>(MetaKey::last_object) + 1) {
    for (const storage::TableSpec& table : index_tables) INVARIANT(table.key_words <= 4);
}

const BulkRows::Head* BulkRows::find_head(Table table, const Key& owner) const {
    const Heads& heads = heads_[table.index];
    if (owner.size() == 1) {
        const std::uint64_t id = owner.word(0);
        if (id >= heads.slot_of.size() || heads.slot_of[id] == 0) return nullptr;
        return &heads.heads[heads.slot_of[id] - 1];
    }
    const auto at = heads.by_key.find(owner_key(owner));
    return at == heads.by_key.end() ? nullptr : &at->second;
}

std::pair<BulkRows::Head*, bool> BulkRows::find_or_add_head(Table table, const Key& owner) {
    Heads& heads = heads_[table.index];
    if (owner.size() > 1) {
        const auto [at, fresh] = heads.by_key.try_emplace(owner_key(owner));
        return {&at->second, fresh};
    }
    const std::uint64_t id = owner.word(0);
    if (id >= heads.slot_of.size())
        heads.slot_of.resize(std::max<std::size_t>(id + 1, heads.slot_of.size() * 2), 0);
    std::uint32_t& slot = heads.slot_of[id];
    if (slot != 0) return {&heads.heads[slot - 1], false};
    heads.owners.push_back(id);
    heads.heads.emplace_back();
    slot = static_cast<std::uint32_t>(heads.heads.size());
    return {&heads.heads.back(), true};
}

std::optional<Version> BulkRows::head(Table table, const Key& owner) const {
    INVARIANT(!only_put(table));
    const Head* head = find_head(table, owner);
    if (head == nullptr) return std::nullopt;
    return Version{head->range, head->payload};
}

void BulkRows::put(Table table, const Key& owner, RevisionRange range, Words payload) {
    if (only_put(table)) {
        Key key = owner;
        key.push(~range.from.value);
        finish_row(table, key, range.to.value, true, payload);
        if (table == table::descendants_of) {
            auto& below = descendants_[owner.word(0)];
            if (range.to == revision_max)
                below.insert(owner.word(1));
            else
                below.erase(owner.word(1));
        }
        return;
    }
    const auto [found, fresh] = find_or_add_head(table, owner);
    Head& head = *found;
    if (fresh) {
        bytes_ += sizeof(Head) + 80;
    } else if (head.range.from != range.from) {
        INVARIANT(head.range.from < range.from);
        Key key = owner;
        key.push(~head.range.from.value);
        finish_row(table, key, head.range.to.value, true, head.payload);
        bytes_ -= head.payload.size() * 8;
        head.payload.clear();
    }
    head.range = range;
    bytes_ += payload.size() * 8 - head.payload.size() * 8;
    head.payload.assign(payload.begin(), payload.end());
}

std::optional<Words> BulkRows::get(Table table, const Key& key) const {
    if (table == table::meta) {
        const auto& value = meta_[key.word(0)];
        return value.empty() ? std::nullopt : std::optional<Words>{value};
    }
    INVARIANT(table == table::names);
    const auto at = keyed_.find(owner_key(key));
    if (at == keyed_.end()) return std::nullopt;
    return at->second;
}

std::optional<std::pair<Key, std::vector<std::uint64_t>>> BulkRows::last_at(
    Table table, const Key& key, std::size_t prefix_words) const {
    INVARIANT(table == table::times && prefix_words == 1);
    auto at = times_.upper_bound({key.word(0), key.word(1)});
    if (at == times_.begin()) return std::nullopt;
    --at;
    if (at->first.first != key.word(0)) return std::nullopt;
    return std::pair{Key{at->first.first, at->first.second}, at->second};
}

void BulkRows::set(Table table, const Key& key, Words payload) {
    if (table == table::meta) {
        meta_[key.word(0)].assign(payload.begin(), payload.end());
    } else if (table == table::names) {
        const auto [at, fresh] = keyed_.try_emplace(owner_key(key));
        at->second.assign(payload.begin(), payload.end());
        bytes_ += payload.size() * 8 + (fresh ? 96 : 0);
    } else if (table == table::times) {
        times_[{key.word(0), key.word(1)}].assign(payload.begin(), payload.end());
    } else {
        finish_row(table, key, 0, false, payload);
    }
}

std::vector<std::uint64_t> BulkRows::live_elements(Table table, std::uint64_t owner) const {
    INVARIANT(table == table::descendants_of);
    const auto at = descendants_.find(owner);
    if (at == descendants_.end()) return {};
    return {at->second.begin(), at->second.end()};
}

void BulkRows::finish_row(Table table, const Key& key, std::uint64_t first, bool has_first,
                          Words rest) {
    const std::size_t length = rest.size() + (has_first ? 1 : 0);
    if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < length) {
        chunks_.emplace_back();
        chunks_.back().reserve(std::max(chunk_words, length));
    }
    std::vector<std::uint64_t>& chunk = chunks_.back();
    Row row;
    for (std::size_t i = 0; i < key.size(); ++i) row.key[i] = key.word(i);
    row.offset = (chunks_.size() - 1) << 32U | chunk.size();
    row.length = static_cast<std::uint32_t>(length);
    row.order = static_cast<std::uint32_t>(rows_[table.index].size());
    if (has_first) chunk.push_back(first);
    chunk.insert(chunk.end(), rest.begin(), rest.end());
    rows_[table.index].push_back(row);
    bytes_ += sizeof(Row) + length * 8;
}

Words BulkRows::row_words(const Row& row) const {
    return Words{chunks_[row.offset >> 32U]}.subspan(row.offset & 0xFFFFFFFFU, row.length);
}

Result<void> BulkRows::write(storage::Environment& environment,
                             const std::function<void(std::uint64_t rows)>& progress) {
    // What is still open joins the finished rows.
    for (std::uint32_t t = 0; t < heads_.size(); ++t) {
        const auto finish = [&](const OwnerKey& owner, const Head& head) {
            Key key;
            for (std::uint32_t i = 0; i + 1 < index_tables[t].key_words; ++i) key.push(owner[i]);
            key.push(~head.range.from.value);
            finish_row(Table{t}, key, head.range.to.value, true, head.payload);
        };
        for (std::size_t i = 0; i < heads_[t].heads.size(); ++i)
            finish({heads_[t].owners[i], 0, 0}, heads_[t].heads[i]);
        for (const auto& [owner, head] : heads_[t].by_key) finish(owner, head);
        heads_[t] = {};
    }
    for (const auto& [key, value] : keyed_)
        finish_row(table::names, Key{key[0], key[1], key[2]}, 0, false, value);
    keyed_ = {};
    for (const auto& [key, value] : times_)
        finish_row(table::times, Key{key.first, key.second}, 0, false, value);
    times_.clear();

    std::vector<std::uint64_t> value;
    std::uint64_t written = 0;
    for (std::uint32_t t = 0; t < rows_.size(); ++t) {
        const Table table{t};
        std::vector<Row>& rows = rows_[t];
        std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
            return a.key != b.key ? a.key < b.key : a.order < b.order;
        });
        std::optional<storage::WriteTxn> txn;
        std::size_t in_transaction = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i + 1 < rows.size() && rows[i + 1].key == rows[i].key) continue;
            if (!txn) txn.emplace(environment);
            Key key;
            for (std::uint32_t w = 0; w < index_tables[t].key_words; ++w) key.push(rows[i].key[w]);
            const Words words = row_words(rows[i]);
            value.assign(words.begin(), words.end());
            value.push_back(row_checksum(table, key, words));
            TRY(txn->append(table, key, as_byte_span(value)));
            if (++in_transaction < rows_per_transaction) continue;
            TRY(txn->commit());
            txn.reset();
            written += in_transaction;
            in_transaction = 0;
            if (progress) progress(written);
        }
        if (txn) {
            TRY(txn->commit());
        }
        written += in_transaction;
        std::vector<Row>{}.swap(rows);
    }
    // Last, and in a transaction of its own: it says how far the index goes.
    storage::WriteTxn txn{environment};
    LmdbRows meta{txn};
    for (std::size_t key = 0; key < meta_.size(); ++key)
        if (!meta_[key].empty()) meta.set(table::meta, Key{key}, meta_[key]);
    if (meta.failure()) return *meta.failure();
    return txn.commit();
}

}  // namespace tenure::projection
