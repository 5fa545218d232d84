// Imported history: one event each, and only what the index rests on is checked.

#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class ImportedCommands : public Deciding {
protected:
    std::vector<EventBody> import(CommandBody body) { return allow(imported(std::move(body))); }

    void not_imported(CommandBody body, Errc code, std::string_view field,
                      std::initializer_list<std::string_view> words = {}) const {
        refused(imported(std::move(body)), code, field, words);
    }
};

TEST_F(ImportedCommands, NeedATenantOpenForImport) {
    allow(command(CreateTenant{}, "closed"));
    refused(imported(CreatePrincipal{principal("u")}, now, "closed"), Errc::conflict, "tenant",
            {"'closed'", "not open for import"});
    refused(imported(CreatePrincipal{principal("u")}, now, "none"), Errc::not_found, "tenant");
    import(SealTenant{});
    not_imported(CreatePrincipal{principal("u")}, Errc::conflict, "tenant");
}

TEST_F(ImportedCommands, ComeInOrderOfTime) {
    const Instant start = now;
    allow(imported(CreatePrincipal{principal("a")}, start));
    allow(imported(CreatePrincipal{principal("b")}, start));  // the same moment
    refused(imported(CreatePrincipal{principal("c")}, start + -1), Errc::conflict, "time",
            {"before", "in order of time"});
    refused(imported(CreatePrincipal{principal("c")}, now + 1), Errc::invalid_argument, "time",
            {"after now"});
    allow(imported(CreatePrincipal{principal("c")}, now));
}

TEST_F(ImportedCommands, CanCreateTheirTenantAtAnyTimeInThePast) {
    const Instant past{1'000'000};
    refused(imported(CreateTenant{"", false, ""}, past, "old"), Errc::invalid_argument,
            "data.openForImport");
    refused(imported(CreateTenant{"", true, "boss"}, past, "old"), Errc::invalid_argument,
            "data.owner", {"'boss'"});
    EXPECT_EQ(allow(imported(CreateTenant{"Old", true, ""}, past, "old")),
              (std::vector<EventBody>{TenantCreated{"Old", true}}));
    refused(imported(CreateTenant{"Old", true, ""}, past, "old"), Errc::already_exists, "tenant");
    allow(imported(CreatePrincipal{principal("u")}, past + 1, "old"));
}

TEST_F(ImportedCommands, BecomeTheirOneEvent) {
    const Principal guest = [] {
        Principal p = principal("u");
        p.redemption = Redemption::accepted;
        p.email = "not an address";
        return p;
    }();
    EXPECT_EQ(import(CreatePrincipal{guest}), (std::vector<EventBody>{PrincipalCreated{guest}}));
    Principal named = guest;
    named.display_name = "U";
    EXPECT_EQ(import(UpdatePrincipal{"u", "U", {}, {}, {}}),
              (std::vector<EventBody>{PrincipalUpdated{named}}));
    EXPECT_EQ(import(DisablePrincipal{"u"}), (std::vector<EventBody>{PrincipalDisabled{"u"}}));
    EXPECT_EQ(import(DisablePrincipal{"u"}), (std::vector<EventBody>{PrincipalDisabled{"u"}}));
    EXPECT_EQ(import(EnablePrincipal{"u"}), (std::vector<EventBody>{PrincipalEnabled{"u"}}));
    EXPECT_EQ(import(CreateScope{"/s", "", "S"}),
              (std::vector<EventBody>{ScopeCreated{"/s", "", "S"}}));
    EXPECT_EQ(import(MoveScope{"/s", "/"}), (std::vector<EventBody>{ScopeMoved{"/s", "/"}}));
    EXPECT_EQ(import(DeleteScope{"/s"}), (std::vector<EventBody>{ScopeDeleted{"/s"}}));
    EXPECT_EQ(import(DefineRole{role("r")}), (std::vector<EventBody>{RoleDefined{role("r")}}));
    EXPECT_EQ(import(UpdateRole{role("r")}), (std::vector<EventBody>{RoleUpdated{role("r")}}));
    const Assignment a = assignment("a", "u", "r");
    EXPECT_EQ(import(CreateAssignment{a}), (std::vector<EventBody>{AssignmentCreated{a}}));
    EXPECT_EQ(import(ChangeAssignmentRole{"a", "r"}),
              (std::vector<EventBody>{AssignmentRoleChanged{"a", "r"}}));
    EXPECT_EQ(import(UpdateAssignment{"a", {}, {}, "d"}),
              (std::vector<EventBody>{AssignmentUpdated{"a", {}, {}, "d"}}));
    EXPECT_EQ(import(RevokeAssignment{"a"}), (std::vector<EventBody>{AssignmentRevoked{"a"}}));
    EXPECT_EQ(import(DeleteRole{"r"}), (std::vector<EventBody>{RoleDeleted{"r"}}));
    EXPECT_EQ(import(CreateDeny{deny("d", {"*"})}),
              (std::vector<EventBody>{DenyCreated{deny("d", {"*"})}}));
    EXPECT_EQ(import(DeleteDeny{"d"}), (std::vector<EventBody>{DenyDeleted{"d"}}));
    EXPECT_EQ(import(ChangeSettings{{{"a", "b"}}}),
              (std::vector<EventBody>{SettingsChanged{{{"a", "b"}}}}));
    EXPECT_EQ(import(DeletePrincipal{"u"}), (std::vector<EventBody>{PrincipalDeleted{"u"}}));
}

TEST_F(ImportedCommands, MayBreakTheRulesOfTheModels) {
    user("u");
    Role odd = role("odd", {"/", "<your-scope>"}, {"*/keys/* "});
    odd.name.clear();
    odd.permissions.front().condition = Condition{"x", "1.0"};
    import(DefineRole{odd});
    Role twin = role("twin", {});
    twin.permissions.clear();
    twin.built_in = true;
    import(DefineRole{twin});
    Role same_name = role("third");
    same_name.name = "twin";
    import(DefineRole{same_name});

    Assignment a = assignment("a", "u", "third", "/not/assignable");
    a.window = {now, now + -1};
    import(CreateAssignment{a});
    a.id = "b";
    import(CreateAssignment{a});  // the same triple
    import(UpdateRole{role("third", {"/x"})});
    import(DeleteRole{"third"});  // in use
    DenyAssignment empty = deny("d", {});
    empty.permissions.clear();
    import(CreateDeny{empty});
}

TEST_F(ImportedCommands, IdsAreNeverUsedAgain) {
    import(CreatePrincipal{principal("u")});
    import(DefineRole{role("r")});
    import(CreateAssignment{assignment("a", "u", "r")});
    import(CreateDeny{deny("d", {"u"})});
    import(RevokeAssignment{"a"});
    import(DeleteDeny{"d"});
    import(DeleteRole{"r"});
    import(DeletePrincipal{"u"});
    not_imported(CreatePrincipal{principal("u")}, Errc::already_exists, "data.principal");
    not_imported(DefineRole{role("R")}, Errc::already_exists, "data.role");
    import(CreatePrincipal{principal("v")});
    import(DefineRole{role("q")});
    not_imported(CreateAssignment{assignment("a", "v", "q")}, Errc::already_exists,
                 "data.assignment");
    not_imported(CreateDeny{deny("d", {"v"})}, Errc::already_exists, "data.deny");
}

TEST_F(ImportedCommands, ReferencesMustBeLive) {
    import(CreatePrincipal{principal("u")});
    import(DefineRole{role("r")});
    import(CreatePrincipal{principal("gone")});
    import(DeletePrincipal{"gone"});
    import(DefineRole{role("old")});
    import(DeleteRole{"old"});
    not_imported(CreateAssignment{assignment("a", "gone", "r")}, Errc::not_found, "data.principal");
    not_imported(CreateAssignment{assignment("a", "u", "old")}, Errc::not_found, "data.role");
    not_imported(CreateAssignment{assignment("a", "u", "none")}, Errc::not_found, "data.role");
    not_imported(UpdateRole{role("old")}, Errc::not_found, "data.role");
    not_imported(DeleteRole{"none"}, Errc::not_found, "data.role");
    not_imported(CreateScope{"/a", "/none", ""}, Errc::not_found, "data.parent");
    not_imported(MoveScope{"/a", ""}, Errc::not_found, "data.scope");
    not_imported(DeleteScope{"/a"}, Errc::not_found, "data.scope");
    not_imported(CreateDeny{deny("d", {"gone"})}, Errc::not_found, "data.principals");
    not_imported(UpdatePrincipal{"gone", "x", {}, {}, {}}, Errc::not_found, "data.principal");
    not_imported(DisablePrincipal{"none"}, Errc::not_found, "data.principal");
    import(CreateAssignment{assignment("a", "u", "r")});
    import(RevokeAssignment{"a"});
    not_imported(RevokeAssignment{"a"}, Errc::conflict, "data.assignment");
    not_imported(ChangeAssignmentRole{"a", "r"}, Errc::conflict, "data.assignment");
    not_imported(UpdateAssignment{"a", {}, {}, "x"}, Errc::conflict, "data.assignment");
}

TEST_F(ImportedCommands, BuiltInRolesOfTheStoreCannotBeChanged) {
    built_in("reader");
    not_imported(UpdateRole{role("reader")}, Errc::conflict, "data.role", {"built in"});
    not_imported(DeleteRole{"reader"}, Errc::conflict, "data.role");
    not_imported(DefineRole{role("reader")}, Errc::already_exists, "data.role");
}

TEST_F(ImportedCommands, MembershipsAreExact) {
    import(CreatePrincipal{principal("g", PrincipalKind::group)});
    import(CreatePrincipal{principal("h", PrincipalKind::group)});
    import(CreatePrincipal{principal("u")});
    not_imported(RemoveMember{"g", "u"}, Errc::conflict, "data.member");
    EXPECT_EQ(import(AddMember{"g", "u"}), (std::vector<EventBody>{MemberAdded{"g", "u"}}));
    not_imported(AddMember{"g", "u"}, Errc::conflict, "data.member");
    import(AddMember{"g", "h"});
    not_imported(AddMember{"h", "g"}, Errc::conflict, "data.member", {"'g'", "'h'"});
    not_imported(AddMember{"u", "h"}, Errc::conflict, "data.group");
    EXPECT_EQ(import(RemoveMember{"g", "u"}), (std::vector<EventBody>{MemberRemoved{"g", "u"}}));
}

TEST_F(ImportedCommands, ScopesHaveNoCycles) {
    import(CreateScope{"/a/b", "/", ""});
    import(CreateScope{"/a", "/a/b", ""});
    not_imported(MoveScope{"/a/b", "/a"}, Errc::conflict, "data.parent");
    not_imported(DeleteScope{"/a/b"}, Errc::conflict, "data.scope");
    import(DeleteScope{"/a"});
    import(DeleteScope{"/a/b"});
}

TEST_F(ImportedCommands, PrincipalsThatHoldSomethingAreNotDeletedUnlessAllIs) {
    import(CreatePrincipal{principal("u")});
    import(DefineRole{role("r")});
    import(CreateAssignment{assignment("a", "u", "r")});
    import(CreateDeny{deny("d", {"u"})});
    not_imported(DeletePrincipal{"u"}, Errc::conflict, "data.principal", {"1 assignment ('a')"});
    not_imported(RecordEvent{PrincipalDeleted{"u"}}, Errc::conflict, "data.principal");
    EXPECT_EQ(import(DeletePrincipal{"u", true}),
              (std::vector<EventBody>{AssignmentRevoked{"a"}, PrincipalDeleted{"u"}}));
}

TEST_F(ImportedCommands, InvitationsExpandToNothingElse) {
    Invitation i;
    i.id = "i";
    i.principal = "u";
    not_imported(CreateInvitation{i}, Errc::not_found, "data.principal", {"'u'"});
    import(CreatePrincipal{principal("u")});
    EXPECT_EQ(import(CreateInvitation{i}), (std::vector<EventBody>{InvitationCreated{i}}));
    not_imported(CreateInvitation{i}, Errc::already_exists, "data.invitation");
    EXPECT_EQ(import(ResendInvitation{"i", "h", {}}),
              (std::vector<EventBody>{InvitationResent{"i", "h", {}}}));
    EXPECT_EQ(import(AcceptInvitation{"i", {}}), (std::vector<EventBody>{InvitationAccepted{"i"}}));
    EXPECT_EQ(import(RevokeInvitation{"i"}), (std::vector<EventBody>{InvitationRevoked{"i"}}));
    EXPECT_EQ(import(ExpireInvitation{"i"}), (std::vector<EventBody>{InvitationExpired{"i"}}));
    not_imported(AcceptInvitation{"x", {}}, Errc::not_found, "data.invitation");
    i.id = "j";
    i.roles = {{"none", "/s"}};
    not_imported(CreateInvitation{i}, Errc::not_found, "data.roles[0].role");
}

TEST_F(ImportedCommands, EligibilitiesAreRecorded) {
    user("u");
    defined(role("r"));
    const Eligibility e{"e", "u", "r", "/s", {}, {}};
    const Assignment active = assignment("act", "u", "r");
    not_imported(RecordEvent{EligibilityActivated{"e", active, ""}}, Errc::not_found,
                 "data.eligibility");
    EXPECT_EQ(import(RecordEvent{EligibilityCreated{e}}),
              (std::vector<EventBody>{EligibilityCreated{e}}));
    not_imported(RecordEvent{EligibilityCreated{e}}, Errc::already_exists, "data.eligibility");
    import(RecordEvent{EligibilityActivated { "e", active, "pager" }});
    not_imported(RecordEvent{EligibilityActivated{"e", active, ""}}, Errc::already_exists,
                 "data.activation.assignment");
    import(RecordEvent{EligibilityDeactivated { "e", "act" }});
    not_imported(RecordEvent{EligibilityDeactivated{"e", "act"}}, Errc::conflict,
                 "data.activation");
    import(RecordEvent{EligibilityRemoved { "e" }});
    not_imported(RecordEvent{EligibilityRemoved{"e"}}, Errc::conflict, "data.eligibility");
    not_imported(RecordEvent{EligibilityCreated{e}}, Errc::already_exists, "data.eligibility");
}

TEST_F(ImportedCommands, TokensAreRecorded) {
    user("u");
    const Token token{"k", "u", "ci", "hash", {"*/read"}, {}};
    EXPECT_EQ(import(RecordEvent{TokenIssued{token}}),
              (std::vector<EventBody>{TokenIssued{token}}));
    not_imported(RecordEvent{TokenIssued{token}}, Errc::already_exists, "data.token");
    import(RecordEvent{TokenRevoked { "k" }});
    not_imported(RecordEvent{TokenRevoked{"k"}}, Errc::conflict, "data.token");
    not_imported(RecordEvent{TokenRevoked{"x"}}, Errc::not_found, "data.token");
    not_imported(RecordEvent{TokenIssued{{"k2", "x", "", "h", {}, {}}}}, Errc::not_found,
                 "data.principal");
}

TEST_F(ImportedCommands, RecordedEventsAreCheckedLikeCommands) {
    EXPECT_EQ(import(RecordEvent{PrincipalCreated{principal("u")}}),
              (std::vector<EventBody>{PrincipalCreated{principal("u")}}));
    not_imported(RecordEvent{PrincipalCreated{principal("u")}}, Errc::already_exists,
                 "data.principal");
    not_imported(RecordEvent{PrincipalUpdated{principal("x")}}, Errc::not_found, "data.principal");
    not_imported(RecordEvent{MemberAdded{"u", "x"}}, Errc::conflict, "data.group");
    not_imported(RecordEvent{ScopeMoved{"/a", ""}}, Errc::not_found, "data.scope");
    not_imported(RecordEvent{AssignmentRevoked{"a"}}, Errc::not_found, "data.assignment");
    not_imported(RecordEvent{DenyDeleted{"d"}}, Errc::not_found, "data.deny");
    not_imported(RecordEvent{InvitationAccepted{"i"}}, Errc::not_found, "data.invitation");
    refused(imported(RecordEvent{TenantCreated{"", true}}), Errc::already_exists, "tenant");
    allow(imported(RecordEvent{TenantCreated{"", true}}, now, "again"));
    import(RecordEvent{TenantSealed {}});
}

TEST_F(ImportedCommands, ObeyTheLimits) {
    not_imported(CreatePrincipal{principal(std::string(limits::id_length_max + 1, 'i'))},
                 Errc::limit_exceeded, "data.principal");
    Role r = role("r");
    r.permissions.front().actions = {std::string(limits::action_length_max + 1, 'a')};
    not_imported(DefineRole{r}, Errc::limit_exceeded, "data.actions[0]");
    not_imported(CreateScope{"/*", "", ""}, Errc::invalid_argument, "data.scope");
    Command wordy = imported(CreatePrincipal{principal("u")});
    wordy.source = std::string(limits::source_length_max + 1, 's');
    refused(wordy, Errc::limit_exceeded, "source");
    wordy.source = "org@abc";
    wordy.imported_by = "ada";
    wordy.actor.clear();
    allow(wordy);
}

TEST_F(ImportedCommands, LiveCommandsGoOnInAnOpenTenant) {
    import(CreatePrincipal{principal("u")});
    user("v");
    allow(imported(CreatePrincipal{principal("w")}, now));
}

}  // namespace
}  // namespace tenure::domain
