#include "domain/catalog.h"

#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class CatalogCommands : public Deciding {
protected:
    static Role provided(std::string id, std::vector<std::string> actions = {"*/read"}) {
        Role r = role(std::move(id), {"/"}, std::move(actions));
        r.built_in = true;
        return r;
    }

    static ApplyCatalog catalog(std::uint64_t version, std::vector<Role> roles) {
        return {"files", version, std::move(roles)};
    }

    static SettingsChanged version(const std::string& number) {
        return {{{"catalog.files", number}}};
    }
};

TEST_F(CatalogCommands, DefineTheirRolesAndRememberTheVersion) {
    Role wide = provided("w", {"*/keys/* "});
    wide.permissions.front().condition = Condition{"@Resource[x] StringEquals 'y'", "1.0"};

    EXPECT_EQ(
        allow(catalog(3, {provided("r"), wide})),
        (std::vector<EventBody>{RoleDefined{provided("r")}, RoleDefined{wide}, version("3")}));
    EXPECT_TRUE(allow(catalog(3, {provided("r"), wide})).empty());
    user("u");
    assigned(assignment("a", "u", "r", "/anywhere"));
}

TEST_F(CatalogCommands, AreTheOnlyOnesToChangeBuiltInRoles) {
    allow(catalog(1, {provided("r"), provided("s")}));
    Role changed = provided("R", {"*"});
    changed.name = "New name";
    refused(UpdateRole{role("r")}, Errc::conflict, "data.role", {"'r'", "built in"});
    refused(DeleteRole{"r"}, Errc::conflict, "data.role", {"built in"});

    // Roles the new version does not name stay.
    EXPECT_EQ(allow(catalog(2, {changed})),
              (std::vector<EventBody>{RoleUpdated{changed}, version("2")}));
    EXPECT_EQ(state.role("t", "r")->role.name, "New name");
    EXPECT_FALSE(state.role("t", "s")->deleted);
}

TEST_F(CatalogCommands, AnOlderVersionIsNotAppliedOverANewerOne) {
    allow(catalog(10, {provided("r")}));
    refused(catalog(9, {provided("r")}), Errc::conflict, "data.version", {"9", "10", "'files'"});
    EXPECT_EQ(allow(catalog(10, {provided("r", {"*"})})),
              (std::vector<EventBody>{RoleUpdated{provided("r", {"*"})}}));
}

TEST_F(CatalogCommands, MayGiveRolesEachOthersNames) {
    Role a = provided("a");
    Role b = provided("b");
    allow(catalog(1, {a, b}));
    std::swap(a.name, b.name);
    EXPECT_EQ(allow(catalog(2, {a, b})),
              (std::vector<EventBody>{RoleUpdated{a}, RoleUpdated{b}, version("2")}));
    EXPECT_EQ(state.role_named("t", "b"), "a");
}

TEST_F(CatalogCommands, LeaveCustomRolesAlone) {
    defined(role("mine"));
    defined(role("gone"));
    allow(DeleteRole{"gone"});
    refused(catalog(1, {provided("MINE")}), Errc::conflict, "data.roles",
            {"'MINE'", "custom role"});
    refused(catalog(1, {provided("gone")}), Errc::already_exists, "data.roles", {"deleted"});
    Role named = provided("other");
    named.name = "Mine";
    refused(catalog(1, {named}), Errc::already_exists, "data.roles", {"'Mine'", "role 'mine'"});
}

TEST_F(CatalogCommands, InTheStoreAreForAllTenants) {
    allow(command(catalog(1, {provided("r")}), store_tenant));
    user("u");
    assigned(assignment("a", "u", "r"));
    refused(command(UpdateRole{provided("r")}, store_tenant), Errc::conflict, "data.role");

    // What is there for all is there for one, too, and is not replaced for one.
    EXPECT_EQ(allow(catalog(1, {provided("r")})), (std::vector<EventBody>{version("1")}));
    refused(catalog(2, {provided("r", {"*"})}), Errc::conflict, "data.roles",
            {"'r'", "for all tenants"});
    Role named = provided("other");
    named.name = "R";
    refused(catalog(2, {named}), Errc::already_exists, "data.roles", {"built-in role 'r'"});
}

TEST_F(CatalogCommands, InTheStoreLeaveTheRightToAssignRoles) {
    const std::string assigning = "Microsoft.Authorization/roleAssignments/write";
    allow(command(catalog(1, {provided("owner", {"*"}), provided("giver", {"*"})}), store_tenant));
    user("u");
    assigned(assignment("a", "u", "giver"));
    refused(command(catalog(2, {provided("giver", {"*/read"})}), store_tenant), Errc::conflict,
            "data.roles", {"'giver'", assigning, "1 assignment uses it"});
    Role limited = provided("giver", {"*"});
    limited.permissions.front().not_actions = {"Microsoft.Authorization/*/Write"};
    refused(command(catalog(2, {limited}), store_tenant), Errc::conflict, "data.roles",
            {"'giver'"});
    refused(command(catalog(2, {provided("owner", {"*/read"})}), store_tenant), Errc::conflict,
            "data.roles", {"'owner'", "owns a tenant"});

    allow(command(catalog(2, {provided("giver", {assigning})}), store_tenant));
    allow(RevokeAssignment{"a"});
    allow(command(catalog(3, {provided("giver", {"*/read"})}), store_tenant));
}

TEST_F(CatalogCommands, ATenantsOwnBuiltInRoleIsUpdatedThere) {
    allow(catalog(1, {provided("r")}));
    allow(command(catalog(1, {provided("r", {"*"})}), store_tenant));
    EXPECT_EQ(allow(catalog(2, {provided("r", {"a/read"})})),
              (std::vector<EventBody>{RoleUpdated{provided("r", {"a/read"})}, version("2")}));
}

TEST_F(CatalogCommands, SingleRolesNeedNoCatalog) {
    EXPECT_EQ(allow(ApplyCatalog{"", 0, {provided("r")}}),
              (std::vector<EventBody>{RoleDefined{provided("r")}}));
}

TEST_F(CatalogCommands, AreRefusedByForm) {
    const auto invalid_at = [&](const ApplyCatalog& command, std::string_view field) {
        refused(command, Errc::invalid_argument, field);
    };
    invalid_at(catalog(1, {}), "data.roles");
    invalid_at(catalog(0, {provided("r")}), "data.version");
    invalid_at({"", 1, {provided("r")}}, "data.version");
    invalid_at({"a b", 1, {provided("r")}}, "data.catalog");
    invalid_at(catalog(1, {provided("r"), role("custom", {"/"})}), "data.roles[1].builtIn");
    invalid_at(catalog(1, {provided("r"), provided("R")}), "data.roles[1].role");
    Role same_name = provided("s");
    same_name.name = "R";
    invalid_at(catalog(1, {provided("r"), same_name}), "data.roles[1].name");
    same_name.name.clear();
    invalid_at(catalog(1, {same_name}), "data.roles[0].name");
    Role placed = provided("p");
    placed.assignable_scopes = {"/s"};
    invalid_at(catalog(1, {placed}), "data.roles[0].assignableScopes");
    invalid_at(catalog(1, {provided("p", {"a\n"})}), "data.roles[0].actions[0]");
    Role conditional = provided("p");
    conditional.permissions.front().condition = Condition{"x", "2.0"};
    invalid_at(catalog(1, {conditional}), "data.roles[0].condition");
    refused(ApplyCatalog{std::string(limits::catalog_name_length_max + 1, 'c'), 1, {provided("r")}},
            Errc::limit_exceeded, "data.catalog");
    refused(imported(catalog(1, {provided("r")})), Errc::invalid_argument, "type", {"role.define"});
}

TEST(Catalog, SpeaksOfTheOperationsOfItsRolesAndTasks) {
    Catalog catalog;
    catalog.roles.push_back(role("r", {"/"}, {"A/*"}));
    catalog.roles.back().permissions.front().not_data_actions = {"D/x"};
    catalog.data_actions = {"d/X", "D/y"};
    catalog.tasks.push_back({"t", "", {"A/read"}, {"D/z"}, {}});
    Operations operations;
    add_operations_of(catalog, operations);

    EXPECT_EQ(operations, (Operations{{"a/*", Plane::control},
                                      {"a/read", Plane::control},
                                      {"d/x", Plane::data},
                                      {"d/y", Plane::data},
                                      {"d/z", Plane::data}}));
    EXPECT_EQ(needed_for(catalog.tasks.front()),
              (std::vector<Operation>{{"a/read", Plane::control}, {"d/z", Plane::data}}));
}

}  // namespace
}  // namespace tenure::domain
