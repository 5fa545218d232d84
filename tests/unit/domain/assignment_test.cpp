// Assignments and deny assignments.

#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class AssignmentCommands : public Deciding {
protected:
    AssignmentCommands() {
        user("u");
        defined(role("r"));
    }
};

TEST_F(AssignmentCommands, CreateKeepsWhatWasGiven) {
    Assignment a = assignment("a@/S", "u", "R", "/S/Rg/");
    a.condition = Condition{"@Resource[x] StringEquals 'y'", "2.0"};
    a.window = {now, now + 1};
    a.description = "for the audit";
    EXPECT_EQ(allow(CreateAssignment{a}), (std::vector<EventBody>{AssignmentCreated{a}}));
}

TEST_F(AssignmentCommands, CreateRefusesAnIdEverUsed) {
    assigned(assignment("a", "u", "r"));
    refused(CreateAssignment{assignment("a", "u", "r", "/s/x")}, Errc::already_exists,
            "data.assignment", {"'a'"});
    allow(RevokeAssignment{"a"});
    refused(CreateAssignment{assignment("a", "u", "r")}, Errc::already_exists, "data.assignment",
            {"revoked", "never used again"});
    allow(CreateAssignment{assignment("b", "u", "r")});
}

TEST_F(AssignmentCommands, CreateNeedsALivePrincipalAndRole) {
    refused(CreateAssignment{assignment("a", "x", "r")}, Errc::not_found, "data.principal",
            {"'x'"});
    refused(CreateAssignment{assignment("a", "u", "x")}, Errc::not_found, "data.role", {"'x'"});
    user("gone");
    allow(DeletePrincipal{"gone"});
    refused(CreateAssignment{assignment("a", "gone", "r")}, Errc::not_found, "data.principal",
            {"deleted"});
    defined(role("old"));
    allow(DeleteRole{"old"});
    refused(CreateAssignment{assignment("a", "u", "old")}, Errc::not_found, "data.role",
            {"deleted"});
    refused(CreateAssignment{assignment("a", "*", "r")}, Errc::invalid_argument, "data.principal");
}

TEST_F(AssignmentCommands, DisabledPrincipalsAndGroupsCanBeAssigned) {
    allow(DisablePrincipal{"u"});
    assigned(assignment("a", "u", "r"));
    group("g");
    assigned(assignment("b", "g", "r"));
}

TEST_F(AssignmentCommands, CreateNeedsAnAssignableScopeAtOrAbove) {
    assigned(assignment("at", "u", "r", "/S"));
    assigned(assignment("below", "u", "r", "/s/a/b"));
    refused(CreateAssignment{assignment("a", "u", "r", "/")}, Errc::conflict, "data.scope",
            {"'r'", "'/'", "'/s'"});
    refused(CreateAssignment{assignment("a", "u", "r", "/sx")}, Errc::conflict, "data.scope");
    built_in("reader");
    assigned(assignment("anywhere", "u", "reader", "/"));
}

TEST_F(AssignmentCommands, ExplicitParentsCountAsAbove) {
    allow(CreateScope{"/s", "", ""});
    allow(CreateScope{"/x", "/s", ""});
    assigned(assignment("a", "u", "r", "/x/rg"));
}

TEST_F(AssignmentCommands, CreateRefusesTheSameTripleNamingTheOther) {
    assigned(assignment("first", "u", "r", "/s/x"));
    Assignment again = assignment("a", "u", "R", "/S/X/");
    again.condition = Condition{"Exists @Request[x]", "2.0"};
    refused(CreateAssignment{again}, Errc::already_exists, "data.role", {"'first'"});
    allow(RevokeAssignment{"first"});
    allow(CreateAssignment{again});
}

TEST_F(AssignmentCommands, DataActionsStayBelowManagementGroups) {
    const std::string m = std::string(mg) + "m";
    defined(data_role("d", {m}));
    refused(CreateAssignment{assignment("a", "u", "d", m)}, Errc::conflict, "data.scope",
            {"data actions", "management group"});
    allow(CreateScope{m, "", ""});
    allow(CreateScope{"/subscriptions/1", m, ""});
    allow(CreateAssignment{assignment("a", "u", "d", "/subscriptions/1")});
    defined(role("control", {m}));
    allow(CreateAssignment{assignment("b", "u", "control", m)});
}

TEST_F(AssignmentCommands, WindowStartsBeforeItEnds) {
    Assignment a = assignment("a", "u", "r");
    a.window = {now, now};
    refused(CreateAssignment{a}, Errc::invalid_argument, "data.end", {"not after start"});
    a.window = {now + 1, now};
    refused(CreateAssignment{a}, Errc::invalid_argument, "data.end");
    a.window = {std::nullopt, now};
    allow(CreateAssignment{a});
    refused(UpdateAssignment{"a", {}, Window{now, now}, {}}, Errc::invalid_argument, "data.end");
}

TEST_F(AssignmentCommands, ConditionAndDescriptionAreLimited) {
    Assignment a = assignment("a", "u", "r");
    a.condition = Condition{condition_of_size(limits::condition_length_max), "2.0"};
    a.description = std::string(limits::description_length_max, 'd');
    allow(CreateAssignment{a});
    a.id = "b";
    a.description += 'd';
    refused(CreateAssignment{a}, Errc::limit_exceeded, "data.description");
    a.description.clear();
    a.condition->text += ' ';
    refused(CreateAssignment{a}, Errc::limit_exceeded, "data.condition");
    a.condition = Condition{"Exists @Request[x]", "1.0"};
    refused(CreateAssignment{a}, Errc::invalid_argument, "data.conditionVersion", {"'1.0'"});
    refused(UpdateAssignment{"a", Condition{"Exists @Request[x]", ""}, {}, {}},
            Errc::invalid_argument, "data.conditionVersion");
}

TEST_F(AssignmentCommands, ConditionMustParse) {
    Assignment a = assignment("a", "u", "r");
    a.condition = Condition{"Exists @Request[x] AND\nExists x", "2.0"};
    refused(CreateAssignment{a}, Errc::invalid_argument, "data.condition",
            {"line 2, column 8", "found 'x'", "expected an attribute"});
    a.condition.reset();
    assigned(a);
    refused(UpdateAssignment{"a", Condition{"true", "2.0"}, {}, {}}, Errc::invalid_argument,
            "data.condition", {"line 1, column 5", "expected an operator"});
}

TEST_F(AssignmentCommands, ChangeRoleKeepsPrincipalAndScope) {
    defined(role("other"));
    assigned(assignment("a", "u", "r"));
    EXPECT_EQ(allow(ChangeAssignmentRole{"a", "Other"}),
              (std::vector<EventBody>{AssignmentRoleChanged{"a", "Other"}}));
    const auto after = state.assignment("t", "a")->assignment;
    EXPECT_EQ(after, assignment("a", "u", "Other"));
}

TEST_F(AssignmentCommands, ChangeRoleObeysTheRulesOfANewAssignment) {
    assigned(assignment("a", "u", "r"));
    defined(role("elsewhere", {"/x"}));
    refused(ChangeAssignmentRole{"a", "elsewhere"}, Errc::conflict, "data.role", {"'/x'"});
    refused(ChangeAssignmentRole{"a", "none"}, Errc::not_found, "data.role");
    refused(ChangeAssignmentRole{"a", "R"}, Errc::conflict, "data.role", {"already"});
    refused(ChangeAssignmentRole{"none", "r"}, Errc::not_found, "data.assignment");
    defined(role("other"));
    assigned(assignment("b", "u", "other"));
    refused(ChangeAssignmentRole{"a", "OTHER"}, Errc::already_exists, "data.role", {"'b'"});
    allow(RevokeAssignment{"a"});
    refused(ChangeAssignmentRole{"a", "other"}, Errc::conflict, "data.assignment", {"revoked"});
}

TEST_F(AssignmentCommands, UpdateChangesOnlyWhatIsGiven) {
    Assignment a = assignment("a", "u", "r");
    a.condition = Condition{"Exists @Request[x]", "2.0"};
    a.window = {now, std::nullopt};
    a.description = "old";
    assigned(a);

    EXPECT_EQ(allow(UpdateAssignment{"a", {}, {}, "new"}),
              (std::vector<EventBody>{AssignmentUpdated{"a", a.condition, a.window, "new"}}));
    EXPECT_EQ(allow(UpdateAssignment{"a", Condition{}, Window{}, {}}),
              (std::vector<EventBody>{AssignmentUpdated{"a", {}, {}, "new"}}));
    const Condition other{"NOT Exists @Request[x]", "2.0"};
    EXPECT_EQ(allow(UpdateAssignment{"a", other, {}, ""}),
              (std::vector<EventBody>{AssignmentUpdated{"a", other, {}, ""}}));
}

TEST_F(AssignmentCommands, UpdateRefusesNothingAndWhatIsNotInForce) {
    assigned(assignment("a", "u", "r"));
    refused(UpdateAssignment{"a", {}, {}, {}}, Errc::invalid_argument, "data", {"condition"});
    refused(UpdateAssignment{"x", {}, {}, "d"}, Errc::not_found, "data.assignment");
    allow(RevokeAssignment{"a"});
    refused(UpdateAssignment{"a", {}, {}, "d"}, Errc::conflict, "data.assignment", {"revoked"});
}

TEST_F(AssignmentCommands, RevokeHappensOnce) {
    assigned(assignment("a", "u", "r"));
    EXPECT_EQ(allow(RevokeAssignment{"a"}), (std::vector<EventBody>{AssignmentRevoked{"a"}}));
    refused(RevokeAssignment{"a"}, Errc::conflict, "data.assignment", {"'a'", "revoked"});
    refused(RevokeAssignment{"x"}, Errc::not_found, "data.assignment", {"'x'"});
}

class DenyCommands : public Deciding {
protected:
    DenyCommands() {
        user("u");
        group("g");
    }
};

TEST_F(DenyCommands, CreateKeepsWhatWasGiven) {
    DenyAssignment d = deny("d", {"*"});
    d.name = "No keys";
    d.not_below = true;
    d.excluded = {"u", "g"};
    d.permissions.front().actions = {"*/keys/*"};
    EXPECT_EQ(allow(CreateDeny{d}), (std::vector<EventBody>{DenyCreated{d}}));
}

TEST_F(DenyCommands, CreateNeedsPrincipalsThatExist) {
    refused(CreateDeny{deny("d", {})}, Errc::invalid_argument, "data.principals", {"at least one"});
    refused(CreateDeny{deny("d", {"u", "x"})}, Errc::not_found, "data.principals", {"'x'"});
    refused(CreateDeny{deny("d", {"u", "u"})}, Errc::invalid_argument, "data.principals",
            {"twice"});
    DenyAssignment d = deny("d", {"*"});
    d.excluded = {"x"};
    refused(CreateDeny{d}, Errc::not_found, "data.excludePrincipals", {"'x'"});
    d.excluded = {"*"};
    refused(CreateDeny{d}, Errc::invalid_argument, "data.excludePrincipals", {"'*'"});
    d.excluded = {"g", "g"};
    refused(CreateDeny{d}, Errc::invalid_argument, "data.excludePrincipals", {"twice"});
}

TEST_F(DenyCommands, CreateNeedsAnActionAndAScope) {
    DenyAssignment d = deny("d", {"u"});
    d.permissions.front().actions.clear();
    refused(CreateDeny{d}, Errc::invalid_argument, "data.actions", {"'d'", "at least one"});
    d.permissions.front().data_actions = {"*/read"};
    d.scope = "s";
    refused(CreateDeny{d}, Errc::invalid_argument, "data.scope");
    d.scope = "/";
    allow(CreateDeny{d});
}

TEST_F(DenyCommands, PrincipalsAreLimited) {
    DenyAssignment d = deny("d", {});
    for (std::size_t i = 0; i < limits::deny_principals_max; ++i)
        d.principals.push_back("p" + std::to_string(i));
    EXPECT_TRUE(check_form(command(CreateDeny{d})));
    d.principals.emplace_back("more");
    refused(CreateDeny{d}, Errc::limit_exceeded, "data.principals");
}

TEST_F(DenyCommands, IdsAreUsedOnceAndDeletedOnce) {
    allow(CreateDeny{deny("d", {"u"})});
    refused(CreateDeny{deny("d", {"u"})}, Errc::already_exists, "data.deny", {"'d'"});
    EXPECT_EQ(allow(DeleteDeny{"d"}), (std::vector<EventBody>{DenyDeleted{"d"}}));
    refused(DeleteDeny{"d"}, Errc::conflict, "data.deny", {"deleted"});
    refused(CreateDeny{deny("d", {"u"})}, Errc::already_exists, "data.deny", {"never used again"});
    refused(DeleteDeny{"x"}, Errc::not_found, "data.deny");
}

}  // namespace
}  // namespace tenure::domain
