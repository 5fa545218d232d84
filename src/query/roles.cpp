// Questions about roles: which there are, what one is, who holds it, and what somebody holds.

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "domain/rules.h"
#include "domain/scope.h"
#include "query/enumerate.h"
#include "query/paths.h"
#include "query/questions.h"

namespace tenure::query {
namespace {

using projection::Key;
using projection::VersionRow;
namespace table = projection::table;

// Where a question about roles is asked.
struct Place {
    TenantNames names;
    Basis basis;
    std::vector<std::string> chain;  // the scope and all above it, canonical; empty: anywhere

    bool covers(std::string_view scope) const {
        return chain.empty() ||
               std::ranges::find(chain, domain::canonical_scope(scope)) != chain.end();
    }
};

// By text: a scope that was never named has no id and still has something above it.
std::vector<std::string> text_chain(const RowReader& reader, const TenantNames& names,
                                    std::string_view canonical, Revision at) {
    std::vector<std::string> chain;
    std::string path{canonical};
    while (!path.empty() && std::ranges::find(chain, path) == chain.end()) {
        std::string next{domain::parent_by_path(path)};
        if (const auto id = names.find(Kind::scope, path)) {
            const auto record = scope_at(reader, *id, at);
            if (record && record->value.parent != ObjectId{})
                next = domain::canonical_scope(projection::text_of(reader, record->value.parent));
        }
        chain.push_back(std::move(path));
        path = std::move(next);
    }
    return chain;
}

Result<Place> place_of(Engine& engine, std::string_view tenant, std::string_view scope,
                       const domain::AsOf& as_of, const Moment& moment) {
    engine.begin();
    const RowReader reader = engine.reader();
    Place place{TenantNames{reader, engine.sip(), tenant}, {}, {}};
    TRY(place.basis, resolve(reader, engine.tenant_time(tenant), as_of, engine.head(), moment));
    place.basis.clock = clock_of(place.basis, moment);
    if (!scope.empty()) {
        TRY(const std::string parsed, domain::parse_scope(scope, "scope"));
        place.chain =
            text_chain(reader, place.names, domain::canonical_scope(parsed), place.basis.revision);
    }
    return place;
}

struct KnownRole {
    ObjectId id;
    Dated<domain::RoleState> state;
};

// By id, then by name; the tenant's own before the store's, if it was there by then.
Result<KnownRole> known_role(Engine& engine, const Place& place, std::string_view text) {
    const RowReader reader = engine.reader();
    const Revision at = place.basis.revision;
    const std::string canonical = folded(text);
    const std::array owners{place.names.tenant(), projection::store_tenant_id};
    for (const ObjectId owner : owners)
        if (const auto name =
                projection::find_name(reader, engine.sip(), owner, Kind::role, canonical))
            if (auto state = role_at(reader, name->id, at))
                return KnownRole{name->id, *std::move(state)};
    for (const ObjectId owner : owners) {
        const auto name =
            projection::find_name(reader, engine.sip(), owner, Kind::role_name, canonical);
        if (!name) continue;
        const auto row = reader.at(table::role_names, Key{name->id.value}, at);
        if (!row) continue;
        const ObjectId id{row->payload.front()};
        if (auto state = role_at(reader, id, at)) return KnownRole{id, *std::move(state)};
    }
    return Error{Errc::not_found,
                 "no role " + quoted(text) + " is known here as of revision " +
                     std::to_string(at.value) + ", by id or by name",
                 "role"};
}

// An assignment in force at the place, as a holding of somebody not yet named.
std::optional<RoleHolding> holding(const RowReader& reader, const Place& place,
                                   ObjectId assignment) {
    const auto found = assignment_at(reader, assignment, place.basis.revision);
    if (!found || found->value.revoked || !found->value.window.contains(*place.basis.clock))
        return std::nullopt;
    RoleHolding result;
    result.scope = projection::text_of(reader, found->value.scope);
    if (!place.covers(result.scope)) return std::nullopt;
    const auto role = role_at(reader, found->value.role, place.basis.revision);
    if (!role || role->value.deleted) return std::nullopt;
    result.role = role->value.role.id;
    result.role_name = role->value.role.name;
    result.assignment = projection::text_of(reader, assignment);
    result.since = found->range.from;
    result.window = found->value.window;
    result.conditional = found->value.condition.has_value();
    return result;
}

void name_holder(const RowReader& reader, ObjectId id, Revision at, RoleHolding& to) {
    const auto state = principal_at(reader, id, at);
    to.principal = projection::text_of(reader, id);
    if (!state) return;
    to.display_name = state->value.principal.display_name;
    to.kind = state->value.principal.kind;
    const auto flags = principal_flags_at(reader, id, at);
    to.active = flags && flags->value.active();
}

// Everybody in a group, directly or through other groups, and the shortest way up to it.
std::map<ObjectId, std::vector<MembershipStep>> everybody_in(const RowReader& reader,
                                                             ObjectId group, Revision at) {
    std::map<ObjectId, std::vector<MembershipStep>> found;
    std::vector<ObjectId> round{group};
    while (!round.empty()) {
        std::vector<ObjectId> next;
        for (const ObjectId in : round)
            for (const Membership& member : members_at(reader, in, at)) {
                if (member.group == group || found.contains(member.group)) continue;
                std::vector<MembershipStep> steps{{projection::text_of(reader, member.group),
                                                   projection::text_of(reader, in), member.since}};
                if (in != group) {
                    const auto& rest = found.at(in);
                    steps.insert(steps.end(), rest.begin(), rest.end());
                }
                found.emplace(member.group, std::move(steps));
                next.push_back(member.group);
            }
        round = std::move(next);
    }
    return found;
}

std::optional<Reason> hindrance(const domain::PrincipalState& state) {
    if (state.deleted) return Reason::principal_deleted;
    if (!state.enabled) return Reason::principal_disabled;
    if (state.principal.redemption == domain::Redemption::pending)
        return Reason::invitation_pending;
    return std::nullopt;
}

}  // namespace

Result<RolesAnswer> roles(Engine& engine, std::string_view tenant, std::string_view scope,
                          const domain::AsOf& as_of, const Moment& moment) {
    TRY(const Place place, place_of(engine, tenant, scope, as_of, moment));
    RolesAnswer answer;
    answer.basis = place.basis;
    std::set<std::string> seen;  // a tenant's own role stands before the store's
    const auto add = [&](ObjectId owner) {
        for_each_named(engine, owner, Kind::role, [&](ObjectId id, std::string_view name) {
            const auto state = role_at(engine.reader(), id, place.basis.revision);
            if (!state || !seen.emplace(name).second || state->value.deleted) return true;
            if (place.chain.empty() || domain::assignable_in(state->value.role, place.chain))
                answer.roles.push_back({state->value.role, state->range.from});
            return true;
        });
    };
    if (place.names.known() && place.names.tenant() != projection::store_tenant_id)
        add(place.names.tenant());
    add(projection::store_tenant_id);
    std::ranges::sort(answer.roles, {}, [](const DatedRole& dated) {
        return std::pair{folded(dated.role.name), folded(dated.role.id)};
    });
    return answer;
}

Result<RoleAnswer> role(Engine& engine, std::string_view tenant, std::string_view role,
                        const domain::AsOf& as_of, const Moment& moment) {
    TRY(const Place place, place_of(engine, tenant, {}, as_of, moment));
    TRY(auto known, known_role(engine, place, role));
    if (known.state.value.deleted)
        return Error{Errc::not_found,
                     "role " + quoted(role) + " was deleted in revision " +
                         std::to_string(known.state.range.from.value) + "; ask about a time before",
                     "role"};
    return RoleAnswer{{std::move(known.state.value.role), known.state.range.from}, place.basis};
}

Result<RoleHoldersAnswer> role_holders(Engine& engine, std::string_view tenant,
                                       std::string_view role, std::string_view scope, bool groups,
                                       const domain::AsOf& as_of, const Moment& moment) {
    TRY(const Place place, place_of(engine, tenant, scope, as_of, moment));
    TRY(auto known, known_role(engine, place, role));
    const Revision at = place.basis.revision;
    RoleHoldersAnswer answer;
    answer.role = {std::move(known.state.value.role), known.state.range.from};
    answer.basis = place.basis;
    const RowReader reader = engine.reader();

    std::vector<ObjectId> assignments;
    reader.scan(table::grants_by_role, Key{known.id.value}, [&](const VersionRow& row) {
        if (row.version.range.contains(at)) assignments.push_back(ObjectId{row.owner(1)});
        return true;
    });
    for (const ObjectId assignment : assignments) {
        // A role of the store is assigned in every tenant; each is told of its own.
        const auto name = projection::name_of(reader, assignment);
        if (!name || name->tenant != place.names.tenant()) continue;
        const auto given = holding(reader, place, assignment);
        if (!given) continue;
        const auto add = [&](ObjectId principal, std::vector<MembershipStep> through) {
            RoleHolding held = *given;
            name_holder(reader, principal, at, held);
            held.through = std::move(through);
            if (groups || held.kind != domain::PrincipalKind::group)
                answer.holdings.push_back(std::move(held));
        };
        const ObjectId holder = assignment_at(reader, assignment, at)->value.principal;
        add(holder, {});
        for (auto& [member, through] : everybody_in(reader, holder, at))
            add(member, std::move(through));
    }
    std::ranges::sort(answer.holdings, {}, [](const RoleHolding& held) {
        return std::tuple{held.principal, folded(held.scope), held.assignment};
    });
    return answer;
}

Result<HeldRolesAnswer> held_roles(Engine& engine, std::string_view tenant,
                                   std::string_view principal, std::string_view scope,
                                   const domain::AsOf& as_of, const Moment& moment) {
    TRY(const Place place, place_of(engine, tenant, scope, as_of, moment));
    const Revision at = place.basis.revision;
    const RowReader reader = engine.reader();
    const auto id = place.names.find(Kind::principal, principal);
    const auto state = id ? principal_at(reader, *id, at) : std::nullopt;
    if (!state)
        return Error{Errc::not_found,
                     "no principal " + quoted(principal) + " is known here as of revision " +
                         std::to_string(at.value),
                     "principal"};
    HeldRolesAnswer answer;
    answer.basis = place.basis;
    answer.principal = state->value.principal.id;
    answer.display_name = state->value.principal.display_name;
    answer.hindered = hindrance(state->value);
    answer.principal_since = state->range.from;
    const Paths paths{reader, *id, at};
    for (const ObjectId subject : paths.subjects())
        for (const Grant& grant : grants_of_at(reader, subject, at)) {
            auto held = holding(reader, place, grant.assignment);
            if (!held) continue;
            name_holder(reader, *id, at, *held);
            held->through = paths.to(reader, subject);
            answer.holdings.push_back(*std::move(held));
        }
    std::ranges::sort(answer.holdings, {}, [](const RoleHolding& held) {
        return std::tuple{folded(held.scope), folded(held.role), held.assignment};
    });
    return answer;
}

}  // namespace tenure::query
