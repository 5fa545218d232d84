// Roles against each other: what differs, and what bringing some in changes.

#include <gtest/gtest.h>

#include "domain/role_changes.h"
#include "domain/role_difference.h"

namespace tenure::domain {
namespace {

Role role(std::string id, std::vector<std::string> actions = {"A/read"}) {
    Role result;
    result.id = id;
    result.name = "Name of " + id;
    result.assignable_scopes = {"/s"};
    result.permissions.emplace_back().actions = std::move(actions);
    return result;
}

Operations known(const std::vector<std::string>& names) {
    Operations result;
    for (const std::string& name : names) result.insert(operation(name, Plane::control));
    return result;
}

TEST(RoleDifference, IsByPatternAndByOperation) {
    const Role before = role("r", {"A/*", "B/read"});
    Role after = role("r", {"a/*", "C/*"});
    after.permissions.front().not_actions = {"A/delete"};
    after.permissions.front().condition = Condition{"@Resource[x] StringEquals 'y'", "2.0"};
    after.assignable_scopes = {"/S/", "/t"};
    after.description = "Now with C";

    const RoleDifference difference =
        role_difference(before, after, known({"a/*", "a/delete", "a/read", "b/read", "c/x"}));

    using Line = RoleDifference::Line;
    EXPECT_EQ(difference.changes,
              (std::vector<RoleDifference::Change>{{"description", "", "Now with C"}}));
    EXPECT_EQ(difference.lines,
              (std::vector<Line>{{"actions", "B/read", false},
                                 {"actions", "C/*", true},
                                 {"notActions", "A/delete", true},
                                 {"condition", "@Resource[x] StringEquals 'y'", true},
                                 {"assignableScopes", "/t", true}}));
    EXPECT_EQ(difference.lost,
              (std::vector<Operation>{{"a/delete", Plane::control}, {"b/read", Plane::control}}));
    EXPECT_EQ(difference.gained, (std::vector<Operation>{{"c/x", Plane::control}}));
    EXPECT_FALSE(difference.empty());
}

TEST(RoleDifference, SaysWhenOnlyTheBlocksDiffer) {
    const Role one = role("r", {"A/read", "B/read"});
    Role two = role("r", {"A/read"});
    two.permissions.emplace_back().actions = {"B/read"};
    const RoleDifference difference = role_difference(one, two, {});
    EXPECT_TRUE(difference.regrouped);
    EXPECT_FALSE(difference.empty());
    EXPECT_TRUE(role_difference(one, one, {}).empty());
}

GivenRole given(Role given_role, std::uint64_t line, bool id_given = true) {
    return {std::move(given_role), id_given, line};
}

TEST(RoleChanges, AreNewRolesAndThoseThatDiffer) {
    const std::vector<Role> present{role("same"), role("other"), role("named")};
    Role named = role("made-of-the-name", {"B/*"});
    named.name = "NAME OF NAMED";

    const auto changes = role_changes({given(role("SAME"), 1), given(role("other", {"*"}), 2),
                                       given(role("new"), 3), given(named, 4, false)},
                                      present, false);

    ASSERT_TRUE(changes);
    EXPECT_EQ(changes.value().unchanged, 0U);  // its name is spelled by another id
    EXPECT_EQ(changes.value().defined, 1U);
    EXPECT_EQ(changes.value().updated, 3U);
    ASSERT_EQ(changes.value().changes.size(), 4U);
    const auto& last = changes.value().changes.back();
    EXPECT_EQ(last.line, 4U);
    EXPECT_EQ(std::get<UpdateRole>(last.command).role.id, "named");
    EXPECT_TRUE(std::holds_alternative<DefineRole>(changes.value().changes[2].command));
}

TEST(RoleChanges, OfBuiltInRolesAreProvidedTogetherAndFirst) {
    Role reader = role("reader");
    Role owner = role("owner");
    reader.built_in = owner.built_in = true;

    const auto refused = role_changes({given(role("x"), 1), given(owner, 7)}, {reader}, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_TRUE(refused.error().detail.starts_with("line 7: role 'Name of owner' is built in"));

    const auto changes =
        role_changes({given(role("x"), 1), given(reader, 2), given(owner, 3)}, {reader}, true);
    ASSERT_TRUE(changes);
    ASSERT_EQ(changes.value().changes.size(), 2U);
    const auto& provided = std::get<ApplyCatalog>(changes.value().changes[0].command);
    EXPECT_EQ(provided.roles, std::vector<Role>{owner});
    EXPECT_TRUE(provided.catalog.empty());
    EXPECT_EQ(changes.value().changes[0].line, 3U);
    EXPECT_EQ(changes.value().unchanged, 1U);
    EXPECT_TRUE(role_changes({given(reader, 1)}, {reader}, false).value().changes.empty());
}

}  // namespace
}  // namespace tenure::domain
