#pragma once
// Commands: what someone asks for. decide.h turns one into events or refuses it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/event.h"
#include "domain/model.h"

namespace tenure::domain {

struct CreateTenant {
    std::string display_name;
    bool open_for_import = false;
    std::string owner;  // if given: created as a user and made Owner at "/"
};

struct SealTenant {};

struct CreatePrincipal {
    Principal principal;
};

struct UpdatePrincipal {
    std::string principal;
    // Absent: unchanged.
    std::optional<std::string> display_name;
    std::optional<std::string> email;
    std::optional<UserType> user_type;
    std::optional<std::vector<Attribute>> attributes;
};

struct DisablePrincipal {
    std::string principal;
};

struct EnablePrincipal {
    std::string principal;
};

struct DeletePrincipal {
    std::string principal;
    // Revoke its assignments, end its memberships and its members' in the same batch. Without it a
    // principal that still holds something is refused, and told what.
    bool remove_all = false;
};

struct AddMember {
    std::string group;
    std::string member;
};

struct RemoveMember {
    std::string group;
    std::string member;
};

struct CreateScope {
    std::string scope;
    std::string parent;
    std::string display_name;
};

struct MoveScope {
    std::string scope;
    std::string parent;
};

struct DeleteScope {
    std::string scope;
};

struct DefineRole {
    Role role;
};

struct UpdateRole {
    Role role;  // whole; the id names it
};

struct DeleteRole {
    std::string role;
};

struct CreateAssignment {
    Assignment assignment;
};

struct ChangeAssignmentRole {
    std::string assignment;
    std::string role;
};

struct UpdateAssignment {
    std::string assignment;
    // Absent: unchanged. Condition with an empty text: removed.
    std::optional<Condition> condition;
    std::optional<Window> window;
    std::optional<std::string> description;
};

struct RevokeAssignment {
    std::string assignment;
};

struct CreateDeny {
    DenyAssignment deny;
};

struct DeleteDeny {
    std::string deny;
};

// An offer to hold a role, to be taken up for a while.
struct CreateEligibility {
    Eligibility eligibility;
};

// The same offer until another time, under a new id; not while it is active.
struct ExtendEligibility {
    std::string eligibility;
    std::string as;
    std::optional<Instant> end;
};

// Ends what was activated, too.
struct RemoveEligibility {
    std::string eligibility;
};

// Holds the role for a while, as assignment "<eligibility>/<n>".
struct ActivateEligibility {
    std::string eligibility;
    std::string principal;  // of a group's eligibility: the member; empty: whose it is
    std::string duration;   // ISO 8601; empty: as long as the policy lets
    std::string scope;      // at or below the eligibility's; empty: the same
    std::string justification;
};

struct DeactivateEligibility {
    std::string eligibility;
    std::string principal;  // needed if several members have activated it
};

// The role, at "/", of an invitation that offers none: a tenant's setting, empty for no role.
inline constexpr std::string_view invitation_default_role_setting = "invitations.defaultRole";

// What guests see of the directory, whatever roles they hold: "member" as much as members do,
// "named" single principals whose id they know (so if nothing is set), "own" only themselves.
inline constexpr std::string_view guests_directory_setting = "guests.directory";

// Creates the invited principal (pending), the invitation and an assignment for each role, named
// "<invitation>/<n>" from 1, in one batch.
struct CreateInvitation {
    Invitation invitation;
    UserType user_type = UserType::guest;
};

struct ResendInvitation {
    std::string invitation;
    std::string secret_hash;
    std::optional<Instant> expires_at;
};

// By the invited principal, with the secret it was sent, if one was made.
struct AcceptInvitation {
    std::string invitation;
    std::string secret_hash;
};

// An accepted invitation is pending again, with a new secret; the principal keeps what it holds and
// may use it after accepting anew.
struct ResetInvitation {
    std::string invitation;
    std::string secret_hash;
    std::optional<Instant> expires_at;
};

struct RevokeInvitation {
    std::string invitation;
};

struct ExpireInvitation {
    std::string invitation;
};

// A bearer token that stands for a principal. Its id is token_id_of(secret_hash), so that whoever
// is shown the secret finds it.
struct IssueToken {
    Token token;
};

struct RevokeToken {
    std::string token;
};

struct ChangeSettings {
    std::vector<Setting> settings;
};

// Defines and updates built-in roles, the only way to change them: a catalog's, or (no catalog)
// single ones. What is as it should be gives no event, and roles the catalog does not name stay.
// The version is kept as setting "catalog.<name>", so that an older one is not applied over it.
struct ApplyCatalog {
    std::string catalog;
    std::uint64_t version = 0;  // from 1; 0 without a catalog
    std::vector<Role> roles;
};

// Imported history only: something that happened, as it stands in an export. Expands to nothing
// else.
struct RecordEvent {
    EventBody body;
};

using CommandBody =
    std::variant<CreateTenant, SealTenant, CreatePrincipal, UpdatePrincipal, DisablePrincipal,
                 EnablePrincipal, DeletePrincipal, AddMember, RemoveMember, CreateScope, MoveScope,
                 DeleteScope, DefineRole, UpdateRole, DeleteRole, CreateAssignment,
                 ChangeAssignmentRole, UpdateAssignment, RevokeAssignment, CreateDeny, DeleteDeny,
                 CreateEligibility, ExtendEligibility, RemoveEligibility, ActivateEligibility,
                 DeactivateEligibility, CreateInvitation, ResendInvitation, AcceptInvitation,
                 ResetInvitation, RevokeInvitation, ExpireInvitation, IssueToken, RevokeToken,
                 ChangeSettings, ApplyCatalog, RecordEvent>;

struct Command {
    std::string tenant;
    std::string actor;
    std::string reason;
    std::string ticket;
    std::string source;  // imported history only
    // When it happened in the system it is imported from. Present = imported: the tenant must be
    // open for import and only what the index rests on is checked.
    std::optional<Instant> effective_at;
    std::string imported_by;  // with effective_at
    CommandBody body;
};

// Commands that are carried out together or not at all.
struct Batch {
    std::string command_id;                     // idempotency key, kept for ever; empty: none
    std::optional<Revision> expected_revision;  // of the first command's tenant
    std::vector<Command> commands;
};

// "tok-" and the first 16 digits of the hash.
std::string token_id_of(std::string_view secret_hash);

// "principal.create", "group.addMember", "assignment.changeRole" ... as in JSON; of a RecordEvent
// its event's type.
std::string_view type_of(const CommandBody& body);
const std::vector<std::string_view>& command_types();

}  // namespace tenure::domain
