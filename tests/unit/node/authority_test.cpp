// What is refused for want of a right, and what keeps a tenant manageable.

#include "node/authority.h"

#include "unit/node/node_fixture.h"

namespace tenure::node {
namespace {

class Authorities : public Store {
protected:
    static domain::Batch by(const std::string& actor, std::vector<domain::CommandBody> bodies) {
        domain::Batch made = batch(std::move(bodies));
        for (domain::Command& each : made.commands) each.actor = actor;
        return made;
    }

    static domain::CommandBody group(const std::string& id) {
        domain::CreatePrincipal create;
        create.principal.id = id;
        create.principal.kind = domain::PrincipalKind::group;
        return create;
    }

    static domain::CommandBody deny_all(const std::string& id, const std::string& principal) {
        domain::CreateDeny create;
        create.deny.id = id;
        create.deny.scope = "/";
        create.deny.principals = {principal};
        create.deny.permissions.emplace_back().actions = {"*"};
        return create;
    }
};

TEST_F(Authorities, JoiningADeniedGroupLocksNobodyOut) {
    must_submit(batch({group("outer"), group("g"), domain::AddMember{"outer", "g"}}));
    must_submit(batch({domain::AddMember{"g", "owner"}, domain::RemoveMember{"g", "owner"}}));
    must_submit(batch({deny_all("d", "outer")}));
    const Error error = refused(batch({domain::AddMember{"g", "owner"}}));
    EXPECT_EQ(error.code, Errc::conflict);
    EXPECT_NE(error.detail.find("nobody could assign roles"), std::string::npos) << error.detail;
    must_submit(batch(
        {create_user("second"), assign_owner("a", "second"), domain::AddMember{"g", "owner"}}));
    EXPECT_EQ(refused(batch({create_user("x")})).code, Errc::forbidden);
}

TEST_F(Authorities, LeavingADeniedGroupTakesTheRightOverTheDeny) {
    domain::Role administrator;
    administrator.id = administrator.name = "administrator";
    administrator.built_in = true;
    administrator.assignable_scopes = {"/"};
    administrator.permissions.emplace_back().actions = {
        "Tenure.Directory/*", "Microsoft.Authorization/roleAssignments/*"};
    domain::CommandBody assigned = assign_owner("a", "admin");
    std::get<domain::CreateAssignment>(assigned).assignment.role = "administrator";
    must_submit(batch({domain::ApplyCatalog{"", 0, {administrator}}, create_user("admin"), assigned,
                       create_user("u"), group("g"), domain::AddMember{"g", "u"}}));
    must_submit(by("admin", {domain::RemoveMember{"g", "u"}, domain::AddMember{"g", "u"}}));
    domain::CommandBody denied = deny_all("d", "g");
    std::get<domain::CreateDeny>(denied).deny.scope = "/s";
    must_submit(batch({denied}));
    const Error error = refused(by("admin", {domain::RemoveMember{"g", "u"}}));
    EXPECT_EQ(error.code, Errc::forbidden);
    EXPECT_NE(error.detail.find("denyAssignments/delete at '/s'"), std::string::npos)
        << error.detail;
    must_submit(batch({domain::RemoveMember{"g", "u"}}));
}

TEST_F(Authorities, WhoMayNotLearnsNothingOfWhatIsThere) {
    must_submit(batch({create_user("nosy")}));
    domain::CommandBody unknown_role = assign_owner("b", "nobody");
    std::get<domain::CreateAssignment>(unknown_role).assignment.role = "nothing";
    for (const auto& [body, code] : std::vector<std::pair<domain::CommandBody, Errc>>{
             {create_user("owner"), Errc::already_exists},
             {unknown_role, Errc::not_found},
             {domain::AddMember{"nothing", "nosy"}, Errc::not_found},
             {domain::DisablePrincipal{"nobody"}, Errc::not_found}}) {
        EXPECT_EQ(refused(by("nosy", {body})).code, Errc::forbidden);
        EXPECT_EQ(refused(by("owner", {body})).code, code);
    }
    // Only the state knows where, but it is not told to just anybody.
    EXPECT_EQ(refused(by("nosy", {domain::RevokeAssignment{"nothing"}})).code, Errc::not_found);
    EXPECT_EQ(refused(by("stranger", {domain::RevokeAssignment{"nothing"}})).code, Errc::forbidden);
}

TEST_F(Authorities, AGuardianThatIsNotFoundSoonMustBeNamed) {
    const Instant end{ManualClock::start_us + 86'400 * second};
    std::vector<domain::CommandBody> bodies;
    for (std::size_t i = 0; i <= guardians_looked_at_max; ++i) {
        const std::string id = "u" + std::to_string(i);
        bodies.push_back(create_user(id));
        domain::CommandBody for_a_while = assign_owner("a" + std::to_string(i), id);
        std::get<domain::CreateAssignment>(for_a_while).assignment.window.end = end;
        bodies.push_back(for_a_while);
    }
    bodies.push_back(create_user("last"));
    must_submit(by(std::string(domain::system_actor), bodies));

    open();  // and nobody is remembered
    const auto by_operator = [&](std::vector<domain::CommandBody> commands) {
        return by(std::string(domain::system_actor), std::move(commands));
    };
    const Error error = refused(by_operator({domain::RevokeAssignment{"a0"}}));
    EXPECT_EQ(error.code, Errc::limit_exceeded);
    EXPECT_NE(error.detail.find(std::to_string(guardians_looked_at_max)), std::string::npos);
    must_submit(by_operator({assign_owner("b", "last"), domain::RevokeAssignment{"a0"}}));
    // From then on they are known; and who acts is looked at first in any case.
    must_submit(by_operator({domain::RevokeAssignment{"a1"}}));
    open();
    must_submit(by("owner", {domain::RevokeAssignment{"a2"}}));
}

}  // namespace
}  // namespace tenure::node
