// The digest of an index is the hash that docs/FORMAT.md describes, word by word.

#include "projection/digest.h"

#include <string>
#include <vector>

#include "log/merkle.h"
#include "unit/projection/index_fixture.h"

namespace tenure::projection {
namespace {

class IndexDigestBytes : public FoldedIndex {
protected:
    void fold(std::uint64_t revision, domain::EventBody body) {
        IndexBatch batch{*index_};
        batch.folder().fold(event_of(Revision{revision}, std::move(body)));
        ASSERT_TRUE(batch.commit());
    }

    std::string digest(std::uint64_t revision) {
        return log::hex(digest_as_of(*index_, Revision{revision}, {})->digest);
    }

    static std::vector<std::uint64_t> header(std::uint64_t revision) {
        constexpr std::uint64_t tenurdig = 0x67696472'756E6574ULL;
        return {tenurdig, 1, index_version, log_id.words[0], log_id.words[1], revision};
    }

    static std::string hash(const std::vector<std::uint64_t>& words) {
        return log::hex(log::sha256(as_byte_span(words)));
    }
};

TEST_F(IndexDigestBytes, WithoutEventsAreTheHeader) {
    EXPECT_EQ(digest(0), hash(header(0)));
    const auto found = digest_as_of(*index_, Revision{0}, {});
    EXPECT_EQ(found->rows, 0U);
    EXPECT_EQ(found->bytes, 0U);
}

TEST_F(IndexDigestBytes, AreTheHeaderAndTheRowsInTheDocumentsOrder) {
    domain::Principal ana;
    ana.id = "ana";
    fold(1, domain::TenantCreated{"T", false});
    fold(2, domain::PrincipalCreated{ana});
    // Nothing has ended and no two events are of one instant: the rows are hashed as they stand.
    std::vector<std::uint64_t> words = header(2);
    std::uint64_t rows = 0;
    std::vector<std::uint32_t> order;
    for (std::uint32_t t = 3; t < index_tables.size(); ++t) order.push_back(t);
    order.push_back(1);
    order.push_back(2);
    for (const std::uint32_t t : order) {
        const storage::ReadTxn txn{index_->environment()};
        const RowReader reader{txn};
        Key from;
        for (std::uint32_t i = 0; i < index_tables[t].key_words; ++i) from.push(0);
        reader.scan_plain(Table{t}, from, 0, [&](const Key& key, Words value) {
            words.push_back(t);
            words.push_back(value.size());
            for (std::size_t i = 0; i < key.size(); ++i) words.push_back(key.word(i));
            words.insert(words.end(), value.begin(), value.end());
            ++rows;
            return true;
        });
    }
    // Store tenant, tenant and principal by name and by id; two series of times; one version each.
    EXPECT_EQ(rows, 3U + 3U + 2U + 2U);
    const auto found = digest_as_of(*index_, Revision{2}, {});
    EXPECT_EQ(log::hex(found->digest), hash(words));
    EXPECT_EQ(found->rows, rows);
    EXPECT_EQ(found->bytes, (words.size() - 6 - 2 * rows) * 8);
}

}  // namespace
}  // namespace tenure::projection
