#include "query/index_state.h"

#include <algorithm>
#include <map>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/limits.h"
#include "domain/scope.h"

namespace tenure::query {

using projection::Key;
using projection::VersionRow;
namespace table = projection::table;

namespace {

Error too_much(std::string detail) {
    return {Errc::limit_exceeded, std::move(detail), "data.scope"};
}

}  // namespace

std::optional<ObjectId> IndexState::Names::find_role(std::string_view id) const {
    const std::string canonical = folded(id);
    if (const auto own = find(Kind::role, canonical)) return own;
    return batch_->find(projection::store_tenant_id, Kind::role, canonical);
}

std::optional<domain::TenantState> IndexState::tenant(std::string_view tenant) const {
    const RowReader reader = batch_.reader();
    const Names name = names(tenant);
    domain::TenantState state;
    if (tenant == domain::store_tenant) {
        state.open_for_import = true;  // it is nobody's: built-in roles come and go with catalogs
    } else {
        if (!name.known()) return std::nullopt;
        const auto record = reader.head(table::tenants, Key{name.tenant().value});
        if (!record) return std::nullopt;
        state.open_for_import = projection::decode_tenant_record(record->payload).open_for_import;
    }
    if (name.known()) {
        if (const auto last = batch_.folder().last_time(name.tenant())) {
            state.last_effective = last->instant;
            state.last_revision = last->revision;
        }
    }
    return state;
}

std::optional<domain::PrincipalState> IndexState::principal(std::string_view tenant,
                                                            std::string_view id) const {
    const RowReader reader = batch_.reader();
    const auto object = names(tenant).find(Kind::principal, id);
    if (!object) return std::nullopt;
    auto found = principal_at(reader, *object, head());
    if (!found) return std::nullopt;
    return std::move(found->value);
}

bool IndexState::is_direct_member(std::string_view tenant, std::string_view group,
                                  std::string_view member) const {
    const Names all = names(tenant);
    const auto g = all.find(Kind::principal, group);
    const auto m = all.find(Kind::principal, member);
    if (!g || !m) return false;
    return batch_.reader().at(table::members_of, Key{g->value, m->value}, head()).has_value();
}

bool IndexState::is_nested(std::string_view tenant, std::string_view inner,
                           std::string_view outer) const {
    const Names all = names(tenant);
    const auto i = all.find(Kind::principal, inner);
    const auto o = all.find(Kind::principal, outer);
    if (!i || !o) return false;
    return batch_.reader().at(table::descendants_of, Key{o->value, i->value}, head()).has_value();
}

std::size_t IndexState::direct_group_count(std::string_view tenant, std::string_view member) const {
    const auto m = names(tenant).find(Kind::principal, member);
    return m ? direct_groups_at(batch_.reader(), *m, head()).size() : 0;
}

std::size_t IndexState::ancestor_group_count(std::string_view tenant,
                                             std::string_view group) const {
    const auto g = names(tenant).find(Kind::principal, group);
    return g ? ancestor_groups_at(batch_.reader(), *g, head()).size() : 0;
}

std::size_t IndexState::ancestor_group_count_below(std::string_view tenant,
                                                   std::string_view group) const {
    const auto g = names(tenant).find(Kind::principal, group);
    if (!g) return 0;
    const RowReader reader = batch_.reader();
    std::size_t most = ancestor_groups_at(reader, *g, head()).size();
    for (const ObjectId below : descendant_groups_at(reader, *g, head()))
        most = std::max(most, ancestor_groups_at(reader, below, head()).size());
    return most;
}

domain::Holdings IndexState::holdings(std::string_view tenant, std::string_view principal) const {
    domain::Holdings result;
    const auto p = names(tenant).find(Kind::principal, principal);
    if (!p) return result;
    const RowReader reader = batch_.reader();
    for (const Grant& grant : grants_of_at(reader, *p, head()))
        result.assignments.push_back(projection::text_of(reader, grant.assignment));
    for (const Membership& in : direct_groups_at(reader, *p, head()))
        result.groups.push_back(projection::text_of(reader, in.group));
    for (const Membership& member : members_at(reader, *p, head()))
        result.members.push_back(projection::text_of(reader, member.group));
    for (const ObjectId deny : live_elements(table::denies_of, *p))
        result.denies.push_back(projection::text_of(reader, deny));
    for (const ObjectId eligibility : live_elements(table::eligibilities_of, *p))
        result.eligibilities.push_back(projection::text_of(reader, eligibility));
    return result;
}

bool IndexState::any_named(const Names& names, Kind kind) const {
    bool any = false;
    if (names.known())
        batch_.reader().scan_plain(table::names,
                                   Key{names.tenant().value, static_cast<std::uint64_t>(kind), 0},
                                   2, [&](const Key&, projection::Words) {
                                       any = true;
                                       return false;
                                   });
    return any;
}

std::vector<ObjectId> IndexState::live_elements(projection::Table table, ObjectId owner) const {
    std::vector<ObjectId> result;
    batch_.reader().scan(table, Key{owner.value}, [&](const VersionRow& row) {
        if (row.version.range.contains(head())) result.push_back(ObjectId{row.owner(1)});
        return true;
    });
    return result;
}

std::vector<ObjectId> IndexState::group_and_above(const Names& names,
                                                  std::string_view group) const {
    const auto id = names.find(Kind::principal, group);
    if (!id) return {};
    std::vector<ObjectId> result = ancestor_groups_at(batch_.reader(), *id, head());
    result.push_back(*id);
    return result;
}

std::vector<std::string> IndexState::direct_groups(std::string_view tenant,
                                                   std::string_view member) const {
    std::vector<std::string> result;
    const auto m = names(tenant).find(Kind::principal, member);
    if (!m) return result;
    const RowReader reader = batch_.reader();
    for (const Membership& in : direct_groups_at(reader, *m, head()))
        result.push_back(projection::text_of(reader, in.group));
    return result;
}

std::vector<domain::GroupDeny> IndexState::denies_of_group(std::string_view tenant,
                                                           std::string_view group) const {
    const Names all = names(tenant);
    if (!any_named(all, Kind::deny)) return {};
    const RowReader reader = batch_.reader();
    std::map<std::string, domain::GroupDeny> found;
    for (const ObjectId subject : group_and_above(all, group)) {
        for (const ObjectId id : live_elements(table::denies_of, subject)) {
            const auto version = reader.at(table::denies, Key{id.value}, head());
            INVARIANT(version.has_value());
            const domain::DenyAssignment deny =
                projection::decode_deny_record(version->payload).state.deny;
            const std::string name = projection::text_of(reader, subject);
            domain::GroupDeny& result = found[deny.id];
            result.deny = deny.id;
            result.scope = deny.scope;
            result.binds |= std::ranges::find(deny.principals, name) != deny.principals.end();
            result.excludes |= std::ranges::find(deny.excluded, name) != deny.excluded.end();
        }
    }
    std::vector<domain::GroupDeny> result;
    for (auto& [id, deny] : found) result.push_back(std::move(deny));
    return result;
}

std::vector<std::string> IndexState::eligibilities_of_group(std::string_view tenant,
                                                            std::string_view group) const {
    std::vector<std::string> result;
    const Names all = names(tenant);
    if (!any_named(all, Kind::eligibility)) return result;
    const RowReader reader = batch_.reader();
    for (const ObjectId subject : group_and_above(all, group))
        for (const ObjectId id : live_elements(table::eligibilities_of, subject))
            result.push_back(projection::text_of(reader, id));
    return result;
}

std::optional<domain::RoleState> IndexState::role(std::string_view tenant,
                                                  std::string_view id) const {
    const auto object = names(tenant).find_role(id);
    if (!object) return std::nullopt;
    auto found = role_at(batch_.reader(), *object, head());
    if (!found) return std::nullopt;
    return std::move(found->value);
}

std::optional<std::string> IndexState::role_named(std::string_view tenant,
                                                  std::string_view name) const {
    const auto object = names(tenant).find(Kind::role_name, folded(name));
    if (!object) return std::nullopt;
    const RowReader reader = batch_.reader();
    const auto version = reader.at(table::role_names, Key{object->value}, head());
    if (!version) return std::nullopt;
    return projection::text_of(reader, ObjectId{version->payload.front()});
}

std::optional<std::string> IndexState::role_user(std::string_view tenant,
                                                 std::string_view role) const {
    const auto object = names(tenant).find_role(role);
    if (!object) return std::nullopt;
    const RowReader reader = batch_.reader();
    std::optional<ObjectId> user;
    reader.scan(table::grants_by_role, Key{object->value}, [&](const VersionRow& row) {
        if (!row.version.range.contains(head())) return true;
        user = ObjectId{row.owner(1)};
        return false;
    });
    if (!user) return std::nullopt;
    return projection::text_of(reader, *user);
}

std::size_t IndexState::role_use_count(std::string_view tenant, std::string_view role,
                                       std::size_t count_max) const {
    const auto object = names(tenant).find_role(role);
    std::size_t count = 0;
    if (!object || count_max == 0) return count;
    batch_.reader().scan(table::grants_by_role, Key{object->value}, [&](const VersionRow& row) {
        if (row.version.range.contains(head())) ++count;
        return count < count_max;
    });
    return count;
}

std::vector<std::string> IndexState::role_scopes(std::string_view tenant,
                                                 std::string_view role) const {
    std::vector<std::string> result;
    const auto object = names(tenant).find_role(role);
    if (!object) return result;
    const RowReader reader = batch_.reader();
    std::vector<ObjectId> users;
    reader.scan(table::grants_by_role, Key{object->value}, [&](const VersionRow& row) {
        if (row.version.range.contains(head())) users.push_back(ObjectId{row.owner(1)});
        return true;
    });
    for (const ObjectId user : users)
        if (const auto assignment = assignment_at(reader, user, head()))
            result.push_back(projection::text_of(reader, assignment->value.scope));
    return result;
}

std::optional<domain::AssignmentState> IndexState::assignment(std::string_view tenant,
                                                              std::string_view id) const {
    const auto object = names(tenant).find(Kind::assignment, id);
    if (!object) return std::nullopt;
    const RowReader reader = batch_.reader();
    const auto found = assignment_at(reader, *object, head());
    if (!found) return std::nullopt;
    const projection::AssignmentRecord& record = found->value;
    domain::AssignmentState state;
    state.assignment = {std::string(id),
                        projection::text_of(reader, record.principal),
                        projection::text_of(reader, record.role),
                        projection::text_of(reader, record.scope),
                        record.condition,
                        record.window,
                        record.description};
    state.revoked = record.revoked;
    return state;
}

std::optional<std::string> IndexState::assignment_of(std::string_view tenant,
                                                     std::string_view principal,
                                                     std::string_view role,
                                                     std::string_view scope) const {
    const Names all = names(tenant);
    const auto p = all.find(Kind::principal, principal);
    const auto r = all.find_role(role);
    const auto s = all.find(Kind::scope, domain::canonical_scope(scope));
    if (!p || !r || !s) return std::nullopt;
    const RowReader reader = batch_.reader();
    std::optional<ObjectId> found;
    reader.scan(table::grants_at, Key{s->value, p->value}, [&](const VersionRow& row) {
        if (!row.version.range.contains(head()) ||
            (row.version.payload.front() & projection::grant_role_mask) != r->value)
            return true;
        found = ObjectId{row.owner(2)};
        return false;
    });
    if (!found) return std::nullopt;
    return projection::text_of(reader, *found);
}

std::optional<domain::DenyState> IndexState::deny(std::string_view tenant,
                                                  std::string_view id) const {
    const auto object = names(tenant).find(Kind::deny, id);
    if (!object) return std::nullopt;
    const auto version = batch_.reader().at(table::denies, Key{object->value}, head());
    if (!version) return std::nullopt;
    return projection::decode_deny_record(version->payload).state;
}

domain::ScopeState IndexState::scope(std::string_view tenant, std::string_view scope) const {
    domain::ScopeState state;
    const auto object = names(tenant).find(Kind::scope, domain::canonical_scope(scope));
    if (!object) return state;
    const RowReader reader = batch_.reader();
    if (const auto record = scope_at(reader, *object, head())) {
        state.created = record->value.created;
        state.parent = projection::text_of(reader, record->value.parent);
    }
    return state;
}

std::vector<std::string> IndexState::scope_chain(std::string_view tenant,
                                                 std::string_view scope) const {
    // By text, because a scope that was never named before has no id and still has a chain.
    const Names all = names(tenant);
    const RowReader reader = batch_.reader();
    std::vector<std::string> chain;
    std::string path = domain::canonical_scope(scope);
    while (!path.empty() && std::ranges::find(chain, path) == chain.end()) {
        std::string next{domain::parent_by_path(path)};
        if (const auto object = all.find(Kind::scope, path)) {
            const auto record = scope_at(reader, *object, head());
            if (record && record->value.parent != ObjectId{})
                next = domain::canonical_scope(projection::text_of(reader, record->value.parent));
        }
        chain.push_back(std::move(path));
        path = std::move(next);
    }
    return chain;
}

Result<std::vector<IndexState::ScopeBelow>> IndexState::scopes_below(
    const Names& names, std::string_view canonical) const {
    using domain::limits::scopes_looked_at_max;
    std::vector<ScopeBelow> result;
    // A scope that was never named has nothing below it: whatever has a name has names above it.
    if (!names.find(Kind::scope, canonical)) return result;
    const RowReader reader = batch_.reader();
    // Explicit parents are few: known by their marks, so that most scopes need no seek.
    std::map<std::string, std::string, std::less<>> parents;
    reader.scan_plain(
        table::scope_marks,
        Key{names.tenant().value,
            static_cast<std::uint64_t>(projection::ScopeMark::explicit_parent), 0},
        2, [&](const Key& key, projection::Words) {
            const ObjectId id{key.word(2)};
            if (const auto record = scope_at(reader, id, head());
                record && record->value.parent != ObjectId{})
                parents.emplace(
                    domain::canonical_scope(projection::text_of(reader, id)),
                    domain::canonical_scope(projection::text_of(reader, record->value.parent)));
            return true;
        });
    std::size_t looked_at = 0;
    reader.scan_plain(table::names,
                      Key{names.tenant().value, static_cast<std::uint64_t>(Kind::scope), 0}, 2,
                      [&](const Key&, projection::Words value) {
                          for (std::size_t at = 0; at < value.size();) {
                              const ObjectId id{value[at++]};
                              ++looked_at;
                              const std::string_view path = projection::take_text(value, at);
                              std::size_t jumps = 0;
                              for (std::string_view up = path; !up.empty();) {
                                  if (up == canonical) {
                                      result.push_back({id, std::string(path), jumps});
                                      break;
                                  }
                                  const auto jump = parents.find(up);
                                  if (jump != parents.end() && ++jumps > parents.size()) break;
                                  up = jump != parents.end() ? std::string_view{jump->second}
                                                             : domain::parent_by_path(up);
                              }
                          }
                          return looked_at <= scopes_looked_at_max;
                      });
    if (looked_at > scopes_looked_at_max)
        return too_much("the tenant has more than " + std::to_string(scopes_looked_at_max) +
                        " scopes, too many to look for those below " + quoted(canonical) +
                        "; keep its tree of scopes as it is");
    return result;
}

Result<std::optional<std::string>> IndexState::scope_user(std::string_view tenant,
                                                          std::string_view scope) const {
    const Names all = names(tenant);
    std::optional<std::string> user;
    if (!all.known()) return user;
    const RowReader reader = batch_.reader();
    const std::string top = domain::canonical_scope(scope);
    TRY(const auto scopes, scopes_below(all, top));
    for (const ScopeBelow& below : scopes) {
        const auto record = scope_at(reader, below.id, head());
        if ((below.canonical != top && record && record->value.created) ||
            !grants_at_scope(reader, below.id, head()).empty() ||
            !denies_at_scope(reader, below.id, head()).empty()) {
            user = projection::text_of(reader, below.id);
            break;
        }
    }
    return user;
}

Result<std::vector<std::string>> IndexState::assignments_below(std::string_view tenant,
                                                               std::string_view scope) const {
    using domain::limits::assignments_below_max;
    std::vector<std::string> result;
    const Names all = names(tenant);
    if (!all.known()) return result;
    const RowReader reader = batch_.reader();
    TRY(const auto scopes, scopes_below(all, domain::canonical_scope(scope)));
    std::vector<ObjectId> found;
    for (const ScopeBelow& below : scopes) {
        // Those that were revoked take as long to pass over.
        std::size_t rows = 0;
        reader.scan(table::grants_at, Key{below.id.value}, [&](const VersionRow& row) {
            if (row.version.range.contains(head())) found.push_back(ObjectId{row.owner(2)});
            return ++rows <= assignments_below_max && found.size() <= assignments_below_max;
        });
        if (rows > assignments_below_max || found.size() > assignments_below_max)
            return too_much("more than " + std::to_string(assignments_below_max) +
                            " assignments are, or were, at or below " + quoted(scope) +
                            "; move the scopes below it one by one");
    }
    for (const ObjectId assignment : found)
        result.push_back(projection::text_of(reader, assignment));
    return result;
}

Result<std::size_t> IndexState::scope_parents_below(std::string_view tenant,
                                                    std::string_view scope) const {
    const Names all = names(tenant);
    std::size_t most = 0;
    if (!all.known()) return most;
    TRY(const auto scopes, scopes_below(all, domain::canonical_scope(scope)));
    for (const ScopeBelow& below : scopes) most = std::max(most, below.explicit_parents);
    return most;
}

std::optional<domain::EligibilityState> IndexState::eligibility(std::string_view tenant,
                                                                std::string_view id) const {
    const auto object = names(tenant).find(Kind::eligibility, id);
    if (!object) return std::nullopt;
    const auto version = batch_.reader().at(table::eligibilities, Key{object->value}, head());
    if (!version) return std::nullopt;
    return projection::decode_eligibility_record(version->payload);
}

std::optional<domain::TokenState> IndexState::token(std::string_view tenant,
                                                    std::string_view id) const {
    const auto object = names(tenant).find(Kind::token, id);
    if (!object) return std::nullopt;
    const auto version = batch_.reader().at(table::tokens, Key{object->value}, head());
    if (!version) return std::nullopt;
    return projection::decode_token_record(version->payload);
}

std::optional<domain::InvitationState> IndexState::invitation(std::string_view tenant,
                                                              std::string_view id) const {
    const auto object = names(tenant).find(Kind::invitation, id);
    if (!object) return std::nullopt;
    const auto version = batch_.reader().at(table::invitations, Key{object->value}, head());
    if (!version) return std::nullopt;
    return projection::decode_invitation_record(version->payload);
}

std::optional<std::string> IndexState::setting(std::string_view tenant,
                                               std::string_view name) const {
    const auto object = names(tenant).find(Kind::setting, name);
    if (!object) return std::nullopt;
    const auto version = batch_.reader().at(table::settings, Key{object->value}, head());
    if (!version) return std::nullopt;
    std::size_t at = 0;
    return std::string(projection::take_text(version->payload, at));
}

}  // namespace tenure::query
