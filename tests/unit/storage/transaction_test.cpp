#include <sys/resource.h>

#include <csignal>
#include <map>
#include <thread>

#include "base/random.h"
#include "storage/environment.h"
#include "unit/storage/storage_fixture.h"

namespace tenure::storage {
namespace {

using tenure::testing::TempDir;

class Transaction : public ::testing::Test {
protected:
    TempDir dir_;
    std::unique_ptr<Environment> environment_ = open_or_die(dir_ / "store", making());

    void write(Table table, const Key& key, const Words& value) {
        WriteTxn txn{*environment_};
        put(txn, table, key, value);
        commit(txn);
    }
};

TEST(Key, OrdersLikeItsNumbers) {
    const std::vector<Key> ascending{{0},        {0, 0}, {0, 1},        {0, 0xFF},
                                     {0, 0x100}, {1, 0}, {0x1'0000, 0}, {~std::uint64_t{0}, 0}};
    for (std::size_t i = 1; i < ascending.size(); ++i) {
        const Bytes a = ascending[i - 1].bytes();
        const Bytes b = ascending[i].bytes();
        EXPECT_TRUE(std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end())) << i;
    }
}

TEST(Key, ReturnsItsWords) {
    Key key{1, 0x0123456789ABCDEF};
    key.push(3);

    EXPECT_EQ(key.size(), 3U);
    EXPECT_EQ(key.word(0), 1U);
    EXPECT_EQ(key.word(1), 0x0123456789ABCDEFU);
    EXPECT_EQ(key.word(2), 3U);
    EXPECT_EQ(Key::from_bytes(key.bytes()), key);
    EXPECT_EQ(key.bytes()[8], std::byte{0x01});
    EXPECT_DEATH(key.word(3), "invariant broken");
}

TEST_F(Transaction, ReadsWhatWasCommitted) {
    write(pairs, {1, 2}, {3, 4});

    const ReadTxn txn{*environment_};

    EXPECT_EQ(words(*txn.get(pairs, {1, 2})), (Words{3, 4}));
    EXPECT_FALSE(txn.get(pairs, {1, 3}).has_value());
    EXPECT_FALSE(txn.get(singles, {1}).has_value());
    EXPECT_EQ(txn.seeks(), 3U);
}

TEST_F(Transaction, KeepsItsSnapshotUntilRenewed) {
    write(singles, {1}, {1});
    ReadTxn txn{*environment_};
    EXPECT_EQ(words(*txn.get(singles, {1})), Words{1});

    std::thread([this] { write(singles, {1}, {2}); }).join();

    EXPECT_EQ(words(*txn.get(singles, {1})), Words{1});
    txn.renew();
    EXPECT_EQ(words(*txn.get(singles, {1})), Words{2});
    EXPECT_EQ(words(txn.seek(singles, {1}, 1)->value), Words{2});
}

TEST_F(Transaction, GoesOnAfterReset) {
    write(singles, {1}, {1});
    ReadTxn txn{*environment_};
    EXPECT_TRUE(txn.get(singles, {1}).has_value());
    txn.reset();
    txn.reset();
    write(singles, {1}, {2});
    {
        const ReadTxn other{*environment_};  // the slot is free meanwhile
        EXPECT_EQ(words(*other.get(singles, {1})), Words{2});
    }
    EXPECT_FALSE(environment_->table_use().empty());

    txn.renew();

    EXPECT_EQ(words(*txn.get(singles, {1})), Words{2});
}

TEST_F(Transaction, ReadsItsOwnWrites) {
    WriteTxn txn{*environment_};
    EXPECT_FALSE(txn.get(singles, {1}).has_value());
    put(txn, singles, {1}, {10});
    EXPECT_EQ(words(*txn.get(singles, {1})), Words{10});
    put(txn, singles, {1}, {11, 12});
    EXPECT_EQ(words(txn.seek(singles, {0}, 0)->value), (Words{11, 12}));
    EXPECT_TRUE(txn.erase(singles, {1}));
    EXPECT_FALSE(txn.erase(singles, {1}));
    EXPECT_FALSE(txn.seek(singles, {0}, 0).has_value());
}

TEST_F(Transaction, AbortsWhatWasNotCommitted) {
    {
        WriteTxn txn{*environment_};
        put(txn, singles, {1}, {1});
        EXPECT_TRUE(txn.get(singles, {1}).has_value());
    }

    EXPECT_FALSE(ReadTxn{*environment_}.get(singles, {1}).has_value());
}

TEST_F(Transaction, SeeksWithinPrefix) {
    WriteTxn txn{*environment_};
    for (const std::uint64_t a : {1U, 2U, 4U})
        for (const std::uint64_t b : {10U, 20U, 30U}) put(txn, pairs, {a, b}, {a * b});

    EXPECT_EQ(txn.seek(pairs, {2, 15}, 1)->key, (Key{2, 20}));
    EXPECT_EQ(txn.seek(pairs, {2, 20}, 2)->key, (Key{2, 20}));
    EXPECT_FALSE(txn.seek(pairs, {2, 15}, 2).has_value());
    EXPECT_FALSE(txn.seek(pairs, {2, 31}, 1).has_value());
    EXPECT_EQ(txn.seek(pairs, {2, 31}, 0)->key, (Key{4, 10}));
    EXPECT_EQ(txn.seek(pairs, {2}, 1)->key, (Key{2, 10}));
    EXPECT_FALSE(txn.seek(pairs, {3}, 1).has_value());
    EXPECT_FALSE(txn.seek(pairs, {5}, 0).has_value());
}

TEST_F(Transaction, SeeksBackWithinPrefix) {
    WriteTxn txn{*environment_};
    EXPECT_FALSE(txn.seek_back(pairs, {9, 9}, 0).has_value());
    for (const std::uint64_t a : {1U, 2U, 4U})
        for (const std::uint64_t b : {10U, 20U, 30U}) put(txn, pairs, {a, b}, {a * b});

    EXPECT_EQ(txn.seek_back(pairs, {2, 25}, 1)->key, (Key{2, 20}));
    EXPECT_EQ(txn.seek_back(pairs, {2, 20}, 2)->key, (Key{2, 20}));
    EXPECT_EQ(words(txn.seek_back(pairs, {2, 20}, 2)->value), Words{40});
    EXPECT_FALSE(txn.seek_back(pairs, {2, 25}, 2).has_value());
    EXPECT_FALSE(txn.seek_back(pairs, {2, 9}, 1).has_value());
    EXPECT_EQ(txn.seek_back(pairs, {2, 9}, 0)->key, (Key{1, 30}));
    EXPECT_EQ(txn.seek_back(pairs, {9, 9}, 0)->key, (Key{4, 30}));
    EXPECT_FALSE(txn.seek_back(pairs, {1, 9}, 0).has_value());
}

TEST_F(Transaction, ScansUntilPrefixOrVisitorEnds) {
    WriteTxn txn{*environment_};
    for (const std::uint64_t a : {1U, 2U})
        for (const std::uint64_t b : {10U, 20U, 30U}) put(txn, pairs, {a, b}, {a * b});
    const auto seen = [&](const Key& from, std::size_t prefix_words, std::size_t count_max) {
        Words values;
        txn.scan(pairs, from, prefix_words, [&](const RowView& row) {
            values.push_back(words(row.value)[0]);
            return values.size() < count_max;
        });
        return values;
    };

    EXPECT_EQ(seen({1}, 1, 9), (Words{10, 20, 30}));
    EXPECT_EQ(seen({1, 15}, 1, 9), (Words{20, 30}));
    EXPECT_EQ(seen({1, 15}, 0, 9), (Words{20, 30, 20, 40, 60}));
    EXPECT_EQ(seen({1}, 0, 2), (Words{10, 20}));
    EXPECT_EQ(seen({3}, 0, 9), Words{});
}

TEST_F(Transaction, ScansNestInOneTable) {
    WriteTxn txn{*environment_};
    for (std::uint64_t i = 0; i < 4; ++i) put(txn, singles, {i}, {i});
    Words seen;

    txn.scan(singles, {0}, 0, [&](const RowView& outer) {
        txn.scan(singles, {outer.key.word(0) + 1}, 0, [&](const RowView& inner) {
            seen.push_back(outer.key.word(0) * 10 + inner.key.word(0));
            return true;
        });
        EXPECT_TRUE(txn.get(singles, {0}).has_value());
        return true;
    });

    EXPECT_EQ(seen, (Words{1, 2, 3, 12, 13, 23}));
}

TEST_F(Transaction, AppendsInOrderOnly) {
    WriteTxn txn{*environment_};
    for (std::uint64_t i = 0; i < 100; ++i)
        ASSERT_TRUE(txn.append(singles, {i}, bytes({i})).has_value());

    EXPECT_EQ(txn.seek_back(singles, {~std::uint64_t{0}}, 0)->key, Key{99});
    EXPECT_DEATH(static_cast<void>(txn.append(singles, {50}, bytes({1}))), "storage failure");
}

TEST_F(Transaction, RefusesKeysAndValuesThatAreNotWholeWords) {
    WriteTxn txn{*environment_};
    const std::array<std::byte, 12> odd{};

    EXPECT_DEATH(static_cast<void>(txn.put(singles, {1}, odd)), "invariant broken");
    EXPECT_DEATH(static_cast<void>(txn.put(singles, {1, 2}, {})), "invariant broken");
    EXPECT_DEATH(static_cast<void>(txn.get(pairs, {1})), "invariant broken");
    EXPECT_DEATH(static_cast<void>(txn.seek(pairs, {1}, 2)), "invariant broken");
}

TEST_F(Transaction, AlignsValuesOfAllSizes) {
    // Given values of zero to over a page, rewritten with other sizes
    SeededRandom random{1};
    std::map<std::uint64_t, std::size_t> sizes;
    for (int round = 0; round < 20; ++round) {
        WriteTxn txn{*environment_};
        for (int i = 0; i < 100; ++i) {
            const std::uint64_t id = random.below(500);
            sizes[id] = random.below(random.one_in(10) ? 900 : 40);
            put(txn, pairs, {id, 1}, Words(sizes[id], id));
            const auto address = reinterpret_cast<std::uintptr_t>(txn.get(pairs, {id, 1})->data());
            EXPECT_EQ(address % 8, 0U);
        }
        commit(txn);
    }

    const ReadTxn txn{*environment_};

    for (const auto& [id, size] : sizes) {
        const Bytes value = *txn.get(pairs, {id, 1});
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(value.data()) % 8, 0U);
        EXPECT_EQ(words(value), Words(size, id));
    }
}

TEST_F(Transaction, AgreesWithMap) {
    SeededRandom random{2};
    std::map<std::uint64_t, std::uint64_t> model;
    for (int round = 0; round < 30; ++round) {
        WriteTxn txn{*environment_};
        std::map<std::uint64_t, std::uint64_t> draft = model;
        for (int i = 0; i < 50; ++i) {
            const std::uint64_t id = random.below(200);
            if (random.one_in(3)) {
                EXPECT_EQ(txn.erase(singles, {id}), draft.erase(id) == 1);
            } else {
                draft[id] = random.next();
                put(txn, singles, {id}, {draft[id]});
            }
            const std::uint64_t probe = random.below(210);
            const auto at = draft.lower_bound(probe);
            const auto row = txn.seek(singles, {probe}, 0);
            ASSERT_EQ(row.has_value(), at != draft.end());
            if (row) {
                EXPECT_EQ(row->key.word(0), at->first);
            }
            const auto above = draft.upper_bound(probe);
            const auto back = txn.seek_back(singles, {probe}, 0);
            ASSERT_EQ(back.has_value(), above != draft.begin());
            if (back) {
                EXPECT_EQ(words(back->value)[0], std::prev(above)->second);
            }
        }
        if (random.one_in(4)) continue;  // aborted
        commit(txn);
        model = draft;
    }
    std::map<std::uint64_t, std::uint64_t> stored;
    ReadTxn{*environment_}.scan(singles, {0}, 0, [&](const RowView& row) {
        stored[row.key.word(0)] = words(row.value)[0];
        return true;
    });
    EXPECT_EQ(stored, model);
}

TEST(FullMap, IsAnErrorAndKeepsNothing) {
    const TempDir dir;
    const auto environment = open_or_die(dir.path(), making(std::uint64_t{1} << 20U));
    {
        WriteTxn txn{*environment};
        put(txn, singles, {0}, {7});
        commit(txn);
    }
    {
        WriteTxn txn{*environment};
        Result<void> result = success();
        std::uint64_t i = 1;
        while (result) result = txn.put(singles, {i++}, bytes(Words(100, i)));
        EXPECT_EQ(result.error().code, Errc::storage_full);
        EXPECT_NE(result.error().detail.find("singles"), std::string::npos);
        // Then the transaction is dead, but not the program
        EXPECT_EQ(txn.put(singles, {1}, {}).error().code, Errc::storage_full);
        EXPECT_FALSE(txn.get(singles, {0}).has_value());
        EXPECT_FALSE(txn.seek(singles, {0}, 0).has_value());
        EXPECT_FALSE(txn.erase(singles, {0}));
        EXPECT_EQ(txn.commit().error().code, Errc::storage_full);
    }
    EXPECT_EQ(environment->table_use()[singles.index].rows, 1U);

    // And what fits is still taken
    WriteTxn txn{*environment};
    put(txn, singles, {1}, {8});
    commit(txn);
    EXPECT_EQ(words(*ReadTxn{*environment}.get(singles, {0})), Words{7});
}

TEST(FullDisk, IsAnErrorAndKeepsNothing) {
    // Given a file that may not grow: what LMDB sees of it is a write cut short
    const TempDir dir;
    const auto environment = open_or_die(dir.path(), making());
    {
        WriteTxn txn{*environment};
        put(txn, singles, {0}, {7});
        commit(txn);
    }
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);

    struct rlimit unlimited {};

    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    struct rlimit limited = unlimited;
    limited.rlim_cur = environment->file_bytes() + 10 * 4096 + 100;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);

    for (int attempt = 0; attempt < 3; ++attempt) {
        WriteTxn txn{*environment};
        for (std::uint64_t i = 1; i < 1'000; ++i) put(txn, singles, {i}, Words(100, i));
        const auto result = txn.commit();
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, Errc::storage_full);
    }

    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    std::signal(SIGXFSZ, old_handler);
    EXPECT_EQ(environment->table_use()[singles.index].rows, 1U);
    WriteTxn txn{*environment};
    for (std::uint64_t i = 1; i < 1'000; ++i) put(txn, singles, {i}, Words(100, i));
    commit(txn);
    EXPECT_EQ(environment->table_use()[singles.index].rows, 1'000U);
}

}  // namespace
}  // namespace tenure::storage
