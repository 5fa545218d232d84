#include "support/map_state.h"

#include "deciding.h"

namespace tenure::domain {
namespace {

class MapStateTest : public Deciding {};

TEST_F(MapStateTest, CopiesKeepTheirMoment) {
    user("u");
    const testing::MapState before = state;
    allow(DisablePrincipal{"u"});
    EXPECT_TRUE(before.principal("t", "u")->enabled);
    EXPECT_FALSE(state.principal("t", "u")->enabled);
}

TEST_F(MapStateTest, KeepsTenantsApart) {
    allow(command(CreateTenant{}, "other"));
    user("u");
    EXPECT_TRUE(state.principal("t", "u"));
    EXPECT_FALSE(state.principal("other", "u"));
    EXPECT_EQ(state.tenants().at("t").principals.size(), 1U);
}

TEST_F(MapStateTest, FollowsGroupsAllTheWayUp) {
    for (const char* id : {"a", "b", "c"}) group(id);
    user("u");
    allow(AddMember{"a", "b"});
    allow(AddMember{"b", "c"});
    allow(AddMember{"c", "u"});
    EXPECT_EQ(state.tenants().at("t").groups_above("u"), (testing::MapTenant::Set{"a", "b", "c"}));
    EXPECT_TRUE(state.is_nested("t", "c", "a"));
    EXPECT_FALSE(state.is_nested("t", "a", "c"));
    EXPECT_FALSE(state.is_direct_member("t", "a", "u"));
    EXPECT_EQ(state.ancestor_group_count("t", "b"), 1U);
    EXPECT_EQ(state.ancestor_group_count_below("t", "b"), 2U);
    EXPECT_EQ(state.direct_group_count("t", "u"), 1U);
}

TEST_F(MapStateTest, FindsRolesOfTheTenantThenOfTheStore) {
    built_in("reader");
    defined(role("Own"));
    EXPECT_TRUE(state.role("t", "READER")->role.built_in);
    EXPECT_FALSE(state.role("t", "own")->role.built_in);
    EXPECT_FALSE(state.role("t", "none"));
    EXPECT_EQ(state.role_named("t", "OWN"), "Own");
    EXPECT_EQ(state.role_named("t", "reader"), std::nullopt);
}

TEST_F(MapStateTest, TellsTheTimeOfTheNewestEvent) {
    user("u");
    const Instant then = now + -1'000'000;
    EXPECT_EQ(state.tenant("t")->last_effective, then);
    EXPECT_EQ(state.tenant("t")->last_revision, revision);
    EXPECT_FALSE(state.tenant("none"));
    EXPECT_TRUE(state.tenant(store_tenant)->open_for_import);
}

TEST_F(MapStateTest, LooksBelowAScopeOverExplicitParents) {
    allow(CreateScope{"/m", "", ""});
    allow(CreateScope{"/m2", "/m", ""});
    allow(CreateScope{"/s", "/m2", ""});
    user("u");
    defined(role("r", {"/m"}));
    assigned(assignment("a", "u", "r", "/S/rg"));
    EXPECT_EQ(state.assignments_below("t", "/M").value(), (std::vector<std::string>{"a"}));
    EXPECT_TRUE(state.assignments_below("t", "/other").value().empty());
    EXPECT_EQ(state.scope_user("t", "/s").value(), "/S/rg");
    EXPECT_EQ(state.scope_parents_below("t", "/m").value(), 2U);
    EXPECT_EQ(state.scope_parents_below("t", "/s").value(), 0U);
}

}  // namespace
}  // namespace tenure::domain
