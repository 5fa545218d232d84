// What is refused for want of a right, and what keeps a tenant manageable.

#include "node/authority.h"

#include <set>

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

// One of everything named "there", and what it was before it was ended named "gone"; "nosy" may
// nothing.
class Refusals : public Authorities {
protected:
    const std::string hash = std::string(64, '0');

    static domain::Role role(const std::string& id, const std::string& scope = "/s") {
        domain::Role made;
        made.id = id;
        made.name = "Role " + id;
        made.assignable_scopes = {scope};
        made.permissions.emplace_back().actions = {"App/*/read"};
        return made;
    }

    static domain::Assignment assigned(const std::string& id) {
        domain::Assignment made;
        made.id = id;
        made.principal = "there";
        made.role = "reader";
        made.scope = "/s";
        return made;
    }

    static domain::Eligibility eligible(const std::string& id) {
        domain::Eligibility made;
        made.id = id;
        made.principal = "there";
        made.role = "owner";
        made.scope = "/s";
        return made;
    }

    static domain::CreateDeny denied(const std::string& id) {
        domain::CreateDeny made;
        made.deny.id = id;
        made.deny.scope = "/s";
        made.deny.principals = {"there"};
        made.deny.permissions.emplace_back().actions = {"App/*"};
        return made;
    }

    static domain::CreateInvitation invited(const std::string& id) {
        domain::CreateInvitation made;
        made.invitation.id = "i-" + id;
        made.invitation.principal = "guest-" + id;
        made.invitation.email = "guest@partner.example";
        made.invitation.roles = {{"reader", "/s"}};
        return made;
    }

    static domain::IssueToken issued(const std::string& principal, char digit) {
        domain::IssueToken made;
        made.token.principal = principal;
        made.token.secret_hash = std::string(64, digit);
        made.token.id = domain::token_id_of(made.token.secret_hash);
        return made;
    }

    void SetUp() override {
        Authorities::SetUp();
        domain::Role reader = role("reader", "/");
        reader.built_in = true;
        reader.permissions.front().actions = {"*/read"};
        std::vector<domain::CommandBody> made{domain::ApplyCatalog{"", 0, {reader}}, group("team"),
                                              create_user("nosy"), create_user("disabled"),
                                              create_user("boss")};
        for (const std::string id : {"there", "gone"})
            made.insert(made.end(),
                        {create_user(id), domain::AddMember{"team", id},
                         domain::CreateScope{"/" + id, "", ""}, domain::DefineRole{role(id)}});
        for (const std::string id : {"there", "gone"})
            made.insert(made.end(), {domain::CreateAssignment{assigned(id)}, denied(id),
                                     domain::CreateEligibility{eligible(id)}, invited(id)});
        // The two ids that are the same role at the same scope to the same principal.
        std::get<domain::CreateAssignment>(made[made.size() - 4]).assignment.scope = "/s/part";
        made.insert(
            made.end(),
            {issued("there", 'a'), domain::RevokeAssignment{"gone"}, domain::DeleteDeny{"gone"},
             domain::RemoveEligibility{"gone"}, domain::RevokeInvitation{"i-gone"},
             domain::DeleteScope{"/gone"}, domain::DeleteRole{"gone"},
             domain::DeletePrincipal{"gone", true}, domain::DisablePrincipal{"disabled"},
             domain::ChangeSettings{{{"activation.policies", "owner\t/s\tPT8H\tboss"}}}});
        must_submit(batch(made));
    }

    // What is said, the ids apart.
    std::string text_of(const domain::Batch& what) {
        const Error error = refused(what);
        std::string text = error.detail + " (" + error.field + ")";
        for (const std::string id : {"there", "gone", "other"})
            for (std::size_t at = text.find(id); at != std::string::npos; at = text.find(id, at))
                text.replace(at, id.size(), "ID");
        return (error.code == Errc::forbidden ? "" : "not forbidden: ") + text;
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
    EXPECT_NE(error.detail.find("denyAssignments/delete at '/'"), std::string::npos)
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
}

// Of every type of command: one about what is there, or was, and one about what never was.
TEST_F(Refusals, AreTheSameWhateverIsThere) {
    std::set<std::string_view> tried;
    const auto same = [&](const domain::CommandBody& there, const domain::CommandBody& unknown) {
        tried.insert(domain::type_of(there));
        for (const std::string actor : {"nosy", "disabled", "stranger"})
            EXPECT_EQ(text_of(by(actor, {there})), text_of(by(actor, {unknown})))
                << domain::type_of(there);
    };
    for (const std::string id : {"there", "gone"}) {
        same(create_user(id), create_user("other"));
        same(domain::UpdatePrincipal{id, "New", {}, {}, {}},
             domain::UpdatePrincipal{"other", "New", {}, {}, {}});
        same(domain::DisablePrincipal{id}, domain::DisablePrincipal{"other"});
        same(domain::EnablePrincipal{id}, domain::EnablePrincipal{"other"});
        for (const bool all : {false, true})
            same(domain::DeletePrincipal{id, all}, domain::DeletePrincipal{"other", all});
        same(domain::AddMember{"team", id}, domain::AddMember{"other", id});
        same(domain::AddMember{id, "nosy"}, domain::AddMember{"other", "nosy"});
        same(domain::RemoveMember{"team", id}, domain::RemoveMember{"other", id});
        same(domain::RemoveMember{"team", id}, domain::RemoveMember{"team", "other"});
        same(domain::CreateScope{"/" + id, "", ""}, domain::CreateScope{"/other", "", ""});
        same(domain::CreateScope{"/x", "/" + id, ""}, domain::CreateScope{"/x", "/other", ""});
        same(domain::MoveScope{"/" + id, "/x"}, domain::MoveScope{"/other", "/x"});
        same(domain::DeleteScope{"/" + id}, domain::DeleteScope{"/other"});
        same(domain::DefineRole{role(id)}, domain::DefineRole{role("other")});
        same(domain::UpdateRole{role(id)}, domain::UpdateRole{role("other")});
        same(domain::DeleteRole{id}, domain::DeleteRole{"other"});
        same(domain::CreateAssignment{assigned(id)}, domain::CreateAssignment{assigned("other")});
        same(domain::ChangeAssignmentRole{id, "reader"},
             domain::ChangeAssignmentRole{"other", "reader"});
        same(domain::UpdateAssignment{id, {}, {}, "new"},
             domain::UpdateAssignment{"other", {}, {}, "new"});
        same(domain::RevokeAssignment{id}, domain::RevokeAssignment{"other"});
        same(denied(id), denied("other"));
        same(domain::DeleteDeny{id}, domain::DeleteDeny{"other"});
        same(domain::CreateEligibility{eligible(id)}, domain::CreateEligibility{eligible("other")});
        same(domain::ExtendEligibility{id, "next", {}},
             domain::ExtendEligibility{"other", "next", {}});
        same(domain::RemoveEligibility{id}, domain::RemoveEligibility{"other"});
        for (const std::string whose : {"", "there", "nosy"})
            for (const std::string scope : {"", "/s/part", "/elsewhere"}) {
                same(domain::ActivateEligibility{id, whose, "", scope, ""},
                     domain::ActivateEligibility{"other", whose, "", scope, ""});
                same(domain::DeactivateEligibility{id, whose},
                     domain::DeactivateEligibility{"other", whose});
            }
        same(invited(id), invited("other"));
        same(domain::ResendInvitation{"i-" + id, hash, {}},
             domain::ResendInvitation{"i-other", hash, {}});
        for (const std::string& secret : {std::string{}, hash})
            same(domain::AcceptInvitation{"i-" + id, secret},
                 domain::AcceptInvitation{"i-other", secret});
        same(domain::ResetInvitation{"i-" + id, hash, {}},
             domain::ResetInvitation{"i-other", hash, {}});
        same(domain::RevokeInvitation{"i-" + id}, domain::RevokeInvitation{"i-other"});
        same(domain::ExpireInvitation{"i-" + id}, domain::ExpireInvitation{"i-other"});
        same(issued(id, 'a'), issued("other", 'b'));
        same(domain::RevokeToken{issued(id, 'a').token.id}, domain::RevokeToken{"other"});
        domain::Role built_in = role(id);
        built_in.built_in = true;
        domain::Role unknown = role("other");
        unknown.built_in = true;
        same(domain::ApplyCatalog{"", 0, {built_in}}, domain::ApplyCatalog{"", 0, {unknown}});
    }
    same(domain::ChangeSettings{{{"invitations.defaultRole", "there"}}},
         domain::ChangeSettings{{{"invitations.defaultRole", "other"}}});
    tried.insert({"tenant.create", "tenant.seal"});  // they name nothing in the tenant
    for (const std::string_view type : domain::command_types())
        EXPECT_TRUE(tried.contains(type)) << type;
}

TEST_F(Refusals, AreTrueWhereOnesRightReaches) {
    must_submit(batch({create_user("local"), create_user("reading"), create_user("everywhere")}));
    domain::Assignment local = assigned("local-1");
    local.principal = "local";
    local.role = "owner";
    local.scope = "/elsewhere";
    domain::Assignment reading = local;
    reading.id = "reading-1";
    reading.principal = "reading";
    reading.role = "reader";
    reading.scope = "/s";
    must_submit(batch({domain::CreateAssignment{local}, domain::CreateAssignment{reading},
                       assign_owner("everywhere-1", "everywhere")}));
    const domain::CommandBody there = domain::RevokeAssignment{"there"};  // at /s
    const domain::CommandBody other = domain::RevokeAssignment{"other"};

    EXPECT_EQ(text_of(by("local", {there})), text_of(by("local", {other})));
    EXPECT_NE(text_of(by("local", {other})).find("delete at '/';"), std::string::npos);
    EXPECT_EQ(refused(by("local", {domain::UpdateRole{role("there", "/elsewhere")}})).detail,
              refused(by("local", {domain::UpdateRole{role("other", "/elsewhere")}})).detail);
    // Who may read there may hear where it is.
    EXPECT_NE(text_of(by("reading", {there})).find("delete at '/s';"), std::string::npos);
    EXPECT_NE(text_of(by("reading", {other})).find("delete at '/';"), std::string::npos);

    EXPECT_EQ(refused(by("everywhere", {other})).code, Errc::not_found);
    must_submit(by("everywhere", {there}));
    EXPECT_EQ(refused(by("everywhere", {there})).code, Errc::conflict);
    must_submit(by("local", {domain::RevokeAssignment{"local-1"}}));
}

// They see more than others, of their own.
TEST_F(Refusals, OfActivationsAreTrueToWhoIsEligible) {
    const auto code = [&](const std::string& actor, const domain::CommandBody& body) {
        return refused(by(actor, {body})).code;
    };
    const domain::ActivateEligibility too_long{"there", "", "PT9H", "", ""};
    EXPECT_EQ(code("there", too_long), Errc::invalid_argument);
    EXPECT_EQ(code("boss", too_long), Errc::invalid_argument);
    EXPECT_EQ(code("nosy", too_long), Errc::forbidden);
    EXPECT_EQ(code("there", domain::DeactivateEligibility{"there", ""}), Errc::conflict);
    EXPECT_EQ(code("nosy", domain::DeactivateEligibility{"there", ""}), Errc::forbidden);
    EXPECT_NE(text_of(by("there", {domain::ActivateEligibility{"there", "", "", "", ""}}))
                  .find("only 'boss' may"),
              std::string::npos);
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
