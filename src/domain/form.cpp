// The checks that need no state: form, lengths, required fields. Here is which command or event
// holds which nouns; form_nouns.h knows the nouns.

#include <concepts>

#include "base/text.h"
#include "domain/action.h"
#include "domain/decide.h"
#include "domain/form_nouns.h"
#include "domain/limits.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

template <class T, class... Types>
concept OneOf = (std::same_as<T, Types> || ...);

class Form : private NounForm {
public:
    using NounForm::NounForm;

    // Tenants.
    Result<void> operator()(const TenantCreated& e) const { return tenant(e.display_name); }

    Result<void> operator()(const CreateTenant& c) const {
        TRY(tenant(c.display_name));
        if (c.owner.empty()) return success();
        if (imported())
            return invalid("data.owner",
                           "owner " + quoted(c.owner) +
                               " cannot be made by an imported tenant.create; import the principal "
                               "and its assignment as commands of their own");
        return principal_id(c.owner, "data.owner");
    }

    Result<void> operator()(const OneOf<SealTenant, TenantSealed> auto&) const { return success(); }

    // Principals.
    Result<void> operator()(const OneOf<CreatePrincipal, PrincipalCreated> auto& value) const {
        return new_principal(value.principal);
    }

    Result<void> operator()(const PrincipalUpdated& e) const { return principal(e.principal); }

    Result<void> operator()(const UpdatePrincipal& c) const {
        TRY(principal_id(c.principal, "data.principal"));
        if (!c.display_name && !c.email && !c.user_type && !c.attributes)
            return invalid("data", "nothing to change is given for principal " +
                                       quoted(c.principal) +
                                       "; give displayName, email, userType or attributes");
        TRY(display_name(c.display_name.value_or("")));
        TRY(email(c.email.value_or(""), false));
        return attributes(c.attributes.value_or(std::vector<Attribute>{}));
    }

    Result<void> operator()(
        const OneOf<DisablePrincipal, PrincipalDisabled, EnablePrincipal, PrincipalEnabled,
                    DeletePrincipal, PrincipalDeleted> auto& value) const {
        return principal_id(value.principal, "data.principal");
    }

    // Groups.
    Result<void> operator()(
        const OneOf<AddMember, MemberAdded, RemoveMember, MemberRemoved> auto& value) const {
        return membership(value.group, value.member);
    }

    // Scopes.
    Result<void> operator()(const OneOf<CreateScope, ScopeCreated> auto& value) const {
        TRY(scope_with_parent(value.scope, value.parent));
        return display_name(value.display_name);
    }

    Result<void> operator()(const OneOf<MoveScope, ScopeMoved> auto& value) const {
        return scope_with_parent(value.scope, value.parent);
    }

    Result<void> operator()(const OneOf<DeleteScope, ScopeDeleted> auto& value) const {
        return scope(value.scope);
    }

    // Roles.
    Result<void> operator()(
        const OneOf<DefineRole, RoleDefined, UpdateRole, RoleUpdated> auto& value) const {
        return role(value.role);
    }

    Result<void> operator()(const OneOf<DeleteRole, RoleDeleted> auto& value) const {
        return check_id(value.role, "data.role", "role");
    }

    // Assignments.
    Result<void> operator()(const OneOf<CreateAssignment, AssignmentCreated> auto& value) const {
        return assignment(value.assignment, "data");
    }

    Result<void> operator()(
        const OneOf<ChangeAssignmentRole, AssignmentRoleChanged> auto& value) const {
        TRY(assignment_id(value.assignment));
        return check_id(value.role, "data.role", "role");
    }

    Result<void> operator()(const AssignmentUpdated& e) const {
        TRY(assignment_id(e.assignment));
        TRY(condition(e.condition, "data"));
        TRY(window(e.window, "data"));
        return description(e.description, "data");
    }

    Result<void> operator()(const UpdateAssignment& c) const {
        TRY(assignment_id(c.assignment));
        if (!c.condition && !c.window && !c.description)
            return invalid("data", "nothing to change is given for assignment " +
                                       quoted(c.assignment) +
                                       "; give condition, start, end or description");
        // An empty text takes the condition away.
        if (c.condition && !c.condition->text.empty()) {
            TRY(condition(c.condition, "data"));
        }
        TRY(window(c.window.value_or(Window{}), "data"));
        return description(c.description.value_or(""), "data");
    }

    Result<void> operator()(const OneOf<RevokeAssignment, AssignmentRevoked> auto& value) const {
        return assignment_id(value.assignment);
    }

    // Deny assignments.
    Result<void> operator()(const OneOf<CreateDeny, DenyCreated> auto& value) const {
        return deny(value.deny);
    }

    Result<void> operator()(const OneOf<DeleteDeny, DenyDeleted> auto& value) const {
        return check_id(value.deny, "data.deny", "deny assignment");
    }

    // Eligibilities.
    Result<void> operator()(const OneOf<CreateEligibility, EligibilityCreated> auto& value) const {
        return eligibility(value.eligibility);
    }

    Result<void> operator()(const ExtendEligibility& c) const {
        TRY(only_live("eligibility.extend", "eligibility.removed and eligibility.created"));
        TRY(eligibility_id(c.eligibility));
        TRY(check_id(c.as, "data.as", "eligibility"));
        return check_instant(c.end, "data.end");
    }

    Result<void> operator()(const ActivateEligibility& c) const {
        TRY(only_live("eligibility.activate", "eligibility.activated"));
        TRY(eligibility_id(c.eligibility));
        if (!c.principal.empty()) {
            TRY(principal_id(c.principal, "data.principal"));
        }
        TRY(check_text(c.duration, "data.duration", {"duration", limits::id_length_max}));
        if (!c.scope.empty()) {
            TRY(scope(c.scope));
        }
        return check_text(c.justification, "data.justification",
                          {"justification", limits::reason_length_max, false, true});
    }

    Result<void> operator()(const DeactivateEligibility& c) const {
        TRY(only_live("eligibility.deactivate", "eligibility.deactivated"));
        TRY(eligibility_id(c.eligibility));
        return c.principal.empty() ? success() : principal_id(c.principal, "data.principal");
    }

    Result<void> operator()(const EligibilityActivated& e) const {
        TRY(eligibility_id(e.eligibility));
        TRY(assignment(e.activation, "data.activation"));
        return check_text(e.justification, "data.justification",
                          {"justification", limits::reason_length_max, false, true});
    }

    Result<void> operator()(const EligibilityDeactivated& e) const {
        TRY(eligibility_id(e.eligibility));
        return check_id(e.activation, "data.activation", "assignment");
    }

    Result<void> operator()(const OneOf<RemoveEligibility, EligibilityRemoved> auto& value) const {
        return eligibility_id(value.eligibility);
    }

    // Invitations.
    Result<void> operator()(const OneOf<CreateInvitation, InvitationCreated> auto& value) const {
        return invitation(value.invitation);
    }

    Result<void> operator()(const AcceptInvitation& c) const {
        TRY(invitation_id(c.invitation));
        return secret_hash(c.secret_hash);
    }

    Result<void> operator()(
        const OneOf<ResendInvitation, ResetInvitation, InvitationResent> auto& value) const {
        TRY(invitation_id(value.invitation));
        TRY(secret_hash(value.secret_hash));
        return check_instant(value.expires_at, "data.expiresAt");
    }

    Result<void> operator()(const OneOf<InvitationAccepted, RevokeInvitation, InvitationRevoked,
                                        ExpireInvitation, InvitationExpired> auto& value) const {
        return invitation_id(value.invitation);
    }

    // Settings, catalogs and tokens.
    Result<void> operator()(const OneOf<ChangeSettings, SettingsChanged> auto& value) const {
        return settings(value.settings);
    }

    Result<void> operator()(const ApplyCatalog& c) const {
        return catalog(c.catalog, c.version, c.roles);
    }

    Result<void> operator()(const OneOf<IssueToken, TokenIssued> auto& value) const {
        return token(value.token);
    }

    Result<void> operator()(const OneOf<RevokeToken, TokenRevoked> auto& e) const {
        return check_id(e.token, "data.token", "token");
    }

    Result<void> operator()(const RecordEvent& c) const {
        if (!imported())
            return invalid("type", "event type " + quoted(type_of(c.body)) +
                                       " can only be imported, with the time it happened at; give "
                                       "a command instead");
        return std::visit(*this, c.body);
    }

private:
    Result<void> only_live(std::string_view command, std::string_view events) const {
        if (!imported()) return success();
        return invalid("type", std::string(command) +
                                   " depends on when it is carried out and cannot be imported; "
                                   "import " +
                                   std::string(events) + " instead");
    }
};

// Of a command that can be given in the store itself.
bool belongs_in_store(const CommandBody& body) {
    const std::string_view type = type_of(body);
    return type.starts_with("role.") || type.starts_with("settings.") ||
           type.starts_with("catalog.") || type.starts_with("tenant.create");
}

Result<void> check_envelope(const Command& command) {
    const bool imported = command.effective_at.has_value();
    TRY(check_text(command.actor, "actor", {"actor", limits::id_length_max, !imported}));
    TRY(check_text(command.reason, "reason", {"reason", limits::reason_length_max, false, true}));
    TRY(check_text(command.ticket, "ticket", {"ticket", limits::ticket_length_max}));
    TRY(check_text(command.source, "source", {"source", limits::source_length_max}));
    TRY(check_text(command.imported_by, "importedBy", {"importer", limits::id_length_max}));
    TRY(check_instant(command.effective_at, "time"));
    if (!imported && !command.source.empty())
        return invalid("source", "source " + quoted(command.source) +
                                     " belongs to imported history; give the time it happened at "
                                     "or leave it out");
    if (!imported && !command.imported_by.empty())
        return invalid("importedBy", "importer " + quoted(command.imported_by) +
                                         " belongs to imported history; give the time it happened "
                                         "at or leave it out");
    if (command.tenant == store_tenant && !belongs_in_store(command.body))
        return invalid("tenant",
                       "no tenant is named, and the store itself holds only built-in "
                       "roles and settings; name the tenant that " +
                           std::string(type_of(command.body)) + " is for");
    return success();
}

}  // namespace

Result<void> check_form(const Command& command) {
    TRY(check_envelope(command));
    return std::visit(Form{command}, command.body);
}

}  // namespace tenure::domain
