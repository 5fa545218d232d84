#include "query/enumerate.h"

#include <gtest/gtest.h>

#include <set>

#include "unit/query/small_world.h"

namespace tenure::query {
namespace {

std::multiset<std::string> all(SmallWorld& world, Kind kind, const std::string& tenant = "t") {
    std::multiset<std::string> found;
    world.engine().begin();
    const ObjectId id = world.engine().tenant_time(tenant).tenant;
    for_each_named(world.engine(), id, kind, [&](ObjectId object, std::string_view text) {
        EXPECT_NE(object, ObjectId{});
        found.emplace(text);
        return true;
    });
    world.engine().end();
    return found;
}

TEST(Enumerate, NamesEachObjectOfAKindOnce) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    world.happen("other", domain::TenantCreated{});
    world.user("dana");
    world.group("team");
    world.role("reader", {"*/read"});
    world.happen("t", domain::ScopeCreated{"/A/b", "", ""});

    using Texts = std::multiset<std::string>;
    EXPECT_EQ(all(world, Kind::principal), (Texts{"dana", "team"}));
    EXPECT_EQ(all(world, Kind::role), Texts{"reader"});
    EXPECT_EQ(all(world, Kind::scope), (Texts{"/", "/a", "/a/b"}));
    EXPECT_EQ(all(world, Kind::principal, "other"), Texts{});
    EXPECT_EQ(all(world, Kind::assignment), Texts{});
}

TEST(Enumerate, StopsWhenTold) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    for (const char* id : {"a", "b", "c"}) world.user(id);
    int seen = 0;

    world.engine().begin();
    for_each_named(world.engine(), world.engine().tenant_time("t").tenant, Kind::principal,
                   [&](ObjectId, std::string_view) { return ++seen < 2; });
    world.engine().end();

    EXPECT_EQ(seen, 2);
}

TEST(Enumerate, LosesNobodyBetweenItsSnapshots) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    const std::size_t many = 2 * objects_per_snapshot + 3;
    {
        projection::IndexBatch batch{world.index()};
        for (std::size_t i = 0; i < many; ++i) {
            domain::Event event;
            event.revision = Revision{2 + i};
            event.recorded_at = event.effective_at = world.now() + static_cast<std::int64_t>(1 + i);
            event.tenant = "t";
            domain::Principal principal;
            principal.id = "user " + std::to_string(i);
            event.body = domain::PrincipalCreated{principal};
            batch.folder().fold(event);
        }
        ASSERT_TRUE(batch.commit().has_value());
    }
    world.index().set_visible(Revision{1 + many});

    const auto found = all(world, Kind::principal);

    EXPECT_EQ(found.size(), many);
    EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), many);
}

}  // namespace
}  // namespace tenure::query
