// Domain values to bytes. Empty texts and lists stay null pointers and everything is allocated in
// one fixed order, so that one value has one encoding.

#include <capnp/message.h>
#include <schema/event.capnp.h>

#include <array>
#include <cstring>

#include "base/invariant.h"
#include "base/match.h"
#include "codec/event_codec.h"
#include "codec/utf8.h"

namespace tenure::codec {
namespace {

// Nearly all events fit into this, so that building one allocates nothing.
constexpr std::size_t scratch_words = 160;

// Cap'n Proto cannot count more in one list; domain::limits end far below.
constexpr std::size_t list_size_max = std::size_t{1} << 28U;

// What is written must be readable for ever, so a text or an instant that decode would refuse is a
// bug of ours that must not reach the log.
capnp::Text::Reader text(const std::string& value) {
    INVARIANT(value.size() < list_size_max);
    INVARIANT(is_utf8(value));
    return {value.data(), value.size()};
}

std::int64_t microseconds(Instant t) {
    INVARIANT(t >= instant_min);
    INVARIANT(t <= instant_max);
    return t.us;
}

template <class T>
unsigned count(const std::vector<T>& values) {
    INVARIANT(values.size() < list_size_max);
    return static_cast<unsigned>(values.size());
}

schema::Principal::Kind to_schema(domain::PrincipalKind kind) {
    switch (kind) {
        case domain::PrincipalKind::user:
            return schema::Principal::Kind::USER;
        case domain::PrincipalKind::group:
            return schema::Principal::Kind::GROUP;
        case domain::PrincipalKind::service_principal:
            return schema::Principal::Kind::SERVICE_PRINCIPAL;
        case domain::PrincipalKind::managed_identity:
            return schema::Principal::Kind::MANAGED_IDENTITY;
    }
    INVARIANT(!"a principal kind");
}

schema::Principal::UserType to_schema(domain::UserType type) {
    switch (type) {
        case domain::UserType::member:
            return schema::Principal::UserType::MEMBER;
        case domain::UserType::guest:
            return schema::Principal::UserType::GUEST;
    }
    INVARIANT(!"a user type");
}

schema::Principal::Redemption to_schema(domain::Redemption state) {
    switch (state) {
        case domain::Redemption::none:
            return schema::Principal::Redemption::NONE;
        case domain::Redemption::pending:
            return schema::Principal::Redemption::PENDING;
        case domain::Redemption::accepted:
            return schema::Principal::Redemption::ACCEPTED;
    }
    INVARIANT(!"a redemption state");
}

void put(capnp::List<capnp::Text>::Builder to, const std::vector<std::string>& from) {
    for (unsigned i = 0; i < to.size(); ++i) to.set(i, text(from[i]));
}

void put(schema::Attribute::Builder to, const domain::Attribute& from);
void put(schema::PermissionBlock::Builder to, const domain::PermissionBlock& from);
void put(schema::RoleAtScope::Builder to, const domain::RoleAtScope& from);
void put(schema::Setting::Builder to, const domain::Setting& from);

// A list of structs.
template <class Struct, class T>
void put(typename capnp::List<Struct>::Builder to, const std::vector<T>& from) {
    for (unsigned i = 0; i < to.size(); ++i) put(to[i], from[i]);
}

template <class Group>
void put_expiry(Group to, const std::optional<Instant>& from) {
    if (from)
        to.setAt(microseconds(*from));
    else
        to.setNever();
}

void put(schema::Condition::Builder to, const domain::Condition& from) {
    to.setText(text(from.text));
    to.setVersion(text(from.version));
}

void put(schema::Window::Builder to, const domain::Window& from) {
    if (from.start) to.getStart().setAt(microseconds(*from.start));
    if (from.end) to.getEnd().setAt(microseconds(*from.end));
}

void put(schema::Attribute::Builder to, const domain::Attribute& from) {
    to.setName(text(from.name));
    auto values = to.getValues();
    std::visit(
        match{[&](bool v) { values.setBoolean(v); },
              [&](const std::vector<std::int64_t>& v) {
                  auto list = values.initIntegers(count(v));
                  for (unsigned i = 0; i < list.size(); ++i) list.set(i, v[i]);
              },
              [&](const std::vector<std::string>& v) { put(values.initTexts(count(v)), v); }},
        from.values);
}

void put(schema::Principal::Builder to, const domain::Principal& from) {
    to.setId(text(from.id));
    to.setKind(to_schema(from.kind));
    to.setUserType(to_schema(from.user_type));
    to.setRedemption(to_schema(from.redemption));
    if (!from.display_name.empty()) to.setDisplayName(text(from.display_name));
    if (!from.email.empty()) to.setEmail(text(from.email));
    if (!from.attributes.empty())
        put<schema::Attribute>(to.initAttributes(count(from.attributes)), from.attributes);
}

void put(schema::PermissionBlock::Builder to, const domain::PermissionBlock& from) {
    if (!from.actions.empty()) put(to.initActions(count(from.actions)), from.actions);
    if (!from.not_actions.empty())
        put(to.initNotActions(count(from.not_actions)), from.not_actions);
    if (!from.data_actions.empty())
        put(to.initDataActions(count(from.data_actions)), from.data_actions);
    if (!from.not_data_actions.empty())
        put(to.initNotDataActions(count(from.not_data_actions)), from.not_data_actions);
    if (from.condition) put(to.initCondition(), *from.condition);
}

void put(schema::Role::Builder to, const domain::Role& from) {
    to.setId(text(from.id));
    to.setName(text(from.name));
    if (!from.description.empty()) to.setDescription(text(from.description));
    to.setBuiltIn(from.built_in);
    if (!from.assignable_scopes.empty())
        put(to.initAssignableScopes(count(from.assignable_scopes)), from.assignable_scopes);
    if (!from.permissions.empty())
        put<schema::PermissionBlock>(to.initPermissions(count(from.permissions)), from.permissions);
}

void put(schema::Assignment::Builder to, const domain::Assignment& from) {
    to.setId(text(from.id));
    to.setPrincipal(text(from.principal));
    to.setRole(text(from.role));
    to.setScope(text(from.scope));
    if (from.condition) put(to.initCondition(), *from.condition);
    if (!from.window.always()) put(to.initWindow(), from.window);
    if (!from.description.empty()) to.setDescription(text(from.description));
}

void put(schema::DenyAssignment::Builder to, const domain::DenyAssignment& from) {
    to.setId(text(from.id));
    if (!from.name.empty()) to.setName(text(from.name));
    if (!from.description.empty()) to.setDescription(text(from.description));
    to.setScope(text(from.scope));
    to.setNotBelow(from.not_below);
    if (!from.principals.empty()) put(to.initPrincipals(count(from.principals)), from.principals);
    if (!from.excluded.empty()) put(to.initExcluded(count(from.excluded)), from.excluded);
    if (!from.permissions.empty())
        put<schema::PermissionBlock>(to.initPermissions(count(from.permissions)), from.permissions);
}

void put(schema::Eligibility::Builder to, const domain::Eligibility& from) {
    to.setId(text(from.id));
    to.setPrincipal(text(from.principal));
    to.setRole(text(from.role));
    to.setScope(text(from.scope));
    if (from.condition) put(to.initCondition(), *from.condition);
    if (!from.window.always()) put(to.initWindow(), from.window);
}

void put(schema::RoleAtScope::Builder to, const domain::RoleAtScope& from) {
    to.setRole(text(from.role));
    to.setScope(text(from.scope));
}

void put(schema::Invitation::Builder to, const domain::Invitation& from) {
    to.setId(text(from.id));
    to.setPrincipal(text(from.principal));
    to.setEmail(text(from.email));
    if (!from.name.empty()) to.setName(text(from.name));
    if (!from.roles.empty()) put<schema::RoleAtScope>(to.initRoles(count(from.roles)), from.roles);
    put_expiry(to.getExpiresAt(), from.expires_at);
    if (!from.secret_hash.empty()) to.setSecretHash(text(from.secret_hash));
}

void put(schema::Setting::Builder to, const domain::Setting& from) {
    to.setName(text(from.name));
    to.setValue(text(from.value));
}

void put(schema::Token::Builder to, const domain::Token& from) {
    to.setId(text(from.id));
    to.setPrincipal(text(from.principal));
    if (!from.name.empty()) to.setName(text(from.name));
    to.setSecretHash(text(from.secret_hash));
    if (!from.actions.empty()) put(to.initActions(count(from.actions)), from.actions);
    put_expiry(to.getExpiresAt(), from.expires_at);
}

// Payloads. `to` is the union of kinds.
using Body = schema::Event::Body::Builder;

void put(Body to, const domain::TenantCreated& from) {
    auto payload = to.initTenantCreated();
    if (!from.display_name.empty()) payload.setDisplayName(text(from.display_name));
    payload.setOpenForImport(from.open_for_import);
}

void put(Body to, const domain::TenantSealed&) { to.initTenantSealed(); }

void put(Body to, const domain::PrincipalCreated& from) {
    put(to.initPrincipalCreated(), from.principal);
}

void put(Body to, const domain::PrincipalUpdated& from) {
    put(to.initPrincipalUpdated(), from.principal);
}

void put(Body to, const domain::PrincipalDisabled& from) {
    to.initPrincipalDisabled().setPrincipal(text(from.principal));
}

void put(Body to, const domain::PrincipalEnabled& from) {
    to.initPrincipalEnabled().setPrincipal(text(from.principal));
}

void put(Body to, const domain::PrincipalDeleted& from) {
    to.initPrincipalDeleted().setPrincipal(text(from.principal));
}

void put(Body to, const domain::MemberAdded& from) {
    auto payload = to.initMemberAdded();
    payload.setGroup(text(from.group));
    payload.setMember(text(from.member));
}

void put(Body to, const domain::MemberRemoved& from) {
    auto payload = to.initMemberRemoved();
    payload.setGroup(text(from.group));
    payload.setMember(text(from.member));
}

void put(Body to, const domain::ScopeCreated& from) {
    auto payload = to.initScopeCreated();
    payload.setScope(text(from.scope));
    if (!from.parent.empty()) payload.setParent(text(from.parent));
    if (!from.display_name.empty()) payload.setDisplayName(text(from.display_name));
}

void put(Body to, const domain::ScopeMoved& from) {
    auto payload = to.initScopeMoved();
    payload.setScope(text(from.scope));
    if (!from.parent.empty()) payload.setParent(text(from.parent));
}

void put(Body to, const domain::ScopeDeleted& from) {
    to.initScopeDeleted().setScope(text(from.scope));
}

void put(Body to, const domain::RoleDefined& from) { put(to.initRoleDefined(), from.role); }

void put(Body to, const domain::RoleUpdated& from) { put(to.initRoleUpdated(), from.role); }

void put(Body to, const domain::RoleDeleted& from) {
    to.initRoleDeleted().setRole(text(from.role));
}

void put(Body to, const domain::AssignmentCreated& from) {
    put(to.initAssignmentCreated(), from.assignment);
}

void put(Body to, const domain::AssignmentRoleChanged& from) {
    auto payload = to.initAssignmentRoleChanged();
    payload.setAssignment(text(from.assignment));
    payload.setRole(text(from.role));
}

void put(Body to, const domain::AssignmentUpdated& from) {
    auto payload = to.initAssignmentUpdated();
    payload.setAssignment(text(from.assignment));
    if (from.condition) put(payload.initCondition(), *from.condition);
    if (!from.window.always()) put(payload.initWindow(), from.window);
    if (!from.description.empty()) payload.setDescription(text(from.description));
}

void put(Body to, const domain::AssignmentRevoked& from) {
    to.initAssignmentRevoked().setAssignment(text(from.assignment));
}

void put(Body to, const domain::DenyCreated& from) { put(to.initDenyCreated(), from.deny); }

void put(Body to, const domain::DenyDeleted& from) {
    to.initDenyDeleted().setDeny(text(from.deny));
}

void put(Body to, const domain::EligibilityCreated& from) {
    put(to.initEligibilityCreated(), from.eligibility);
}

void put(Body to, const domain::EligibilityActivated& from) {
    auto payload = to.initEligibilityActivated();
    payload.setEligibility(text(from.eligibility));
    put(payload.initActivation(), from.activation);
    if (!from.justification.empty()) payload.setJustification(text(from.justification));
}

void put(Body to, const domain::EligibilityDeactivated& from) {
    auto payload = to.initEligibilityDeactivated();
    payload.setEligibility(text(from.eligibility));
    payload.setActivation(text(from.activation));
}

void put(Body to, const domain::EligibilityRemoved& from) {
    to.initEligibilityRemoved().setEligibility(text(from.eligibility));
}

void put(Body to, const domain::InvitationCreated& from) {
    put(to.initInvitationCreated(), from.invitation);
}

void put(Body to, const domain::InvitationResent& from) {
    auto payload = to.initInvitationResent();
    payload.setInvitation(text(from.invitation));
    if (!from.secret_hash.empty()) payload.setSecretHash(text(from.secret_hash));
    put_expiry(payload.getExpiresAt(), from.expires_at);
}

void put(Body to, const domain::InvitationAccepted& from) {
    to.initInvitationAccepted().setInvitation(text(from.invitation));
}

void put(Body to, const domain::InvitationRevoked& from) {
    to.initInvitationRevoked().setInvitation(text(from.invitation));
}

void put(Body to, const domain::InvitationExpired& from) {
    to.initInvitationExpired().setInvitation(text(from.invitation));
}

void put(Body to, const domain::SettingsChanged& from) {
    auto payload = to.initSettingsChanged();
    if (!from.settings.empty())
        put<schema::Setting>(payload.initSettings(count(from.settings)), from.settings);
}

void put(Body to, const domain::TokenIssued& from) { put(to.initTokenIssued(), from.token); }

void put(Body to, const domain::TokenRevoked& from) {
    to.initTokenRevoked().setToken(text(from.token));
}

void put(schema::Event::Builder to, const domain::Event& from) {
    to.setEffectiveAt(microseconds(from.effective_at));
    to.setImported(from.imported);
    if (!from.tenant.empty()) to.setTenant(text(from.tenant));
    if (!from.actor.empty()) to.setActor(text(from.actor));
    if (!from.imported_by.empty()) to.setImportedBy(text(from.imported_by));
    if (!from.command_id.empty()) to.setCommandId(text(from.command_id));
    auto cause = to.getCause();
    if (!from.cause.command.empty()) cause.setCommand(text(from.cause.command));
    if (!from.cause.reason.empty()) cause.setReason(text(from.cause.reason));
    if (!from.cause.ticket.empty()) cause.setTicket(text(from.cause.ticket));
    if (!from.cause.source.empty()) cause.setSource(text(from.cause.source));
    std::visit([&](const auto& body) { put(to.getBody(), body); }, from.body);
}

// Builds the message in `space` and copies it out; if it does not fit there, says how much would
// do.
template <class Struct, class T>
std::size_t build(kj::ArrayPtr<capnp::word> space, const T& value, Buffer& result) {
    capnp::MallocMessageBuilder message{space};
    put(message.initRoot<Struct>(), value);
    const auto segments = message.getSegmentsForOutput();
    if (segments.size() == 1) {
        const auto bytes = segments[0].asBytes();
        result.resize(bytes.size());
        std::memcpy(result.data(), bytes.begin(), bytes.size());
        return 0;
    }
    std::size_t words = 0;
    for (const auto segment : segments) words += segment.size();
    return words;
}

template <class Struct, class T>
Buffer encode(const T& value) {
    Buffer result;
    std::array<capnp::word, scratch_words> scratch{};
    if (const std::size_t words =
            build<Struct>(kj::arrayPtr(scratch.data(), scratch.size()), value, result);
        words != 0) {
        std::vector<capnp::word> space(words);
        INVARIANT(build<Struct>(kj::arrayPtr(space.data(), space.size()), value, result) == 0);
    }
    return result;
}

}  // namespace

Buffer encode_event(const domain::Event& event) { return encode<schema::Event>(event); }

Buffer encode_principal(const domain::Principal& value) { return encode<schema::Principal>(value); }

Buffer encode_role(const domain::Role& value) { return encode<schema::Role>(value); }

Buffer encode_assignment(const domain::Assignment& value) {
    return encode<schema::Assignment>(value);
}

Buffer encode_deny(const domain::DenyAssignment& value) {
    return encode<schema::DenyAssignment>(value);
}

Buffer encode_eligibility(const domain::Eligibility& value) {
    return encode<schema::Eligibility>(value);
}

Buffer encode_invitation(const domain::Invitation& value) {
    return encode<schema::Invitation>(value);
}

Buffer encode_token(const domain::Token& value) { return encode<schema::Token>(value); }

}  // namespace tenure::codec
