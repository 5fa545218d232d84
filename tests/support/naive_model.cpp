#include "support/naive_model.h"

#include <algorithm>

#include "base/match.h"
#include "support/naive_condition.h"

namespace tenure::testing {
namespace {

using domain::Event;

const std::string built_in_roles{domain::store_tenant};

// "/a/b" -> "/a" -> "/" -> "".
std::string above_by_path(const std::string& scope) {
    if (scope == "/") return {};
    const std::size_t slash = scope.rfind('/');
    return slash == 0 ? "/" : scope.substr(0, slash);
}

bool one_names(const std::vector<std::string>& patterns, const std::string& action) {
    return std::ranges::any_of(patterns,
                               [&](const std::string& p) { return naive_matches(p, action); });
}

// What one permission block says.
bool block_names(const domain::PermissionBlock& block, const NaiveAsk& ask) {
    if (ask.plane == domain::Plane::control)
        return one_names(block.actions, ask.action) && !one_names(block.not_actions, ask.action);
    return one_names(block.data_actions, ask.action) &&
           !one_names(block.not_data_actions, ask.action);
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::ranges::find(list, text) != list.end();
}

bool any_of_them(const std::vector<std::string>& list, const std::set<std::string>& subjects) {
    return std::ranges::any_of(list,
                               [&](const std::string& text) { return subjects.contains(text); });
}

}  // namespace

std::string naive_fold(std::string_view text) {
    std::string result;
    for (const char c : text) result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

std::string naive_scope(std::string_view scope) {
    if (scope.size() > 1 && scope.back() == '/') scope.remove_suffix(1);
    return naive_fold(scope);
}

bool naive_matches(std::string_view pattern, std::string_view action) {
    // reach[j]: the pattern so far matches the first j letters.
    const std::string p = naive_fold(pattern);
    const std::string a = naive_fold(action);
    std::vector<bool> reach(a.size() + 1, false);
    reach[0] = true;
    for (const char c : p) {
        std::vector<bool> then(a.size() + 1, false);
        bool any = false;
        for (std::size_t j = 0; j <= a.size(); ++j) {
            any = any || reach[j];
            if (c == '*')
                then[j] = any;
            else if (j > 0)
                then[j] = reach[j - 1] && a[j - 1] == c;
        }
        reach = std::move(then);
    }
    return reach[a.size()];
}

// Replay.

NaiveModel NaiveModel::at(std::span<const Event> events, Revision revision) {
    NaiveModel model;
    for (const Event& event : events)
        if (event.revision <= revision) model.apply(event);
    return model;
}

void NaiveModel::apply(const Event& event) {
    Tenant& t = tenants_[event.tenant];
    const auto create_assignment = [&](const domain::Assignment& a) { t.assignments[a.id] = a; };
    std::visit(
        match{
            [&](const domain::TenantCreated& e) { t.open_for_import = e.open_for_import; },
            [&](const domain::TenantSealed&) { t.open_for_import = false; },
            [&](const domain::PrincipalCreated& e) {
                t.principals[e.principal.id] = {e.principal, true, false};
            },
            [&](const domain::PrincipalUpdated& e) {
                domain::Principal& p = t.principals.at(e.principal.id).principal;
                const auto kind = p.kind;
                const auto redemption = p.redemption;
                p = e.principal;
                p.kind = kind;
                p.redemption = redemption;
            },
            [&](const domain::PrincipalDisabled& e) {
                t.principals.at(e.principal).enabled = false;
            },
            [&](const domain::PrincipalEnabled& e) { t.principals.at(e.principal).enabled = true; },
            [&](const domain::PrincipalDeleted& e) { t.principals.at(e.principal).deleted = true; },
            [&](const domain::MemberAdded& e) { t.memberships.emplace(e.group, e.member); },
            [&](const domain::MemberRemoved& e) {
                t.memberships.erase({e.group, e.member});
            },
            [&](const domain::ScopeCreated& e) {
                t.scopes[naive_scope(e.scope)] = {true, naive_scope(e.parent)};
            },
            [&](const domain::ScopeMoved& e) {
                t.scopes[naive_scope(e.scope)].parent = naive_scope(e.parent);
            },
            [&](const domain::ScopeDeleted& e) { t.scopes.erase(naive_scope(e.scope)); },
            [&](const domain::RoleDefined& e) {
                t.roles[naive_fold(e.role.id)] = {e.role, false, event.revision};
            },
            [&](const domain::RoleUpdated& e) {
                t.roles[naive_fold(e.role.id)] = {e.role, false, event.revision};
            },
            [&](const domain::RoleDeleted& e) {
                RoleNow& role = t.roles.at(naive_fold(e.role));
                role.deleted = true;
                role.since = event.revision;
            },
            [&](const domain::AssignmentCreated& e) { create_assignment(e.assignment); },
            [&](const domain::AssignmentRoleChanged& e) {
                t.assignments.at(e.assignment).role = e.role;
            },
            [&](const domain::AssignmentUpdated& e) {
                domain::Assignment& a = t.assignments.at(e.assignment);
                a.condition = e.condition;
                a.window = e.window;
                a.description = e.description;
            },
            [&](const domain::AssignmentRevoked& e) { t.assignments.erase(e.assignment); },
            [&](const domain::DenyCreated& e) { t.denies[e.deny.id] = e.deny; },
            [&](const domain::DenyDeleted& e) { t.denies.erase(e.deny); },
            [&](const domain::EligibilityCreated&) {},
            [&](const domain::EligibilityActivated& e) { create_assignment(e.activation); },
            [&](const domain::EligibilityDeactivated& e) { t.assignments.erase(e.activation); },
            [&](const domain::EligibilityRemoved&) {},
            [&](const domain::InvitationCreated& e) {
                t.invited[e.invitation.id] = e.invitation.principal;
            },
            [&](const domain::InvitationResent& e) {
                if (t.accepted.erase(e.invitation) > 0)
                    t.principals.at(t.invited.at(e.invitation)).principal.redemption =
                        domain::Redemption::pending;
            },
            [&](const domain::InvitationAccepted& e) {
                t.accepted.insert(e.invitation);
                t.principals.at(t.invited.at(e.invitation)).principal.redemption =
                    domain::Redemption::accepted;
            },
            [&](const domain::InvitationRevoked&) {},
            [&](const domain::InvitationExpired&) {},
            [&](const domain::SettingsChanged&) {},
            [&](const domain::TokenIssued&) {},
            [&](const domain::TokenRevoked&) {},
        },
        event.body);
}

// Facts.

const NaiveModel::Tenant& NaiveModel::tenant(const std::string& id) const {
    static const Tenant nothing;
    const auto found = tenants_.find(id);
    return found == tenants_.end() ? nothing : found->second;
}

const domain::Role* NaiveModel::role(const Tenant& in, const std::string& id) const {
    // A tenant's own roles come before the built-in ones.
    for (const Tenant* where : {&in, &tenant(built_in_roles)}) {
        const auto found = where->roles.find(naive_fold(id));
        if (found != where->roles.end())
            return found->second.deleted ? nullptr : &found->second.role;
    }
    return nullptr;
}

std::set<std::string> NaiveModel::direct_groups(const std::string& in,
                                                const std::string& member) const {
    std::set<std::string> result;
    for (const auto& [group, one] : tenant(in).memberships)
        if (one == member) result.insert(group);
    return result;
}

std::set<std::string> NaiveModel::members(const std::string& in, const std::string& group) const {
    std::set<std::string> result;
    for (const auto& [one, member] : tenant(in).memberships)
        if (one == group) result.insert(member);
    return result;
}

std::set<std::string> NaiveModel::subjects(const std::string& in,
                                           const std::string& principal) const {
    std::set<std::string> result{principal};
    std::vector<std::string> open{principal};
    while (!open.empty()) {
        const std::string member = open.back();
        open.pop_back();
        for (const std::string& group : direct_groups(in, member))
            if (result.insert(group).second) open.push_back(group);
    }
    return result;
}

std::vector<std::string> NaiveModel::scope_chain(const std::string& in,
                                                 std::string_view scope) const {
    std::vector<std::string> chain;
    for (std::string at = naive_scope(scope); !at.empty();) {
        chain.push_back(at);
        const auto known = tenant(in).scopes.find(at);
        const bool moved = known != tenant(in).scopes.end() && !known->second.parent.empty();
        at = moved ? known->second.parent : above_by_path(at);
    }
    return chain;
}

bool NaiveModel::scope_known(const std::string& in, const std::string& scope, Instant clock) const {
    const auto known = tenant(in).scopes.find(scope);
    if (known != tenant(in).scopes.end() && known->second.created) return true;
    return std::ranges::any_of(tenant(in).assignments, [&](const auto& each) {
        return naive_scope(each.second.scope) == scope && each.second.window.contains(clock);
    });
}

std::set<std::string> NaiveModel::assignments_of(const std::string& in,
                                                 const std::string& subject) const {
    std::set<std::string> result;
    for (const auto& [id, assignment] : tenant(in).assignments)
        if (assignment.principal == subject) result.insert(id);
    return result;
}

std::set<std::string> NaiveModel::assignments_at(const std::string& in,
                                                 const std::string& scope) const {
    std::set<std::string> result;
    for (const auto& [id, assignment] : tenant(in).assignments)
        if (naive_scope(assignment.scope) == scope) result.insert(id);
    return result;
}

std::set<std::string> NaiveModel::denies_at(const std::string& in, const std::string& scope) const {
    std::set<std::string> result;
    for (const auto& [id, deny] : tenant(in).denies)
        if (naive_scope(deny.scope) == scope) result.insert(id);
    return result;
}

bool NaiveModel::open_for_import(const std::string& in) const { return tenant(in).open_for_import; }

const NaiveModel::PrincipalNow* NaiveModel::principal(const std::string& in,
                                                      const std::string& id) const {
    const auto found = tenant(in).principals.find(id);
    return found == tenant(in).principals.end() ? nullptr : &found->second;
}

const std::map<std::string, NaiveModel::RoleNow>& NaiveModel::roles(const std::string& in) const {
    return tenant(in).roles;
}

// The decision.

std::string NaiveModel::truth(const Tenant& in, const std::optional<domain::Condition>& condition,
                              const NaiveAsk& ask, Instant clock) const {
    if (!condition) return "true";
    ConditionFacts facts{ask.action, ask.attributes.sub_operation, clock, {}};
    facts.sources["request"] = ask.attributes.request.all();
    facts.sources["resource"] = ask.attributes.resource.all();
    facts.sources["environment"] = ask.attributes.environment.all();
    if (const auto who = in.principals.find(ask.principal); who != in.principals.end())
        facts.sources["principal"] = who->second.principal.attributes;
    return naive_condition(condition->text, facts).value_or("unknown");
}

bool NaiveModel::denied(const Tenant& in, const std::set<std::string>& subjects,
                        const std::vector<std::string>& chain, const NaiveAsk& ask,
                        Instant clock) const {
    for (const auto& [id, deny] : in.denies) {
        const std::string at = naive_scope(deny.scope);
        const bool in_reach = deny.not_below ? at == chain.front() : contains(chain, at);
        const bool named = contains(deny.principals, std::string(domain::all_principals)) ||
                           any_of_them(deny.principals, subjects);
        if (!in_reach || !named || any_of_them(deny.excluded, subjects)) continue;
        for (const domain::PermissionBlock& block : deny.permissions)
            if (block_names(block, ask) && truth(in, block.condition, ask, clock) != "false")
                return true;
    }
    return false;
}

bool NaiveModel::granted(const Tenant& in, const std::set<std::string>& subjects,
                         const std::vector<std::string>& chain, const NaiveAsk& ask, Instant clock,
                         bool ask_conditions) const {
    const auto met = [&](const std::optional<domain::Condition>& condition) {
        return !ask_conditions || truth(in, condition, ask, clock) == "true";
    };
    for (const auto& [id, assignment] : in.assignments) {
        if (!subjects.contains(assignment.principal)) continue;
        if (!contains(chain, naive_scope(assignment.scope))) continue;
        if (!assignment.window.contains(clock) || !met(assignment.condition)) continue;
        const domain::Role* of = role(in, assignment.role);
        if (of == nullptr) continue;
        for (const domain::PermissionBlock& block : of->permissions)
            if (block_names(block, ask) && met(block.condition)) return true;
    }
    return false;
}

bool NaiveModel::check(const NaiveAsk& ask, Instant clock) const {
    const PrincipalNow* who = principal(ask.tenant, ask.principal);
    if (who == nullptr || who->deleted || !who->enabled) return false;
    if (who->principal.redemption == domain::Redemption::pending) return false;
    const Tenant& in = tenant(ask.tenant);
    const auto ids = subjects(ask.tenant, ask.principal);
    const auto chain = scope_chain(ask.tenant, ask.scope);
    return !denied(in, ids, chain, ask, clock) && granted(in, ids, chain, ask, clock, true);
}

std::vector<std::string> NaiveModel::who_can(const NaiveAsk& ask, Instant clock) const {
    std::vector<std::string> result;
    for (const auto& [id, who] : tenant(ask.tenant).principals) {
        if (who.principal.kind == domain::PrincipalKind::group) continue;
        if (check({ask.tenant, id, ask.action, ask.plane, ask.scope, ask.attributes}, clock))
            result.push_back(id);
    }
    return result;
}

std::vector<std::string> NaiveModel::groups_that_can(const NaiveAsk& ask, Instant clock) const {
    std::vector<std::string> result;
    const Tenant& in = tenant(ask.tenant);
    const auto chain = scope_chain(ask.tenant, ask.scope);
    for (const auto& [id, who] : in.principals)
        if (who.principal.kind == domain::PrincipalKind::group &&
            granted(in, subjects(ask.tenant, id), chain, ask, clock, false))
            result.push_back(id);
    return result;
}

std::set<std::string> NaiveModel::what_can(const NaiveAsk& ask, Instant clock) const {
    const Tenant& in = tenant(ask.tenant);
    std::set<std::string> candidates;
    for (const auto& [scope, now] : in.scopes) candidates.insert(scope);
    for (const auto& [id, assignment] : in.assignments)
        candidates.insert(naive_scope(assignment.scope));
    std::set<std::string> result;
    for (const std::string& scope : candidates)
        if (scope_known(ask.tenant, scope, clock) &&
            check({ask.tenant, ask.principal, ask.action, ask.plane, scope, ask.attributes}, clock))
            result.insert(scope);
    return result;
}

std::set<NaiveHold> NaiveModel::holds(const std::string& in, const std::string& who,
                                      Instant clock) const {
    std::set<NaiveHold> result;
    const PrincipalNow* now = principal(in, who);
    if (now == nullptr || now->deleted || !now->enabled) return result;
    if (now->principal.redemption == domain::Redemption::pending) return result;
    const auto ids = subjects(in, who);
    for (const auto& [id, assignment] : tenant(in).assignments)
        if (ids.contains(assignment.principal) && assignment.window.contains(clock) &&
            role(tenant(in), assignment.role) != nullptr)
            result.insert({naive_fold(assignment.role), naive_scope(assignment.scope),
                           assignment.condition.has_value()});
    return result;
}

// Over time.

std::span<const Event> NaiveStore::until(Revision revision) const {
    return events_.first(std::min(events_.size(), std::size_t{revision.value}));
}

const NaiveModel& NaiveStore::model(Revision revision) const {
    const auto known = models_.find(revision);
    if (known != models_.end()) return known->second;
    constexpr std::size_t models_max = 256;
    if (models_.size() >= models_max) models_.clear();
    return models_.emplace(revision, NaiveModel::at(events_, revision)).first->second;
}

Instant NaiveStore::effective_at(Revision revision) const {
    return events_[revision.value - 1].effective_at;
}

Revision NaiveStore::revision_at(const std::string& tenant, Instant t, Revision known) const {
    // Its own events count up to the first one that took effect after t; nothing later is seen,
    // whatever time a change of the built-in roles was given.
    Revision own;
    Revision built_in;
    Revision first_after = revision_max;
    for (const Event& event : until(known)) {
        if (event.tenant == tenant) {
            if (event.effective_at <= t)
                own = event.revision;
            else
                first_after = std::min(first_after, event.revision);
        } else if (event.tenant == built_in_roles && event.effective_at <= t) {
            built_in = event.revision;
        }
    }
    if (first_after != revision_max) built_in = std::min(built_in, Revision{first_after.value - 1});
    return std::max(own, built_in);
}

std::optional<NaiveStore::Point> NaiveStore::resolve(const std::string& tenant,
                                                     const domain::AsOf& as_of, Revision head,
                                                     Revision known, Instant now) const {
    if (as_of.at && as_of.revision) return std::nullopt;
    Point point{head, now};
    if (as_of.revision) {
        if (*as_of.revision > head) return std::nullopt;
        point.revision = *as_of.revision;
    } else if (as_of.at) {
        point = {std::min(revision_at(tenant, *as_of.at, known), head), *as_of.at};
    }
    if (as_of.known_at) {
        Revision recorded;
        for (const Event& event : until(head))
            if (event.recorded_at <= *as_of.known_at) recorded = event.revision;
        point.revision = std::min(point.revision, recorded);
    }
    if (as_of.revision)
        point.clock = point.revision == revision_none ? instant_min : effective_at(point.revision);
    return point;
}

std::vector<NaiveInterval> NaiveStore::when(const NaiveAsk& ask, Revision basis,
                                            Revision known) const {
    std::set<Instant> instants;
    const auto add_window = [&](const domain::Window& window) {
        if (window.start) instants.insert(*window.start);
        if (window.end) instants.insert(*window.end);
    };
    // Around every time that a condition names.
    const auto add_condition = [&](const std::optional<domain::Condition>& condition) {
        if (!condition) return;
        const std::string& text = condition->text;
        for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos;) {
            const std::size_t end = text.find('\'', at + 1);
            if (end == std::string::npos) return;
            const auto time = parse_instant(text.substr(at + 1, end - at - 1), "time");
            if (time) instants.insert({time.value(), time.value() + 1});
            at = end + 1;
        }
    };
    const auto add_blocks = [&](const std::vector<domain::PermissionBlock>& blocks) {
        for (const domain::PermissionBlock& block : blocks) add_condition(block.condition);
    };
    const auto add_assignment = [&](const domain::Assignment& assignment) {
        add_window(assignment.window);
        add_condition(assignment.condition);
    };
    for (const Event& event : until(basis)) {
        instants.insert(event.effective_at);
        std::visit(match{
                       [&](const domain::AssignmentCreated& e) { add_assignment(e.assignment); },
                       [&](const domain::AssignmentUpdated& e) {
                           add_window(e.window);
                           add_condition(e.condition);
                       },
                       [&](const domain::EligibilityActivated& e) { add_assignment(e.activation); },
                       [&](const domain::RoleDefined& e) { add_blocks(e.role.permissions); },
                       [&](const domain::RoleUpdated& e) { add_blocks(e.role.permissions); },
                       [&](const domain::DenyCreated& e) { add_blocks(e.deny.permissions); },
                       [](const auto&) {},
                   },
                   event.body);
    }
    std::vector<NaiveInterval> intervals;
    bool before = false;
    Revision seen;
    for (const Instant instant : instants) {
        const Revision now = std::min(revision_at(ask.tenant, instant, known), basis);
        const bool after = model(now).check(ask, instant);
        if (after != before) {
            // The last event on the way that turned the answer, the clock being what it is.
            Revision because;
            for (Revision r = next(seen); r <= now; r = next(r)) {
                const bool was = model(Revision{r.value - 1}).check(ask, instant);
                if (was != after && model(r).check(ask, instant) == after) because = r;
            }
            if (after) {
                intervals.push_back({instant, {}, because, {}});
            } else {
                intervals.back().to = instant;
                intervals.back().closed_by = because;
            }
        }
        before = after;
        seen = now;
    }
    return intervals;
}

NaiveDiff NaiveStore::diff(const std::string& tenant, const std::string& principal, Point from,
                           Point to, Revision head) const {
    NaiveDiff diff;
    std::set<std::string> people;
    for (const Event& event : until(head)) {
        const auto* created = std::get_if<domain::PrincipalCreated>(&event.body);
        if (event.tenant != tenant || created == nullptr) continue;
        const bool group = created->principal.kind == domain::PrincipalKind::group;
        if (principal.empty() ? !group : created->principal.id == principal)
            people.insert(created->principal.id);
    }
    for (const std::string& who : people) {
        const auto before = model(from.revision).holds(tenant, who, from.clock);
        const auto after = model(to.revision).holds(tenant, who, to.clock);
        for (const NaiveHold& hold : after)
            if (!before.contains(hold)) diff.gained.emplace(who, hold);
        for (const NaiveHold& hold : before)
            if (!after.contains(hold)) diff.lost.emplace(who, hold);
    }
    for (const std::string& of : {tenant, built_in_roles}) {
        const auto since = [&](Revision revision, const std::string& role) {
            const auto& roles = model(revision).roles(of);
            const auto found = roles.find(role);
            return found == roles.end() ? revision_none : found->second.since;
        };
        std::vector<std::string> known;
        for (const auto& [role, now] : model(head).roles(of)) known.push_back(role);
        for (const std::string& role : known) {
            const std::pair change{since(from.revision, role), since(to.revision, role)};
            if (change.first != change.second) diff.roles_changed.insert({role, change});
        }
    }
    return diff;
}

namespace {

// What the events say about one object, followed event by event.
class Biography {
public:
    Biography(std::string tenant, std::string_view kind, const std::string& id)
        : tenant_{std::move(tenant)}, kind_{kind} {
        wanted_ = kind == "role" ? naive_fold(id) : kind == "scope" ? naive_scope(id) : id;
    }

    // True if the event changed the object or named it.
    bool concerns(const Event& event) {
        if (event.tenant == built_in_roles && tenant_ != built_in_roles)
            return kind_ == "role" && built_in_role(event);
        if (event.tenant != tenant_) return false;
        return std::visit([&](const auto& body) { return about(body); }, event.body);
    }

    bool known() const { return known_; }

private:
    bool is(std::string_view kind, std::string_view id) const {
        return kind_ == kind && wanted_ == id;
    }

    bool created(std::string_view kind, std::string_view id) {
        if (!is(kind, id)) return false;
        known_ = true;
        return true;
    }

    // A scope is known from when it, or anything below it, is first written.
    bool scope_written(std::string_view scope) {
        if (kind_ == "scope")
            for (std::string at = naive_scope(scope); !at.empty(); at = above_by_path(at))
                known_ = known_ || at == wanted_;
        return is("scope", naive_scope(scope));
    }

    bool built_in_role(const Event& event) {
        return std::visit(
            match{
                [&](const domain::RoleDefined& e) {
                    return created("role", naive_fold(e.role.id));
                },
                [&](const domain::RoleUpdated& e) { return is("role", naive_fold(e.role.id)); },
                [&](const domain::RoleDeleted& e) { return is("role", naive_fold(e.role)); },
                [](const auto&) { return false; },
            },
            event.body);
    }

    bool assigned(const domain::Assignment& a) {
        assignments_[a.id] = a;
        const bool at_it = scope_written(a.scope);
        return created("assignment", a.id) || is("principal", a.principal) ||
               is("role", naive_fold(a.role)) || at_it;
    }

    bool changed(const std::string& id) {
        const domain::Assignment& a = assignments_.at(id);
        return is("assignment", id) || is("principal", a.principal) ||
               is("role", naive_fold(a.role)) || is("scope", naive_scope(a.scope));
    }

    bool deny_named(const domain::DenyAssignment& deny) {
        const auto names = [&](const std::vector<std::string>& list) {
            return std::ranges::any_of(
                list, [&](const std::string& principal) { return is("principal", principal); });
        };
        return is("deny", deny.id) || names(deny.principals) || names(deny.excluded) ||
               is("scope", naive_scope(deny.scope));
    }

    bool about(const domain::PrincipalCreated& e) { return created("principal", e.principal.id); }

    bool about(const domain::PrincipalUpdated& e) { return is("principal", e.principal.id); }

    bool about(const domain::PrincipalDisabled& e) { return is("principal", e.principal); }

    bool about(const domain::PrincipalEnabled& e) { return is("principal", e.principal); }

    bool about(const domain::PrincipalDeleted& e) { return is("principal", e.principal); }

    bool about(const domain::MemberAdded& e) {
        return is("principal", e.group) || is("principal", e.member);
    }

    bool about(const domain::MemberRemoved& e) {
        return is("principal", e.group) || is("principal", e.member);
    }

    bool about(const domain::ScopeCreated& e) {
        if (!e.parent.empty()) scope_written(e.parent);
        return scope_written(e.scope);
    }

    bool about(const domain::ScopeMoved& e) {
        if (!e.parent.empty()) scope_written(e.parent);
        return scope_written(e.scope);
    }

    bool about(const domain::ScopeDeleted& e) { return scope_written(e.scope); }

    bool about(const domain::RoleDefined& e) { return created("role", naive_fold(e.role.id)); }

    bool about(const domain::RoleUpdated& e) { return is("role", naive_fold(e.role.id)); }

    bool about(const domain::RoleDeleted& e) { return is("role", naive_fold(e.role)); }

    bool about(const domain::AssignmentCreated& e) { return assigned(e.assignment); }

    bool about(const domain::AssignmentRoleChanged& e) {
        const bool before = changed(e.assignment);
        assignments_.at(e.assignment).role = e.role;
        return changed(e.assignment) || before;
    }

    bool about(const domain::AssignmentUpdated& e) { return changed(e.assignment); }

    bool about(const domain::AssignmentRevoked& e) { return changed(e.assignment); }

    bool about(const domain::DenyCreated& e) {
        denies_[e.deny.id] = e.deny;
        scope_written(e.deny.scope);
        return created("deny", e.deny.id) || deny_named(e.deny);
    }

    bool about(const domain::DenyDeleted& e) { return deny_named(denies_.at(e.deny)); }

    bool about(const domain::EligibilityCreated& e) {
        const bool here = created("eligibility", e.eligibility.id);
        scope_written(e.eligibility.scope);
        return here;
    }

    bool about(const domain::EligibilityActivated& e) {
        const bool here = is("eligibility", e.eligibility);
        return assigned(e.activation) || here;
    }

    bool about(const domain::EligibilityDeactivated& e) {
        return is("eligibility", e.eligibility) || changed(e.activation);
    }

    bool about(const domain::EligibilityRemoved& e) { return is("eligibility", e.eligibility); }

    bool about(const domain::InvitationCreated& e) {
        invited_[e.invitation.id] = e.invitation.principal;
        return created("invitation", e.invitation.id);
    }

    bool about(const domain::InvitationResent& e) { return is("invitation", e.invitation); }

    bool about(const domain::InvitationAccepted& e) {
        return is("invitation", e.invitation) || is("principal", invited_.at(e.invitation));
    }

    bool about(const domain::InvitationRevoked& e) { return is("invitation", e.invitation); }

    bool about(const domain::InvitationExpired& e) { return is("invitation", e.invitation); }

    bool about(const domain::TenantCreated&) { return false; }

    bool about(const domain::TenantSealed&) { return false; }

    bool about(const domain::SettingsChanged&) { return false; }

    bool about(const domain::TokenIssued&) { return false; }

    bool about(const domain::TokenRevoked&) { return false; }

    std::string tenant_;
    std::string_view kind_;
    std::string wanted_;
    bool known_ = false;
    std::map<std::string, domain::Assignment> assignments_;
    std::map<std::string, domain::DenyAssignment> denies_;
    std::map<std::string, std::string> invited_;
};

}  // namespace

std::optional<std::vector<Revision>> NaiveStore::history(const std::string& tenant,
                                                         std::string_view kind,
                                                         const std::string& id, Revision basis,
                                                         Revision head) const {
    // The name of a tenant's own role hides a built-in one, for all of the history.
    const bool own = kind == "role" && model(head).roles(tenant).contains(naive_fold(id));
    Biography life{tenant, kind, id};
    std::vector<Revision> result;
    for (const Event& event : until(head)) {
        const bool foreign = own && event.tenant != tenant;
        if (!foreign && life.concerns(event) && event.revision <= basis)
            result.push_back(event.revision);
    }
    if (!life.known()) return std::nullopt;
    return result;
}

std::optional<std::string> NaiveStore::scope_as_first_written(const std::string& tenant,
                                                              const std::string& canonical,
                                                              Revision head) const {
    for (const Event& event : until(head)) {
        if (event.tenant != tenant) continue;
        std::vector<std::string> written;
        std::visit(
            match{
                [&](const domain::ScopeCreated& e) {
                    written = {e.scope, e.parent};
                },
                [&](const domain::ScopeMoved& e) { written = {e.parent}; },
                [&](const domain::AssignmentCreated& e) { written = {e.assignment.scope}; },
                [&](const domain::EligibilityCreated& e) { written = {e.eligibility.scope}; },
                [&](const domain::EligibilityActivated& e) { written = {e.activation.scope}; },
                [&](const domain::DenyCreated& e) { written = {e.deny.scope}; },
                [](const auto&) {},
            },
            event.body);
        for (const std::string& scope : written)
            for (std::string at = scope; !at.empty(); at = above_by_path(at))
                if (naive_scope(at) == canonical) return at;
    }
    return std::nullopt;
}

}  // namespace tenure::testing
