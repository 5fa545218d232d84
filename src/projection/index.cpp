#include "projection/index.h"

#include <algorithm>

#include "base/invariant.h"

namespace tenure::projection {
namespace {

std::optional<std::uint64_t> meta_word(const RowReader& reader, MetaKey key) {
    const auto value = reader.get(table::meta, meta_key(key));
    if (!value) return std::nullopt;
    return value->front();
}

Result<void> initialise(storage::Environment& environment, const log::LogId& log) {
    storage::WriteTxn txn{environment};
    LmdbRows rows{txn};
    const auto set = [&](MetaKey key, std::uint64_t word) {
        rows.set(table::meta, meta_key(key), Words{&word, 1});
    };
    set(MetaKey::version, index_version);
    set(MetaKey::log_id_high, log.words[0]);
    set(MetaKey::log_id_low, log.words[1]);
    set(MetaKey::applied, 0);
    set(MetaKey::last_object, 0);
    if (rows.failure()) return *rows.failure();
    return txn.commit();
}

}  // namespace

SipKey sip_key_of(const log::LogId& id) {
    // The id itself is shown to people; the key should not be.
    const SipKey seed{{id.words[0], id.words[1]}};
    return SipKey{{siphash(seed, "tenure index names 0"), siphash(seed, "tenure index names 1")}};
}

Index::Index(std::unique_ptr<storage::Environment> environment, const SipKey& sip)
    : environment_{std::move(environment)}, sip_{sip}, writer_names_{sip} {}

Result<std::unique_ptr<Index>> Index::open(const std::string& directory, const log::LogId& log,
                                           const IndexOptions& options) {
    storage::EnvironmentOptions env_options;
    env_options.map_bytes = options.map_bytes;
    env_options.sync = storage::Sync::relaxed;
    env_options.read_only = options.read_only;
    env_options.create = options.create;
    env_options.replaceable = true;
    TRY(auto environment, storage::Environment::open(directory, index_tables, env_options));
    if (options.create) {
        TRY(initialise(*environment, log));
    }
    std::unique_ptr<Index> index{new Index{std::move(environment), sip_key_of(log)}};
    {
        const storage::ReadTxn txn{*index->environment_};
        const RowReader reader{txn};
        const auto version = meta_word(reader, MetaKey::version);
        if (!version)
            return Error{Errc::storage_damaged, "the index in " + directory + " has no version"};
        if (*version != index_version)
            return Error{Errc::storage_damaged, "the index in " + directory + " is of version " +
                                                    std::to_string(*version) +
                                                    ", this program's is " +
                                                    std::to_string(index_version)};
        if (meta_word(reader, MetaKey::log_id_high) != log.words[0] ||
            meta_word(reader, MetaKey::log_id_low) != log.words[1])
            return Error{Errc::storage_damaged,
                         "the index in " + directory + " was made from another log"};
    }
    index->set_visible(index->applied());
    return index;
}

Revision Index::applied() const {
    const storage::ReadTxn txn{*environment_};
    return Revision{meta_word(RowReader{txn}, MetaKey::applied).value_or(0)};
}

IndexBatch::IndexBatch(Index& index)
    : index_{index}, txn_{index.environment()}, rows_{txn_}, folder_{rows_, index.writer_names()} {}

IndexBatch::~IndexBatch() {
    // Ids handed out in an aborted transaction will be handed out again.
    if (!committed_) index_.writer_names().forget();
}

Result<void> IndexBatch::commit() {
    folder_.finish();
    if (rows_.failure()) return *rows_.failure();
    index_.changes().publish(folder_.touched(), folder_.applied());
    TRY(txn_.commit());
    committed_ = true;
    return success();
}

namespace {

std::string name_row(Table table, const Key& key) {
    std::string text = "table '" + std::string(index_tables[table.index].name) + "', key";
    for (std::size_t i = 0; i < key.size(); ++i) text += ' ' + std::to_string(key.word(i));
    return text;
}

Key first_key(Table table) {
    Key key;
    for (std::uint32_t i = 0; i < index_tables[table.index].key_words; ++i) key.push(0);
    return key;
}

bool whole_row(Table table, const storage::RowView& row) {
    if (row.value.size() < sizeof(std::uint64_t) || row.value.size() % sizeof(std::uint64_t) != 0)
        return false;
    const Words words{reinterpret_cast<const std::uint64_t*>(row.value.data()),
                      row.value.size() / sizeof(std::uint64_t)};
    return row_checksum(table, row.key, words.first(words.size() - 1)) == words.back();
}

}  // namespace

std::optional<std::string> first_flaw(const Index& index) {
    const auto use = index.environment().table_use();
    const storage::ReadTxn txn{index.environment()};
    for (std::uint32_t t = 0; t < index_tables.size(); ++t) {
        const Table table{t};
        std::optional<std::string> flaw;
        std::optional<Key> before;
        std::uint64_t rows = 0;
        txn.scan(table, first_key(table), 0, [&](const storage::RowView& row) {
            if (!whole_row(table, row) ||
                (before && !std::ranges::lexicographical_compare(before->bytes(), row.key.bytes())))
                flaw = name_row(table, row.key);
            before = row.key;
            ++rows;
            return !flaw;
        });
        if (!flaw && rows != use[t].rows)
            flaw = "table '" + use[t].name + "' has " + std::to_string(rows) + " rows instead of " +
                   std::to_string(use[t].rows);
        if (flaw) return flaw;
    }
    return std::nullopt;
}

std::optional<std::string> first_difference(
    const Index& a, const Index& b, const std::function<void(std::uint64_t rows)>& progress) {
    constexpr std::size_t rows_per_txn = 20'000;
    std::uint64_t compared = 0;
    for (std::uint32_t t = 0; t < index_tables.size(); ++t) {
        const Table table{t};
        Key from = first_key(table);
        bool skip_first = false;
        for (bool more = true; more;) {
            // A run of a's rows is collected with its bytes, then compared with b's.
            std::vector<std::pair<Key, std::vector<std::byte>>> run;
            {
                const storage::ReadTxn txn{a.environment()};
                txn.scan(table, from, 0, [&](const storage::RowView& row) {
                    run.emplace_back(row.key,
                                     std::vector<std::byte>(row.value.begin(), row.value.end()));
                    return run.size() < rows_per_txn;
                });
            }
            more = run.size() == rows_per_txn;
            std::size_t at = 0;
            std::optional<std::string> difference;
            {
                const storage::ReadTxn txn{b.environment()};
                txn.scan(table, from, 0, [&](const storage::RowView& row) {
                    if (at == run.size()) {
                        if (!more) difference = name_row(table, row.key);
                        return false;
                    }
                    const auto& [key, value] = run[at];
                    if (!std::ranges::equal(key.bytes(), row.key.bytes()) ||
                        !std::ranges::equal(value, row.value)) {
                        difference = name_row(table, row.key);
                        return false;
                    }
                    ++at;
                    return true;
                });
            }
            if (difference) return difference;
            if (at < run.size()) return name_row(table, run[at].first);
            compared += run.size() - (skip_first ? 1 : 0);
            if (progress) progress(compared);
            if (more) from = run.back().first;  // read again as the first of the next run
            skip_first = more;
        }
    }
    return std::nullopt;
}

}  // namespace tenure::projection
