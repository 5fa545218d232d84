#pragma once
// The members of "data" for every event and for the commands that look the same: one description,
// fields(archive, value), read by JsonMembers and written by JsonWriter.

#include <concepts>
#include <type_traits>

#include "domain/command.h"
#include "domain/event.h"

namespace tenure::codec {

// T is one of these, const or not.
template <class T, class... Types>
concept OneOf = (std::same_as<std::remove_const_t<T>, Types> || ...);

void fields(auto& archive, OneOf<domain::Principal> auto& value) {
    archive.required("principal", value.id);
    archive.required("kind", value.kind);
    archive.optional("userType", value.user_type);
    archive.optional("redemption", value.redemption);
    archive.optional("displayName", value.display_name);
    archive.optional("email", value.email);
    archive.optional("attributes", value.attributes);
}

void fields(auto& archive, OneOf<domain::Role> auto& value) {
    archive.required("role", value.id);
    archive.required("name", value.name);
    archive.optional("description", value.description);
    archive.optional("builtIn", value.built_in);
    archive.permissions(value.permissions);
    archive.optional("assignableScopes", value.assignable_scopes);
}

void fields(auto& archive, OneOf<domain::Assignment> auto& value) {
    archive.required("assignment", value.id);
    archive.required("role", value.role);
    archive.required("principal", value.principal);
    archive.required("scope", value.scope);
    archive.condition(value.condition);
    archive.window(value.window);
    archive.optional("description", value.description);
}

void fields(auto& archive, OneOf<domain::DenyAssignment> auto& value) {
    archive.required("deny", value.id);
    archive.optional("name", value.name);
    archive.optional("description", value.description);
    archive.required("scope", value.scope);
    archive.optional("doNotApplyToChildScopes", value.not_below);
    archive.required("principals", value.principals);
    archive.optional("excludePrincipals", value.excluded);
    archive.permissions(value.permissions);
}

void fields(auto& archive, OneOf<domain::Eligibility> auto& value) {
    archive.required("eligibility", value.id);
    archive.required("role", value.role);
    archive.required("principal", value.principal);
    archive.required("scope", value.scope);
    archive.condition(value.condition);
    archive.window(value.window);
}

void fields(auto& archive, OneOf<domain::Invitation> auto& value) {
    archive.required("invitation", value.id);
    archive.required("principal", value.principal);
    archive.required("email", value.email);
    archive.optional("name", value.name);
    archive.optional("roles", value.roles);
    archive.optional("expiresAt", value.expires_at);
    archive.optional("secretHash", value.secret_hash);
}

void fields(auto& archive, OneOf<domain::Token> auto& value) {
    archive.required("token", value.id);
    archive.required("principal", value.principal);
    archive.optional("name", value.name);
    archive.required("secretHash", value.secret_hash);
    archive.optional("actions", value.actions);
    archive.optional("expiresAt", value.expires_at);
}

void fields(auto& archive, OneOf<domain::TenantCreated> auto& value) {
    archive.optional("displayName", value.display_name);
    archive.optional("openForImport", value.open_for_import);
}

void fields(auto&, OneOf<domain::TenantSealed, domain::SealTenant> auto&) {}

void fields(auto& archive,
            OneOf<domain::PrincipalCreated, domain::PrincipalUpdated, domain::CreatePrincipal> auto&
                value) {
    fields(archive, value.principal);
}

void fields(auto& archive,
            OneOf<domain::PrincipalDisabled, domain::PrincipalEnabled, domain::PrincipalDeleted,
                  domain::DisablePrincipal, domain::EnablePrincipal> auto& value) {
    archive.required("principal", value.principal);
}

void fields(auto& archive, OneOf<domain::MemberAdded, domain::MemberRemoved, domain::AddMember,
                                 domain::RemoveMember> auto& value) {
    archive.required("group", value.group);
    archive.required("member", value.member);
}

void fields(auto& archive, OneOf<domain::ScopeCreated, domain::CreateScope> auto& value) {
    archive.required("scope", value.scope);
    archive.optional("parent", value.parent);
    archive.optional("displayName", value.display_name);
}

// An empty parent is said, not left out: it moves the scope back to its path.
void fields(auto& archive, OneOf<domain::ScopeMoved, domain::MoveScope> auto& value) {
    archive.required("scope", value.scope);
    archive.required("parent", value.parent);
}

void fields(auto& archive, OneOf<domain::ScopeDeleted, domain::DeleteScope> auto& value) {
    archive.required("scope", value.scope);
}

void fields(auto& archive, OneOf<domain::RoleDefined, domain::RoleUpdated, domain::DefineRole,
                                 domain::UpdateRole> auto& value) {
    fields(archive, value.role);
}

void fields(auto& archive, OneOf<domain::RoleDeleted, domain::DeleteRole> auto& value) {
    archive.required("role", value.role);
}

void fields(auto& archive, OneOf<domain::AssignmentCreated, domain::CreateAssignment> auto& value) {
    fields(archive, value.assignment);
}

void fields(auto& archive,
            OneOf<domain::AssignmentRoleChanged, domain::ChangeAssignmentRole> auto& value) {
    archive.required("assignment", value.assignment);
    archive.required("role", value.role);
}

void fields(auto& archive, OneOf<domain::AssignmentUpdated> auto& value) {
    archive.required("assignment", value.assignment);
    archive.condition(value.condition);
    archive.window(value.window);
    archive.optional("description", value.description);
}

void fields(auto& archive, OneOf<domain::AssignmentRevoked, domain::RevokeAssignment> auto& value) {
    archive.required("assignment", value.assignment);
}

void fields(auto& archive, OneOf<domain::DenyCreated, domain::CreateDeny> auto& value) {
    fields(archive, value.deny);
}

void fields(auto& archive, OneOf<domain::DenyDeleted, domain::DeleteDeny> auto& value) {
    archive.required("deny", value.deny);
}

void fields(auto& archive,
            OneOf<domain::EligibilityCreated, domain::CreateEligibility> auto& value) {
    fields(archive, value.eligibility);
}

void fields(auto& archive, OneOf<domain::EligibilityActivated> auto& value) {
    archive.required("eligibility", value.eligibility);
    archive.object("activation", value.activation,
                   [](auto& inner, auto& assignment) { fields(inner, assignment); });
    archive.optional("justification", value.justification);
}

void fields(auto& archive, OneOf<domain::EligibilityDeactivated> auto& value) {
    archive.required("eligibility", value.eligibility);
    archive.required("activation", value.activation);
}

void fields(auto& archive,
            OneOf<domain::EligibilityRemoved, domain::RemoveEligibility> auto& value) {
    archive.required("eligibility", value.eligibility);
}

void fields(auto& archive, OneOf<domain::InvitationCreated> auto& value) {
    fields(archive, value.invitation);
}

void fields(auto& archive,
            OneOf<domain::InvitationResent, domain::ResendInvitation, domain::ResetInvitation> auto&
                value) {
    archive.required("invitation", value.invitation);
    archive.optional("secretHash", value.secret_hash);
    archive.optional("expiresAt", value.expires_at);
}

void fields(auto& archive,
            OneOf<domain::InvitationAccepted, domain::InvitationRevoked, domain::InvitationExpired,
                  domain::RevokeInvitation, domain::ExpireInvitation> auto& value) {
    archive.required("invitation", value.invitation);
}

void fields(auto& archive, OneOf<domain::SettingsChanged, domain::ChangeSettings> auto& value) {
    archive.required("settings", value.settings);
}

void fields(auto& archive, OneOf<domain::TokenIssued, domain::IssueToken> auto& value) {
    fields(archive, value.token);
}

void fields(auto& archive, OneOf<domain::TokenRevoked, domain::RevokeToken> auto& value) {
    archive.required("token", value.token);
}

// Commands that have no event of their shape.

void fields(auto& archive, OneOf<domain::CreateTenant> auto& value) {
    archive.optional("displayName", value.display_name);
    archive.optional("openForImport", value.open_for_import);
    archive.optional("owner", value.owner);
}

void fields(auto& archive, OneOf<domain::UpdatePrincipal> auto& value) {
    archive.required("principal", value.principal);
    archive.optional("displayName", value.display_name);
    archive.optional("email", value.email);
    archive.optional("userType", value.user_type);
    archive.optional("attributes", value.attributes);
}

void fields(auto& archive, OneOf<domain::DeletePrincipal> auto& value) {
    archive.required("principal", value.principal);
    archive.optional("removeAll", value.remove_all);
}

// "userType" is of the principal that the invitation creates.
void fields(auto& archive, OneOf<domain::CreateInvitation> auto& value) {
    fields(archive, value.invitation);
    archive.optional("userType", value.user_type);
}

void fields(auto& archive, OneOf<domain::AcceptInvitation> auto& value) {
    archive.required("invitation", value.invitation);
    archive.optional("secretHash", value.secret_hash);
}

void fields(auto& archive, OneOf<domain::ExtendEligibility> auto& value) {
    archive.required("eligibility", value.eligibility);
    archive.required("as", value.as);
    archive.optional("end", value.end);
}

void fields(auto& archive, OneOf<domain::ActivateEligibility> auto& value) {
    archive.required("eligibility", value.eligibility);
    archive.optional("principal", value.principal);
    archive.optional("duration", value.duration);
    archive.optional("scope", value.scope);
    archive.optional("justification", value.justification);
}

void fields(auto& archive, OneOf<domain::DeactivateEligibility> auto& value) {
    archive.required("eligibility", value.eligibility);
    archive.optional("principal", value.principal);
}

void fields(auto& archive, OneOf<domain::ApplyCatalog> auto& value) {
    archive.optional("catalog", value.catalog);
    archive.optional("version", value.version);
    archive.required("roles", value.roles);
}

void fields(auto& archive, OneOf<domain::UpdateAssignment> auto& value) {
    archive.required("assignment", value.assignment);
    archive.changed_condition(value.condition);
    archive.changed_window(value.window);
    archive.optional("description", value.description);
}

}  // namespace tenure::codec
