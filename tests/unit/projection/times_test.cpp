#include "projection/times.h"

#include <algorithm>

#include "base/random.h"
#include "projection/impossible_event.h"
#include "unit/projection/rows_fixture.h"

namespace tenure::projection {
namespace {

constexpr ObjectId tenant{3};

std::uint64_t floor_of(const TestRows& rows, Instant t, ObjectId of = tenant) {
    return rows.read([&](const RowReader& reader) {
        const auto found = time_floor(reader, of, t);
        return found ? found->revision.value : 0;
    });
}

std::uint64_t first_after_of(const TestRows& rows, Instant t) {
    return rows.read([&](const RowReader& reader) {
        const auto found = first_after(reader, tenant, t);
        return found ? found->revision.value : 0;
    });
}

TEST(Times, WordsKeepTheOrderOfInstants) {
    const std::vector<Instant> ascending{instant_min, Instant{-1}, Instant{0}, Instant{1},
                                         instant_max};

    for (std::size_t i = 0; i + 1 < ascending.size(); ++i)
        EXPECT_LT(word_of(ascending[i]), word_of(ascending[i + 1]));
    for (const Instant t : ascending) EXPECT_EQ(instant_of(word_of(t)), t);
}

TEST(Times, AnswerWithTheLastOfSeveralEventsOfOneInstant) {
    TestRows rows;
    rows.write([](LmdbRows& r) {
        TimesTail tail;
        tail.append(r, tenant, Instant{10}, Revision{4});
        for (const std::uint64_t revision : {5U, 7U, 9U})
            tail.append(r, tenant, Instant{20}, Revision{revision});
        tail.append(r, tenant, Instant{30}, Revision{11});
        tail.flush(r);
    });

    EXPECT_EQ(floor_of(rows, Instant{9}), 0U);
    EXPECT_EQ(floor_of(rows, Instant{10}), 4U);
    EXPECT_EQ(floor_of(rows, Instant{19}), 4U);
    EXPECT_EQ(floor_of(rows, Instant{20}), 9U);
    EXPECT_EQ(floor_of(rows, instant_max), 11U);
    EXPECT_EQ(floor_of(rows, instant_max, ObjectId{4}), 0U);
    EXPECT_EQ(first_after_of(rows, instant_min), 4U);
    EXPECT_EQ(first_after_of(rows, Instant{10}), 5U);
    EXPECT_EQ(first_after_of(rows, Instant{20}), 11U);
    EXPECT_EQ(first_after_of(rows, Instant{30}), 0U);
    EXPECT_EQ(first_after_of(rows, instant_max), 0U);
}

// Blocks begin anywhere, also between two events of one instant.
TEST(Times, AgreeWithAListOverManyBlocks) {
    SeededRandom random{11};
    TestRows rows;
    std::vector<TimePoint> all;
    Instant now{-500};
    std::uint64_t revision = 0;
    for (int batch = 0; batch < 40; ++batch) {
        rows.write([&](LmdbRows& r) {
            TimesTail tail;
            if (!all.empty()) {
                EXPECT_EQ(tail.last(r, tenant)->revision, all.back().revision);
            }
            for (std::uint64_t n = random.below(60); n > 0; --n) {
                now = now + static_cast<std::int64_t>(random.below(3));
                revision += 1 + random.below(3);
                tail.append(r, tenant, now, Revision{revision});
                all.push_back({now, Revision{revision}});
            }
            tail.flush(r);
        });
    }
    ASSERT_GT(all.size(), 500U);

    for (Instant t{-502}; t <= now + 2; t = t + 1) {
        const auto after =
            std::ranges::find_if(all, [&](const TimePoint& point) { return t < point.instant; });
        EXPECT_EQ(floor_of(rows, t), after == all.begin() ? 0 : (after - 1)->revision.value);
        EXPECT_EQ(first_after_of(rows, t), after == all.end() ? 0 : after->revision.value);
    }
    for (const std::uint64_t asked : {std::uint64_t{1}, revision / 2, revision, revision + 1}) {
        const auto around = rows.read(
            [&](const RowReader& reader) { return times_around(reader, tenant, Revision{asked}); });
        std::optional<Instant> before;
        std::optional<Instant> after;
        for (const TimePoint& point : all) {
            if (point.revision.value < asked) before = point.instant;
            if (point.revision.value > asked && !after) after = point.instant;
        }
        EXPECT_EQ(around.before, before) << asked;
        EXPECT_EQ(around.after, after) << asked;
        const auto by_then = rows.read(
            [&](const RowReader& reader) { return time_floor(reader, tenant, Revision{asked}); });
        std::optional<Instant> newest;
        for (const TimePoint& point : all)
            if (point.revision.value <= asked) newest = point.instant;
        EXPECT_EQ(by_then ? std::optional{by_then->instant} : std::nullopt, newest) << asked;
    }
}

TEST(Times, RefuseToRunBackwards) {
    TestRows rows;
    rows.write([](LmdbRows& r) {
        TimesTail tail;
        tail.append(r, tenant, Instant{10}, Revision{1});

        EXPECT_THROW(tail.append(r, tenant, Instant{9}, Revision{2}), ImpossibleEvent);
    });
}

}  // namespace
}  // namespace tenure::projection
