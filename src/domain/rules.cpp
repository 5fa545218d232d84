#include "domain/rules.h"

#include <algorithm>

#include "base/text.h"
#include "domain/limits.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

std::string named(std::string_view noun, std::string_view id) {
    return std::string(noun) + " " + quoted(id);
}

Error unknown(std::string_view noun, std::string_view id, std::string_view field,
              std::string_view where, std::string_view first) {
    return not_found(std::string(field), named(noun, id) + " does not exist" + std::string(where) +
                                             "; " + std::string(first));
}

Error used_before(std::string_view noun, std::string_view id, std::string_view field,
                  std::string_view end) {
    return already_exists(std::string(field),
                          named(noun, id) + " was " + std::string(end) +
                              ", and an id is never used again; choose another one");
}

Error taken(std::string_view noun, std::string_view id, std::string_view field) {
    return already_exists(std::string(field),
                          named(noun, id) + " exists already; choose another id");
}

}  // namespace

std::string counted(std::size_t n, std::string_view noun) {
    return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

std::string quoted_list(std::span<const std::string> values) {
    constexpr std::size_t shown_max = 3;
    std::string list = joined(values.first(std::min(values.size(), shown_max)), ", ", quoted);
    if (values.size() > shown_max)
        list += " and " + std::to_string(values.size() - shown_max) + " more";
    return list;
}

bool has_data_actions(const Role& role) {
    return std::any_of(role.permissions.begin(), role.permissions.end(),
                       [](const PermissionBlock& block) { return !block.data_actions.empty(); });
}

bool assignable_in(const Role& role, std::span<const std::string> chain) {
    return std::any_of(role.assignable_scopes.begin(), role.assignable_scopes.end(),
                       [&](const std::string& scope) {
                           return std::ranges::find(chain, canonical_scope(scope)) != chain.end();
                       });
}

Error name_taken(const Role& role, std::string_view noun, std::string_view id, std::string field) {
    return already_exists(std::move(field), "role name " + quoted(role.name) + " is the name of " +
                                                std::string(noun) + " " + quoted(id) +
                                                ", without regard to case; choose another one");
}

Error still_holds(std::string_view principal, const Holdings& holdings, std::string_view remedy) {
    std::string held;
    const auto add = [&](const std::vector<std::string>& ids, std::string_view verb,
                         std::string_view noun) {
        if (ids.empty()) return;
        if (!held.empty()) held += ", ";
        held += std::string(verb) + " " + counted(ids.size(), noun) + " (" + quoted_list(ids) + ")";
    };
    add(holdings.assignments, "holds", "assignment");
    add(holdings.groups, "is in", "group");
    add(holdings.members, "has", "member");
    add(holdings.denies, "is named by", "deny assignment");
    add(holdings.eligibilities, "has", "eligible assignment");
    return conflict("data.principal",
                    named("principal", principal) + " still " + held + "; " + std::string(remedy));
}

std::string Rules::in_tenant() const {
    return tenant_ == store_tenant ? " in the store" : " in tenant " + quoted(tenant_);
}

// References.

Result<PrincipalState> Rules::live_principal(std::string_view id, std::string_view field) const {
    auto found = state_.principal(tenant_, id);
    if (!found) return unknown("principal", id, field, in_tenant(), "create it first");
    if (found->deleted)
        return not_found(std::string(field),
                         named("principal", id) + " was deleted; name one that exists");
    return std::move(*found);
}

Result<PrincipalState> Rules::live_group(std::string_view id, std::string_view field) const {
    TRY(auto found, live_principal(id, field));
    if (found.principal.kind != PrincipalKind::group)
        return conflict(std::string(field), named("principal", id) + " is a " +
                                                std::string(name_of(found.principal.kind)) +
                                                "; only a group has members");
    return found;
}

Result<RoleState> Rules::live_role(std::string_view id, std::string_view field) const {
    auto found = state_.role(tenant_, id);
    if (!found) return unknown("role", id, field, in_tenant(), "define it first");
    if (found->deleted)
        return not_found(std::string(field),
                         named("role", id) + " was deleted; name one that exists");
    return std::move(*found);
}

Result<RoleState> Rules::own_role(std::string_view id, std::string_view field) const {
    TRY(auto found, live_role(id, field));
    // The state says which role an id leads to, not whose it is; a built-in one with the id of a
    // role of the store is taken for the store's.
    if (tenant_ != store_tenant && found.role.built_in && state_.role(store_tenant, id))
        return conflict(std::string(field), named("role", id) +
                                                " is built in; it can only be changed in the "
                                                "store itself, define a role of your own");
    return found;
}

Result<AssignmentState> Rules::assignment_in_force(std::string_view id,
                                                   std::string_view field) const {
    auto found = state_.assignment(tenant_, id);
    if (!found) return unknown("assignment", id, field, in_tenant(), "create it first");
    if (found->revoked)
        return conflict(std::string(field),
                        named("assignment", id) + " was revoked; name one that is in force");
    return std::move(*found);
}

Result<DenyState> Rules::deny_in_force(std::string_view id, std::string_view field) const {
    auto found = state_.deny(tenant_, id);
    if (!found) return unknown("deny assignment", id, field, in_tenant(), "create it first");
    if (found->deleted)
        return conflict(std::string(field),
                        named("deny assignment", id) + " was deleted; name one that is in force");
    return std::move(*found);
}

Result<EligibilityState> Rules::live_eligibility(std::string_view id,
                                                 std::string_view field) const {
    auto found = state_.eligibility(tenant_, id);
    if (!found) return unknown("eligibility", id, field, in_tenant(), "record its creation first");
    if (found->removed)
        return conflict(std::string(field),
                        named("eligibility", id) + " was removed; name one that is in force");
    return std::move(*found);
}

Result<InvitationState> Rules::known_invitation(std::string_view id, std::string_view field) const {
    auto found = state_.invitation(tenant_, id);
    if (!found) return unknown("invitation", id, field, in_tenant(), "create it first");
    return std::move(*found);
}

Result<InvitationState> Rules::pending_invitation(std::string_view id, std::string_view field,
                                                  std::string_view doing) const {
    TRY(auto found, known_invitation(id, field));
    if (found.status != InvitationStatus::pending)
        return conflict(std::string(field),
                        named("invitation", id) + " is " + std::string(name_of(found.status)) +
                            "; only a pending one can be " + std::string(doing));
    return found;
}

Result<TokenState> Rules::token_in_force(std::string_view id, std::string_view field) const {
    auto found = state_.token(tenant_, id);
    if (!found) return unknown("token", id, field, in_tenant(), "record its issue first");
    if (found->revoked)
        return conflict(std::string(field),
                        named("token", id) + " was revoked; name one that is in force");
    return std::move(*found);
}

Result<ScopeState> Rules::created_scope(std::string_view scope, std::string_view field) const {
    ScopeState found = state_.scope(tenant_, scope);
    if (!found.created)
        return unknown("scope", scope, field, in_tenant(), "create it with scope.create first");
    return found;
}

// Ids.

Result<void> Rules::principal_unused(std::string_view id, std::string_view field) const {
    const auto found = state_.principal(tenant_, id);
    if (!found) return success();
    if (found->deleted) return used_before("principal", id, field, "deleted");
    return taken("principal", id, field);
}

Result<void> Rules::role_unused(std::string_view id, std::string_view field) const {
    const auto found = state_.role(tenant_, id);
    if (!found) return success();
    if (found->deleted) return used_before("role", id, field, "deleted");
    if (found->role.built_in && tenant_ != store_tenant)
        return already_exists(std::string(field),
                              named("role", id) + " is a built-in role; choose another id");
    return taken("role", id, field);
}

Result<void> Rules::assignment_unused(std::string_view id, std::string_view field) const {
    const auto found = state_.assignment(tenant_, id);
    if (!found) return success();
    if (found->revoked) return used_before("assignment", id, field, "revoked");
    return taken("assignment", id, field);
}

Result<void> Rules::names_no_activation(std::string_view id, std::string_view field) const {
    const std::size_t slash = id.rfind('/');
    if (slash == std::string_view::npos || !state_.eligibility(tenant_, id.substr(0, slash)))
        return success();
    return conflict(std::string(field),
                    "ids that begin with " + quoted(id.substr(0, slash + 1)) +
                        " are kept for the activations of that eligibility; choose another id");
}

Result<void> Rules::deny_unused(std::string_view id, std::string_view field) const {
    const auto found = state_.deny(tenant_, id);
    if (!found) return success();
    if (found->deleted) return used_before("deny assignment", id, field, "deleted");
    return taken("deny assignment", id, field);
}

Result<void> Rules::eligibility_unused(std::string_view id, std::string_view field) const {
    const auto found = state_.eligibility(tenant_, id);
    if (!found) return success();
    if (found->removed) return used_before("eligibility", id, field, "removed");
    return taken("eligibility", id, field);
}

Result<void> Rules::invitation_unused(std::string_view id, std::string_view field) const {
    if (!state_.invitation(tenant_, id)) return success();
    return taken("invitation", id, field);
}

Result<void> Rules::token_unused(std::string_view id, std::string_view field) const {
    const auto found = state_.token(tenant_, id);
    if (!found) return success();
    if (found->revoked) return used_before("token", id, field, "revoked");
    return taken("token", id, field);
}

// Deny assignments and groups.

Result<void> Rules::deny_principals_exist(const DenyAssignment& deny) const {
    for (const std::string& principal : deny.principals) {
        if (principal == all_principals) continue;
        TRY(live_principal(principal, "data.principals"));
    }
    for (const std::string& principal : deny.excluded) {
        TRY(live_principal(principal, "data.excludePrincipals"));
    }
    return success();
}

Result<void> Rules::may_add_member(std::string_view group, std::string_view member) const {
    TRY(live_group(group, "data.group"));
    TRY(const auto joining, live_principal(member, "data.member"));
    if (group == member)
        return conflict("data.member", named("group", group) + " cannot be a member of itself");
    if (state_.is_direct_member(tenant_, group, member))
        return conflict("data.member", named("principal", member) + " is already a member of " +
                                           named("group", group));
    if (state_.direct_group_count(tenant_, member) >= limits::direct_groups_max)
        return limit_exceeded("data.member",
                              named("principal", member) + " is a direct member of " +
                                  std::to_string(limits::direct_groups_max) +
                                  " groups already, and more are not allowed; take it out of one");
    if (joining.principal.kind != PrincipalKind::group) return success();
    if (state_.is_nested(tenant_, group, member))
        return conflict("data.member",
                        named("group", member) + " contains " + named("group", group) +
                            ", directly or through other groups, so it cannot become its member");
    // Taken as if the two had no group above in common: never too many, seldom one too few.
    const std::size_t above = state_.ancestor_group_count_below(tenant_, member) + 1 +
                              state_.ancestor_group_count(tenant_, group);
    if (above > limits::ancestor_groups_max)
        return limit_exceeded(
            "data.member", "with " + named("group", member) + " in " + named("group", group) +
                               " a group would be nested in " + std::to_string(above) +
                               " others; at most " + std::to_string(limits::ancestor_groups_max) +
                               " are allowed");
    return success();
}

Result<void> Rules::may_remove_member(std::string_view group, std::string_view member) const {
    TRY(live_group(group, "data.group"));
    TRY(live_principal(member, "data.member"));
    if (!state_.is_direct_member(tenant_, group, member))
        return conflict("data.member", named("principal", member) + " is not a direct member of " +
                                           named("group", group) + "; name one that is");
    return success();
}

// Scopes.

Result<std::vector<std::string>> Rules::chain_above(std::string_view scope, std::string_view parent,
                                                    std::string_view field) const {
    const std::string canonical = canonical_scope(scope);
    if (!parent.empty() && canonical_scope(parent) != "/" && !state_.scope(tenant_, parent).created)
        return unknown("parent scope", parent, field, in_tenant(),
                       "create it with scope.create first");
    auto chain = state_.scope_chain(tenant_, parent.empty() ? parent_by_path(canonical) : parent);
    if (std::ranges::find(chain, canonical) != chain.end())
        return conflict(std::string(field),
                        named("scope", scope) + " would be above itself: " +
                            (parent.empty() ? std::string("its path leads")
                                            : named("parent", parent) + " is at it or below it, or "
                                                                        "leads") +
                            " back to it");
    TRY(const std::size_t below, state_.scope_parents_below(tenant_, scope));
    std::size_t parents = (parent.empty() ? 0 : 1) + below;
    for (const std::string& above : chain)
        if (!state_.scope(tenant_, above).parent.empty()) ++parents;
    if (parents > limits::scope_parents_max)
        return limit_exceeded(std::string(field),
                              named("scope", scope) + " would make a chain of " +
                                  std::to_string(parents) + " explicit parents; at most " +
                                  std::to_string(limits::scope_parents_max) + " are allowed");
    return chain;
}

Result<void> Rules::may_create_scope(std::string_view scope) const {
    if (canonical_scope(scope) == "/")
        return already_exists("data.scope", "scope '/' is always there; name one below it");
    if (state_.scope(tenant_, scope).created)
        return already_exists("data.scope", named("scope", scope) +
                                                " exists already; move it with scope.move or "
                                                "choose another path");
    return success();
}

// Assignments.

Result<void> Rules::may_assign(const Role& role, std::string_view scope,
                               std::string_view scope_field) const {
    if (!assignable_in(role, state_.scope_chain(tenant_, scope)))
        return conflict(std::string(scope_field),
                        named("role", role.id) + " cannot be assigned at " + quoted(scope) +
                            "; choose a scope at or below one of its assignable scopes, " +
                            quoted_list(role.assignable_scopes));
    if (!role.built_in && has_data_actions(role) && is_management_group(scope))
        return conflict(std::string(scope_field),
                        named("role", role.id) + " has data actions and cannot be assigned at " +
                            quoted(scope) +
                            "; a custom role with data actions needs a scope below management "
                            "groups");
    return success();
}

Result<void> Rules::not_assigned_yet(std::string_view principal, std::string_view role,
                                     std::string_view scope) const {
    const auto existing = state_.assignment_of(tenant_, principal, role, scope);
    if (!existing) return success();
    return already_exists("data.role", named("principal", principal) + " already has " +
                                           named("role", role) + " at " + quoted(scope) + " by " +
                                           named("assignment", *existing) + "; update that one");
}

}  // namespace tenure::domain
