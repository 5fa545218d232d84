#include "deciding.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

class InvitationCommands : public Deciding {
protected:
    InvitationCommands() { defined(role("r")); }

    static Invitation invitation(std::string id = "i", std::string who = "guest") {
        Invitation result;
        result.id = std::move(id);
        result.principal = std::move(who);
        result.email = "guest@partner.example";
        result.name = "Guest";
        result.roles = {{"r", "/s"}};
        return result;
    }
};

TEST_F(InvitationCommands, CreateMakesThePrincipalTheInvitationAndTheAssignments) {
    Invitation i = invitation();
    i.roles.push_back({"R", "/s/x"});
    i.expires_at = now + 1;
    i.secret_hash = "abc";

    const auto events = allow(CreateInvitation{i});

    Principal guest = principal("guest");
    guest.user_type = UserType::guest;
    guest.redemption = Redemption::pending;
    guest.display_name = "Guest";
    guest.email = "guest@partner.example";
    EXPECT_EQ(events,
              (std::vector<EventBody>{PrincipalCreated{guest}, InvitationCreated{i},
                                      AssignmentCreated{assignment("i/1", "guest", "r", "/s")},
                                      AssignmentCreated{assignment("i/2", "guest", "R", "/s/x")}}));
}

TEST_F(InvitationCommands, CreateMakesAMemberWhenTold) {
    const auto events = allow(CreateInvitation{invitation(), UserType::member});
    EXPECT_EQ(std::get<PrincipalCreated>(events.at(0)).principal.user_type, UserType::member);
}

TEST_F(InvitationCommands, CreateNeedsNewIds) {
    user("u");
    refused(CreateInvitation{invitation("i", "u")}, Errc::already_exists, "data.principal",
            {"'u'"});
    allow(CreateInvitation{invitation()});
    refused(CreateInvitation{invitation("i", "other")}, Errc::already_exists, "data.invitation",
            {"'i'"});
    assigned(assignment("j/1", "u", "r"));
    refused(CreateInvitation{invitation("j", "v")}, Errc::already_exists, "data.invitation",
            {"'j/1'"});
}

TEST_F(InvitationCommands, CreateNeedsRolesThatCanBeAssigned) {
    Invitation i = invitation();
    i.roles.push_back({"x", "/s"});
    refused(CreateInvitation{i}, Errc::not_found, "data.roles[1].role", {"'x'"});
    i.roles.back() = {"r", "/elsewhere"};
    refused(CreateInvitation{i}, Errc::conflict, "data.roles[1].scope", {"'/elsewhere'"});
    i.roles.back() = {"R", "/S/"};
    refused(CreateInvitation{i}, Errc::invalid_argument, "data.roles[1]", {"twice"});
    i.roles.back() = {"r", "s"};
    refused(CreateInvitation{i}, Errc::invalid_argument, "data.roles[1].scope");
    i.roles.clear();
    allow(CreateInvitation{i});
}

TEST_F(InvitationCommands, CreateNeedsAnAddressAndTimeLeft) {
    Invitation i = invitation();
    i.email.clear();
    refused(CreateInvitation{i}, Errc::invalid_argument, "data.email", {"required"});
    i.email = "@x";
    refused(CreateInvitation{i}, Errc::invalid_argument, "data.email");
    i = invitation();
    i.expires_at = now;
    refused(CreateInvitation{i}, Errc::invalid_argument, "data.expiresAt", {"not after now"});
}

TEST_F(InvitationCommands, RolesAndIdsAreLimited) {
    Invitation i = invitation(std::string(limits::id_length_max - 3, 'i'));
    i.roles.clear();
    for (std::size_t n = 0; n < limits::invitation_roles_max; ++n)
        i.roles.push_back({"r", "/s/" + std::to_string(n)});
    EXPECT_TRUE(check_form(command(CreateInvitation{i})));
    i.id += 'i';
    refused(CreateInvitation{i}, Errc::limit_exceeded, "data.invitation",
            {std::to_string(limits::id_length_max + 1)});
    i.id = "i";
    i.roles.push_back({"r", "/s"});
    refused(CreateInvitation{i}, Errc::limit_exceeded, "data.roles");
}

TEST_F(InvitationCommands, AcceptRedeemsThePrincipal) {
    allow(CreateInvitation{invitation()});
    EXPECT_EQ(state.principal("t", "guest")->principal.redemption, Redemption::pending);
    EXPECT_EQ(allow(AcceptInvitation{"i", {}}), (std::vector<EventBody>{InvitationAccepted{"i"}}));
    EXPECT_EQ(state.principal("t", "guest")->principal.redemption, Redemption::accepted);
}

TEST_F(InvitationCommands, OnlyPendingOnesChange) {
    allow(CreateInvitation{invitation()});
    allow(AcceptInvitation{"i", {}});
    refused(AcceptInvitation{"i", {}}, Errc::conflict, "data.invitation",
            {"is accepted", "pending"});
    refused(ResendInvitation{"i", "h", {}}, Errc::conflict, "data.invitation", {"is accepted"});
    refused(RevokeInvitation{"i"}, Errc::conflict, "data.invitation", {"is accepted"});
    refused(ExpireInvitation{"i"}, Errc::conflict, "data.invitation", {"is accepted"});
    for (const CommandBody& body : std::initializer_list<CommandBody>{
             AcceptInvitation{"x", {}}, ResendInvitation{"x", "", {}}, RevokeInvitation{"x"},
             ExpireInvitation{"x"}})
        refused(body, Errc::not_found, "data.invitation", {"'x'"});
}

TEST_F(InvitationCommands, AcceptEndsAtTheMomentOfExpiry) {
    Invitation i = invitation();
    i.expires_at = now + 10'000'000;
    allow(CreateInvitation{i});
    now = *i.expires_at;
    refused(AcceptInvitation{"i", {}}, Errc::conflict, "data.invitation",
            {"expired at", "send it again"});
    now = now + -1;
    allow(AcceptInvitation{"i", {}});
}

TEST_F(InvitationCommands, AcceptNeedsThePrincipal) {
    allow(CreateInvitation{invitation()});
    allow(DeletePrincipal{"guest", true});
    refused(AcceptInvitation{"i", {}}, Errc::not_found, "data.invitation", {"'guest'", "deleted"});
}

TEST_F(InvitationCommands, ResendGivesANewSecretAndTime) {
    Invitation i = invitation();
    i.expires_at = now + 1;
    allow(CreateInvitation{i});
    refused(ResendInvitation{"i", "h", now}, Errc::invalid_argument, "data.expiresAt");
    const Instant later = now + 10'000'000;
    EXPECT_EQ(allow(ResendInvitation{"i", "h2", later}),
              (std::vector<EventBody>{InvitationResent{"i", "h2", later}}));
    EXPECT_EQ(state.invitation("t", "i")->invitation.secret_hash, "h2");
    // The old one is dead.
    refused(AcceptInvitation{"i", ""}, Errc::forbidden, "data.secretHash", {"is needed"});
    refused(AcceptInvitation{"i", "h"}, Errc::forbidden, "data.secretHash", {"earlier is dead"});
    allow(AcceptInvitation{"i", "h2"});
}

TEST_F(InvitationCommands, ResetMakesAnAcceptedOnePendingAgain) {
    allow(CreateInvitation{invitation()});
    refused(ResetInvitation{"i", "", {}}, Errc::conflict, "data.invitation", {"is pending"});
    allow(AcceptInvitation{"i", ""});
    EXPECT_EQ(state.principal("t", "guest")->principal.redemption, Redemption::accepted);
    EXPECT_EQ(allow(ResetInvitation{"i", "h", {}}),
              (std::vector<EventBody>{InvitationResent{"i", "h", {}}}));
    EXPECT_EQ(state.principal("t", "guest")->principal.redemption, Redemption::pending);
    EXPECT_FALSE(state.assignment("t", "i/1")->revoked);
    allow(AcceptInvitation{"i", "h"});
    EXPECT_EQ(state.principal("t", "guest")->principal.redemption, Redemption::accepted);
}

TEST_F(InvitationCommands, TheOperatorNeedsNoSecret) {
    Invitation i = invitation();
    i.secret_hash = "h";
    allow(CreateInvitation{i});
    Command accept = command(AcceptInvitation{"i", ""});
    accept.actor = system_actor;
    allow(accept);
}

TEST_F(InvitationCommands, RevokeLeavesThePrincipalPending) {
    allow(CreateInvitation{invitation()});
    EXPECT_EQ(allow(RevokeInvitation{"i"}), (std::vector<EventBody>{InvitationRevoked{"i"}}));
    const auto guest = state.principal("t", "guest");
    EXPECT_FALSE(guest->deleted);
    EXPECT_EQ(guest->principal.redemption, Redemption::pending);
    refused(AcceptInvitation{"i", {}}, Errc::conflict, "data.invitation", {"is revoked"});
}

TEST_F(InvitationCommands, ExpireNeedsThatTheTimeHasCome) {
    Invitation i = invitation();
    i.expires_at = now + 10'000'000;
    allow(CreateInvitation{i});
    refused(ExpireInvitation{"i"}, Errc::conflict, "data.invitation", {"does not expire before"});
    allow(CreateInvitation{invitation("open", "other")});
    refused(ExpireInvitation{"open"}, Errc::conflict, "data.invitation", {"never expires"});
    now = *i.expires_at;
    EXPECT_EQ(allow(ExpireInvitation{"i"}), (std::vector<EventBody>{InvitationExpired{"i"}}));
    refused(AcceptInvitation{"i", {}}, Errc::conflict, "data.invitation", {"is expired"});
    // Sent again, it can be accepted.
    allow(ResendInvitation{"i", "", {}});
    allow(AcceptInvitation{"i", {}});
}

}  // namespace
}  // namespace tenure::domain
