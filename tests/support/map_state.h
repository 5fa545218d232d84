#pragma once
// MapState: domain::State over plain maps, obviously right rather than fast. Tests decide against
// it and hold other implementations against it. It is a value: copy it to keep a moment of history.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/event.h"
#include "domain/state.h"

namespace tenure::testing {

// What one tenant holds; deleted things stay, marked. Roles are keyed by folded id, scopes by
// canonical path, everything else by id.
struct MapTenant {
    template <class T>
    using Map = std::map<std::string, T, std::less<>>;
    using Set = std::set<std::string, std::less<>>;

    struct Scope {
        domain::ScopeState state;
        std::string spelling;  // as it was created
        std::string display_name;
    };

    bool created = false;  // false: nothing but events of the store tenant
    std::string display_name;
    domain::TenantState state;
    Map<domain::PrincipalState> principals;
    Map<Set> members;  // of groups: direct ones
    Map<domain::RoleState> roles;
    Map<domain::AssignmentState> assignments;
    Map<domain::DenyState> denies;
    Map<Scope> scopes;  // created explicitly, and not deleted since
    Map<domain::EligibilityState> eligibilities;
    Map<domain::InvitationState> invitations;
    Map<domain::TokenState> tokens;
    Map<std::string> settings;

    // Direct groups of a principal or group.
    Set groups_of(std::string_view member) const;
    // All groups that contain it, directly or through other groups.
    Set groups_above(std::string_view member) const;
    // The scope and everything above it, canonical, nearest first.
    std::vector<std::string> scope_chain(std::string_view scope) const;
};

class MapState : public domain::State {
public:
    // The event must fit: decide() allowed it.
    void apply(const domain::Event& event);

    const std::map<std::string, MapTenant, std::less<>>& tenants() const { return tenants_; }

    // The tenant's role, or the built-in one.
    const domain::RoleState* find_role(std::string_view tenant, std::string_view id) const;

    std::optional<domain::TenantState> tenant(std::string_view tenant) const override;
    std::optional<domain::PrincipalState> principal(std::string_view tenant,
                                                    std::string_view id) const override;
    bool is_direct_member(std::string_view tenant, std::string_view group,
                          std::string_view member) const override;
    bool is_nested(std::string_view tenant, std::string_view inner,
                   std::string_view outer) const override;
    std::size_t direct_group_count(std::string_view tenant, std::string_view member) const override;
    std::size_t ancestor_group_count(std::string_view tenant,
                                     std::string_view group) const override;
    std::size_t ancestor_group_count_below(std::string_view tenant,
                                           std::string_view group) const override;
    domain::Holdings holdings(std::string_view tenant, std::string_view principal) const override;
    std::vector<std::string> direct_groups(std::string_view tenant,
                                           std::string_view member) const override;
    std::vector<domain::GroupDeny> denies_of_group(std::string_view tenant,
                                                   std::string_view group) const override;
    std::vector<std::string> eligibilities_of_group(std::string_view tenant,
                                                    std::string_view group) const override;
    std::optional<domain::RoleState> role(std::string_view tenant,
                                          std::string_view id) const override;
    std::optional<std::string> role_named(std::string_view tenant,
                                          std::string_view name) const override;
    std::optional<std::string> role_user(std::string_view tenant,
                                         std::string_view role) const override;
    std::size_t role_use_count(std::string_view tenant, std::string_view role,
                               std::size_t count_max) const override;
    std::vector<std::string> role_scopes(std::string_view tenant,
                                         std::string_view role) const override;
    std::optional<domain::AssignmentState> assignment(std::string_view tenant,
                                                      std::string_view id) const override;
    std::optional<std::string> assignment_of(std::string_view tenant, std::string_view principal,
                                             std::string_view role,
                                             std::string_view scope) const override;
    std::optional<domain::DenyState> deny(std::string_view tenant,
                                          std::string_view id) const override;
    domain::ScopeState scope(std::string_view tenant, std::string_view scope) const override;
    std::vector<std::string> scope_chain(std::string_view tenant,
                                         std::string_view scope) const override;
    Result<std::optional<std::string>> scope_user(std::string_view tenant,
                                                  std::string_view scope) const override;
    std::optional<domain::InvitationState> invitation(std::string_view tenant,
                                                      std::string_view id) const override;
    std::optional<std::string> setting(std::string_view tenant,
                                       std::string_view name) const override;
    std::optional<domain::EligibilityState> eligibility(std::string_view tenant,
                                                        std::string_view id) const override;
    std::optional<domain::TokenState> token(std::string_view tenant,
                                            std::string_view id) const override;
    Result<std::vector<std::string>> assignments_below(std::string_view tenant,
                                                       std::string_view scope) const override;
    Result<std::size_t> scope_parents_below(std::string_view tenant,
                                            std::string_view scope) const override;

private:
    // Empty if there is none.
    const MapTenant& in(std::string_view tenant) const;
    // Assignments in force of the role that the id leads to from this tenant.
    std::vector<const domain::Assignment*> users_of(std::string_view tenant,
                                                    std::string_view role) const;

    std::map<std::string, MapTenant, std::less<>> tenants_;
};

}  // namespace tenure::testing
