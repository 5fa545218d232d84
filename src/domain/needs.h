#pragma once
// Needs: what an actor must be allowed to do for events to be recorded. Each
// event has its action at its scope; whether the actor may is the engine's to say, at the revision
// the command is applied to.
//
// Assignments, deny assignments and roles have the action of Azure's own operations. What stands in
// the directory (principals, groups, invitations, settings) has Tenure.Directory/... at "/", scopes
// at themselves. Whatever changes somebody's access in another way than by an assignment (a group's
// members, disabling, attributes that conditions read, another parent of a scope, who approves an
// activation) also needs the right to give or take assignments where it takes effect: who may not
// touch access by one door does not by another. So joining or leaving a group that a deny
// assignment names asks for the right to write or delete that deny assignment, as it binds more or
// fewer.
//
// Nothing is asked of imported history, and nothing of the operator who has the store's files
// (system_actor).

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/command.h"
#include "domain/event.h"
#include "domain/state.h"

namespace tenure::domain {

namespace action {

inline constexpr std::string_view assignments_write =
    "Microsoft.Authorization/roleAssignments/write";
inline constexpr std::string_view assignments_delete =
    "Microsoft.Authorization/roleAssignments/delete";
inline constexpr std::string_view roles_write = "Microsoft.Authorization/roleDefinitions/write";
inline constexpr std::string_view roles_delete = "Microsoft.Authorization/roleDefinitions/delete";
inline constexpr std::string_view denies_write = "Microsoft.Authorization/denyAssignments/write";
inline constexpr std::string_view denies_delete = "Microsoft.Authorization/denyAssignments/delete";
inline constexpr std::string_view principals_write = "Tenure.Directory/principals/write";
inline constexpr std::string_view principals_delete = "Tenure.Directory/principals/delete";
inline constexpr std::string_view members_write = "Tenure.Directory/groups/members/write";
inline constexpr std::string_view members_delete = "Tenure.Directory/groups/members/delete";
inline constexpr std::string_view invitations_write = "Tenure.Directory/invitations/write";
inline constexpr std::string_view invitations_delete = "Tenure.Directory/invitations/delete";
inline constexpr std::string_view scopes_write = "Tenure.Directory/scopes/write";
inline constexpr std::string_view scopes_delete = "Tenure.Directory/scopes/delete";
inline constexpr std::string_view settings_write = "Tenure.Directory/settings/write";
inline constexpr std::string_view tenant_write = "Tenure.Directory/tenant/write";
inline constexpr std::string_view tokens_write = "Tenure.Directory/tokens/write";
inline constexpr std::string_view tokens_delete = "Tenure.Directory/tokens/delete";

}  // namespace action

// What conditions on the delegate's own role read.
namespace attribute {

inline constexpr std::string_view role_definition_id =
    "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
inline constexpr std::string_view principal_id =
    "Microsoft.Authorization/roleAssignments:PrincipalId";
inline constexpr std::string_view principal_type =
    "Microsoft.Authorization/roleAssignments:PrincipalType";

}  // namespace attribute

// An assignment as conditions see it. What is empty or not known is left out, and is then missing.
std::vector<Attribute> assignment_attributes(std::string_view role, std::string_view principal,
                                             std::optional<PrincipalKind> kind);

struct Need {
    std::string action;  // of the control plane; empty: nobody's but the store's operator
    std::string scope;
    std::vector<Attribute> request;   // of what is asked for
    std::vector<Attribute> resource;  // of what is there and goes away
    // Not an action: to be one of these principals, pending or not.
    std::vector<std::string> self;
    // The state says so, not the command: not for everybody to hear.
    bool hidden = false;
    bool operator==(const Need&) const = default;
};

// What one live command needs, each thing once: first what it says itself, then its events, in
// their order. `state` is that before the command. Of one that decide() refuses there are no
// events; where the state alone says at which scope it would be, that is looked up, and it is "/"
// of what is not there. So whoever may not is refused before anything is said about what is there.
std::vector<Need> needs_of(const State& state, const Command& command,
                           std::span<const EventBody> events);

// True if the event could take away someone's right to assign roles at "/". `state` is that before
// it.
bool may_lock_out(const State& state, std::string_view tenant, const EventBody& event);

}  // namespace tenure::domain
