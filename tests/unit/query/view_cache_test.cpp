#include <gtest/gtest.h>

#include "query/views.h"

namespace tenure::query {
namespace {

struct FakeView {
    ViewSpan span;
    int name = 0;
    std::size_t held = 0;

    std::size_t bytes() const { return held; }
};

FakeView view(int name, std::uint64_t from, std::uint64_t to, std::uint64_t built_at) {
    return {{{Revision{from}, Revision{to}}, Revision{built_at}, Revision{built_at}}, name, 0};
}

constexpr std::uint64_t open_end = revision_max.value;
constexpr ObjectId owner{7};

// Name of the view found; 0: none. `current`: whether an open view is still the newest.
int found(ViewCache<FakeView>& cache, std::uint64_t at, bool current = true, ObjectId of = owner) {
    const FakeView* view = cache.find(of, Revision{at}, [&](const FakeView&) { return current; });
    return view == nullptr ? 0 : view->name;
}

TEST(ViewCache, FindsTheViewOfTheInterval) {
    ViewCache<FakeView> cache{1U << 20U};
    cache.add(owner, view(2, 10, 20, 30));
    cache.add(owner, view(1, 0, 10, 30));
    cache.add(owner, view(3, 20, open_end, 30));

    EXPECT_EQ(found(cache, 0), 1);
    EXPECT_EQ(found(cache, 9), 1);
    EXPECT_EQ(found(cache, 10), 2);
    EXPECT_EQ(found(cache, 20), 3);
    EXPECT_EQ(found(cache, 20, true, ObjectId{8}), 0);
}

TEST(ViewCache, FindsNothingInAGap) {
    ViewCache<FakeView> cache{1U << 20U};
    cache.add(owner, view(1, 5, 10, 30));
    cache.add(owner, view(2, 20, open_end, 30));

    EXPECT_EQ(found(cache, 4), 0);
    EXPECT_EQ(found(cache, 10), 0);
    EXPECT_EQ(found(cache, 19), 0);
}

TEST(ViewCache, TrustsAnOpenViewUpToTheHeadItWasReadAt) {
    ViewCache<FakeView> cache{1U << 20U};
    cache.add(owner, view(1, 0, open_end, 30));

    EXPECT_EQ(found(cache, 30, false), 1);
    EXPECT_EQ(found(cache, 31, true), 1);
    // Overtaken: dropped, for good.
    EXPECT_EQ(found(cache, 31, false), 0);
    EXPECT_EQ(found(cache, 30, true), 0);
}

TEST(ViewCache, NeverDoubtsAClosedView) {
    ViewCache<FakeView> cache{1U << 20U};
    cache.add(owner, view(1, 0, 50, 60));

    EXPECT_EQ(found(cache, 49, false), 1);
}

TEST(ViewCache, DropsWhatWasNotUsedForLong) {
    constexpr std::size_t one = sizeof(FakeView) + 64;
    ViewCache<FakeView> cache{2 * 10 * one};  // two generations of ten
    cache.add(owner, view(1, 0, open_end, 30));
    cache.add(ObjectId{8}, view(2, 0, open_end, 30));

    for (std::uint64_t other = 100; other < 115; ++other) {
        cache.add(ObjectId{other}, view(3, 0, open_end, 30));
        EXPECT_EQ(found(cache, 5), 1) << "used all the time";
    }

    EXPECT_EQ(found(cache, 5, true, ObjectId{8}), 2) << "old, and back again";
    for (std::uint64_t other = 200; other < 240; ++other)
        cache.add(ObjectId{other}, view(3, 0, open_end, 30));
    EXPECT_EQ(found(cache, 5, true, ObjectId{8}), 0);
    EXPECT_EQ(found(cache, 5, true, ObjectId{239}), 3);
}

TEST(ViewCache, StaysBelowItsBound) {
    constexpr std::size_t most = 20'000;
    ViewCache<FakeView> cache{most};
    for (std::uint64_t n = 1; n < 500; ++n) {
        FakeView next = view(1, 0, open_end, n);
        next.held = 100 + n % 7 * 100;
        cache.add(ObjectId{n}, next);
        EXPECT_LE(cache.bytes(), most);
        // What is old comes back, and may have been overtaken.
        found(cache, n, n % 3 != 0, ObjectId{n / 2});
        found(cache, n, true, ObjectId{n - n % 5});
        EXPECT_LE(cache.bytes(), most);
    }
}

TEST(ViewCache, CountsWhatIsDroppedAndWhatGrows) {
    ViewCache<FakeView> cache{1U << 20U};
    cache.add(owner, view(1, 0, open_end, 30));
    EXPECT_GT(cache.bytes(), 0U);
    EXPECT_EQ(found(cache, 31, false), 0);
    EXPECT_EQ(cache.bytes(), 0U);

    ViewCache<FakeView> small{1'000};
    for (std::uint64_t n = 1; n < 50; ++n) {
        FakeView& added = small.add(ObjectId{n}, view(1, 0, open_end, n));
        added.held = 300;
        small.resized(ObjectId{n}, 0, 300);
        EXPECT_LE(small.bytes(), 1'000U);
        EXPECT_EQ(added.name, 1);
        const std::size_t before = small.bytes();
        small.resized(ObjectId{n}, 300, 100);
        added.held = 100;
        EXPECT_EQ(small.bytes(), before - 200) << "it stayed where it was";
    }
}

TEST(WholeViewCache, StaysBelowItsBound) {
    struct Whole {
        std::size_t bytes = 0;
    };

    WholeViewCache<Whole> cache{10'000};
    for (std::uint64_t n = 1; n < 300; ++n) {
        cache.put(ObjectId{n % 40}, {100 * (n % 9)});
        EXPECT_LE(cache.bytes(), 10'000U);
        ASSERT_NE(cache.find(ObjectId{n % 40}), nullptr);
        EXPECT_EQ(cache.find(ObjectId{n % 40})->bytes, 100 * (n % 9));
    }
}

}  // namespace
}  // namespace tenure::query
