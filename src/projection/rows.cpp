#include "projection/rows.h"

#include <cstdlib>
#include <cstring>

#include "base/invariant.h"
#include "storage/damage.h"

namespace tenure::projection {
namespace {

Words as_words(Bytes bytes) {
    INVARIANT(bytes.size() % sizeof(std::uint64_t) == 0);
    INVARIANT(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0);
    return {reinterpret_cast<const std::uint64_t*>(bytes.data()),
            bytes.size() / sizeof(std::uint64_t)};
}

// Checks the checksum word and strips it.
Words checked(Table table, const Key& key, Bytes stored) {
    if (stored.size() < sizeof(std::uint64_t) || stored.size() % sizeof(std::uint64_t) != 0)
        row_damaged(table, key);
    const Words words = as_words(stored);
    const Words value = words.first(words.size() - 1);
    if (row_checksum(table, key, value) != words.back()) row_damaged(table, key);
    return value;
}

VersionRow version_row(Table table, const storage::RowView& row) {
    const Words value = checked(table, row.key, row.value);
    if (value.empty()) row_damaged(table, row.key);
    const Revision from{~row.key.word(row.key.size() - 1)};
    return {row.key, {{from, Revision{value[0]}}, value.subspan(1)}};
}

Key versioned_key(const Key& owner, Revision from) {
    Key key = owner;
    key.push(~from.value);
    return key;
}

}  // namespace

void row_damaged(Table table, const Key& key) {
    std::string what = "index table '";
    what += index_tables[table.index].name;
    what += "' holds a damaged row at key";
    for (std::size_t i = 0; i < key.size(); ++i) what += ' ' + std::to_string(key.word(i));
    storage::fatal_damage(what);
}

std::uint64_t row_checksum(Table table, const Key& key, Words value) {
    return checksum(as_byte_span(value), checksum(key.bytes(), table.index));
}

Bytes as_byte_span(Words words) { return std::as_bytes(words); }

void push_text(std::vector<std::uint64_t>& words, std::string_view text) {
    words.push_back(text.size());
    const std::size_t at = words.size();
    words.resize(at + (text.size() + 7) / 8, 0);
    if (!text.empty()) std::memcpy(words.data() + at, text.data(), text.size());
}

std::string_view take_text(Words words, std::size_t& at) {
    const std::size_t length = words[at];
    const Words bytes = words.subspan(at + 1, (length + 7) / 8);
    at += 1 + bytes.size();
    return {reinterpret_cast<const char*>(bytes.data()), length};
}

void push_bytes(std::vector<std::uint64_t>& words, Bytes whole_words) {
    INVARIANT(whole_words.size() % 8 == 0);
    const std::size_t at = words.size();
    words.resize(at + whole_words.size() / 8);
    if (!whole_words.empty())
        std::memcpy(words.data() + at, whole_words.data(), whole_words.size());
}

void Rows::close(Table table, const Key& owner, Revision at) {
    const auto version = head(table, owner);
    if (!version || version->range.to != revision_max) return;
    const std::vector<std::uint64_t> payload(version->payload.begin(), version->payload.end());
    put(table, owner, {version->range.from, at}, payload);
}

void Rows::replace(Table table, const Key& owner, Revision at, Words payload) {
    const auto version = head(table, owner);
    if (version && version->range.to == revision_max && version->range.from < at) {
        const std::vector<std::uint64_t> old(version->payload.begin(), version->payload.end());
        put(table, owner, {version->range.from, at}, old);
    }
    put(table, owner, {at, revision_max}, payload);
}

std::optional<Version> RowReader::at(Table table, const Key& owner, Revision at) const {
    const auto row = reader_->seek(table, versioned_key(owner, at), owner.size());
    if (!row) return std::nullopt;
    const VersionRow found = version_row(table, *row);
    if (!found.version.range.contains(at)) return std::nullopt;
    return found.version;
}

std::optional<Version> RowReader::head(Table table, const Key& owner) const {
    const auto row = reader_->seek(table, versioned_key(owner, revision_max), owner.size());
    if (!row) return std::nullopt;
    return version_row(table, *row).version;
}

std::optional<Words> RowReader::get(Table table, const Key& key) const {
    const auto value = reader_->get(table, key);
    if (!value) return std::nullopt;
    return checked(table, key, *value);
}

std::optional<std::pair<Key, Words>> RowReader::last_at(Table table, const Key& key,
                                                        std::size_t prefix_words) const {
    const auto row = reader_->seek_back(table, key, prefix_words);
    if (!row) return std::nullopt;
    return std::pair{row->key, checked(table, row->key, row->value)};
}

void RowReader::scan(Table table, const Key& prefix,
                     const std::function<bool(const VersionRow&)>& visit) const {
    Key from = prefix;
    while (from.size() < index_tables[table.index].key_words) from.push(0);
    scan_from(table, from, prefix.size(), visit);
}

void RowReader::scan_from(Table table, const Key& from, std::size_t prefix_words,
                          const std::function<bool(const VersionRow&)>& visit) const {
    reader_->scan(table, from, prefix_words,
                  [&](const storage::RowView& row) { return visit(version_row(table, row)); });
}

void RowReader::scan_plain(Table table, const Key& from, std::size_t prefix_words,
                           const std::function<bool(const Key&, Words)>& visit) const {
    reader_->scan(table, from, prefix_words, [&](const storage::RowView& row) {
        return visit(row.key, checked(table, row.key, row.value));
    });
}

std::optional<Version> LmdbRows::head(Table table, const Key& owner) const {
    return reader_.head(table, owner);
}

void LmdbRows::put(Table table, const Key& owner, RevisionRange range, Words payload) {
    scratch_.clear();
    scratch_.push_back(range.to.value);
    scratch_.insert(scratch_.end(), payload.begin(), payload.end());
    store(table, versioned_key(owner, range.from));
}

std::optional<Words> LmdbRows::get(Table table, const Key& key) const {
    return reader_.get(table, key);
}

std::optional<std::pair<Key, std::vector<std::uint64_t>>> LmdbRows::last_at(
    Table table, const Key& key, std::size_t prefix_words) const {
    const auto row = reader_.last_at(table, key, prefix_words);
    if (!row) return std::nullopt;
    return std::pair{row->first,
                     std::vector<std::uint64_t>(row->second.begin(), row->second.end())};
}

void LmdbRows::set(Table table, const Key& key, Words payload) {
    scratch_.assign(payload.begin(), payload.end());
    store(table, key);
}

void LmdbRows::store(Table table, const Key& key) {
    if (failure_) return;
    scratch_.push_back(row_checksum(table, key, scratch_));
    auto stored = txn_->put(table, key, as_byte_span(scratch_));
    if (!stored) failure_ = std::move(stored.error());
}

std::vector<std::uint64_t> LmdbRows::live_elements(Table table, std::uint64_t owner) const {
    std::vector<std::uint64_t> result;
    reader_.scan(table, Key{owner}, [&](const VersionRow& row) {
        if (row.version.range.to == revision_max) result.push_back(row.owner(1));
        return true;
    });
    return result;
}

}  // namespace tenure::projection
