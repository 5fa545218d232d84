// Imported history: every command becomes its one event, and only what the index rests on is
// checked.

#include "base/match.h"
#include "base/text.h"
#include "domain/decide_live.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

// What an event that happened elsewhere must still obey here.
class ImportedEvent {
public:
    explicit ImportedEvent(const Rules& rules) : rules_{rules} {}

    Result<void> operator()(const TenantCreated& e) const {
        if (e.open_for_import) return success();
        return invalid("data.openForImport",
                       "tenant " + quoted(rules_.tenant()) +
                           " is created by imported history and must be open for import");
    }

    Result<void> operator()(const TenantSealed&) const { return success(); }

    Result<void> operator()(const PrincipalCreated& e) const {
        return rules_.principal_unused(e.principal.id, "data.principal");
    }

    Result<void> operator()(const PrincipalUpdated& e) const { return principal(e.principal.id); }

    Result<void> operator()(const PrincipalDisabled& e) const { return principal(e.principal); }

    Result<void> operator()(const PrincipalEnabled& e) const { return principal(e.principal); }

    Result<void> operator()(const PrincipalDeleted& e) const {
        TRY(principal(e.principal));
        Holdings holdings = rules_.state().holdings(rules_.tenant(), e.principal);
        // These may outlive it.
        holdings.denies.clear();
        holdings.eligibilities.clear();
        if (holdings.empty()) return success();
        return still_holds(e.principal, holdings, "import the end of that first");
    }

    Result<void> operator()(const MemberAdded& e) const {
        return rules_.may_add_member(e.group, e.member);
    }

    Result<void> operator()(const MemberRemoved& e) const {
        return rules_.may_remove_member(e.group, e.member);
    }

    Result<void> operator()(const ScopeCreated& e) const {
        TRY(rules_.may_create_scope(e.scope));
        TRY(rules_.chain_above(e.scope, e.parent, "data.parent"));
        return success();
    }

    Result<void> operator()(const ScopeMoved& e) const {
        TRY(rules_.created_scope(e.scope, "data.scope"));
        TRY(rules_.chain_above(e.scope, e.parent, "data.parent"));
        return success();
    }

    Result<void> operator()(const ScopeDeleted& e) const {
        TRY(rules_.created_scope(e.scope, "data.scope"));
        // Without its explicit parent the path counts again, which another scope's explicit parent
        // may lead back from.
        TRY(rules_.chain_above(e.scope, {}, "data.scope"));
        return success();
    }

    Result<void> operator()(const RoleDefined& e) const {
        return rules_.role_unused(e.role.id, "data.role");
    }

    Result<void> operator()(const RoleUpdated& e) const { return own_role(e.role.id); }

    Result<void> operator()(const RoleDeleted& e) const { return own_role(e.role); }

    Result<void> operator()(const AssignmentCreated& e) const {
        return new_assignment(e.assignment, "data.assignment", "data.principal", "data.role");
    }

    Result<void> operator()(const AssignmentRoleChanged& e) const {
        TRY(assignment(e.assignment, "data.assignment"));
        return role(e.role);
    }

    Result<void> operator()(const AssignmentUpdated& e) const {
        return assignment(e.assignment, "data.assignment");
    }

    Result<void> operator()(const AssignmentRevoked& e) const {
        return assignment(e.assignment, "data.assignment");
    }

    Result<void> operator()(const DenyCreated& e) const {
        TRY(rules_.deny_unused(e.deny.id, "data.deny"));
        return rules_.deny_principals_exist(e.deny);
    }

    Result<void> operator()(const DenyDeleted& e) const {
        TRY(rules_.deny_in_force(e.deny, "data.deny"));
        return success();
    }

    Result<void> operator()(const EligibilityCreated& e) const {
        TRY(rules_.eligibility_unused(e.eligibility.id, "data.eligibility"));
        TRY(principal(e.eligibility.principal));
        return role(e.eligibility.role);
    }

    Result<void> operator()(const EligibilityActivated& e) const {
        TRY(eligibility(e.eligibility));
        return new_assignment(e.activation, "data.activation.assignment",
                              "data.activation.principal", "data.activation.role");
    }

    Result<void> operator()(const EligibilityDeactivated& e) const {
        TRY(eligibility(e.eligibility));
        return assignment(e.activation, "data.activation");
    }

    Result<void> operator()(const EligibilityRemoved& e) const {
        return eligibility(e.eligibility);
    }

    Result<void> operator()(const InvitationCreated& e) const {
        TRY(rules_.invitation_unused(e.invitation.id, "data.invitation"));
        TRY(principal(e.invitation.principal));
        for (std::size_t i = 0; i < e.invitation.roles.size(); ++i) {
            TRY(rules_.live_role(e.invitation.roles[i].role,
                                 "data.roles[" + std::to_string(i) + "].role"));
        }
        return success();
    }

    Result<void> operator()(const InvitationResent& e) const { return invitation(e.invitation); }

    Result<void> operator()(const InvitationAccepted& e) const {
        TRY(const auto found, rules_.known_invitation(e.invitation, "data.invitation"));
        TRY(rules_.live_principal(found.invitation.principal, "data.invitation"));
        return success();
    }

    Result<void> operator()(const InvitationRevoked& e) const { return invitation(e.invitation); }

    Result<void> operator()(const InvitationExpired& e) const { return invitation(e.invitation); }

    Result<void> operator()(const SettingsChanged&) const { return success(); }

    Result<void> operator()(const TokenIssued& e) const {
        TRY(rules_.token_unused(e.token.id, "data.token"));
        return principal(e.token.principal);
    }

    Result<void> operator()(const TokenRevoked& e) const {
        TRY(rules_.token_in_force(e.token, "data.token"));
        return success();
    }

private:
    Result<void> principal(std::string_view id) const {
        TRY(rules_.live_principal(id, "data.principal"));
        return success();
    }

    Result<void> role(std::string_view id) const {
        TRY(rules_.live_role(id, "data.role"));
        return success();
    }

    Result<void> own_role(std::string_view id) const {
        TRY(rules_.own_role(id, "data.role"));
        return success();
    }

    Result<void> assignment(std::string_view id, std::string_view field) const {
        TRY(rules_.assignment_in_force(id, field));
        return success();
    }

    Result<void> eligibility(std::string_view id) const {
        TRY(rules_.live_eligibility(id, "data.eligibility"));
        return success();
    }

    Result<void> invitation(std::string_view id) const {
        TRY(rules_.known_invitation(id, "data.invitation"));
        return success();
    }

    Result<void> new_assignment(const Assignment& a, std::string_view id_field,
                                std::string_view principal_field,
                                std::string_view role_field) const {
        TRY(rules_.assignment_unused(a.id, id_field));
        TRY(rules_.live_principal(a.principal, principal_field));
        TRY(rules_.live_role(a.role, role_field));
        return success();
    }

    const Rules& rules_;
};

// The one event a command stands for.
Result<EventBody> event_of(const Rules& rules, const CommandBody& command) {
    using Event = Result<EventBody>;
    return std::visit(
        match{
            [](const CreateTenant& c) -> Event {
                return TenantCreated{c.display_name, c.open_for_import};
            },
            [](const SealTenant&) -> Event { return TenantSealed{}; },
            [](const CreatePrincipal& c) -> Event { return PrincipalCreated{c.principal}; },
            [&](const UpdatePrincipal& c) -> Event {
                TRY(auto before, rules.live_principal(c.principal, "data.principal"));
                return PrincipalUpdated{updated(std::move(before.principal), c)};
            },
            [](const DisablePrincipal& c) -> Event { return PrincipalDisabled{c.principal}; },
            [](const EnablePrincipal& c) -> Event { return PrincipalEnabled{c.principal}; },
            [](const DeletePrincipal& c) -> Event { return PrincipalDeleted{c.principal}; },
            [](const AddMember& c) -> Event {
                return MemberAdded{c.group, c.member};
            },
            [](const RemoveMember& c) -> Event {
                return MemberRemoved{c.group, c.member};
            },
            [](const CreateScope& c) -> Event {
                return ScopeCreated{c.scope, c.parent, c.display_name};
            },
            [](const MoveScope& c) -> Event {
                return ScopeMoved{c.scope, c.parent};
            },
            [](const DeleteScope& c) -> Event { return ScopeDeleted{c.scope}; },
            [](const DefineRole& c) -> Event { return RoleDefined{c.role}; },
            [](const UpdateRole& c) -> Event { return RoleUpdated{c.role}; },
            [](const DeleteRole& c) -> Event { return RoleDeleted{c.role}; },
            [](const CreateAssignment& c) -> Event { return AssignmentCreated{c.assignment}; },
            [](const ChangeAssignmentRole& c) -> Event {
                return AssignmentRoleChanged{c.assignment, c.role};
            },
            [&](const UpdateAssignment& c) -> Event {
                TRY(const auto before, rules.assignment_in_force(c.assignment, "data.assignment"));
                return updated(before.assignment, c);
            },
            [](const RevokeAssignment& c) -> Event { return AssignmentRevoked{c.assignment}; },
            [](const CreateDeny& c) -> Event { return DenyCreated{c.deny}; },
            [](const DeleteDeny& c) -> Event { return DenyDeleted{c.deny}; },
            [](const CreateEligibility& c) -> Event { return EligibilityCreated{c.eligibility}; },
            [](const RemoveEligibility& c) -> Event { return EligibilityRemoved{c.eligibility}; },
            // check_form has refused these: they depend on the state.
            [](const ExtendEligibility& c) -> Event { return EligibilityRemoved{c.eligibility}; },
            [](const ActivateEligibility& c) -> Event {
                return EligibilityActivated{c.eligibility, {}, {}};
            },
            [](const DeactivateEligibility& c) -> Event {
                return EligibilityDeactivated{c.eligibility, {}};
            },
            [](const CreateInvitation& c) -> Event { return InvitationCreated{c.invitation}; },
            [](const ResendInvitation& c) -> Event {
                return InvitationResent{c.invitation, c.secret_hash, c.expires_at};
            },
            [](const AcceptInvitation& c) -> Event { return InvitationAccepted{c.invitation}; },
            [](const ResetInvitation& c) -> Event {
                return InvitationResent{c.invitation, c.secret_hash, c.expires_at};
            },
            [](const RevokeInvitation& c) -> Event { return InvitationRevoked{c.invitation}; },
            [](const ExpireInvitation& c) -> Event { return InvitationExpired{c.invitation}; },
            [](const IssueToken& c) -> Event { return TokenIssued{c.token}; },
            [](const RevokeToken& c) -> Event { return TokenRevoked{c.token}; },
            [](const ChangeSettings& c) -> Event { return SettingsChanged{c.settings}; },
            [](const ApplyCatalog&) -> Event {
                return invalid("type",
                               "a catalog cannot be applied in the past; import its roles as "
                               "role.define and role.update");
            },
            [](const RecordEvent& c) -> Event { return c.body; },
        },
        command);
}

}  // namespace

Decision decide_import(const Rules& rules, const CommandBody& body) {
    // The one exception: who asks for everything to be removed gets the events that say so.
    if (const auto* all = std::get_if<DeletePrincipal>(&body); all != nullptr && all->remove_all) {
        TRY(rules.live_principal(all->principal, "data.principal"));
        return delete_with_all(all->principal,
                               rules.state().holdings(rules.tenant(), all->principal), {});
    }
    TRY(EventBody event, event_of(rules, body));
    TRY(std::visit(ImportedEvent{rules}, event));
    return only(std::move(event));
}

}  // namespace tenure::domain
