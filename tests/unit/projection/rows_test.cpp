#include "projection/rows.h"

#include <optional>

#include "unit/projection/rows_fixture.h"

namespace tenure::projection {
namespace {

constexpr Table versioned = table::principals;
constexpr Table plain = table::names;

std::optional<std::uint64_t> first_word_at(const TestRows& rows, const Key& owner,
                                           std::uint64_t at) {
    return rows.read([&](const RowReader& reader) -> std::optional<std::uint64_t> {
        const auto version = reader.at(versioned, owner, Revision{at});
        if (!version) return std::nullopt;
        return version->payload.front();
    });
}

TEST(Rows, KeepEveryVersion) {
    TestRows rows;
    const Key owner{7};

    rows.write([&](LmdbRows& r) {
        const std::uint64_t ten = 10;
        const std::uint64_t twenty = 20;
        r.replace(versioned, owner, Revision{3}, Words{&ten, 1});
        r.replace(versioned, owner, Revision{5}, Words{&twenty, 1});
        r.close(versioned, owner, Revision{9});
    });

    EXPECT_EQ(first_word_at(rows, owner, 2), std::nullopt);
    EXPECT_EQ(first_word_at(rows, owner, 3), 10U);
    EXPECT_EQ(first_word_at(rows, owner, 4), 10U);
    EXPECT_EQ(first_word_at(rows, owner, 5), 20U);
    EXPECT_EQ(first_word_at(rows, owner, 8), 20U);
    EXPECT_EQ(first_word_at(rows, owner, 9), std::nullopt);
    EXPECT_EQ(first_word_at(rows, owner, revision_max.value), std::nullopt);
}

TEST(Rows, TellOwnersApart) {
    TestRows rows;
    rows.write([&](LmdbRows& r) {
        const std::uint64_t word = 1;
        r.replace(versioned, Key{7}, Revision{3}, Words{&word, 1});
    });

    EXPECT_EQ(first_word_at(rows, Key{6}, 9), std::nullopt);
    EXPECT_EQ(first_word_at(rows, Key{8}, 9), std::nullopt);
}

TEST(Rows, ReplaceTwiceByOneEventKeepsTheLast) {
    TestRows rows;
    rows.write([&](LmdbRows& r) {
        for (const std::uint64_t word : {1U, 2U})
            r.replace(versioned, Key{7}, Revision{3}, Words{&word, 1});
    });

    EXPECT_EQ(first_word_at(rows, Key{7}, 3), 2U);
    EXPECT_EQ(first_word_at(rows, Key{7}, 2), std::nullopt);
}

TEST(Rows, CloseLeavesAClosedVersionAlone) {
    TestRows rows;
    rows.write([&](LmdbRows& r) {
        const std::uint64_t word = 1;
        r.put(versioned, Key{7}, {Revision{3}, Revision{4}}, Words{&word, 1});
        r.close(versioned, Key{7}, Revision{9});
        r.close(versioned, Key{8}, Revision{9});
    });

    EXPECT_EQ(first_word_at(rows, Key{7}, 3), 1U);
    EXPECT_EQ(first_word_at(rows, Key{7}, 4), std::nullopt);
}

TEST(Rows, ScanVisitsAPrefixUntilToldToStop) {
    TestRows rows;
    rows.write([&](LmdbRows& r) {
        for (const std::uint64_t member : {1U, 2U, 3U})
            r.put(table::members_of, Key{7, member}, {Revision{member}, revision_max}, {});
        r.put(table::members_of, Key{8, 1}, {Revision{9}, revision_max}, {});
    });
    const auto members = [&](std::size_t most) {
        return rows.read([&](const RowReader& reader) {
            std::vector<std::uint64_t> found;
            reader.scan(table::members_of, Key{7}, [&](const VersionRow& row) {
                found.push_back(row.owner(1));
                return found.size() < most;
            });
            return found;
        });
    };

    EXPECT_EQ(members(9), (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(members(2), (std::vector<std::uint64_t>{1, 2}));
}

TEST(Rows, LiveElementsAreThoseInForceAtHead) {
    TestRows rows;
    rows.write([&](LmdbRows& r) {
        r.put(table::members_of, Key{7, 3}, {Revision{1}, revision_max}, {});
        r.put(table::members_of, Key{7, 1}, {Revision{2}, revision_max}, {});
        r.put(table::members_of, Key{7, 1}, {Revision{2}, Revision{4}}, {});
        r.put(table::members_of, Key{7, 2}, {Revision{2}, Revision{3}}, {});
        r.put(table::members_of, Key{7, 2}, {Revision{5}, revision_max}, {});
        EXPECT_EQ(r.live_elements(table::members_of, 7), (std::vector<std::uint64_t>{2, 3}));
    });
}

TEST(Rows, LastAtStaysWithinItsPrefix) {
    TestRows rows;
    rows.write([&](LmdbRows& r) {
        const std::uint64_t word = 1;
        r.set(table::times, Key{7, 100}, Words{&word, 1});
    });
    const auto found = [&](std::uint64_t tenant, std::uint64_t instant) {
        return rows.read([&](const RowReader& reader) {
            return reader.last_at(table::times, Key{tenant, instant}, 1).has_value();
        });
    };

    EXPECT_TRUE(found(7, 100));
    EXPECT_TRUE(found(7, 101));
    EXPECT_FALSE(found(7, 99));
    EXPECT_FALSE(found(8, 100));
}

TEST(Rows, TextsComeBackAsTheyWere) {
    std::vector<std::uint64_t> words;
    const std::vector<std::string> texts{"", "a", "eight by", "nine byte", std::string(100, 'x')};

    for (const std::string& text : texts) push_text(words, text);

    std::size_t at = 0;
    for (const std::string& text : texts) EXPECT_EQ(take_text(words, at), text);
    EXPECT_EQ(at, words.size());
}

// A row whose checksum is that of another key, table or value.
void store_raw(TestRows& rows, Table table, const Key& key, std::vector<std::uint64_t> words) {
    storage::WriteTxn txn{rows.environment()};
    ASSERT_TRUE(txn.put(table, key, as_byte_span(words)).has_value());
    ASSERT_TRUE(txn.commit().has_value());
}

TEST(Rows, EveryFlippedBitChangesTheChecksum) {
    const Key key{1, 2, 3};
    const std::vector<std::uint64_t> value{4, 5, 0};
    const std::uint64_t good = row_checksum(plain, key, value);

    for (std::size_t bit = 0; bit < 64 * value.size(); ++bit) {
        std::vector<std::uint64_t> bad = value;
        bad[bit / 64] ^= std::uint64_t{1} << (bit % 64);
        EXPECT_NE(row_checksum(plain, key, bad), good) << bit;
    }
    EXPECT_NE(row_checksum(plain, Key{1, 2, 4}, value), good);
    EXPECT_NE(row_checksum(table::times, key, value), good);
}

TEST(RowsDeathTest, ADamagedRowIsNamedAndNeverAnAnswer) {
    TestRows rows;
    const Key key{1, 2, 3};
    store_raw(rows, plain, key, {4, row_checksum(plain, key, std::vector<std::uint64_t>{5})});
    const auto get = [&] {
        return rows.read([&](const RowReader& reader) { return reader.get(plain, key); });
    };

    EXPECT_DEATH(get(), "names.*damaged row at key 1 2 3");
}

TEST(RowsDeathTest, ARowOfAnotherKeyIsDamaged) {
    TestRows rows;
    const std::vector<std::uint64_t> value{revision_max.value, 5};
    std::vector<std::uint64_t> stored = value;
    stored.push_back(row_checksum(versioned, Key{7, ~std::uint64_t{3}}, value));
    store_raw(rows, versioned, Key{8, ~std::uint64_t{3}}, stored);
    const auto get = [&] {
        return rows.read(
            [&](const RowReader& reader) { return reader.at(versioned, Key{8}, Revision{4}); });
    };

    EXPECT_DEATH(get(), "principals.*damaged row at key 8");
}

TEST(RowsDeathTest, AnEmptyRowIsDamaged) {
    TestRows rows;
    const Key key{7, ~std::uint64_t{3}};
    store_raw(rows, versioned, key, {row_checksum(versioned, key, {})});
    const auto get = [&] {
        return rows.read([&](const RowReader& reader) { return reader.head(versioned, Key{7}); });
    };

    EXPECT_DEATH(get(), "damaged row");
}

}  // namespace
}  // namespace tenure::projection
