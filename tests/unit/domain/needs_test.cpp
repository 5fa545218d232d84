#include "domain/needs.h"

#include <algorithm>

#include "deciding.h"
#include "domain/activation.h"

namespace tenure::domain {
namespace {

class Needs : public Deciding {
protected:
    Needs() {
        defined(role("r"));
        defined(role("other", {"/s", "/s/part"}));
        user("u");
        group("g");
        assigned(assignment("a", "u", "r"));
    }

    // "action at scope" for each, with what is asked for and what is there.
    std::vector<std::string> needed(const CommandBody& body) const {
        const auto decided = decide(state, command(body), now);
        EXPECT_TRUE(decided) << (decided ? "" : decided.error().detail);
        if (!decided) return {};
        std::vector<std::string> result;
        for (const Need& need : needs_of(state, command(body), decided.value())) {
            std::string text = need.action + " at " + need.scope;
            const auto add = [&](std::string_view source, const std::vector<Attribute>& all) {
                for (const Attribute& attribute : all)
                    text += " " + std::string(source) +
                            attribute.name.substr(attribute.name.find(':')) + "=" +
                            std::get<std::vector<std::string>>(attribute.values).front();
            };
            add("request", need.request);
            add("resource", need.resource);
            for (const std::string& principal : need.self) text += " or be " + principal;
            result.push_back(text);
        }
        return result;
    }

    using Texts = std::vector<std::string>;
    const std::string write = "Microsoft.Authorization/roleAssignments/write at ";
    const std::string remove = "Microsoft.Authorization/roleAssignments/delete at ";
};

// Write reads the request, delete the resource, a change needs both.
TEST_F(Needs, AssignmentsTellWhatIsGivenAndTaken) {
    EXPECT_EQ(needed(CreateAssignment{assignment("b", "g", "r")}),
              (Texts{write + "/s request:RoleDefinitionId=r request:PrincipalId=g "
                             "request:PrincipalType=Group"}));
    EXPECT_EQ(needed(RevokeAssignment{"a"}),
              (Texts{remove + "/s resource:RoleDefinitionId=r resource:PrincipalId=u "
                              "resource:PrincipalType=User"}));
    EXPECT_EQ(needed(ChangeAssignmentRole{"a", "other"}),
              (Texts{remove + "/s resource:RoleDefinitionId=r resource:PrincipalId=u "
                              "resource:PrincipalType=User",
                     write + "/s request:RoleDefinitionId=other request:PrincipalId=u "
                             "request:PrincipalType=User"}));
    EXPECT_EQ(needed(UpdateAssignment{"a", {}, Window{}, {}}),
              (Texts{write + "/s request:RoleDefinitionId=r request:PrincipalId=u "
                             "request:PrincipalType=User"}));
}

TEST_F(Needs, ARoleIdIsItsLastSegment) {
    const std::string path = "/providers/Microsoft.Authorization/roleDefinitions/x-y";
    Role by_path = role("x");
    by_path.id = path;
    defined(by_path);
    EXPECT_EQ(needed(CreateAssignment{assignment("b", "u", path)}),
              (Texts{write + "/s request:RoleDefinitionId=x-y request:PrincipalId=u "
                             "request:PrincipalType=User"}));
}

// Every assignable scope, before and after.
TEST_F(Needs, RolesAreWrittenWhereTheyAreAssignable) {
    const std::string roles = "Microsoft.Authorization/roleDefinitions/";
    EXPECT_EQ(needed(DefineRole{role("new", {"/s", "/x"})}),
              (Texts{roles + "write at /s", roles + "write at /x"}));
    EXPECT_EQ(needed(UpdateRole{role("other", {"/s", "/y"})}),
              (Texts{roles + "write at /s", roles + "write at /y", roles + "write at /s/part"}));
    EXPECT_EQ(needed(DeleteRole{"other"}),
              (Texts{roles + "delete at /s", roles + "delete at /s/part"}));
}

TEST_F(Needs, OtherDoorsToAccessNeedTheRightToAssign) {
    const std::string who = "PrincipalId=u";
    EXPECT_EQ(needed(AddMember{"g", "u"}),
              (Texts{"Tenure.Directory/groups/members/write at /",
                     write + "/ request:PrincipalId=u request:PrincipalType=User"}));
    EXPECT_EQ(needed(DisablePrincipal{"u"}),
              (Texts{"Tenure.Directory/principals/write at /",
                     remove + "/ resource:PrincipalId=u resource:PrincipalType=User"}));
    UpdatePrincipal renamed{"u", "New", {}, {}, {}};
    EXPECT_EQ(needed(renamed), (Texts{"Tenure.Directory/principals/write at /"}));
    renamed.attributes = std::vector<Attribute>{{"level", std::vector<std::int64_t>{3}}};
    EXPECT_EQ(needed(renamed), (Texts{"Tenure.Directory/principals/write at /",
                                      write + "/ request:PrincipalId=u "
                                              "request:PrincipalType=User"}));
}

TEST_F(Needs, AParentOfAScopeIsADoorToAccess) {
    const std::string scopes = "Tenure.Directory/scopes/";
    EXPECT_EQ(needed(CreateScope{"/top", "", ""}), (Texts{scopes + "write at /top"}));
    allow(CreateScope{"/top", "", ""});
    EXPECT_EQ(needed(DeleteScope{"/top"}), (Texts{scopes + "delete at /top"}));
    EXPECT_EQ(needed(CreateScope{"/x", "/top", ""}),
              (Texts{scopes + "write at /x", write + "/x", scopes + "write at /top"}));
    allow(CreateScope{"/x", "/top", ""});
    EXPECT_EQ(needed(DeleteScope{"/x"}), (Texts{scopes + "delete at /x", write + "/x"}));
}

TEST_F(Needs, SettingsThatGiveRolesNeedTheRightToAssign) {
    const std::string settings = "Tenure.Directory/settings/write at /";
    EXPECT_EQ(needed(ChangeSettings{{{"a", "b"}}}), (Texts{settings}));
    EXPECT_EQ(needed(ChangeSettings{{{"a", "b"}, {"activation.policies", ""}}}),
              (Texts{settings, write + "/"}));
    EXPECT_EQ(needed(ChangeSettings{{{"invitations.defaultRole", ""}}}),
              (Texts{settings, write + "/"}));
}

TEST_F(Needs, RemovingAPrincipalWithAllItHoldsNeedsToTakeEach) {
    allow(AddMember{"g", "u"});
    EXPECT_EQ(needed(DeletePrincipal{"u", true}),
              (Texts{"Tenure.Directory/principals/delete at /",
                     remove + "/s resource:RoleDefinitionId=r resource:PrincipalId=u "
                              "resource:PrincipalType=User",
                     "Tenure.Directory/groups/members/delete at /",
                     remove + "/ resource:PrincipalId=u resource:PrincipalType=User"}));
}

TEST_F(Needs, AnInvitationGivesItsRolesAndIsAcceptedByTheInvited) {
    Invitation i;
    i.id = "i";
    i.principal = "guest";
    i.email = "guest@partner.example";
    i.roles = {{"r", "/s"}};
    EXPECT_EQ(needed(CreateInvitation{i}),
              (Texts{"Tenure.Directory/invitations/write at /",
                     write + "/s request:RoleDefinitionId=r request:PrincipalId=guest "
                             "request:PrincipalType=User"}));
    allow(CreateInvitation{i});
    EXPECT_EQ(needed(AcceptInvitation{"i", ""}), (Texts{" at / or be guest"}));
    const std::string again = write +
                              "/s request:RoleDefinitionId=r request:PrincipalId=guest "
                              "request:PrincipalType=User";
    EXPECT_EQ(needed(ResendInvitation{"i", "", {}}),
              (Texts{"Tenure.Directory/invitations/write at /", again}));
    allow(AcceptInvitation{"i", ""});
    EXPECT_EQ(needed(ResetInvitation{"i", "", {}}),
              (Texts{"Tenure.Directory/invitations/write at /", again,
                     remove + "/ resource:PrincipalId=guest resource:PrincipalType=User"}));
}

TEST_F(Needs, AnActivationIsOnesOwnOrTheApprovers) {
    Eligibility e;
    e.id = "e";
    e.principal = "u";
    e.role = "r";
    e.scope = "/s";
    const std::string giving =
        write + "/s request:RoleDefinitionId=r request:PrincipalId=u request:PrincipalType=User";
    EXPECT_EQ(needed(CreateEligibility{e}), (Texts{giving}));
    allow(CreateEligibility{e});
    EXPECT_EQ(needed(ActivateEligibility{"e", "", "", "", ""}), (Texts{giving + " or be u"}));
    allow(
        ChangeSettings{{{std::string(activation_policies_setting), "r\t/s\tPT8H\tboss,u,chief"}}});
    EXPECT_EQ(needed(ActivateEligibility{"e", "", "", "", ""}),
              (Texts{giving + " or be boss or be chief"}));
    // Nobody approves for oneself.
    allow(ChangeSettings{{{std::string(activation_policies_setting), "r\t/s\tPT8H\tu"}}});
    EXPECT_EQ(needed(ActivateEligibility{"e", "", "", "", ""}), (Texts{giving}));
}

// Who makes the secret could accept with it.
TEST_F(Needs, ANewSecretGivesWhatTheInvitedHolds) {
    Invitation i;
    i.id = "i";
    i.principal = "guest";
    i.email = "guest@partner.example";
    i.roles = {{"r", "/s"}};
    allow(CreateInvitation{i});
    assigned(assignment("more", "guest", "other", "/s/part"));
    const std::string about = " request:PrincipalId=guest request:PrincipalType=User";
    EXPECT_EQ(needed(ResendInvitation{"i", "h", {}}),
              (Texts{"Tenure.Directory/invitations/write at /",
                     write + "/s request:RoleDefinitionId=r" + about,
                     write + "/s/part request:RoleDefinitionId=other" + about}));
}

TEST_F(Needs, ATokenForSomebodyElseGivesAllTheyHave) {
    Token token;
    token.id = "k";
    token.principal = "u";
    const auto needs = needs_of(state, command(IssueToken{token}), {});
    ASSERT_EQ(needs.size(), 2U);
    EXPECT_EQ(needs[0].action, action::tokens_write);
    EXPECT_EQ(needs[1].action, action::assignments_write);
    for (const Need& need : needs) EXPECT_EQ(need.self, (std::vector<std::string>{"u"}));
}

TEST_F(Needs, ATenantIsMadeByTheOperatorOnly) {
    const auto needs = needs_of(state, command(CreateTenant{}), {});
    ASSERT_EQ(needs.size(), 1U);
    EXPECT_EQ(needs.front().action, "");
    EXPECT_TRUE(needs.front().self.empty());
}

TEST_F(Needs, OnlyWhatTakesAwayCanLockOut) {
    const auto locks_out = [&](const EventBody& body) { return may_lock_out(state, "t", body); };
    for (const EventBody& body :
         {EventBody{AssignmentRevoked{"a"}}, EventBody{PrincipalDisabled{"u"}},
          EventBody{MemberRemoved{"g", "u"}}, EventBody{RoleUpdated{role("r")}},
          EventBody{DenyCreated{deny("d", {"u"})}}, EventBody{InvitationResent{"i", "", {}}}})
        EXPECT_TRUE(locks_out(body)) << type_of(body);
    for (const EventBody& body : {EventBody{AssignmentCreated{assignment("b", "u", "r")}},
                                  EventBody{PrincipalCreated{principal("x")}},
                                  EventBody{MemberAdded{"g", "u"}}, EventBody{DenyDeleted{"d"}}})
        EXPECT_FALSE(locks_out(body)) << type_of(body);
}

TEST_F(Needs, JoiningADeniedGroupCanLockOut) {
    group("outer");
    allow(AddMember{"outer", "g"});
    allow(CreateDeny{deny("below", {"outer"})});
    EXPECT_FALSE(may_lock_out(state, "t", MemberAdded{"g", "u"}));
    DenyAssignment excluding = deny("excluding", {"*"});
    excluding.scope = "/";
    excluding.excluded = {"outer"};
    allow(CreateDeny{excluding});
    EXPECT_FALSE(may_lock_out(state, "t", MemberAdded{"g", "u"}));
    DenyAssignment at_root = deny("root", {"outer"});
    at_root.scope = "/";
    allow(CreateDeny{at_root});
    EXPECT_TRUE(may_lock_out(state, "t", MemberAdded{"g", "u"}));
}

TEST_F(Needs, AGroupOfADenyAssignmentIsADoorToIt) {
    group("outer");
    allow(AddMember{"outer", "g"});
    user("v");
    allow(AddMember{"g", "v"});
    allow(CreateDeny{deny("named", {"outer"})});
    DenyAssignment but = deny("but", {"*"});
    but.scope = "/x";
    but.excluded = {"g"};
    allow(CreateDeny{but});
    const std::string denies = "Microsoft.Authorization/denyAssignments/";
    const std::string v = "PrincipalId=v resource:PrincipalType=User";
    EXPECT_EQ(needed(RemoveMember{"g", "v"}),
              (Texts{"Tenure.Directory/groups/members/delete at /", remove + "/ resource:" + v,
                     denies + "write at /x", denies + "delete at /s"}));
    EXPECT_EQ(needed(AddMember{"g", "u"}),
              (Texts{"Tenure.Directory/groups/members/write at /",
                     write + "/ request:PrincipalId=u request:PrincipalType=User",
                     denies + "delete at /x", denies + "write at /s"}));
    // A group that leaves takes its members along.
    EXPECT_EQ(needed(RemoveMember{"outer", "g"}),
              (Texts{"Tenure.Directory/groups/members/delete at /",
                     remove + "/ resource:PrincipalId=g resource:PrincipalType=Group",
                     denies + "delete at /s"}));
    // Who is deleted escapes nothing; the members of a group that is deleted do.
    EXPECT_EQ(needed(DeletePrincipal{"v", true}),
              (Texts{"Tenure.Directory/principals/delete at /",
                     "Tenure.Directory/groups/members/delete at /", remove + "/ resource:" + v}));
    const Texts all = needed(DeletePrincipal{"g", true});
    EXPECT_NE(std::find(all.begin(), all.end(), denies + "delete at /s"), all.end());
}

TEST_F(Needs, ARevokedInvitationTakesWhatTheInvitedHolds) {
    Invitation i;
    i.id = "i";
    i.principal = "guest";
    i.email = "guest@partner.example";
    i.roles = {{"r", "/s"}};
    allow(CreateInvitation{i});
    Eligibility e;
    e.id = "e";
    e.principal = "guest";
    e.role = "other";
    e.scope = "/s/part";
    allow(CreateEligibility{e});
    const std::string about = " resource:PrincipalId=guest resource:PrincipalType=User";
    EXPECT_EQ(needed(RevokeInvitation{"i"}),
              (Texts{"Tenure.Directory/invitations/delete at /",
                     remove + "/s resource:RoleDefinitionId=r" + about,
                     remove + "/s/part resource:RoleDefinitionId=other" + about}));
    allow(AddMember{"g", "guest"});
    EXPECT_EQ(needed(RevokeInvitation{"i"}).back(), remove + "/" + about);
}

// What is not there would be at "/".
TEST_F(Needs, ACommandThatIsRefusedNeedsWhatItWouldNeed) {
    const auto refused = [&](const CommandBody& body) {
        Texts result;
        for (const Need& need : needs_of(state, command(body), {}))
            result.push_back(need.action + " at " + need.scope + (need.hidden ? " hidden" : ""));
        return result;
    };
    const std::string roles = "Microsoft.Authorization/roleDefinitions/";
    EXPECT_EQ(refused(CreateAssignment{assignment("a", "nobody", "nothing")}),
              (Texts{write + "/s"}));
    EXPECT_EQ(refused(AddMember{"nothing", "u"}),
              (Texts{"Tenure.Directory/groups/members/write at / hidden", write + "/ hidden"}));
    EXPECT_EQ(refused(DefineRole{role("r", {"/a", "/b"})}),
              (Texts{roles + "write at /a", roles + "write at /b"}));
    EXPECT_EQ(refused(CreateTenant{}), (Texts{" at /"}));

    EXPECT_EQ(refused(RevokeAssignment{"a"}), (Texts{remove + "/s hidden"}));
    EXPECT_EQ(refused(RevokeAssignment{"nothing"}), (Texts{remove + "/ hidden"}));
    EXPECT_EQ(refused(DeleteRole{"nothing"}), (Texts{roles + "delete at / hidden"}));
    EXPECT_EQ(
        refused(UpdateRole{role("other", {"/s", "/y"})}),
        (Texts{roles + "write at /s", roles + "write at /y", roles + "write at /s/part hidden"}));
    EXPECT_EQ(refused(UpdateRole{role("nothing", {"/y"})}),
              (Texts{roles + "write at /y", roles + "write at / hidden"}));
    EXPECT_EQ(refused(RemoveEligibility{"nothing"}), (Texts{remove + "/ hidden"}));
    EXPECT_EQ(refused(MoveScope{"/x", "/y"}),
              (Texts{"Tenure.Directory/scopes/write at /x", write + "/x",
                     "Tenure.Directory/scopes/write at /y", remove + "/x"}));
}

}  // namespace
}  // namespace tenure::domain
