#include "domain/event.h"

namespace tenure::domain {
namespace {

std::string_view name_of(const TenantCreated*) { return "tenant.created"; }

std::string_view name_of(const TenantSealed*) { return "tenant.sealed"; }

std::string_view name_of(const PrincipalCreated*) { return "principal.created"; }

std::string_view name_of(const PrincipalUpdated*) { return "principal.updated"; }

std::string_view name_of(const PrincipalDisabled*) { return "principal.disabled"; }

std::string_view name_of(const PrincipalEnabled*) { return "principal.enabled"; }

std::string_view name_of(const PrincipalDeleted*) { return "principal.deleted"; }

std::string_view name_of(const MemberAdded*) { return "group.memberAdded"; }

std::string_view name_of(const MemberRemoved*) { return "group.memberRemoved"; }

std::string_view name_of(const ScopeCreated*) { return "scope.created"; }

std::string_view name_of(const ScopeMoved*) { return "scope.moved"; }

std::string_view name_of(const ScopeDeleted*) { return "scope.deleted"; }

std::string_view name_of(const RoleDefined*) { return "role.defined"; }

std::string_view name_of(const RoleUpdated*) { return "role.updated"; }

std::string_view name_of(const RoleDeleted*) { return "role.deleted"; }

std::string_view name_of(const AssignmentCreated*) { return "assignment.created"; }

std::string_view name_of(const AssignmentRoleChanged*) { return "assignment.roleChanged"; }

std::string_view name_of(const AssignmentUpdated*) { return "assignment.updated"; }

std::string_view name_of(const AssignmentRevoked*) { return "assignment.revoked"; }

std::string_view name_of(const DenyCreated*) { return "deny.created"; }

std::string_view name_of(const DenyDeleted*) { return "deny.deleted"; }

std::string_view name_of(const EligibilityCreated*) { return "eligibility.created"; }

std::string_view name_of(const EligibilityActivated*) { return "eligibility.activated"; }

std::string_view name_of(const EligibilityDeactivated*) { return "eligibility.deactivated"; }

std::string_view name_of(const EligibilityRemoved*) { return "eligibility.removed"; }

std::string_view name_of(const InvitationCreated*) { return "invitation.created"; }

std::string_view name_of(const InvitationResent*) { return "invitation.resent"; }

std::string_view name_of(const InvitationAccepted*) { return "invitation.accepted"; }

std::string_view name_of(const InvitationRevoked*) { return "invitation.revoked"; }

std::string_view name_of(const InvitationExpired*) { return "invitation.expired"; }

std::string_view name_of(const SettingsChanged*) { return "settings.changed"; }

std::string_view name_of(const TokenIssued*) { return "token.issued"; }

std::string_view name_of(const TokenRevoked*) { return "token.revoked"; }

// A list in the order of the variant, so that it cannot be out of step with it.
template <class... Body>
std::vector<std::string_view> names_of(const std::variant<Body...>*) {
    return {name_of(static_cast<const Body*>(nullptr))...};
}

}  // namespace

std::string_view type_of(const EventBody& body) { return event_types()[body.index()]; }

const std::vector<std::string_view>& event_types() {
    static const std::vector<std::string_view> types =
        names_of(static_cast<const EventBody*>(nullptr));
    return types;
}

}  // namespace tenure::domain
