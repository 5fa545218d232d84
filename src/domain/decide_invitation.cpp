#include <set>
#include <utility>

#include "base/text.h"
#include "domain/decide_live.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

Result<void> check_expiry(std::optional<Instant> expires_at, Instant now) {
    if (!expires_at || now < *expires_at) return success();
    return invalid("data.expiresAt", "the invitation would expire at " +
                                         format_instant(*expires_at) +
                                         ", which is not after now, " + format_instant(now) +
                                         "; give a later time or none");
}

}  // namespace

Invitation with_default_role(Invitation invitation, const State& state, std::string_view tenant) {
    if (!invitation.roles.empty()) return invitation;
    const auto role = state.setting(tenant, invitation_default_role_setting);
    if (role && !role->empty()) invitation.roles.push_back({*role, "/"});
    return invitation;
}

Decision LiveCommands::operator()(const CreateInvitation& command) const {
    const Invitation invitation = with_default_role(command.invitation, state(), tenant());
    TRY(rules_.invitation_unused(invitation.id, "data.invitation"));
    TRY(rules_.principal_unused(invitation.principal, "data.principal"));
    TRY(check_expiry(invitation.expires_at, now_));

    Principal invited;
    invited.id = invitation.principal;
    invited.user_type = command.user_type;
    invited.redemption = Redemption::pending;
    invited.display_name = invitation.name;
    invited.email = invitation.email;
    std::vector<EventBody> events{PrincipalCreated{std::move(invited)},
                                  InvitationCreated{invitation}};

    std::set<std::pair<std::string, std::string>> given;
    for (std::size_t i = 0; i < invitation.roles.size(); ++i) {
        const RoleAtScope& offered = invitation.roles[i];
        const std::string field = "data.roles[" + std::to_string(i) + "]";
        TRY(const auto role, rules_.live_role(offered.role, field + ".role"));
        TRY(rules_.may_assign(role.role, offered.scope, field + ".scope"));
        if (!given.emplace(folded(offered.role), canonical_scope(offered.scope)).second)
            return invalid(field, "role " + quoted(offered.role) + " at " + quoted(offered.scope) +
                                      " is offered twice; offer it once");
        Assignment assignment;
        assignment.id = invitation.id + "/" + std::to_string(i + 1);
        assignment.principal = invitation.principal;
        assignment.role = offered.role;
        assignment.scope = offered.scope;
        TRY(rules_.assignment_unused(assignment.id, "data.invitation"));
        TRY(rules_.names_no_activation(assignment.id, "data.invitation"));
        events.push_back(AssignmentCreated{std::move(assignment)});
    }
    return events;
}

Decision LiveCommands::operator()(const ResendInvitation& command) const {
    TRY(const auto found, rules_.known_invitation(command.invitation, "data.invitation"));
    // One that has expired comes to life again.
    if (found.status != InvitationStatus::expired) {
        TRY(rules_.pending_invitation(command.invitation, "data.invitation", "sent again"));
    }
    TRY(check_expiry(command.expires_at, now_));
    return only(InvitationResent{command.invitation, command.secret_hash, command.expires_at});
}

Decision LiveCommands::operator()(const AcceptInvitation& command) const {
    TRY(const auto found,
        rules_.pending_invitation(command.invitation, "data.invitation", "accepted"));
    const auto expires_at = found.invitation.expires_at;
    if (expires_at && *expires_at <= now_)
        return conflict("data.invitation", "invitation " + quoted(command.invitation) +
                                               " expired at " + format_instant(*expires_at) +
                                               "; send it again to extend it");
    TRY(rules_.live_principal(found.invitation.principal, "data.invitation"));
    // The store's operator needs no secret; the door that takes it keeps its own count of attempts.
    const std::string& expected = found.invitation.secret_hash;
    if (!expected.empty() && actor_ != system_actor && command.secret_hash != expected)
        return Error{Errc::forbidden,
                     command.secret_hash.empty()
                         ? "the secret of invitation " + quoted(command.invitation) + " is needed"
                         : "this is not the secret of invitation " + quoted(command.invitation) +
                               "; one that was sent earlier is dead",
                     "data.secretHash"};
    return only(InvitationAccepted{command.invitation});
}

Decision LiveCommands::operator()(const ResetInvitation& command) const {
    TRY(const auto found, rules_.known_invitation(command.invitation, "data.invitation"));
    if (found.status != InvitationStatus::accepted)
        return conflict("data.invitation", "invitation " + quoted(command.invitation) + " is " +
                                               std::string(name_of(found.status)) +
                                               "; only one that was accepted can be reset");
    TRY(rules_.live_principal(found.invitation.principal, "data.invitation"));
    TRY(check_expiry(command.expires_at, now_));
    return only(InvitationResent{command.invitation, command.secret_hash, command.expires_at});
}

// The invited principal stays as it is: pending, without access.
Decision LiveCommands::operator()(const RevokeInvitation& command) const {
    TRY(rules_.pending_invitation(command.invitation, "data.invitation", "revoked"));
    return only(InvitationRevoked{command.invitation});
}

Decision LiveCommands::operator()(const ExpireInvitation& command) const {
    TRY(const auto found,
        rules_.pending_invitation(command.invitation, "data.invitation", "expired"));
    const auto expires_at = found.invitation.expires_at;
    if (!expires_at || now_ < *expires_at)
        return conflict("data.invitation",
                        "invitation " + quoted(command.invitation) +
                            (expires_at ? " does not expire before " + format_instant(*expires_at)
                                        : " never expires") +
                            "; revoke it to end it now");
    return only(InvitationExpired{command.invitation});
}

}  // namespace tenure::domain
