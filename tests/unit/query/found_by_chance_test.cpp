// Mistakes that the property tests found, each as the smallest history that showed it.

#include <gtest/gtest.h>

#include "query/questions.h"
#include "unit/query/small_world.h"

namespace tenure::query {
namespace {

using Texts = std::vector<std::string>;

std::vector<Revision> history_of(SmallWorld& world, const std::string& tenant,
                                 const std::string& kind, const std::string& id) {
    const auto answer = history(world.engine(), tenant, kind, id, {}, world.moment());
    world.engine().end();
    EXPECT_TRUE(answer.has_value());
    return answer ? answer.value().events : std::vector<Revision>{};
}

TEST(FoundByChance, ABuiltInRolesHistoryTellsNothingOfOtherTenants) {
    SmallWorld world;
    world.role("reader", {"*/read"}, "");
    world.happen("t", domain::TenantCreated{});
    world.user("dana");
    const Revision assigned = world.assign("a1", "dana", "reader", "/");
    world.happen("other", domain::TenantCreated{});

    EXPECT_EQ(history_of(world, "t", "role", "reader"), (std::vector{Revision{1}, assigned}));
    EXPECT_EQ(history_of(world, "other", "role", "reader"), std::vector{Revision{1}});
}

TEST(FoundByChance, ADeletedRoleIsNotHeld) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    world.user("dana");
    world.role("reader", {"*/read"});
    const Revision assigned = world.assign("a1", "dana", "reader", "/");
    world.happen("t", domain::RoleDeleted{"reader"});

    const auto what = what_can(world.engine(), {"t", "dana", "", domain::Plane::control, {}}, "",
                               {}, world.moment());
    ASSERT_TRUE(what.has_value());
    EXPECT_TRUE(what.value().scopes.empty());
    const auto changed = diff(world.engine(), "t", "dana", {{}, assigned, {}}, {}, world.moment());
    ASSERT_TRUE(changed.has_value());
    EXPECT_EQ(changed.value().lost.size(), 1U);
    world.engine().end();
}

TEST(FoundByChance, TheStoresOwnRolesAreListedOnce) {
    SmallWorld world;
    world.role("reader", {"*/read"}, "");

    const auto changed = diff(world.engine(), "", "", {{}, revision_none, {}}, {}, world.moment());
    ASSERT_TRUE(changed.has_value());
    EXPECT_EQ(changed.value().roles_changed.size(), 1U);
    domain::CheckQuestion question = world.may("dana", "a/read", "/");
    question.tenant = "";
    const auto explained = explain(world.engine(), question, world.moment());
    ASSERT_TRUE(explained.has_value());
    EXPECT_EQ(explained.value().would_allow.size(), 1U);
    world.engine().end();
}

// The group joined first is later put below the one joined second.
TEST(FoundByChance, WhenSeesAGroupNestedThatWasAboveAnotherBefore) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    for (const char* id : {"first", "second", "top"}) world.group(id);
    world.user("dana");
    world.role("reader", {"*/read"});
    world.assign("a1", "top", "reader", "/");
    world.join("first", "dana");
    world.join("second", "dana");
    world.join("top", "second");
    const Revision nested = world.head();
    const Instant from = world.now();
    world.join("second", "first");

    const auto answer = when(world.engine(), world.may("dana", "a/read", "/"), world.moment());
    world.engine().end();

    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer.value().intervals.size(), 1U);
    EXPECT_EQ(answer.value().intervals.front().from, from);
    EXPECT_EQ(answer.value().intervals.front().opened_by, nested);
}

// A window ends at the very instant of an event that has nothing to do with it.
TEST(FoundByChance, WhenNamesNoEventWhereTheClockMadeTheDifference) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    world.group("team");
    world.user("dana");
    world.role("reader", {"*/read"});
    domain::Assignment assignment;
    assignment.id = "a1";
    assignment.principal = "dana";
    assignment.role = "reader";
    assignment.scope = "/";
    assignment.window.end = world.now() + 2;
    const Revision opened = world.happen("t", domain::AssignmentCreated{assignment});
    world.join("team", "dana");
    ASSERT_EQ(world.now(), *assignment.window.end);

    const auto answer = when(world.engine(), world.may("dana", "a/read", "/"), world.moment());
    world.engine().end();

    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer.value().intervals.size(), 1U);
    const AccessInterval& interval = answer.value().intervals.front();
    EXPECT_EQ(interval.opened_by, opened);
    EXPECT_EQ(interval.to, assignment.window.end);
    EXPECT_EQ(interval.closed_by, revision_none);
}

TEST(FoundByChance, ALateBuiltInRoleDoesNotRewriteATenantsPast) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    world.user("dana");
    world.role("reader", {"*/read"});
    const Instant before = world.now() + 5;
    world.wait(100);
    const Revision assigned = world.assign("a1", "dana", "reader", "/");
    const Instant from = world.now();
    domain::Role late;
    late.id = "late";
    world.import("", before, domain::RoleDefined{late});

    EXPECT_FALSE(world.check(world.may("dana", "a/read", "/", {before, {}, {}})).allowed);
    const auto answer = when(world.engine(), world.may("dana", "a/read", "/"), world.moment());
    world.engine().end();
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer.value().intervals.size(), 1U);
    EXPECT_EQ(answer.value().intervals.front().from, from);
    EXPECT_EQ(answer.value().intervals.front().opened_by, assigned);
}

TEST(FoundByChance, HistoryKnowsNothingOfAnUnfinishedImport) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    const Revision seen = world.head();
    world.user("dana");
    world.index().set_visible(seen);

    const auto answer = history(world.engine(), "t", "principal", "dana", {}, world.moment());
    world.engine().end();

    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::not_found);
}

TEST(Engine, AScopeThatIsNotKnownYetIsLookedForAgainOnceItMayBe) {
    SmallWorld world;
    world.user("ann");
    world.role("reader", {"Acme.Files/read"});
    world.assign("a1", "ann", "reader", "/x");
    const auto may = [&](const std::string& scope) {
        return world.check(world.may("ann", "Acme.Files/read", scope)).allowed;
    };
    EXPECT_TRUE(may("/x/y/z"));
    EXPECT_FALSE(may("/u/v/w"));
    EXPECT_FALSE(may("/u"));
    world.assign("a2", "ann", "reader", "/u/v/w");
    EXPECT_TRUE(may("/u/v/w"));
    EXPECT_FALSE(may("/u"));
    EXPECT_TRUE(may("/u/v/w/deep"));
    world.assign("a3", "ann", "reader", "/u/v");
    EXPECT_TRUE(may("/u/v/w/deep"));
    EXPECT_FALSE(may("/u/other"));
    world.assign("a4", "ann", "reader", "/u");
    EXPECT_TRUE(may("/u/other"));
}

}  // namespace
}  // namespace tenure::query
