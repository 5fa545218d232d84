#pragma once
// Rules: what several commands ask of the state. Used by decide() only. Every refusal names the
// field, the value and what would be right.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/state.h"

namespace tenure::domain {

inline Error not_found(std::string field, std::string detail) {
    return Error{Errc::not_found, std::move(detail), std::move(field)};
}

inline Error already_exists(std::string field, std::string detail) {
    return Error{Errc::already_exists, std::move(detail), std::move(field)};
}

inline Error conflict(std::string field, std::string detail) {
    return Error{Errc::conflict, std::move(detail), std::move(field)};
}

inline Error limit_exceeded(std::string field, std::string detail) {
    return Error{Errc::limit_exceeded, std::move(detail), std::move(field)};
}

// "1 group", "3 groups".
std::string counted(std::size_t n, std::string_view noun);
// "'a', 'b', 'c' and 4 more".
std::string quoted_list(std::span<const std::string> values);

bool has_data_actions(const Role& role);
// True if some assignable scope of the role is in the chain: a scope and all above it, canonical.
bool assignable_in(const Role& role, std::span<const std::string> chain);

// "role name 'Reader' is the name of <noun> 'r' ..."
Error name_taken(const Role& role, std::string_view noun, std::string_view id, std::string field);

// "principal 'p' still holds 2 assignments ('a', 'b'); <remedy>".
Error still_holds(std::string_view principal, const Holdings& holdings, std::string_view remedy);

class Rules {
public:
    // Both outlive it.
    Rules(const State& state, std::string_view tenant) : state_{state}, tenant_{tenant} {}

    const State& state() const { return state_; }

    std::string_view tenant() const { return tenant_; }

    // The thing with this id, if it can be referred to.
    Result<PrincipalState> live_principal(std::string_view id, std::string_view field) const;
    Result<PrincipalState> live_group(std::string_view id, std::string_view field) const;
    Result<RoleState> live_role(std::string_view id, std::string_view field) const;
    // A role of this tenant itself: the only ones its commands may change.
    Result<RoleState> own_role(std::string_view id, std::string_view field) const;
    Result<AssignmentState> assignment_in_force(std::string_view id, std::string_view field) const;
    Result<DenyState> deny_in_force(std::string_view id, std::string_view field) const;
    Result<EligibilityState> live_eligibility(std::string_view id, std::string_view field) const;
    Result<InvitationState> known_invitation(std::string_view id, std::string_view field) const;
    Result<InvitationState> pending_invitation(std::string_view id, std::string_view field,
                                               std::string_view doing) const;
    Result<TokenState> token_in_force(std::string_view id, std::string_view field) const;
    Result<ScopeState> created_scope(std::string_view scope, std::string_view field) const;

    // Ids are used once and never again.
    Result<void> principal_unused(std::string_view id, std::string_view field) const;
    Result<void> role_unused(std::string_view id, std::string_view field) const;
    Result<void> assignment_unused(std::string_view id, std::string_view field) const;
    // The name is not one of an eligibility's activations, "<eligibility>/<n>".
    Result<void> names_no_activation(std::string_view id, std::string_view field) const;
    Result<void> deny_unused(std::string_view id, std::string_view field) const;
    Result<void> eligibility_unused(std::string_view id, std::string_view field) const;
    Result<void> invitation_unused(std::string_view id, std::string_view field) const;
    Result<void> token_unused(std::string_view id, std::string_view field) const;

    // Principals a deny assignment names exist.
    Result<void> deny_principals_exist(const DenyAssignment& deny) const;
    Result<void> may_add_member(std::string_view group, std::string_view member) const;
    Result<void> may_remove_member(std::string_view group, std::string_view member) const;

    // What would be above the scope with this explicit parent (empty: by path), nearest first.
    // Refuses a parent that does not exist, a cycle, and too many explicit parents.
    Result<std::vector<std::string>> chain_above(std::string_view scope, std::string_view parent,
                                                 std::string_view field) const;
    Result<void> may_create_scope(std::string_view scope) const;

    // Role and principal may come together at the scope.
    Result<void> may_assign(const Role& role, std::string_view scope,
                            std::string_view scope_field) const;
    Result<void> not_assigned_yet(std::string_view principal, std::string_view role,
                                  std::string_view scope) const;

private:
    std::string in_tenant() const;

    const State& state_;
    std::string_view tenant_;
};

}  // namespace tenure::domain
