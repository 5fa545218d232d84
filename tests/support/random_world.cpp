#include "support/random_world.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "domain/scope.h"
#include "support/naive_model.h"

namespace tenure::testing {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t hour_us = 3600 * second_us;
constexpr std::int64_t year_us = 365 * 24 * hour_us;

const std::vector<std::string> scope_pool{
    "/",
    "/a",
    "/a/b",
    "/a/bc",
    "/a/b/c",
    "/a/b/c/d",
    "/ab",
    "/subscriptions/s1",
    "/subscriptions/s1/resourceGroups/web",
    "/subscriptions/s1/resourceGroups/web-2",
    "/subscriptions/s1/resourceGroups/web/providers/X/y/z",
    "/subscriptions/s2",
    "/providers/Microsoft.Management/managementGroups/root",
    "/providers/Microsoft.Management/managementGroups/east",
    "/providers/Microsoft.Management/managementGroups/west",
    "/orgs/o1",
    "/orgs/o1/repos/r1",
    "/orgs/o1/repos/r2",
};

const std::vector<std::string> action_pool{
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/restart/action",
    "Microsoft.Compute/read",
    "Microsoft.Storage/accounts/blobs/read",
    "Microsoft.Storage/accounts/read",
    "NewRelic.APM/accounts/delete",
    "a",
};

const std::vector<std::string> pattern_pool{
    "*",
    "*/read",
    "*/write",
    "Microsoft.Compute/*",
    "microsoft.compute/virtualMachines/READ",
    "Microsoft.Compute/virtualMachines/*",
    "Microsoft.Storage/accounts/*/read",
    "Microsoft.Storage/*",
    "Microsoft.*",
    "Microsoft.Compute/virtualMachines/restart/action",
    "NewRelic.APM/accounts/delete",
    "*a",
    "a*",
    "read",
};

const std::vector<std::string> wild_pattern_pool{"*/virtualMachines/*", "M*c*/read", "**",
                                                 "*.APM/*/d*"};

std::vector<domain::Attribute> some_attributes(Random& random) {
    std::vector<domain::Attribute> attributes;
    for (const char* name : {"x", "level"})
        if (random.one_in(2))
            attributes.push_back({name, std::vector<std::string>{random.one_in(2) ? "y" : "z"}});
    return attributes;
}

class WorldMaker {
public:
    WorldMaker(std::uint64_t seed, const WorldOptions& options)
        : random_{seed}, options_{options}, recorded_{1'700'000'000 * second_us} {}

    std::vector<domain::Event> make() {
        add_built_in_roles(1 + random_.below(3));
        for (std::size_t i = random_.below(3) + 1; i > 0; --i) add_tenant();
        while (events_.size() < options_.events) step();
        return std::move(events_);
    }

private:
    struct PrincipalState {
        domain::Principal principal;
        bool deleted = false;
        bool enabled = true;
    };

    struct RoleState {
        std::string id;
        bool deleted = false;
    };

    struct ScopeState {
        std::string shown;
        std::string parent;  // canonical
    };

    struct AssignmentState {
        domain::Assignment assignment;
        bool in_force = true;
    };

    struct InvitationState {
        std::string id;
        std::string principal;
        domain::InvitationStatus status{};
    };

    struct Tenant {
        std::string id;
        bool open = false;
        bool made = false;
        Instant last_effective = instant_min;
        std::vector<PrincipalState> principals;
        std::set<std::pair<std::string, std::string>> memberships;  // group, member
        std::vector<RoleState> roles;
        std::map<std::string, ScopeState> scopes;  // by canonical form
        std::vector<AssignmentState> assignments;
        std::map<std::string, domain::DenyAssignment> denies;  // in force
        std::vector<InvitationState> invitations;
        std::map<std::string, std::vector<std::string>> eligibilities;  // id -> activations
        std::vector<std::string> tokens;
        std::size_t made_objects = 0;
    };

    template <class T>
    const T& one_of(const std::vector<T>& list) {
        return list[random_.below(list.size())];
    }

    std::string spelled(const std::string& text) { return respelled(random_, text); }

    std::string fresh(Tenant& t, std::string_view prefix) {
        return std::string(prefix) + std::to_string(t.made_objects++);
    }

    std::string some_scope() {
        std::string scope = one_of(scope_pool);
        if (random_.one_in(8))
            scope = (scope == "/" ? "" : scope) + "/x" + std::to_string(random_.below(3));
        return spelled(scope);
    }

    // Time.

    std::int64_t some_us() {
        switch (random_.below(4)) {
            case 0:
                return static_cast<std::int64_t>(random_.below(3));
            case 1:
                return static_cast<std::int64_t>(random_.below(second_us));
            case 2:
                return static_cast<std::int64_t>(random_.below(hour_us));
            default:
                return static_cast<std::int64_t>(random_.below(30 * 24 * hour_us));
        }
    }

    void emit(Tenant& t, domain::EventBody body) {
        domain::Event event;
        recorded_ = recorded_ + (1 + (random_.one_in(2) ? 0 : some_us()));
        event.revision = Revision{events_.size() + 1};
        event.term = Term{1};
        event.recorded_at = recorded_;
        event.effective_at = recorded_;
        event.tenant = t.id;
        event.actor = "system";
        const bool store = t.id == domain::store_tenant;
        const bool may_import = store ? options_.late_built_in_roles || tenants_.empty() : t.open;
        if (may_import && !random_.one_in(store ? 3 : 20)) {
            if (t.last_effective == instant_min)
                t.last_effective = recorded_ + (-year_us + some_us());
            event.imported = true;
            event.imported_by = "system";
            event.effective_at =
                std::min(recorded_, t.last_effective + (random_.one_in(2) ? 0 : some_us()));
        }
        t.last_effective = event.effective_at;
        event.body = std::move(body);
        events_.push_back(std::move(event));
    }

    // An instant near what happens: often exactly that of an event.
    Instant near() {
        if (!events_.empty() && random_.one_in(3)) {
            const std::size_t back = std::min<std::size_t>(events_.size(), 20);
            return events_[events_.size() - 1 - random_.below(back)].effective_at;
        }
        const Instant from =
            events_.empty() || random_.one_in(2) ? recorded_ : events_.back().effective_at;
        return from + (random_.one_in(2) ? some_us() : -some_us());
    }

    domain::Window some_window() {
        domain::Window window;
        if (random_.one_in(2)) return window;
        const Instant a = near();
        const Instant b = near();
        if (!random_.one_in(3)) window.start = std::min(a, b);
        if (!random_.one_in(3)) window.end = std::max(a, b);
        if (window.start && window.end && *window.start == *window.end) window.end = b + 1;
        if (window.start && window.end && *window.end < *window.start) window.start.reset();
        return window;
    }

    std::optional<domain::Condition> some_condition(std::uint64_t one_in) {
        if (!random_.one_in(one_in)) return std::nullopt;
        switch (random_.below(8)) {
            case 0:
                return condition("@Resource[x] StringEquals 'y'");
            case 1:
                return condition("!(ActionMatches{'Microsoft.Compute/*'}) OR " +
                                 reading("Request"));
            case 2:
                return condition(reading("Principal"));
            case 3:
                return condition("NOT (" + reading("Principal") + ") AND " + reading("Resource"));
            case 4:
                return condition("@Environment[UtcNow] DateTimeGreaterThan '" +
                                 format_instant(near()) + "'");
            case 5:
                return condition(reading("Principal") +
                                 " OR @Environment[utcNow] DateTimeLessThanEquals '" +
                                 format_instant(near()) + "'");
            case 6:
                return condition("Exists @Environment[place] && SubOperationMatches{'Blob.*'}");
            default:
                return condition("@Resource[x] may have been anything elsewhere");
        }
    }

    static domain::Condition condition(std::string text) { return {std::move(text), "2.0"}; }

    std::string reading(const std::string& source) {
        const std::string name = random_.one_in(2) ? "x" : "Level";
        const std::string value = random_.one_in(2) ? "'y'" : "'z'";
        return "@" + source + "[" + name + "] StringEquals " + value;
    }

    // Tenants and roles.

    void add_tenant() {
        static const std::vector<std::string> names{"t1", "T1", "t2"};
        Tenant t;
        t.id = names[tenants_.size()];
        t.open = random_.one_in(3);
        tenants_.push_back(std::move(t));
        Tenant& made = tenants_.back();
        const bool open = made.open;
        emit(made, domain::TenantCreated{"a tenant", open});
    }

    void add_built_in_roles(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) define_role(store_);
    }

    std::vector<std::string> some_patterns(std::size_t max, bool wild) {
        std::vector<std::string> patterns;
        for (std::size_t n = random_.below(max + 1); n > 0; --n)
            patterns.push_back(spelled(wild && random_.one_in(4) ? one_of(wild_pattern_pool)
                                                                 : one_of(pattern_pool)));
        return patterns;
    }

    std::vector<domain::PermissionBlock> some_permissions(bool wild) {
        std::vector<domain::PermissionBlock> blocks(1 + random_.below(3));
        for (domain::PermissionBlock& block : blocks) {
            block.actions = some_patterns(3, wild);
            block.not_actions = some_patterns(1, wild);
            if (random_.one_in(3)) block.data_actions = some_patterns(2, wild);
            if (random_.one_in(3)) block.not_data_actions = some_patterns(1, wild);
            block.condition = some_condition(6);
        }
        if (blocks.front().actions.empty() && blocks.front().data_actions.empty())
            blocks.front().actions = {spelled(one_of(pattern_pool))};
        return blocks;
    }

    domain::Role some_role(Tenant& t, const std::string& id) {
        domain::Role role;
        role.id = spelled(id);
        role.name = "Name " + std::to_string(random_.below(4)) + " of " + id;
        role.built_in = t.id == domain::store_tenant;
        role.assignable_scopes = {"/"};
        role.permissions = some_permissions(role.built_in);
        return role;
    }

    void define_role(Tenant& t) {
        const bool store = t.id == domain::store_tenant;
        // The store may take an id that a tenant has used before it; not the other way round.
        const std::string id = store && random_.one_in(4)
                                   ? "role" + std::to_string(random_.below(6))
                                   : fresh(t, store ? "builtin" : "role");
        if (std::ranges::any_of(t.roles, [&](const RoleState& r) { return r.id == id; })) return;
        if (std::ranges::any_of(store_.roles, [&](const RoleState& r) { return r.id == id; }))
            return;
        t.roles.push_back({id, false});
        emit(t, domain::RoleDefined{some_role(t, id)});
    }

    void update_role(Tenant& t) {
        if (t.roles.empty()) return;
        const RoleState& role = one_of(t.roles);
        if (!role.deleted) emit(t, domain::RoleUpdated{some_role(t, role.id)});
    }

    // Also roles in use: imported history knows such.
    void delete_role(Tenant& t) {
        if (t.roles.empty()) return;
        RoleState& role = t.roles[random_.below(t.roles.size())];
        if (role.deleted) return;
        role.deleted = true;
        emit(t, domain::RoleDeleted{spelled(role.id)});
    }

    // A live role of the tenant or, if it has none of that name, of the store.
    std::optional<std::string> role_for(const Tenant& t) {
        std::vector<std::string> usable;
        std::set<std::string> own;
        for (const RoleState& role : t.roles) {
            own.insert(role.id);
            if (!role.deleted) usable.push_back(role.id);
        }
        for (const RoleState& role : store_.roles)
            if (!role.deleted && !own.contains(role.id)) usable.push_back(role.id);
        if (usable.empty()) return std::nullopt;
        return spelled(one_of(usable));
    }

    // Principals and groups.

    const domain::Principal& create_principal(Tenant& t, domain::PrincipalKind kind) {
        using enum domain::PrincipalKind;
        domain::Principal p;
        const std::string prefix = kind == group ? "g" : kind == user ? "u" : "s";
        p.id = fresh(t, prefix);
        // Ids that differ in case only are different principals.
        if (!t.principals.empty() && random_.one_in(5)) {
            std::string other = one_of(t.principals).principal.id;
            other.front() = static_cast<char>(other.front() ^ 0x20);
            if (!exists(t, other)) p.id = other;
        }
        p.kind = kind;
        p.display_name = "name of " + p.id;
        p.attributes = some_attributes(random_);
        if (kind == user && random_.one_in(8)) p.redemption = domain::Redemption::pending;
        t.principals.push_back({p, false, true});
        emit(t, domain::PrincipalCreated{p});
        return t.principals.back().principal;
    }

    static bool exists(const Tenant& t, const std::string& id) {
        return std::ranges::any_of(t.principals,
                                   [&](const auto& p) { return p.principal.id == id; });
    }

    PrincipalState* live_principal(Tenant& t, bool groups_only) {
        std::vector<PrincipalState*> live;
        for (PrincipalState& p : t.principals)
            if (!p.deleted && (!groups_only || p.principal.kind == domain::PrincipalKind::group))
                live.push_back(&p);
        return live.empty() ? nullptr : one_of(live);
    }

    void some_principal(Tenant& t) {
        using enum domain::PrincipalKind;
        const std::size_t principals_max = options_.shape == WorldShape::mixed ? 14 : 7;
        const auto alive =
            std::ranges::count_if(t.principals, [](const auto& p) { return !p.deleted; });
        if (static_cast<std::size_t>(alive) > principals_max) return;
        static const std::vector<domain::PrincipalKind> kinds{
            user, user, group, group, group, service_principal, managed_identity};
        create_principal(t, one_of(kinds));
    }

    void change_principal(Tenant& t) {
        PrincipalState* p = live_principal(t, false);
        if (p == nullptr) return;
        if (random_.one_in(3)) {
            domain::Principal changed = p->principal;
            changed.display_name += "'";
            if (random_.one_in(2)) changed.redemption = domain::Redemption::none;
            if (random_.one_in(2)) changed.attributes = some_attributes(random_);
            p->principal.display_name = changed.display_name;
            p->principal.attributes = changed.attributes;
            emit(t, domain::PrincipalUpdated{changed});
        } else if (p->enabled) {
            p->enabled = false;
            emit(t, domain::PrincipalDisabled{p->principal.id});
        } else {
            p->enabled = true;
            emit(t, domain::PrincipalEnabled{p->principal.id});
        }
    }

    void delete_principal(Tenant& t) {
        PrincipalState* p = live_principal(t, false);
        if (p == nullptr) return;
        const std::string id = p->principal.id;
        for (AssignmentState& a : t.assignments)
            if (a.in_force && a.assignment.principal == id) {
                a.in_force = false;
                emit(t, domain::AssignmentRevoked{a.assignment.id});
            }
        const auto memberships = t.memberships;
        for (const auto& [group, member] : memberships)
            if (group == id || member == id) remove_member(t, group, member);
        p->deleted = true;
        emit(t, domain::PrincipalDeleted{id});
    }

    void remove_member(Tenant& t, const std::string& group, const std::string& member) {
        t.memberships.erase({group, member});
        emit(t, domain::MemberRemoved{group, member});
    }

    static bool reaches(const Tenant& t, const std::string& from, const std::string& to) {
        if (from == to) return true;
        return std::ranges::any_of(t.memberships, [&](const auto& m) {
            return m.second == from && reaches(t, m.first, to);
        });
    }

    void change_member(Tenant& t) {
        PrincipalState* group = live_principal(t, true);
        PrincipalState* member = live_principal(t, random_.one_in(2));
        if (group == nullptr || member == nullptr) return;
        if (options_.shape == WorldShape::joiners && !t.principals.front().deleted)
            if (!random_.one_in(3)) member = &t.principals.front();
        const std::string& g = group->principal.id;
        const std::string& m = member->principal.id;
        if (t.memberships.contains({g, m})) {
            // Memberships are left more often in a world of joiners.
            if (options_.shape == WorldShape::joiners || random_.one_in(3)) remove_member(t, g, m);
            return;
        }
        if (reaches(t, g, m)) return;
        t.memberships.emplace(g, m);
        emit(t, domain::MemberAdded{g, m});
    }

    void leave_group(Tenant& t) {
        if (t.memberships.empty()) return;
        const auto [group, member] =
            *std::next(t.memberships.begin(),
                       static_cast<std::ptrdiff_t>(random_.below(t.memberships.size())));
        remove_member(t, group, member);
    }

    // Scopes.

    static std::vector<std::string> chain(const Tenant& t, const std::string& from) {
        std::vector<std::string> result;
        for (std::string at = from; !at.empty();) {
            result.push_back(at);
            const auto known = t.scopes.find(at);
            at = known != t.scopes.end() && !known->second.parent.empty()
                     ? known->second.parent
                     : std::string(domain::parent_by_path(at));
        }
        return result;
    }

    // "" or a created scope (or the root) that may be put above `scope`.
    std::string some_parent(const Tenant& t, const std::string& scope) {
        if (random_.one_in(2)) return {};
        std::vector<std::string> parents{"/"};
        for (const auto& [canonical, now] : t.scopes)
            if (!std::ranges::count(chain(t, canonical), scope)) parents.push_back(now.shown);
        return spelled(one_of(parents));
    }

    void create_scope(Tenant& t) {
        const std::string shown = some_scope();
        const std::string scope = naive_scope(shown);
        if (scope == "/" || t.scopes.contains(scope)) return;
        std::string parent = some_parent(t, scope);
        // By path it may lead back to itself: a path above it may have an explicit parent.
        if (parent.empty() && leads_back(t, scope)) return;
        t.scopes[scope] = {shown, naive_scope(parent)};
        emit(t, domain::ScopeCreated{shown, parent, "shown"});
    }

    static bool leads_back(const Tenant& t, const std::string& scope) {
        const std::string above{domain::parent_by_path(scope)};
        return std::ranges::count(chain(t, above), scope) != 0;
    }

    void move_scope(Tenant& t) {
        if (t.scopes.empty()) return;
        auto& [scope, now] = *std::next(
            t.scopes.begin(), static_cast<std::ptrdiff_t>(random_.below(t.scopes.size())));
        std::string parent = some_parent(t, scope);
        if (parent.empty() && leads_back(t, scope)) return;
        now.parent = naive_scope(parent);
        emit(t, domain::ScopeMoved{spelled(now.shown), parent});
    }

    // Also with something in force there, and while others have it as their parent.
    void delete_scope(Tenant& t) {
        if (t.scopes.empty()) return;
        const auto at = std::next(t.scopes.begin(),
                                  static_cast<std::ptrdiff_t>(random_.below(t.scopes.size())));
        if (leads_back(t, at->first)) return;
        const std::string shown = spelled(at->second.shown);
        t.scopes.erase(at);
        emit(t, domain::ScopeDeleted{shown});
    }

    // Assignments.

    std::optional<domain::Assignment> new_assignment(Tenant& t, const std::string& id) {
        const PrincipalState* p = live_principal(t, random_.one_in(3));
        const auto role = role_for(t);
        if (p == nullptr || !role) return std::nullopt;
        if (options_.shape == WorldShape::wide && !t.principals.front().deleted)
            if (!random_.one_in(6)) p = &t.principals.front();
        domain::Assignment a;
        a.id = id;
        a.principal = p->principal.id;
        a.role = *role;
        a.scope = some_scope();
        a.window = some_window();
        a.condition = some_condition(8);
        a.description = random_.one_in(3) ? "why" : "";
        return a;
    }

    void assign(Tenant& t) {
        auto a = new_assignment(t, fresh(t, "as"));
        if (!a) return;
        // Half of them where there is something already.
        if (!t.assignments.empty() && random_.one_in(2)) {
            const domain::Assignment& other = one_of(t.assignments).assignment;
            a->scope = spelled(other.scope);
            if (random_.one_in(2)) a->role = spelled(*role_for(t));
        }
        t.assignments.push_back({*a, true});
        emit(t, domain::AssignmentCreated{*std::move(a)});
    }

    AssignmentState* in_force(Tenant& t) {
        std::vector<AssignmentState*> live;
        for (AssignmentState& a : t.assignments)
            if (a.in_force) live.push_back(&a);
        return live.empty() ? nullptr : one_of(live);
    }

    void change_assignment(Tenant& t) {
        AssignmentState* a = in_force(t);
        if (a == nullptr) return;
        if (random_.one_in(2)) {
            const auto role = role_for(t);
            if (!role) return;
            a->assignment.role = *role;
            emit(t, domain::AssignmentRoleChanged{a->assignment.id, *role});
        } else {
            a->assignment.window = some_window();
            a->assignment.condition = some_condition(4);
            emit(t, domain::AssignmentUpdated{a->assignment.id, a->assignment.condition,
                                              a->assignment.window, "changed"});
        }
    }

    void revoke(Tenant& t) {
        AssignmentState* a = in_force(t);
        if (a == nullptr) return;
        a->in_force = false;
        emit(t, domain::AssignmentRevoked{a->assignment.id});
        // The same again, under another id.
        if (!random_.one_in(3) || !live(t, a->assignment.principal)) return;
        const auto role = role_for(t);
        if (!role) return;
        domain::Assignment again = a->assignment;
        again.id = fresh(t, "as");
        again.role = *role;
        t.assignments.push_back({again, true});
        emit(t, domain::AssignmentCreated{std::move(again)});
    }

    static bool live(const Tenant& t, const std::string& id) {
        return std::ranges::any_of(
            t.principals, [&](const auto& p) { return p.principal.id == id && !p.deleted; });
    }

    // Deny assignments.

    std::vector<std::string> some_principals(Tenant& t, std::size_t max) {
        std::set<std::string> ids;
        for (std::size_t n = random_.below(max + 1); n > 0; --n)
            if (const PrincipalState* p = live_principal(t, random_.one_in(2)))
                ids.insert(p->principal.id);
        return {ids.begin(), ids.end()};
    }

    void deny(Tenant& t) {
        domain::DenyAssignment d;
        d.id = fresh(t, "deny");
        d.name = "name of " + d.id;
        d.scope = some_scope();
        d.not_below = random_.one_in(3);
        d.principals = some_principals(t, 3);
        if (d.principals.empty() || random_.one_in(3))
            d.principals.insert(d.principals.begin(), std::string(domain::all_principals));
        d.excluded = some_principals(t, 2);
        d.permissions = some_permissions(true);
        t.denies[d.id] = d;
        emit(t, domain::DenyCreated{std::move(d)});
    }

    void end_deny(Tenant& t) {
        if (t.denies.empty()) return;
        const auto at = std::next(t.denies.begin(),
                                  static_cast<std::ptrdiff_t>(random_.below(t.denies.size())));
        const std::string id = at->first;
        t.denies.erase(at);
        emit(t, domain::DenyDeleted{id});
    }

    // Invitations, eligibilities, settings, tokens.

    void invite(Tenant& t) {
        domain::Principal p;
        p.id = fresh(t, "invited");
        p.user_type = domain::UserType::guest;
        p.redemption = domain::Redemption::pending;
        t.principals.push_back({p, false, true});
        emit(t, domain::PrincipalCreated{p});
        domain::Invitation invitation;
        invitation.id = fresh(t, "invitation");
        invitation.principal = p.id;
        const auto role = role_for(t);
        if (role) invitation.roles = {{*role, some_scope()}};
        t.invitations.push_back({invitation.id, p.id, domain::InvitationStatus::pending});
        emit(t, domain::InvitationCreated{invitation});
        if (!role) return;
        domain::Assignment a;
        a.id = invitation.id + "/1";
        a.principal = p.id;
        a.role = *role;
        a.scope = invitation.roles.front().scope;
        t.assignments.push_back({a, true});
        emit(t, domain::AssignmentCreated{std::move(a)});
    }

    void change_invitation(Tenant& t) {
        if (t.invitations.empty()) return;
        InvitationState& i = t.invitations[random_.below(t.invitations.size())];
        if (i.status != domain::InvitationStatus::pending) return;
        switch (random_.below(5)) {
            case 0:
                emit(t, domain::InvitationResent{i.id, "hash", std::nullopt});
                return;
            case 1:
                i.status = domain::InvitationStatus::revoked;
                emit(t, domain::InvitationRevoked{i.id});
                return;
            case 2:
                i.status = domain::InvitationStatus::expired;
                emit(t, domain::InvitationExpired{i.id});
                return;
            default:
                break;
        }
        if (!live(t, i.principal)) return;
        i.status = domain::InvitationStatus::accepted;
        for (PrincipalState& p : t.principals)
            if (p.principal.id == i.principal)
                p.principal.redemption = domain::Redemption::accepted;
        emit(t, domain::InvitationAccepted{i.id});
    }

    void eligibility(Tenant& t) {
        if (t.eligibilities.empty() || random_.one_in(3)) {
            const PrincipalState* p = live_principal(t, false);
            const auto role = role_for(t);
            if (p == nullptr || !role) return;
            domain::Eligibility e;
            e.id = fresh(t, "eligible");
            e.principal = p->principal.id;
            e.role = *role;
            e.scope = some_scope();
            t.eligibilities[e.id];
            emit(t, domain::EligibilityCreated{std::move(e)});
            return;
        }
        auto& [id, activations] =
            *std::next(t.eligibilities.begin(),
                       static_cast<std::ptrdiff_t>(random_.below(t.eligibilities.size())));
        const std::string name = id;
        if (random_.one_in(5)) {
            t.eligibilities.erase(name);
            emit(t, domain::EligibilityRemoved{name});
            return;
        }
        if (!activations.empty() && random_.one_in(2)) {
            const std::string activation = activations.back();
            activations.pop_back();
            for (AssignmentState& a : t.assignments)
                if (a.assignment.id == activation && a.in_force) {
                    a.in_force = false;
                    emit(t, domain::EligibilityDeactivated{name, activation});
                    return;
                }
            return;
        }
        auto a = new_assignment(t, fresh(t, "activation"));
        if (!a) return;
        activations.push_back(a->id);
        t.assignments.push_back({*a, true});
        emit(t, domain::EligibilityActivated{name, *std::move(a), "because"});
    }

    void other(Tenant& t) {
        if (random_.one_in(2)) {
            emit(t, domain::SettingsChanged{{{"color", std::to_string(random_.below(3))}}});
        } else if (t.tokens.empty() || random_.one_in(2)) {
            const PrincipalState* p = live_principal(t, false);
            if (p == nullptr) return;
            domain::Token token;
            token.id = fresh(t, "token");
            token.principal = p->principal.id;
            token.secret_hash = "hash";
            t.tokens.push_back(token.id);
            emit(t, domain::TokenIssued{std::move(token)});
        } else {
            const std::string token = t.tokens.back();
            t.tokens.pop_back();
            emit(t, domain::TokenRevoked{token});
        }
    }

    void step() {
        if (random_.one_in(40)) {
            switch (random_.below(3)) {
                case 0:
                    define_role(store_);
                    break;
                case 1:
                    update_role(store_);
                    break;
                default:
                    if (random_.one_in(4)) delete_role(store_);
            }
            return;
        }
        Tenant& t = tenants_[random_.below(random_.one_in(3) ? tenants_.size() : 1)];
        if (t.open && random_.one_in(60)) {
            emit(t, domain::TenantSealed{});
            t.open = false;
            return;
        }
        const std::uint64_t dice = random_.below(100);
        if (options_.shape == WorldShape::joiners && dice < 70)
            return random_.one_in(8) ? leave_group(t) : change_member(t);
        if (options_.shape == WorldShape::wide && dice < 70) {
            if (dice < 60) return assign(t);
            return random_.one_in(2) ? change_assignment(t) : revoke(t);
        }
        const std::uint64_t what = random_.below(100);
        if (what < 12) return some_principal(t);
        if (what < 18) return change_principal(t);
        if (what < 20)
            return options_.shape == WorldShape::mixed ? delete_principal(t) : some_principal(t);
        if (what < 34) return change_member(t);
        if (what < 37) return leave_group(t);
        if (what < 43) return create_scope(t);
        if (what < 48) return move_scope(t);
        if (what < 50) return delete_scope(t);
        if (what < 54) return define_role(t);
        if (what < 58) return update_role(t);
        if (what < 59) return delete_role(t);
        if (what < 74) return assign(t);
        if (what < 79) return change_assignment(t);
        if (what < 83) return revoke(t);
        if (what < 88) return deny(t);
        if (what < 91) return end_deny(t);
        if (what < 93) return invite(t);
        if (what < 95) return change_invitation(t);
        if (what < 98) return eligibility(t);
        return other(t);
    }

    SeededRandom random_;
    WorldOptions options_;
    Instant recorded_;
    std::vector<domain::Event> events_;
    Tenant store_;
    std::vector<Tenant> tenants_;
};

}  // namespace

std::string respelled(Random& random, std::string text) {
    if (random.one_in(2)) return text;
    for (char& c : text) {
        if (!random.one_in(4)) continue;
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
        else if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

WorldOptions random_options(std::uint64_t seed) {
    SeededRandom random{seed ^ 0x5EEDULL};
    WorldOptions options;
    options.events = 20 + random.below(160);
    options.late_built_in_roles = random.one_in(4);
    if (random.one_in(12)) options = {WorldShape::joiners, 500};
    if (random.one_in(40)) options = {WorldShape::wide, 1000};
    return options;
}

std::vector<domain::Event> random_world(std::uint64_t seed, const WorldOptions& options) {
    return WorldMaker{seed, options}.make();
}

// Questions.

QuestionMaker::QuestionMaker(Random& random, const std::vector<domain::Event>& events)
    : random_{random}, events_{events} {}

void QuestionMaker::advance(Revision head, Instant now) {
    head_ = head.value;
    now_ = now;
}

std::string QuestionMaker::one_of(const std::vector<std::string>& texts) {
    return texts[random_.below(texts.size())];
}

std::string QuestionMaker::tenant() {
    if (random_.one_in(30)) return "nobody";
    if (random_.one_in(30)) return std::string(domain::store_tenant);
    return one_of({"t1", "t1", "t1", "T1", "t2"});
}

std::string QuestionMaker::principal(const std::string& tenant) {
    if (random_.one_in(20)) return "unknown";
    // Of all events, so that some are asked about before they exist.
    for (int tries = 0; tries < 60; ++tries) {
        const domain::Event& event = events_[random_.below(events_.size())];
        if (event.tenant != tenant && !random_.one_in(40)) continue;
        if (const auto* created = std::get_if<domain::PrincipalCreated>(&event.body))
            return created->principal.id;
        if (const auto* joined = std::get_if<domain::MemberAdded>(&event.body))
            return joined->member;
        if (const auto* assigned = std::get_if<domain::AssignmentCreated>(&event.body))
            return assigned->assignment.principal;
    }
    return "u1";
}

std::string QuestionMaker::action() { return respelled(random_, one_of(action_pool)); }

std::string QuestionMaker::scope() {
    std::string scope = one_of(scope_pool);
    if (random_.one_in(4)) scope = (scope == "/" ? "" : scope) + one_of({"/x0", "/x1", "/new/y"});
    if (random_.one_in(10)) scope += scope == "/" ? "" : "/";
    return respelled(random_, scope);
}

std::string QuestionMaker::role(const std::string& tenant) { return object(tenant, "role"); }

std::string QuestionMaker::object(const std::string& tenant, const std::string& kind) {
    if (kind == "principal") return principal(tenant);
    if (kind == "scope") return scope();
    if (random_.one_in(20)) return "unknown";
    std::vector<std::string> ids;
    for (const domain::Event& event : events_) {
        if (event.tenant != tenant && event.tenant != domain::store_tenant) continue;
        if (const auto* e = std::get_if<domain::RoleDefined>(&event.body); e && kind == "role")
            ids.push_back(respelled(random_, e->role.id));
        if (const auto* e = std::get_if<domain::AssignmentCreated>(&event.body);
            e && kind == "assignment")
            ids.push_back(e->assignment.id);
        if (const auto* e = std::get_if<domain::EligibilityActivated>(&event.body);
            e && kind == "assignment")
            ids.push_back(e->activation.id);
        if (const auto* e = std::get_if<domain::DenyCreated>(&event.body); e && kind == "deny")
            ids.push_back(e->deny.id);
        if (const auto* e = std::get_if<domain::InvitationCreated>(&event.body);
            e && kind == "invitation")
            ids.push_back(e->invitation.id);
        if (const auto* e = std::get_if<domain::EligibilityCreated>(&event.body);
            e && kind == "eligibility")
            ids.push_back(e->eligibility.id);
    }
    return ids.empty() ? "unknown" : one_of(ids);
}

Instant QuestionMaker::instant() {
    switch (random_.below(8)) {
        case 0:
            return instant_min;
        case 1:
            return now_ + static_cast<std::int64_t>(random_.below(60 * 24 * hour_us));
        case 2:
            return now_;
        default:
            break;
    }
    if (events_.empty()) return now_;
    // Around what happened, and will happen.
    const domain::Event& event = events_[random_.below(events_.size())];
    Instant t = random_.one_in(4) ? event.recorded_at : event.effective_at;
    if (const auto* a = std::get_if<domain::AssignmentCreated>(&event.body)) {
        if (a->assignment.window.start && random_.one_in(2)) t = *a->assignment.window.start;
        if (a->assignment.window.end && random_.one_in(2)) t = *a->assignment.window.end;
    }
    return t + (static_cast<std::int64_t>(random_.below(3)) - 1);
}

domain::AsOf QuestionMaker::as_of() {
    domain::AsOf as_of;
    const std::uint64_t kind = random_.below(10);
    if (kind < 3) {
        // now
    } else if (kind < 6) {
        as_of.at = instant();
    } else {
        as_of.revision = Revision{random_.below(head_ + 1)};
        if (random_.one_in(20)) as_of.revision = Revision{head_ + 1 + random_.below(5)};
    }
    if (random_.one_in(6)) as_of.known_at = instant();
    if (as_of.revision && random_.one_in(40)) as_of.at = instant();
    return as_of;
}

domain::CheckQuestion QuestionMaker::check() {
    domain::CheckQuestion q;
    q.tenant = tenant();
    q.principal = principal(q.tenant);
    q.action = action();
    q.plane = random_.one_in(5) ? domain::Plane::data : domain::Plane::control;
    q.scope = scope();
    q.as_of = as_of();
    if (random_.one_in(2)) {
        if (random_.one_in(3)) q.attributes.sub_operation = "blob.LIST";
        q.attributes.request = domain::condition::AttributeSet{some_attributes(random_)};
        q.attributes.resource = domain::condition::AttributeSet{some_attributes(random_)};
        if (random_.one_in(2))
            q.attributes.environment =
                domain::condition::AttributeSet{{{"Place", std::vector<std::string>{"here"}}}};
    }
    return q;
}

domain::WhoCanQuestion QuestionMaker::who_can() {
    const domain::CheckQuestion q = check();
    return {q.tenant, q.action, q.plane, q.scope, q.as_of, q.attributes};
}

domain::WhatCanQuestion QuestionMaker::what_can() {
    const domain::CheckQuestion q = check();
    return {q.tenant, q.principal, random_.one_in(3) ? "" : q.action,
            q.plane,  q.as_of,     q.attributes};
}

}  // namespace tenure::testing
