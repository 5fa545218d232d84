#include "support/map_state.h"

#include <algorithm>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/scope.h"

namespace tenure::testing {
namespace {

using domain::canonical_scope;

// The element, which must be there.
template <class Map>
auto& existing(Map& map, std::string_view key) {
    const auto found = map.find(key);
    INVARIANT(found != map.end());
    return found->second;
}

template <class Map>
auto copy_of(const Map& map, std::string_view key) -> std::optional<typename Map::mapped_type> {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
}

template <class Map, class Value>
void add_new(Map& map, const std::string& key, Value value) {
    INVARIANT(map.emplace(key, std::move(value)).second);
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
}

// One tenant's share of an event.
class Change {
public:
    explicit Change(MapTenant& tenant) : tenant_{tenant} {}

    void operator()(const domain::TenantCreated& e) const {
        tenant_.created = true;
        tenant_.display_name = e.display_name;
        tenant_.state.open_for_import = e.open_for_import;
    }

    void operator()(const domain::TenantSealed&) const { tenant_.state.open_for_import = false; }

    void operator()(const domain::PrincipalCreated& e) const {
        add_new(tenant_.principals, e.principal.id, domain::PrincipalState{e.principal});
    }

    void operator()(const domain::PrincipalUpdated& e) const {
        domain::Principal& principal = existing(tenant_.principals, e.principal.id).principal;
        const auto kind = principal.kind;
        const auto redemption = principal.redemption;
        principal = e.principal;
        principal.kind = kind;
        principal.redemption = redemption;
    }

    void operator()(const domain::PrincipalDisabled& e) const {
        existing(tenant_.principals, e.principal).enabled = false;
    }

    void operator()(const domain::PrincipalEnabled& e) const {
        existing(tenant_.principals, e.principal).enabled = true;
    }

    void operator()(const domain::PrincipalDeleted& e) const {
        existing(tenant_.principals, e.principal).deleted = true;
    }

    void operator()(const domain::MemberAdded& e) const {
        existing(tenant_.principals, e.group);
        existing(tenant_.principals, e.member);
        INVARIANT(tenant_.members[e.group].insert(e.member).second);
    }

    void operator()(const domain::MemberRemoved& e) const {
        INVARIANT(tenant_.members[e.group].erase(e.member) == 1);
    }

    void operator()(const domain::ScopeCreated& e) const {
        add_new(tenant_.scopes, canonical_scope(e.scope),
                MapTenant::Scope{{true, e.parent}, e.scope, e.display_name});
    }

    void operator()(const domain::ScopeMoved& e) const {
        existing(tenant_.scopes, canonical_scope(e.scope)).state.parent = e.parent;
    }

    void operator()(const domain::ScopeDeleted& e) const {
        INVARIANT(tenant_.scopes.erase(canonical_scope(e.scope)) == 1);
    }

    void operator()(const domain::RoleDefined& e) const {
        add_new(tenant_.roles, folded(e.role.id), domain::RoleState{e.role});
    }

    void operator()(const domain::RoleUpdated& e) const {
        existing(tenant_.roles, folded(e.role.id)).role = e.role;
    }

    void operator()(const domain::RoleDeleted& e) const {
        existing(tenant_.roles, folded(e.role)).deleted = true;
    }

    void operator()(const domain::AssignmentCreated& e) const {
        add_new(tenant_.assignments, e.assignment.id, domain::AssignmentState{e.assignment});
    }

    void operator()(const domain::AssignmentRoleChanged& e) const {
        existing(tenant_.assignments, e.assignment).assignment.role = e.role;
    }

    void operator()(const domain::AssignmentUpdated& e) const {
        domain::Assignment& assignment = existing(tenant_.assignments, e.assignment).assignment;
        assignment.condition = e.condition;
        assignment.window = e.window;
        assignment.description = e.description;
    }

    void operator()(const domain::AssignmentRevoked& e) const {
        existing(tenant_.assignments, e.assignment).revoked = true;
    }

    void operator()(const domain::DenyCreated& e) const {
        add_new(tenant_.denies, e.deny.id, domain::DenyState{e.deny});
    }

    void operator()(const domain::DenyDeleted& e) const {
        existing(tenant_.denies, e.deny).deleted = true;
    }

    void operator()(const domain::EligibilityCreated& e) const {
        add_new(tenant_.eligibilities, e.eligibility.id, domain::EligibilityState{e.eligibility});
    }

    void operator()(const domain::EligibilityActivated& e) const {
        (*this)(domain::AssignmentCreated{e.activation});
    }

    void operator()(const domain::EligibilityDeactivated& e) const {
        (*this)(domain::AssignmentRevoked{e.activation});
    }

    void operator()(const domain::EligibilityRemoved& e) const {
        existing(tenant_.eligibilities, e.eligibility).removed = true;
    }

    void operator()(const domain::InvitationCreated& e) const {
        add_new(tenant_.invitations, e.invitation.id, domain::InvitationState{e.invitation, {}});
    }

    void operator()(const domain::InvitationResent& e) const {
        domain::Invitation& invitation = existing(tenant_.invitations, e.invitation).invitation;
        invitation.secret_hash = e.secret_hash;
        invitation.expires_at = e.expires_at;
        const bool accepted = existing(tenant_.invitations, e.invitation).status ==
                              domain::InvitationStatus::accepted;
        set_status(e.invitation, domain::InvitationStatus::pending);
        if (accepted)
            existing(tenant_.principals, invitation.principal).principal.redemption =
                domain::Redemption::pending;
    }

    void operator()(const domain::InvitationAccepted& e) const {
        set_status(e.invitation, domain::InvitationStatus::accepted);
        const auto& invitation = existing(tenant_.invitations, e.invitation).invitation;
        existing(tenant_.principals, invitation.principal).principal.redemption =
            domain::Redemption::accepted;
    }

    void operator()(const domain::InvitationRevoked& e) const {
        set_status(e.invitation, domain::InvitationStatus::revoked);
    }

    void operator()(const domain::InvitationExpired& e) const {
        set_status(e.invitation, domain::InvitationStatus::expired);
    }

    void operator()(const domain::SettingsChanged& e) const {
        for (const domain::Setting& setting : e.settings)
            tenant_.settings[setting.name] = setting.value;
    }

    void operator()(const domain::TokenIssued& e) const {
        add_new(tenant_.tokens, e.token.id, domain::TokenState{e.token});
    }

    void operator()(const domain::TokenRevoked& e) const {
        existing(tenant_.tokens, e.token).revoked = true;
    }

private:
    void set_status(std::string_view id, domain::InvitationStatus status) const {
        existing(tenant_.invitations, id).status = status;
    }

    MapTenant& tenant_;
};

}  // namespace

MapTenant::Set MapTenant::groups_of(std::string_view member) const {
    Set groups;
    for (const auto& [group, all] : members)
        if (all.contains(member)) groups.insert(group);
    return groups;
}

MapTenant::Set MapTenant::groups_above(std::string_view member) const {
    Set above = groups_of(member);
    for (std::vector<std::string> open(above.begin(), above.end()); !open.empty();) {
        const std::string group = open.back();
        open.pop_back();
        for (const std::string& outer : groups_of(group))
            if (above.insert(outer).second) open.push_back(outer);
    }
    return above;
}

std::vector<std::string> MapTenant::scope_chain(std::string_view scope) const {
    std::vector<std::string> chain;
    std::string at = canonical_scope(scope);
    while (!at.empty() && !contains(chain, at)) {
        const auto known = scopes.find(at);
        std::string above = known != scopes.end() && !known->second.state.parent.empty()
                                ? canonical_scope(known->second.state.parent)
                                : std::string(domain::parent_by_path(at));
        chain.push_back(std::move(at));
        at = std::move(above);
    }
    return chain;
}

void MapState::apply(const domain::Event& event) {
    MapTenant& tenant = tenants_[event.tenant];
    std::visit(Change{tenant}, event.body);
    tenant.state.last_effective = event.effective_at;
    tenant.state.last_revision = event.revision;
}

const MapTenant& MapState::in(std::string_view tenant) const {
    static const MapTenant none;
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? none : found->second;
}

std::optional<domain::TenantState> MapState::tenant(std::string_view tenant) const {
    const MapTenant& found = in(tenant);
    domain::TenantState state = found.state;
    if (tenant == domain::store_tenant)
        state.open_for_import = true;
    else if (!found.created)
        return std::nullopt;
    return state;
}

std::optional<domain::PrincipalState> MapState::principal(std::string_view tenant,
                                                          std::string_view id) const {
    return copy_of(in(tenant).principals, id);
}

bool MapState::is_direct_member(std::string_view tenant, std::string_view group,
                                std::string_view member) const {
    return in(tenant).groups_of(member).contains(group);
}

bool MapState::is_nested(std::string_view tenant, std::string_view inner,
                         std::string_view outer) const {
    return in(tenant).groups_above(inner).contains(outer);
}

std::size_t MapState::direct_group_count(std::string_view tenant, std::string_view member) const {
    return in(tenant).groups_of(member).size();
}

std::size_t MapState::ancestor_group_count(std::string_view tenant, std::string_view group) const {
    return in(tenant).groups_above(group).size();
}

std::size_t MapState::ancestor_group_count_below(std::string_view tenant,
                                                 std::string_view group) const {
    std::size_t most = ancestor_group_count(tenant, group);
    for (const auto& [id, state] : in(tenant).principals)
        if (state.principal.kind == domain::PrincipalKind::group && is_nested(tenant, id, group))
            most = std::max(most, ancestor_group_count(tenant, id));
    return most;
}

domain::Holdings MapState::holdings(std::string_view tenant, std::string_view principal) const {
    const MapTenant& found = in(tenant);
    domain::Holdings result;
    for (const auto& [id, state] : found.assignments)
        if (!state.revoked && state.assignment.principal == principal)
            result.assignments.push_back(id);
    for (const std::string& group : found.groups_of(principal)) result.groups.push_back(group);
    if (const auto members = copy_of(found.members, principal))
        result.members.assign(members->begin(), members->end());
    for (const auto& [id, state] : found.denies)
        if (!state.deleted && (contains(state.deny.principals, principal) ||
                               contains(state.deny.excluded, principal)))
            result.denies.push_back(id);
    for (const auto& [id, state] : found.eligibilities)
        if (!state.removed && state.eligibility.principal == principal)
            result.eligibilities.push_back(id);
    return result;
}

std::vector<std::string> MapState::direct_groups(std::string_view tenant,
                                                 std::string_view member) const {
    const auto groups = in(tenant).groups_of(member);
    return {groups.begin(), groups.end()};
}

std::vector<domain::GroupDeny> MapState::denies_of_group(std::string_view tenant,
                                                         std::string_view group) const {
    const MapTenant& found = in(tenant);
    auto groups = found.groups_above(group);
    groups.emplace(group);
    const auto among = [&](const std::vector<std::string>& ids) {
        return std::ranges::any_of(ids, [&](const std::string& id) { return groups.contains(id); });
    };
    std::vector<domain::GroupDeny> result;
    for (const auto& [id, state] : found.denies) {
        if (state.deleted) continue;
        const domain::GroupDeny deny{id, state.deny.scope, among(state.deny.principals),
                                     among(state.deny.excluded)};
        if (deny.binds || deny.excludes) result.push_back(deny);
    }
    return result;
}

std::vector<std::string> MapState::eligibilities_of_group(std::string_view tenant,
                                                          std::string_view group) const {
    const MapTenant& found = in(tenant);
    auto groups = found.groups_above(group);
    groups.emplace(group);
    std::vector<std::string> result;
    for (const auto& [id, state] : found.eligibilities)
        if (!state.removed && groups.contains(state.eligibility.principal)) result.push_back(id);
    return result;
}

const domain::RoleState* MapState::find_role(std::string_view tenant, std::string_view id) const {
    for (const std::string_view owner : {tenant, domain::store_tenant}) {
        const auto& roles = in(owner).roles;
        if (const auto found = roles.find(folded(id)); found != roles.end()) return &found->second;
    }
    return nullptr;
}

std::optional<domain::RoleState> MapState::role(std::string_view tenant,
                                                std::string_view id) const {
    const domain::RoleState* found = find_role(tenant, id);
    if (found == nullptr) return std::nullopt;
    return *found;
}

std::optional<std::string> MapState::role_named(std::string_view tenant,
                                                std::string_view name) const {
    for (const auto& [id, state] : in(tenant).roles)
        if (!state.deleted && equal_folded(state.role.name, name)) return state.role.id;
    return std::nullopt;
}

std::vector<const domain::Assignment*> MapState::users_of(std::string_view tenant,
                                                          std::string_view role) const {
    std::vector<const domain::Assignment*> users;
    const domain::RoleState* wanted = find_role(tenant, role);
    if (wanted == nullptr) return users;
    for (const auto& [name, each] : tenants_)
        for (const auto& [id, state] : each.assignments)
            if (!state.revoked && find_role(name, state.assignment.role) == wanted)
                users.push_back(&state.assignment);
    return users;
}

std::optional<std::string> MapState::role_user(std::string_view tenant,
                                               std::string_view role) const {
    const auto users = users_of(tenant, role);
    if (users.empty()) return std::nullopt;
    return users.front()->id;
}

std::size_t MapState::role_use_count(std::string_view tenant, std::string_view role,
                                     std::size_t count_max) const {
    return std::min(users_of(tenant, role).size(), count_max);
}

std::vector<std::string> MapState::role_scopes(std::string_view tenant,
                                               std::string_view role) const {
    std::vector<std::string> scopes;
    for (const domain::Assignment* user : users_of(tenant, role)) scopes.push_back(user->scope);
    return scopes;
}

std::optional<domain::AssignmentState> MapState::assignment(std::string_view tenant,
                                                            std::string_view id) const {
    return copy_of(in(tenant).assignments, id);
}

std::optional<std::string> MapState::assignment_of(std::string_view tenant,
                                                   std::string_view principal,
                                                   std::string_view role,
                                                   std::string_view scope) const {
    for (const auto& [id, state] : in(tenant).assignments) {
        const domain::Assignment& a = state.assignment;
        if (!state.revoked && a.principal == principal && equal_folded(a.role, role) &&
            canonical_scope(a.scope) == canonical_scope(scope))
            return id;
    }
    return std::nullopt;
}

std::optional<domain::DenyState> MapState::deny(std::string_view tenant,
                                                std::string_view id) const {
    return copy_of(in(tenant).denies, id);
}

domain::ScopeState MapState::scope(std::string_view tenant, std::string_view scope) const {
    const auto found = copy_of(in(tenant).scopes, canonical_scope(scope));
    return found ? found->state : domain::ScopeState{};
}

std::vector<std::string> MapState::scope_chain(std::string_view tenant,
                                               std::string_view scope) const {
    return in(tenant).scope_chain(scope);
}

Result<std::optional<std::string>> MapState::scope_user(std::string_view tenant,
                                                        std::string_view scope) const {
    const MapTenant& found = in(tenant);
    const std::string top = canonical_scope(scope);
    const auto below = [&](std::string_view other) {
        return contains(found.scope_chain(other), top);
    };
    for (const auto& [id, state] : found.assignments)
        if (!state.revoked && below(state.assignment.scope))
            return std::optional{state.assignment.scope};
    for (const auto& [id, state] : found.denies)
        if (!state.deleted && below(state.deny.scope)) return std::optional{state.deny.scope};
    for (const auto& [path, created] : found.scopes)
        if (path != top && below(path)) return std::optional{created.spelling};
    return std::optional<std::string>{};
}

Result<std::vector<std::string>> MapState::assignments_below(std::string_view tenant,
                                                             std::string_view scope) const {
    const MapTenant& found = in(tenant);
    std::vector<std::string> ids;
    for (const auto& [id, state] : found.assignments)
        if (!state.revoked &&
            contains(found.scope_chain(state.assignment.scope), canonical_scope(scope)))
            ids.push_back(id);
    return ids;
}

Result<std::size_t> MapState::scope_parents_below(std::string_view tenant,
                                                  std::string_view scope) const {
    const MapTenant& found = in(tenant);
    const std::string top = canonical_scope(scope);
    std::size_t most = 0;
    for (const auto& [path, created] : found.scopes) {
        const auto chain = found.scope_chain(path);
        const auto end = std::ranges::find(chain, top);
        if (end == chain.end()) continue;
        const auto parents = std::count_if(chain.begin(), end, [&](const std::string& step) {
            return !this->scope(tenant, step).parent.empty();
        });
        most = std::max(most, static_cast<std::size_t>(parents));
    }
    return most;
}

std::optional<domain::InvitationState> MapState::invitation(std::string_view tenant,
                                                            std::string_view id) const {
    return copy_of(in(tenant).invitations, id);
}

std::optional<std::string> MapState::setting(std::string_view tenant, std::string_view name) const {
    return copy_of(in(tenant).settings, name);
}

std::optional<domain::EligibilityState> MapState::eligibility(std::string_view tenant,
                                                              std::string_view id) const {
    return copy_of(in(tenant).eligibilities, id);
}

std::optional<domain::TokenState> MapState::token(std::string_view tenant,
                                                  std::string_view id) const {
    return copy_of(in(tenant).tokens, id);
}

}  // namespace tenure::testing
