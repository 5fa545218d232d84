// The digest of the index: the same whatever way an index was made and however far it has gone
// since, and another one if a single word of a row is.

#include <gtest/gtest.h>

#include <map>

#include "projection/digest.h"
#include "property/folded_world.h"
#include "support/random_world.h"
#include "support/seeds.h"

namespace tenure::testing {
namespace {

using projection::digest_as_of;
using projection::IndexDigest;

IndexDigest digest(FoldedWorld& world, Revision at) {
    const auto found = digest_as_of(world.index(), at, {});
    INVARIANT(found.has_value());
    return *found;
}

TEST(IndexDigest, IsTheSameHoweverTheIndexWasMade) {
    for_each_seed(15, [](std::uint64_t seed) {
        const auto events = random_world(seed, random_options(seed));
        SeededRandom random{seed};
        FoldedWorld whole{events, random};
        FoldedWorld pieces{events, random};
        FoldedWorld built{events, random};

        whole.fold(events.size());
        while (!pieces.done()) pieces.fold_some(1 + random.below(30));
        built.build(random.below(events.size() + 1));
        while (!built.done()) built.fold_some(20);

        const Revision last{events.size()};
        const IndexDigest expected = digest(whole, last);
        EXPECT_EQ(digest(pieces, last), expected);
        EXPECT_EQ(digest(built, last), expected);
        whole.reopen();
        EXPECT_EQ(digest(whole, last), expected);
    });
}

// What a node that is ahead says of a revision is what one says that has come just so far.
TEST(IndexDigest, OfAnEarlierRevisionIsWhatItWasThen) {
    for_each_seed(8, [](std::uint64_t seed) {
        const auto events = random_world(seed, random_options(seed));
        SeededRandom random{seed};
        FoldedWorld ahead{events, random};
        FoldedWorld follows{events, random};
        ahead.fold(events.size());

        std::map<log::Digest, Revision> seen;
        while (follows.applied().value < events.size()) {
            follows.fold(1 + random.below(20));
            const Revision at = follows.applied();
            const IndexDigest now = digest(follows, at);
            EXPECT_EQ(digest(ahead, at), now) << "as of revision " << at.value;
            EXPECT_TRUE(seen.emplace(now.digest, at).second) << "twice, at " << at.value;
            const Revision earlier{random.below(at.value + 1)};
            EXPECT_EQ(digest(ahead, earlier), digest(follows, earlier))
                << "as of revision " << earlier.value << ", from " << at.value;
            if (::testing::Test::HasFailure()) return;
        }
    });
}

TEST(IndexDigest, OfEveryRevisionIsWhatItWasThen) {
    for (const WorldOptions& options :
         {WorldOptions{WorldShape::mixed, 150, true}, WorldOptions{WorldShape::joiners, 150}}) {
        const auto events = random_world(3, options);
        SeededRandom random{3};
        FoldedWorld ahead{events, random};
        FoldedWorld follows{events, random};
        ahead.fold(events.size());
        while (!follows.done()) {
            follows.fold(1);
            const Revision at = follows.applied();
            ASSERT_EQ(digest(ahead, at), digest(follows, at)) << "as of revision " << at.value;
        }
    }
}

// A few rows at a time, with events folded in between.
TEST(IndexDigest, IsTheSameWhileMoreIsFolded) {
    for (const WorldOptions& options :
         {WorldOptions{WorldShape::mixed, 400, true}, WorldOptions{WorldShape::joiners, 400},
          WorldOptions{WorldShape::wide, 1200}}) {
        const auto events = random_world(7, options);
        SeededRandom random{7};
        FoldedWorld world{events, random};
        world.fold(events.size() / 4);
        while (!world.done()) {
            const Revision at = world.head();
            const IndexDigest before = digest(world, at);
            std::uint64_t looks = 0;
            const auto fold = [&](std::uint64_t) {
                if (++looks % 8 == 0 && !world.done()) world.fold(1 + random.below(4));
                return true;
            };
            ASSERT_EQ(digest_as_of(world.index(), at, fold, 7), before)
                << "as of revision " << at.value << ", then " << world.head().value;
            world.fold(50);
        }
    }
}

std::vector<std::pair<projection::Key, std::vector<std::uint64_t>>> rows_of(
    FoldedWorld& world, projection::Table table) {
    std::vector<std::pair<projection::Key, std::vector<std::uint64_t>>> rows;
    const storage::ReadTxn txn{world.index().environment()};
    projection::Key from;
    for (std::uint32_t i = 0; i < projection::index_tables[table.index].key_words; ++i)
        from.push(0);
    projection::RowReader{txn}.scan_plain(
        table, from, 0, [&](const projection::Key& key, projection::Words value) {
            rows.emplace_back(key, std::vector<std::uint64_t>(value.begin(), value.end()));
            return true;
        });
    return rows;
}

void put(FoldedWorld& world, projection::Table table, const projection::Key& key,
         const std::vector<std::uint64_t>& value) {
    storage::WriteTxn txn{world.index().environment()};
    projection::LmdbRows{txn}.set(table, key, value);
    ASSERT_TRUE(txn.commit());
}

// Alters a row and writes it with a checksum that fits: what a fold that went wrong would leave
// behind. Every table is part of the digest.
TEST(IndexDigest, DiffersWhenOneRowDoes) {
    SeededRandom random{1};
    const auto mixed = random_world(5, {WorldShape::mixed, 400});
    const auto wide = random_world(5, {WorldShape::wide, 700});
    FoldedWorld mixed_world{mixed, random};
    FoldedWorld wide_world{wide, random};
    mixed_world.fold(mixed.size());
    wide_world.fold(wide.size());
    for (std::uint32_t t = projection::table::names.index; t < projection::index_tables.size();
         ++t) {
        const projection::Table table{t};
        FoldedWorld& world = table == projection::table::grants_wide ? wide_world : mixed_world;
        const std::string before = log::hex(digest(world, world.head()).digest);
        const auto is_other = [&] {
            return log::hex(digest(world, world.head()).digest) != before;
        };
        const std::string name = projection::index_tables[t].name;
        const auto rows = rows_of(world, table);
        ASSERT_FALSE(rows.empty()) << name;
        const auto& [key, value] = rows[random.below(rows.size())];
        {
            storage::WriteTxn txn{world.index().environment()};
            ASSERT_TRUE(txn.erase(table, key));
            ASSERT_TRUE(txn.commit());
        }
        EXPECT_TRUE(is_other()) << name << ": a row is missing";
        put(world, table, key, value);
        EXPECT_FALSE(is_other()) << name;
        const bool plain = name == "names" || name == "texts" || name == "times" ||
                           name == "window_edges" || name == "scope_marks";
        auto altered = value;
        if (!plain) {
            // When it ended.
            altered.front() =
                altered.front() == revision_max.value ? world.head().value : revision_max.value;
            put(world, table, key, altered);
            EXPECT_TRUE(is_other()) << name << ": a version ends elsewhere";
        }
        altered = value;
        if (altered.size() > 1) {
            altered[1] ^= 2U;
            put(world, table, key, altered);
            EXPECT_TRUE(is_other()) << name << ": a word is another";
        }
        put(world, table, key, value);
    }
}

TEST(IndexDigest, StopsWhenItIsTold) {
    const auto events = random_world(2, {WorldShape::mixed, 100});
    SeededRandom random{2};
    FoldedWorld world{events, random};
    world.fold(events.size());
    std::uint64_t asked = 0;
    const auto stop = [&](std::uint64_t) { return ++asked < 4; };
    EXPECT_EQ(digest_as_of(world.index(), Revision{50}, stop), std::nullopt);
    EXPECT_EQ(asked, 4U);
}

}  // namespace
}  // namespace tenure::testing
