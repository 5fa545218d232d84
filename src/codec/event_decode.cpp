// Bytes to domain values. Cap'n Proto checks sizes and pointers as they are followed; Checks
// collects what it does not: texts, enumerators, instants, kinds, missing payloads.

#include <capnp/serialize.h>
#include <kj/exception.h>
#include <schema/event.capnp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "codec/event_codec.h"
#include "codec/utf8.h"

namespace tenure::codec {
namespace {

// An event is at most event, payload, assignment, permission list, block, text list, text deep.
constexpr int nesting_max = 12;

// The first thing found wrong; what is read after it does not matter.
class Checks {
public:
    void text(capnp::Text::Reader from, std::string& to, const char* field) {
        if (!is_utf8({from.begin(), from.size()})) [[unlikely]]
            damaged(field, "is not valid UTF-8");
        to.assign(from.begin(), from.size());
    }

    Instant instant(std::int64_t us, const char* field) {
        const Instant t{us};
        if (t < instant_min || t > instant_max) [[unlikely]]
            damaged(field, "is not a time between the years 0 and 9999");
        return t;
    }

    void damaged(const char* field, const char* what) {
        report(Errc::storage_damaged, field, std::string(field) + " " + what);
    }

    // Something a later version of this program may have written.
    void unknown(const char* field, unsigned number) {
        report(Errc::storage_too_new, field,
               std::string(field) + " has the number " + std::to_string(number) +
                   ", which this program does not know: a newer one wrote it");
    }

    bool passed() const { return !error_; }

    Error take_error() { return std::move(*error_); }

private:
    void report(Errc code, const char* field, std::string detail) {
        if (!error_) error_ = Error{code, std::move(detail), field};
    }

    std::optional<Error> error_;
};

domain::PrincipalKind from_schema(schema::Principal::Kind kind, Checks& checks) {
    switch (kind) {
        case schema::Principal::Kind::USER:
            return domain::PrincipalKind::user;
        case schema::Principal::Kind::GROUP:
            return domain::PrincipalKind::group;
        case schema::Principal::Kind::SERVICE_PRINCIPAL:
            return domain::PrincipalKind::service_principal;
        case schema::Principal::Kind::MANAGED_IDENTITY:
            return domain::PrincipalKind::managed_identity;
    }
    checks.unknown("principal.kind", static_cast<unsigned>(kind));
    return {};
}

domain::UserType from_schema(schema::Principal::UserType type, Checks& checks) {
    switch (type) {
        case schema::Principal::UserType::MEMBER:
            return domain::UserType::member;
        case schema::Principal::UserType::GUEST:
            return domain::UserType::guest;
    }
    checks.unknown("principal.userType", static_cast<unsigned>(type));
    return {};
}

domain::Redemption from_schema(schema::Principal::Redemption state, Checks& checks) {
    switch (state) {
        case schema::Principal::Redemption::NONE:
            return domain::Redemption::none;
        case schema::Principal::Redemption::PENDING:
            return domain::Redemption::pending;
        case schema::Principal::Redemption::ACCEPTED:
            return domain::Redemption::accepted;
    }
    checks.unknown("principal.redemption", static_cast<unsigned>(state));
    return {};
}

void take(capnp::List<capnp::Text>::Reader from, std::vector<std::string>& to, Checks& checks,
          const char* field) {
    to.resize(from.size());
    for (unsigned i = 0; i < from.size(); ++i) checks.text(from[i], to[i], field);
}

// A list of structs.
template <class Struct, class T>
void take(typename capnp::List<Struct>::Reader from, std::vector<T>& to, Checks& checks) {
    to.resize(from.size());
    for (unsigned i = 0; i < from.size(); ++i) take(from[i], to[i], checks);
}

template <class Reader>
void take_expiry(Reader from, std::optional<Instant>& to, Checks& checks) {
    using Group = typename Reader::Reads;
    switch (from.which()) {
        case Group::NEVER:
            return;
        case Group::AT:
            to = checks.instant(from.getAt(), "expiresAt");
            return;
    }
    checks.unknown("expiresAt", static_cast<unsigned>(from.which()));
}

void take(schema::Condition::Reader from, domain::Condition& to, Checks& checks) {
    checks.text(from.getText(), to.text, "condition.text");
    checks.text(from.getVersion(), to.version, "condition.version");
}

template <class Reader>
void take_bound(Reader from, std::optional<Instant>& to, Checks& checks, const char* field) {
    using Group = typename Reader::Reads;
    switch (from.which()) {
        case Group::UNBOUNDED:
            return;
        case Group::AT:
            to = checks.instant(from.getAt(), field);
            return;
    }
    checks.unknown(field, static_cast<unsigned>(from.which()));
}

void take(schema::Window::Reader from, domain::Window& to, Checks& checks) {
    take_bound(from.getStart(), to.start, checks, "window.start");
    take_bound(from.getEnd(), to.end, checks, "window.end");
}

template <class Struct>
void take_condition(Struct from, std::optional<domain::Condition>& to, Checks& checks) {
    if (from.hasCondition()) take(from.getCondition(), to.emplace(), checks);
}

template <class Struct>
void take_window(Struct from, domain::Window& to, Checks& checks) {
    if (from.hasWindow()) take(from.getWindow(), to, checks);
}

void take(schema::Attribute::Reader from, domain::Attribute& to, Checks& checks) {
    checks.text(from.getName(), to.name, "attribute.name");
    const auto values = from.getValues();
    switch (values.which()) {
        case schema::Attribute::Values::BOOLEAN:
            to.values = values.getBoolean();
            return;
        case schema::Attribute::Values::INTEGERS: {
            const auto list = values.getIntegers();
            auto& integers = to.values.emplace<std::vector<std::int64_t>>(list.size());
            std::copy(list.begin(), list.end(), integers.begin());
            return;
        }
        case schema::Attribute::Values::TEXTS:
            take(values.getTexts(), to.values.emplace<std::vector<std::string>>(), checks,
                 "attribute.values");
            return;
    }
    checks.unknown("attribute.values", static_cast<unsigned>(values.which()));
}

void take(schema::Principal::Reader from, domain::Principal& to, Checks& checks) {
    checks.text(from.getId(), to.id, "principal.id");
    to.kind = from_schema(from.getKind(), checks);
    to.user_type = from_schema(from.getUserType(), checks);
    to.redemption = from_schema(from.getRedemption(), checks);
    checks.text(from.getDisplayName(), to.display_name, "principal.displayName");
    checks.text(from.getEmail(), to.email, "principal.email");
    take<schema::Attribute>(from.getAttributes(), to.attributes, checks);
}

void take(schema::PermissionBlock::Reader from, domain::PermissionBlock& to, Checks& checks) {
    take(from.getActions(), to.actions, checks, "permissions.actions");
    take(from.getNotActions(), to.not_actions, checks, "permissions.notActions");
    take(from.getDataActions(), to.data_actions, checks, "permissions.dataActions");
    take(from.getNotDataActions(), to.not_data_actions, checks, "permissions.notDataActions");
    take_condition(from, to.condition, checks);
}

void take(schema::Role::Reader from, domain::Role& to, Checks& checks) {
    checks.text(from.getId(), to.id, "role.id");
    checks.text(from.getName(), to.name, "role.name");
    checks.text(from.getDescription(), to.description, "role.description");
    to.built_in = from.getBuiltIn();
    take(from.getAssignableScopes(), to.assignable_scopes, checks, "role.assignableScopes");
    take<schema::PermissionBlock>(from.getPermissions(), to.permissions, checks);
}

void take(schema::Assignment::Reader from, domain::Assignment& to, Checks& checks) {
    checks.text(from.getId(), to.id, "assignment.id");
    checks.text(from.getPrincipal(), to.principal, "assignment.principal");
    checks.text(from.getRole(), to.role, "assignment.role");
    checks.text(from.getScope(), to.scope, "assignment.scope");
    take_condition(from, to.condition, checks);
    take_window(from, to.window, checks);
    checks.text(from.getDescription(), to.description, "assignment.description");
}

void take(schema::DenyAssignment::Reader from, domain::DenyAssignment& to, Checks& checks) {
    checks.text(from.getId(), to.id, "deny.id");
    checks.text(from.getName(), to.name, "deny.name");
    checks.text(from.getDescription(), to.description, "deny.description");
    checks.text(from.getScope(), to.scope, "deny.scope");
    to.not_below = from.getNotBelow();
    take(from.getPrincipals(), to.principals, checks, "deny.principals");
    take(from.getExcluded(), to.excluded, checks, "deny.excluded");
    take<schema::PermissionBlock>(from.getPermissions(), to.permissions, checks);
}

void take(schema::Eligibility::Reader from, domain::Eligibility& to, Checks& checks) {
    checks.text(from.getId(), to.id, "eligibility.id");
    checks.text(from.getPrincipal(), to.principal, "eligibility.principal");
    checks.text(from.getRole(), to.role, "eligibility.role");
    checks.text(from.getScope(), to.scope, "eligibility.scope");
    take_condition(from, to.condition, checks);
    take_window(from, to.window, checks);
}

void take(schema::RoleAtScope::Reader from, domain::RoleAtScope& to, Checks& checks) {
    checks.text(from.getRole(), to.role, "invitation.roles.role");
    checks.text(from.getScope(), to.scope, "invitation.roles.scope");
}

void take(schema::Invitation::Reader from, domain::Invitation& to, Checks& checks) {
    checks.text(from.getId(), to.id, "invitation.id");
    checks.text(from.getPrincipal(), to.principal, "invitation.principal");
    checks.text(from.getEmail(), to.email, "invitation.email");
    checks.text(from.getName(), to.name, "invitation.name");
    take<schema::RoleAtScope>(from.getRoles(), to.roles, checks);
    take_expiry(from.getExpiresAt(), to.expires_at, checks);
    checks.text(from.getSecretHash(), to.secret_hash, "invitation.secretHash");
}

void take(schema::Setting::Reader from, domain::Setting& to, Checks& checks) {
    checks.text(from.getName(), to.name, "settings.name");
    checks.text(from.getValue(), to.value, "settings.value");
}

void take(schema::Token::Reader from, domain::Token& to, Checks& checks) {
    checks.text(from.getId(), to.id, "token.id");
    checks.text(from.getPrincipal(), to.principal, "token.principal");
    checks.text(from.getName(), to.name, "token.name");
    checks.text(from.getSecretHash(), to.secret_hash, "token.secretHash");
    take(from.getActions(), to.actions, checks, "token.actions");
    take_expiry(from.getExpiresAt(), to.expires_at, checks);
}

// Payloads of one kind each.
void take(schema::TenantCreated::Reader from, domain::TenantCreated& to, Checks& checks) {
    checks.text(from.getDisplayName(), to.display_name, "displayName");
    to.open_for_import = from.getOpenForImport();
}

void take(schema::TenantSealed::Reader, domain::TenantSealed&, Checks&) {}

void take(schema::Principal::Reader from, domain::PrincipalCreated& to, Checks& checks) {
    take(from, to.principal, checks);
}

void take(schema::Principal::Reader from, domain::PrincipalUpdated& to, Checks& checks) {
    take(from, to.principal, checks);
}

void take(schema::PrincipalDisabled::Reader from, domain::PrincipalDisabled& to, Checks& checks) {
    checks.text(from.getPrincipal(), to.principal, "principal");
}

void take(schema::PrincipalEnabled::Reader from, domain::PrincipalEnabled& to, Checks& checks) {
    checks.text(from.getPrincipal(), to.principal, "principal");
}

void take(schema::PrincipalDeleted::Reader from, domain::PrincipalDeleted& to, Checks& checks) {
    checks.text(from.getPrincipal(), to.principal, "principal");
}

void take(schema::MemberAdded::Reader from, domain::MemberAdded& to, Checks& checks) {
    checks.text(from.getGroup(), to.group, "group");
    checks.text(from.getMember(), to.member, "member");
}

void take(schema::MemberRemoved::Reader from, domain::MemberRemoved& to, Checks& checks) {
    checks.text(from.getGroup(), to.group, "group");
    checks.text(from.getMember(), to.member, "member");
}

void take(schema::ScopeCreated::Reader from, domain::ScopeCreated& to, Checks& checks) {
    checks.text(from.getScope(), to.scope, "scope");
    checks.text(from.getParent(), to.parent, "parent");
    checks.text(from.getDisplayName(), to.display_name, "displayName");
}

void take(schema::ScopeMoved::Reader from, domain::ScopeMoved& to, Checks& checks) {
    checks.text(from.getScope(), to.scope, "scope");
    checks.text(from.getParent(), to.parent, "parent");
}

void take(schema::ScopeDeleted::Reader from, domain::ScopeDeleted& to, Checks& checks) {
    checks.text(from.getScope(), to.scope, "scope");
}

void take(schema::Role::Reader from, domain::RoleDefined& to, Checks& checks) {
    take(from, to.role, checks);
}

void take(schema::Role::Reader from, domain::RoleUpdated& to, Checks& checks) {
    take(from, to.role, checks);
}

void take(schema::RoleDeleted::Reader from, domain::RoleDeleted& to, Checks& checks) {
    checks.text(from.getRole(), to.role, "role");
}

void take(schema::Assignment::Reader from, domain::AssignmentCreated& to, Checks& checks) {
    take(from, to.assignment, checks);
}

void take(schema::AssignmentRoleChanged::Reader from, domain::AssignmentRoleChanged& to,
          Checks& checks) {
    checks.text(from.getAssignment(), to.assignment, "assignment");
    checks.text(from.getRole(), to.role, "role");
}

void take(schema::AssignmentUpdated::Reader from, domain::AssignmentUpdated& to, Checks& checks) {
    checks.text(from.getAssignment(), to.assignment, "assignment");
    take_condition(from, to.condition, checks);
    take_window(from, to.window, checks);
    checks.text(from.getDescription(), to.description, "description");
}

void take(schema::AssignmentRevoked::Reader from, domain::AssignmentRevoked& to, Checks& checks) {
    checks.text(from.getAssignment(), to.assignment, "assignment");
}

void take(schema::DenyAssignment::Reader from, domain::DenyCreated& to, Checks& checks) {
    take(from, to.deny, checks);
}

void take(schema::DenyDeleted::Reader from, domain::DenyDeleted& to, Checks& checks) {
    checks.text(from.getDeny(), to.deny, "deny");
}

void take(schema::Eligibility::Reader from, domain::EligibilityCreated& to, Checks& checks) {
    take(from, to.eligibility, checks);
}

void take(schema::EligibilityActivated::Reader from, domain::EligibilityActivated& to,
          Checks& checks) {
    checks.text(from.getEligibility(), to.eligibility, "eligibility");
    if (!from.hasActivation()) checks.damaged("activation", "is missing");
    take(from.getActivation(), to.activation, checks);
    checks.text(from.getJustification(), to.justification, "justification");
}

void take(schema::EligibilityDeactivated::Reader from, domain::EligibilityDeactivated& to,
          Checks& checks) {
    checks.text(from.getEligibility(), to.eligibility, "eligibility");
    checks.text(from.getActivation(), to.activation, "activation");
}

void take(schema::EligibilityRemoved::Reader from, domain::EligibilityRemoved& to, Checks& checks) {
    checks.text(from.getEligibility(), to.eligibility, "eligibility");
}

void take(schema::Invitation::Reader from, domain::InvitationCreated& to, Checks& checks) {
    take(from, to.invitation, checks);
}

void take(schema::InvitationResent::Reader from, domain::InvitationResent& to, Checks& checks) {
    checks.text(from.getInvitation(), to.invitation, "invitation");
    checks.text(from.getSecretHash(), to.secret_hash, "secretHash");
    take_expiry(from.getExpiresAt(), to.expires_at, checks);
}

void take(schema::InvitationAccepted::Reader from, domain::InvitationAccepted& to, Checks& checks) {
    checks.text(from.getInvitation(), to.invitation, "invitation");
}

void take(schema::InvitationRevoked::Reader from, domain::InvitationRevoked& to, Checks& checks) {
    checks.text(from.getInvitation(), to.invitation, "invitation");
}

void take(schema::InvitationExpired::Reader from, domain::InvitationExpired& to, Checks& checks) {
    checks.text(from.getInvitation(), to.invitation, "invitation");
}

void take(schema::SettingsChanged::Reader from, domain::SettingsChanged& to, Checks& checks) {
    take<schema::Setting>(from.getSettings(), to.settings, checks);
}

void take(schema::Token::Reader from, domain::TokenIssued& to, Checks& checks) {
    take(from, to.token, checks);
}

void take(schema::TokenRevoked::Reader from, domain::TokenRevoked& to, Checks& checks) {
    checks.text(from.getToken(), to.token, "token");
}

using Body = schema::Event::Body;
using BodyReader = schema::Event::Body::Reader;

// Reads the payload into the alternative T; `has` and `get` are the accessors of its kind.
template <class T, auto has, auto get>
void take_payload(BodyReader from, domain::EventBody& to, Checks& checks) {
    if (!(from.*has)()) return checks.damaged("body", "has no payload");
    take((from.*get)(), to.emplace<T>(), checks);
}

void take(BodyReader from, domain::EventBody& to, Checks& checks) {
    switch (from.which()) {
        case Body::TENANT_CREATED:
            return take_payload<domain::TenantCreated, &BodyReader::hasTenantCreated,
                                &BodyReader::getTenantCreated>(from, to, checks);
        case Body::TENANT_SEALED:
            return take_payload<domain::TenantSealed, &BodyReader::hasTenantSealed,
                                &BodyReader::getTenantSealed>(from, to, checks);
        case Body::PRINCIPAL_CREATED:
            return take_payload<domain::PrincipalCreated, &BodyReader::hasPrincipalCreated,
                                &BodyReader::getPrincipalCreated>(from, to, checks);
        case Body::PRINCIPAL_UPDATED:
            return take_payload<domain::PrincipalUpdated, &BodyReader::hasPrincipalUpdated,
                                &BodyReader::getPrincipalUpdated>(from, to, checks);
        case Body::PRINCIPAL_DISABLED:
            return take_payload<domain::PrincipalDisabled, &BodyReader::hasPrincipalDisabled,
                                &BodyReader::getPrincipalDisabled>(from, to, checks);
        case Body::PRINCIPAL_ENABLED:
            return take_payload<domain::PrincipalEnabled, &BodyReader::hasPrincipalEnabled,
                                &BodyReader::getPrincipalEnabled>(from, to, checks);
        case Body::PRINCIPAL_DELETED:
            return take_payload<domain::PrincipalDeleted, &BodyReader::hasPrincipalDeleted,
                                &BodyReader::getPrincipalDeleted>(from, to, checks);
        case Body::MEMBER_ADDED:
            return take_payload<domain::MemberAdded, &BodyReader::hasMemberAdded,
                                &BodyReader::getMemberAdded>(from, to, checks);
        case Body::MEMBER_REMOVED:
            return take_payload<domain::MemberRemoved, &BodyReader::hasMemberRemoved,
                                &BodyReader::getMemberRemoved>(from, to, checks);
        case Body::SCOPE_CREATED:
            return take_payload<domain::ScopeCreated, &BodyReader::hasScopeCreated,
                                &BodyReader::getScopeCreated>(from, to, checks);
        case Body::SCOPE_MOVED:
            return take_payload<domain::ScopeMoved, &BodyReader::hasScopeMoved,
                                &BodyReader::getScopeMoved>(from, to, checks);
        case Body::SCOPE_DELETED:
            return take_payload<domain::ScopeDeleted, &BodyReader::hasScopeDeleted,
                                &BodyReader::getScopeDeleted>(from, to, checks);
        case Body::ROLE_DEFINED:
            return take_payload<domain::RoleDefined, &BodyReader::hasRoleDefined,
                                &BodyReader::getRoleDefined>(from, to, checks);
        case Body::ROLE_UPDATED:
            return take_payload<domain::RoleUpdated, &BodyReader::hasRoleUpdated,
                                &BodyReader::getRoleUpdated>(from, to, checks);
        case Body::ROLE_DELETED:
            return take_payload<domain::RoleDeleted, &BodyReader::hasRoleDeleted,
                                &BodyReader::getRoleDeleted>(from, to, checks);
        case Body::ASSIGNMENT_CREATED:
            return take_payload<domain::AssignmentCreated, &BodyReader::hasAssignmentCreated,
                                &BodyReader::getAssignmentCreated>(from, to, checks);
        case Body::ASSIGNMENT_ROLE_CHANGED:
            return take_payload<domain::AssignmentRoleChanged,
                                &BodyReader::hasAssignmentRoleChanged,
                                &BodyReader::getAssignmentRoleChanged>(from, to, checks);
        case Body::ASSIGNMENT_UPDATED:
            return take_payload<domain::AssignmentUpdated, &BodyReader::hasAssignmentUpdated,
                                &BodyReader::getAssignmentUpdated>(from, to, checks);
        case Body::ASSIGNMENT_REVOKED:
            return take_payload<domain::AssignmentRevoked, &BodyReader::hasAssignmentRevoked,
                                &BodyReader::getAssignmentRevoked>(from, to, checks);
        case Body::DENY_CREATED:
            return take_payload<domain::DenyCreated, &BodyReader::hasDenyCreated,
                                &BodyReader::getDenyCreated>(from, to, checks);
        case Body::DENY_DELETED:
            return take_payload<domain::DenyDeleted, &BodyReader::hasDenyDeleted,
                                &BodyReader::getDenyDeleted>(from, to, checks);
        case Body::ELIGIBILITY_CREATED:
            return take_payload<domain::EligibilityCreated, &BodyReader::hasEligibilityCreated,
                                &BodyReader::getEligibilityCreated>(from, to, checks);
        case Body::ELIGIBILITY_ACTIVATED:
            return take_payload<domain::EligibilityActivated, &BodyReader::hasEligibilityActivated,
                                &BodyReader::getEligibilityActivated>(from, to, checks);
        case Body::ELIGIBILITY_DEACTIVATED:
            return take_payload<domain::EligibilityDeactivated,
                                &BodyReader::hasEligibilityDeactivated,
                                &BodyReader::getEligibilityDeactivated>(from, to, checks);
        case Body::ELIGIBILITY_REMOVED:
            return take_payload<domain::EligibilityRemoved, &BodyReader::hasEligibilityRemoved,
                                &BodyReader::getEligibilityRemoved>(from, to, checks);
        case Body::INVITATION_CREATED:
            return take_payload<domain::InvitationCreated, &BodyReader::hasInvitationCreated,
                                &BodyReader::getInvitationCreated>(from, to, checks);
        case Body::INVITATION_RESENT:
            return take_payload<domain::InvitationResent, &BodyReader::hasInvitationResent,
                                &BodyReader::getInvitationResent>(from, to, checks);
        case Body::INVITATION_ACCEPTED:
            return take_payload<domain::InvitationAccepted, &BodyReader::hasInvitationAccepted,
                                &BodyReader::getInvitationAccepted>(from, to, checks);
        case Body::INVITATION_REVOKED:
            return take_payload<domain::InvitationRevoked, &BodyReader::hasInvitationRevoked,
                                &BodyReader::getInvitationRevoked>(from, to, checks);
        case Body::INVITATION_EXPIRED:
            return take_payload<domain::InvitationExpired, &BodyReader::hasInvitationExpired,
                                &BodyReader::getInvitationExpired>(from, to, checks);
        case Body::SETTINGS_CHANGED:
            return take_payload<domain::SettingsChanged, &BodyReader::hasSettingsChanged,
                                &BodyReader::getSettingsChanged>(from, to, checks);
        case Body::TOKEN_ISSUED:
            return take_payload<domain::TokenIssued, &BodyReader::hasTokenIssued,
                                &BodyReader::getTokenIssued>(from, to, checks);
        case Body::TOKEN_REVOKED:
            return take_payload<domain::TokenRevoked, &BodyReader::hasTokenRevoked,
                                &BodyReader::getTokenRevoked>(from, to, checks);
    }
    checks.unknown("body", static_cast<unsigned>(from.which()));
}

void take(schema::Event::Reader from, domain::Event& to, Checks& checks) {
    to.effective_at = checks.instant(from.getEffectiveAt(), "effectiveAt");
    to.imported = from.getImported();
    checks.text(from.getTenant(), to.tenant, "tenant");
    checks.text(from.getActor(), to.actor, "actor");
    checks.text(from.getImportedBy(), to.imported_by, "importedBy");
    checks.text(from.getCommandId(), to.command_id, "commandId");
    const auto cause = from.getCause();
    checks.text(cause.getCommand(), to.cause.command, "cause.command");
    checks.text(cause.getReason(), to.cause.reason, "cause.reason");
    checks.text(cause.getTicket(), to.cause.ticket, "cause.ticket");
    checks.text(cause.getSource(), to.cause.source, "cause.source");
    take(from.getBody(), to.body, checks);
}

// Every word of a message we wrote is visited once (the root pointer twice), so its size is also
// the most that may be traversed: pointers that lead to the same words again, to blow a small
// message up, run out of it.
template <class Struct, class T>
Result<T> decode(Bytes bytes) {
    INVARIANT(reinterpret_cast<std::uintptr_t>(bytes.data()) % sizeof(capnp::word) == 0);
    if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
        return Error{Errc::storage_damaged,
                     "the message has " + std::to_string(bytes.size()) +
                         " bytes: whole 8-byte words, at least one, are expected"};
    const auto words = kj::arrayPtr(reinterpret_cast<const capnp::word*>(bytes.data()),
                                    bytes.size() / sizeof(capnp::word));
    try {
        const std::array<const kj::ArrayPtr<const capnp::word>, 1> segments{words};
        capnp::SegmentArrayMessageReader message{
            kj::arrayPtr(segments.data(), segments.size()),
            capnp::ReaderOptions{.traversalLimitInWords = words.size() + 1,
                                 .nestingLimit = nesting_max}};
        T value;
        Checks checks;
        take(message.getRoot<Struct>(), value, checks);
        if (!checks.passed()) return checks.take_error();
        return value;
    } catch (const kj::Exception& e) {
        return Error{Errc::storage_damaged,
                     std::string("the message cannot be followed: ") + e.getDescription().cStr()};
    }
}

}  // namespace

Result<domain::Event> decode_event(Bytes body) {
    return decode<schema::Event, domain::Event>(body);
}

Result<domain::Principal> decode_principal(Bytes bytes) {
    return decode<schema::Principal, domain::Principal>(bytes);
}

Result<domain::Role> decode_role(Bytes bytes) { return decode<schema::Role, domain::Role>(bytes); }

Result<domain::Assignment> decode_assignment(Bytes bytes) {
    return decode<schema::Assignment, domain::Assignment>(bytes);
}

Result<domain::DenyAssignment> decode_deny(Bytes bytes) {
    return decode<schema::DenyAssignment, domain::DenyAssignment>(bytes);
}

Result<domain::Eligibility> decode_eligibility(Bytes bytes) {
    return decode<schema::Eligibility, domain::Eligibility>(bytes);
}

Result<domain::Invitation> decode_invitation(Bytes bytes) {
    return decode<schema::Invitation, domain::Invitation>(bytes);
}

Result<domain::Token> decode_token(Bytes bytes) {
    return decode<schema::Token, domain::Token>(bytes);
}

}  // namespace tenure::codec
