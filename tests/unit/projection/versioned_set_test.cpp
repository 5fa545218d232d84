#include "projection/versioned_set.h"

#include <map>
#include <set>

#include "base/random.h"
#include "unit/projection/rows_fixture.h"

namespace tenure::projection {
namespace {

constexpr std::uint64_t owner = 5;

std::set<std::uint64_t> elements_at(const TestRows& rows, const SetShape& shape, std::uint64_t at) {
    return rows.read([&](const RowReader& reader) {
        std::set<std::uint64_t> result;
        const auto block = set_block_at(reader, shape, owner, Revision{at});
        if (!block) return result;
        for (std::size_t i = 0; i < block->size(); ++i)
            if (block->interval(i).contains(Revision{at})) {
                EXPECT_TRUE(result.insert(block->word(i, 0)).second) << "twice";
            }
        return result;
    });
}

std::size_t block_count(const TestRows& rows, const SetShape& shape) {
    return rows.read([&](const RowReader& reader) {
        std::size_t blocks = 0;
        reader.scan(shape.table, Key{owner}, [&](const VersionRow&) {
            ++blocks;
            return true;
        });
        return blocks;
    });
}

TEST(VersionedSet, KnowsWhoWasInItWhen) {
    TestRows rows;
    rows.write([](LmdbRows& r) {
        const std::uint64_t a = 1;
        const std::uint64_t b = 2;
        set_add(r, groups_of_set, owner, Words{&a, 1}, Revision{3});
        set_add(r, groups_of_set, owner, Words{&b, 1}, Revision{5});
        const auto closed = set_remove(r, groups_of_set, owner, Words{&a, 1}, Revision{7});
        EXPECT_EQ(closed->from, Revision{3});
        EXPECT_FALSE(set_remove(r, groups_of_set, owner, Words{&a, 1}, Revision{8}).has_value());
        set_add(r, groups_of_set, owner, Words{&a, 1}, Revision{9});
    });

    using Set = std::set<std::uint64_t>;
    EXPECT_EQ(elements_at(rows, groups_of_set, 2), Set{});
    EXPECT_EQ(elements_at(rows, groups_of_set, 3), Set{1});
    EXPECT_EQ(elements_at(rows, groups_of_set, 6), (Set{1, 2}));
    EXPECT_EQ(elements_at(rows, groups_of_set, 7), Set{2});
    EXPECT_EQ(elements_at(rows, groups_of_set, 9), (Set{1, 2}));
}

TEST(VersionedSet, AgreesWithAMapOverManyBlocks) {
    SeededRandom random{3};
    TestRows rows;
    std::set<std::uint64_t> now;
    std::map<std::uint64_t, std::set<std::uint64_t>> at;  // by revision
    std::map<std::uint64_t, std::uint64_t> since;
    std::multiset<std::vector<std::uint64_t>> history;
    const std::uint64_t changes = 600;
    for (std::uint64_t revision = 1; revision <= changes; ++revision) {
        rows.write([&](LmdbRows& r) {
            const std::uint64_t element = random.below(12);
            if (now.insert(element).second) {
                set_add(r, ancestors_of_set, owner, Words{&element, 1}, Revision{revision});
                since[element] = revision;
            } else {
                now.erase(element);
                const auto closed =
                    set_remove(r, ancestors_of_set, owner, Words{&element, 1}, Revision{revision});
                ASSERT_TRUE(closed.has_value());
                EXPECT_EQ(closed->from.value, since[element]);
                history.insert({element, since[element], revision});
            }
            std::set<std::uint64_t> live;
            for (const SetInterval& each : set_live(r, ancestors_of_set, owner))
                live.insert(each.words.front());
            EXPECT_EQ(live, now);
        });
        at[revision] = now;
    }
    for (const std::uint64_t element : now)
        history.insert({element, since[element], revision_max.value});

    for (std::uint64_t revision = 1; revision <= changes; ++revision)
        ASSERT_EQ(elements_at(rows, ancestors_of_set, revision), at[revision]) << revision;
    // In proportion to the changes, not to their square.
    EXPECT_GT(block_count(rows, ancestors_of_set), 3U);
    EXPECT_LT(block_count(rows, ancestors_of_set), changes / 10);
    std::multiset<std::vector<std::uint64_t>> told;
    Revision last;
    rows.read([&](const RowReader& reader) {
        for (const SetInterval& each : set_history(reader, ancestors_of_set, owner)) {
            EXPECT_LE(last, each.range.from);
            last = each.range.from;
            told.insert({each.words.front(), each.range.from.value, each.range.to.value});
        }
    });
    EXPECT_EQ(told, history);
}

TEST(VersionedSet, SeveralChangesByOneEventStayTogether) {
    TestRows rows;
    rows.write([](LmdbRows& r) {
        for (std::uint64_t element = 0; element < 3 * set_block_entries_min; ++element)
            set_add(r, ancestors_of_set, owner, Words{&element, 1}, Revision{4});
    });

    EXPECT_EQ(block_count(rows, ancestors_of_set), 1U);
    EXPECT_EQ(elements_at(rows, ancestors_of_set, 4).size(), 3 * set_block_entries_min);
    EXPECT_TRUE(elements_at(rows, ancestors_of_set, 3).empty());
}

TEST(VersionedSet, KeepsThePayloadBesideTheElement) {
    TestRows rows;
    rows.write([](LmdbRows& r) {
        const std::vector<std::uint64_t> grant{1, 2, 99};
        set_add(r, grants_of_set, owner, grant, Revision{3});
        const auto closed = set_remove(r, grants_of_set, owner, Words{grant}.first(2), Revision{6});
        ASSERT_TRUE(closed.has_value());
        EXPECT_EQ(closed->payload, std::vector<std::uint64_t>{99});
    });
}

TEST(VersionedSet, HandsOverToAnotherTableWhenWide) {
    TestRows rows;
    rows.write([](LmdbRows& r) {
        const std::vector<std::uint64_t> grant{1, 2, 99};
        set_add(r, grants_of_set, owner, grant, Revision{3});
        EXPECT_FALSE(set_is_wide(r, grants_of_set, owner));
        set_make_wide(r, grants_of_set, owner, Revision{6});
        EXPECT_TRUE(set_is_wide(r, grants_of_set, owner));
        EXPECT_TRUE(set_live(r, grants_of_set, owner).empty());
    });

    EXPECT_EQ(elements_at(rows, grants_of_set, 5), std::set<std::uint64_t>{1});
    EXPECT_TRUE(elements_at(rows, grants_of_set, 6).empty());
    rows.read([](const RowReader& reader) {
        EXPECT_FALSE(set_block_at(reader, grants_of_set, owner, Revision{5})->wide());
        EXPECT_TRUE(set_block_at(reader, grants_of_set, owner, Revision{6})->wide());
        EXPECT_FALSE(set_block_at(reader, grants_of_set, owner, Revision{2}).has_value());
    });
}

}  // namespace
}  // namespace tenure::projection
