#pragma once
// Events: what happened. Never changed, never refused, kept for ever; schema/event.capnp is their
// form at rest and docs/FORMAT.md their description. A payload holds ids and texts as they were
// given, so that an event can be read without any other.

#include <string>
#include <variant>
#include <vector>

#include "domain/model.h"

namespace tenure::domain {

struct TenantCreated {
    std::string display_name;
    bool open_for_import = false;
    bool operator==(const TenantCreated&) const = default;
};

// Ends the import of history.
struct TenantSealed {
    bool operator==(const TenantSealed&) const = default;
};

struct PrincipalCreated {
    Principal principal;
    bool operator==(const PrincipalCreated&) const = default;
};

// Everything but id, kind and redemption may differ from before.
struct PrincipalUpdated {
    Principal principal;
    bool operator==(const PrincipalUpdated&) const = default;
};

struct PrincipalDisabled {
    std::string principal;
    bool operator==(const PrincipalDisabled&) const = default;
};

struct PrincipalEnabled {
    std::string principal;
    bool operator==(const PrincipalEnabled&) const = default;
};

struct PrincipalDeleted {
    std::string principal;
    bool operator==(const PrincipalDeleted&) const = default;
};

struct MemberAdded {
    std::string group;
    std::string member;
    bool operator==(const MemberAdded&) const = default;
};

struct MemberRemoved {
    std::string group;
    std::string member;
    bool operator==(const MemberRemoved&) const = default;
};

struct ScopeCreated {
    std::string scope;
    std::string parent;  // explicit parent; empty: by path
    std::string display_name;
    bool operator==(const ScopeCreated&) const = default;
};

struct ScopeMoved {
    std::string scope;
    std::string parent;  // new explicit parent; empty: by path again
    bool operator==(const ScopeMoved&) const = default;
};

struct ScopeDeleted {
    std::string scope;
    bool operator==(const ScopeDeleted&) const = default;
};

struct RoleDefined {
    Role role;
    bool operator==(const RoleDefined&) const = default;
};

struct RoleUpdated {
    Role role;
    bool operator==(const RoleUpdated&) const = default;
};

struct RoleDeleted {
    std::string role;
    bool operator==(const RoleDeleted&) const = default;
};

struct AssignmentCreated {
    Assignment assignment;
    bool operator==(const AssignmentCreated&) const = default;
};

struct AssignmentRoleChanged {
    std::string assignment;
    std::string role;
    bool operator==(const AssignmentRoleChanged&) const = default;
};

// The new condition, window and description, whole.
struct AssignmentUpdated {
    std::string assignment;
    std::optional<Condition> condition;
    Window window;
    std::string description;
    bool operator==(const AssignmentUpdated&) const = default;
};

struct AssignmentRevoked {
    std::string assignment;
    bool operator==(const AssignmentRevoked&) const = default;
};

struct DenyCreated {
    DenyAssignment deny;
    bool operator==(const DenyCreated&) const = default;
};

struct DenyDeleted {
    std::string deny;
    bool operator==(const DenyDeleted&) const = default;
};

struct EligibilityCreated {
    Eligibility eligibility;
    bool operator==(const EligibilityCreated&) const = default;
};

struct EligibilityActivated {
    std::string eligibility;
    Assignment activation;  // the temporary assignment it became
    std::string justification;
    bool operator==(const EligibilityActivated&) const = default;
};

struct EligibilityDeactivated {
    std::string eligibility;
    std::string activation;
    bool operator==(const EligibilityDeactivated&) const = default;
};

struct EligibilityRemoved {
    std::string eligibility;
    bool operator==(const EligibilityRemoved&) const = default;
};

struct InvitationCreated {
    Invitation invitation;
    bool operator==(const InvitationCreated&) const = default;
};

struct InvitationResent {
    std::string invitation;
    std::string secret_hash;
    std::optional<Instant> expires_at;
    bool operator==(const InvitationResent&) const = default;
};

// The invited principal's redemption becomes `accepted`.
struct InvitationAccepted {
    std::string invitation;
    bool operator==(const InvitationAccepted&) const = default;
};

struct InvitationRevoked {
    std::string invitation;
    bool operator==(const InvitationRevoked&) const = default;
};

struct InvitationExpired {
    std::string invitation;
    bool operator==(const InvitationExpired&) const = default;
};

struct SettingsChanged {
    std::vector<Setting> settings;
    bool operator==(const SettingsChanged&) const = default;
};

struct TokenIssued {
    Token token;
    bool operator==(const TokenIssued&) const = default;
};

struct TokenRevoked {
    std::string token;
    bool operator==(const TokenRevoked&) const = default;
};

// The order is part of nothing: schema/event.capnp numbers the kinds.
using EventBody =
    std::variant<TenantCreated, TenantSealed, PrincipalCreated, PrincipalUpdated, PrincipalDisabled,
                 PrincipalEnabled, PrincipalDeleted, MemberAdded, MemberRemoved, ScopeCreated,
                 ScopeMoved, ScopeDeleted, RoleDefined, RoleUpdated, RoleDeleted, AssignmentCreated,
                 AssignmentRoleChanged, AssignmentUpdated, AssignmentRevoked, DenyCreated,
                 DenyDeleted, EligibilityCreated, EligibilityActivated, EligibilityDeactivated,
                 EligibilityRemoved, InvitationCreated, InvitationResent, InvitationAccepted,
                 InvitationRevoked, InvitationExpired, SettingsChanged, TokenIssued, TokenRevoked>;

// Why an event happened.
struct Cause {
    std::string command;  // the command's type, e.g. "assignment.create"
    std::string reason;
    std::string ticket;
    std::string source;  // of imported history: where it was found
    bool operator==(const Cause&) const = default;
};

struct Event {
    // From the log's entry header.
    Revision revision;
    Term term;
    Instant recorded_at;
    // From the body.
    Instant effective_at;  // == recorded_at unless imported
    bool imported = false;
    std::string tenant;
    std::string actor;        // who asked; of imported history: who did it there
    std::string imported_by;  // who imported it; empty otherwise
    std::string command_id;
    Cause cause;
    EventBody body;
    bool operator==(const Event&) const = default;
};

// "principal.created", "group.memberAdded", "assignment.roleChanged" ... as in JSON and on the
// command line.
std::string_view type_of(const EventBody& body);
// All type names, in the order of EventBody.
const std::vector<std::string_view>& event_types();

}  // namespace tenure::domain
