#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class RoleCommands : public Deciding {
protected:
    static std::string group_scope(const std::string& id) { return std::string(mg) + id; }
};

TEST_F(RoleCommands, DefineKeepsWhatWasGiven) {
    Role r = role("Reader-1", {"/S/", "/subscriptions/X"});
    r.description = "line one\nline two";
    r.permissions.front().not_actions = {"App/keys/*"};
    r.permissions.emplace_back().data_actions = {"App/blobs/read"};
    r.permissions.back().condition = Condition{"@Resource[a] StringEquals 'b'", "2.0"};
    EXPECT_EQ(allow(DefineRole{r}), (std::vector<EventBody>{RoleDefined{r}}));
}

TEST_F(RoleCommands, DefineRefusesAnIdEverUsedWithoutRegardToCase) {
    defined(role("r"));
    Role again = role("R");
    again.name = "Other";
    refused(DefineRole{again}, Errc::already_exists, "data.role", {"'R'"});
    allow(DeleteRole{"r"});
    refused(DefineRole{again}, Errc::already_exists, "data.role", {"deleted", "never used again"});
    built_in("reader");
    refused(DefineRole{role("Reader")}, Errc::already_exists, "data.role", {"built-in"});
}

TEST_F(RoleCommands, NamesAreUniqueInTheTenantWithoutRegardToCase) {
    Role first = role("1");
    first.name = "Repository Reader";
    defined(first);
    Role second = role("2");
    second.name = "repository READER";
    refused(DefineRole{second}, Errc::already_exists, "data.name",
            {"'1'", "without regard to case"});
    second.name = "other";
    defined(second);
    second.name = "REPOSITORY reader";
    refused(UpdateRole{second}, Errc::already_exists, "data.name");
    first.name = "REPOSITORY READER";
    allow(UpdateRole{first});  // its own

    allow(DeleteRole{"1"});
    allow(UpdateRole{second});  // the name is free again
}

TEST_F(RoleCommands, NamesOfBuiltInRolesAreTaken) {
    built_in("reader");
    Role mine = role("mine");
    mine.name = "READER";
    refused(DefineRole{mine}, Errc::already_exists, "data.name", {"built-in role 'reader'"});
}

TEST_F(RoleCommands, NeedANameAndAnAction) {
    Role r = role("r");
    r.name.clear();
    refused(DefineRole{r}, Errc::invalid_argument, "data.name");
    r = role("r", {"/s"}, {});
    refused(DefineRole{r}, Errc::invalid_argument, "data.actions", {"'r'", "at least one"});
    r.permissions.front().not_actions = {"*"};
    refused(DefineRole{r}, Errc::invalid_argument, "data.actions");
    r.permissions.front().data_actions = {"App/blobs/read"};
    allow(DefineRole{r});
    r.permissions.clear();
    refused(UpdateRole{r}, Errc::invalid_argument, "data.actions");
}

TEST_F(RoleCommands, CustomPatternsHaveOneWildcard) {
    refused(DefineRole{role("r", {"/s"}, {"App/read", "*/keys/*"})}, Errc::invalid_argument,
            "data.actions[1]", {"'*/keys/*'"});
    Role r = role("r");
    r.permissions.emplace_back().not_data_actions = {"**"};
    refused(DefineRole{r}, Errc::invalid_argument, "data.permissions[1].notDataActions[0]");
    refused(DefineRole{role("r", {"/s"}, {""})}, Errc::invalid_argument, "data.actions[0]");
}

TEST_F(RoleCommands, BuiltInPatternsHaveAnyNumberOfWildcards) {
    Role r = role("r", {"/"}, {"*/keys/* "});
    r.built_in = true;
    allow(command(DefineRole{r}, store_tenant));
}

TEST_F(RoleCommands, NeedAnAssignableScopeThatIsNotTheRoot) {
    refused(DefineRole{role("r", {})}, Errc::invalid_argument, "data.assignableScopes",
            {"at least one"});
    refused(DefineRole{role("r", {"/s", "/"})}, Errc::invalid_argument, "data.assignableScopes[1]",
            {"built-in"});
    refused(DefineRole{role("r", {"/s/*"})}, Errc::invalid_argument, "data.assignableScopes[0]",
            {"'*'"});
    refused(DefineRole{role("r", {"s"})}, Errc::invalid_argument, "data.assignableScopes[0]");
}

TEST_F(RoleCommands, HaveAtMostOneManagementGroup) {
    allow(DefineRole{role("r", {"/s", group_scope("a")})});
    refused(DefineRole{role("r2", {group_scope("a"), "/s", group_scope("b")})},
            Errc::invalid_argument, "data.assignableScopes[2]", {"may have one"});
    allow(DefineRole{data_role("r3", {group_scope("a")})});  // the newer text of the models
}

TEST_F(RoleCommands, AreLimitedInNumbersAndSize) {
    std::vector<std::string> scopes;
    for (std::size_t i = 0; i < limits::assignable_scopes_max; ++i)
        scopes.push_back("/s/" + std::to_string(i));
    allow(DefineRole{role("scopes", scopes)});
    scopes.emplace_back("/more");
    refused(DefineRole{role("scopes2", scopes)}, Errc::limit_exceeded, "data.assignableScopes");

    Role named = role("named");
    named.name = std::string(limits::role_name_length_max, 'n');
    named.description = std::string(limits::description_length_max, 'd');
    allow(DefineRole{named});
    named.name += 'n';
    refused(UpdateRole{named}, Errc::limit_exceeded, "data.name");
    named.name = "n";
    named.description += 'd';
    refused(UpdateRole{named}, Errc::limit_exceeded, "data.description");

    Role blocks = role("blocks");
    while (blocks.permissions.size() < limits::permission_blocks_max)
        blocks.permissions.push_back(blocks.permissions.front());
    allow(DefineRole{blocks});
    blocks.permissions.push_back(blocks.permissions.front());
    refused(UpdateRole{blocks}, Errc::limit_exceeded, "data.permissions");

    // 2048 patterns of 512 bytes fill it; id and name take the place of one.
    Role large =
        role("large", {"/s"},
             std::vector<std::string>(limits::role_size_max / limits::action_length_max - 1,
                                      std::string(limits::action_length_max, 'a')));
    allow(DefineRole{large});
    large.permissions.front().actions.push_back(large.permissions.front().actions.front());
    refused(UpdateRole{large}, Errc::limit_exceeded, "data", {"'large'"});
}

TEST_F(RoleCommands, ConditionsAreLimitedAndOfVersionTwo) {
    Role r = role("r");
    r.permissions.front().condition =
        Condition{condition_of_size(limits::condition_length_max), "2.0"};
    allow(DefineRole{r});
    r.permissions.front().condition->text += ' ';
    refused(UpdateRole{r}, Errc::limit_exceeded, "data.condition");
    r.permissions.front().condition = Condition{"Exists @Request[x]", "1.0"};
    refused(UpdateRole{r}, Errc::invalid_argument, "data.conditionVersion", {"'1.0'", "'2.0'"});
    r.permissions.front().condition = Condition{"", "2.0"};
    refused(UpdateRole{r}, Errc::invalid_argument, "data.condition");
}

TEST_F(RoleCommands, ConditionsMustParse) {
    Role r = role("r");
    r.permissions.push_back(r.permissions.front());
    r.permissions.back().condition = Condition{"Exists x", "2.0"};
    refused(DefineRole{r}, Errc::invalid_argument, "data.permissions[1].condition",
            {"line 1, column 8", "found 'x'", "expected an attribute"});
}

TEST_F(RoleCommands, BuiltInOnesMayHaveConditionsOfVersionOne) {
    Role r = role("r", {"/"});
    r.built_in = true;
    r.permissions.front().condition = Condition{"@Resource[x] boolequals true", "1.0"};
    allow(command(DefineRole{r}, store_tenant));
    r.permissions.front().condition->version = "3.0";
    refused(command(UpdateRole{r}, store_tenant), Errc::invalid_argument, "data.conditionVersion",
            {"neither '2.0' nor '1.0'"});
}

TEST_F(RoleCommands, CannotCallThemselvesBuiltIn) {
    Role r = role("r");
    r.built_in = true;
    refused(DefineRole{r}, Errc::invalid_argument, "data.builtIn");
}

TEST_F(RoleCommands, BuiltInRolesCannotBeChangedOrDeleted) {
    built_in("reader");
    refused(UpdateRole{role("reader")}, Errc::conflict, "data.role", {"'reader'", "built in"});
    refused(DeleteRole{"READER"}, Errc::conflict, "data.role", {"built in"});
    allow(command(CreateTenant{"", false, "boss"}, "new"));  // has a built-in role of its own
    refused(command(DeleteRole{"owner"}, "new"), Errc::conflict, "data.role", {"built in"});

    Role changed = role("reader", {"/"}, {"*/read"});
    changed.built_in = true;
    refused(command(UpdateRole{changed}, store_tenant), Errc::conflict, "data.role", {"built in"});
    refused(command(DeleteRole{"reader"}, store_tenant), Errc::conflict, "data.role");
}

TEST_F(RoleCommands, UpdateNeedsALiveRole) {
    refused(UpdateRole{role("r")}, Errc::not_found, "data.role", {"'r'"});
    defined(role("r"));
    const Role wider = role("R", {"/s", "/x"}, {"*"});
    EXPECT_EQ(allow(UpdateRole{wider}), (std::vector<EventBody>{RoleUpdated{wider}}));
    allow(DeleteRole{"r"});
    refused(UpdateRole{role("r")}, Errc::not_found, "data.role", {"deleted"});
    refused(DeleteRole{"r"}, Errc::not_found, "data.role", {"deleted"});
}

TEST_F(RoleCommands, UpdateMustNotStrandAssignments) {
    user("u");
    defined(role("r", {"/s", "/x"}));
    assigned(assignment("a", "u", "r", "/s/rg"));
    refused(UpdateRole{role("r", {"/x"})}, Errc::conflict, "data.assignableScopes", {"'/s/rg'"});
    allow(UpdateRole{role("r", {"/S/RG"})});  // narrower, and still at it
    allow(UpdateRole{role("r", {"/s", "/y"})});
    allow(RevokeAssignment{"a"});
    allow(UpdateRole{role("r", {"/x"})});
}

TEST_F(RoleCommands, UpdateMustNotBringDataActionsToAManagementGroup) {
    user("u");
    defined(role("r", {group_scope("m")}));
    assigned(assignment("a", "u", "r", group_scope("m")));
    refused(UpdateRole{data_role("r", {group_scope("m")})}, Errc::conflict, "data.dataActions",
            {"management group"});
}

TEST_F(RoleCommands, DeleteNamesAnAssignmentThatUsesTheRole) {
    user("u");
    defined(role("r"));
    assigned(assignment("a1", "u", "R"));
    refused(DeleteRole{"r"}, Errc::conflict, "data.role", {"'r'", "'a1'"});
    allow(RevokeAssignment{"a1"});
    EXPECT_EQ(allow(DeleteRole{"r"}), (std::vector<EventBody>{RoleDeleted{"r"}}));
}

}  // namespace
}  // namespace tenure::domain
