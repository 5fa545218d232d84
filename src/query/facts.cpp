#include "query/facts.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "domain/scope.h"

namespace tenure::query {
namespace {

using projection::Key;
using projection::SetBlockView;
using projection::VersionRow;
namespace table = projection::table;

std::vector<Membership> set_at(const RowReader& reader, const projection::SetShape& shape,
                               ObjectId owner, Revision at) {
    std::vector<Membership> result;
    const auto block = projection::set_block_at(reader, shape, owner.value, at);
    if (!block) return result;
    for (std::size_t i = 0; i < block->size(); ++i)
        if (block->interval(i).contains(at))
            result.push_back({ObjectId{block->word(i, 0)}, block->stored_interval(i).from});
    return result;
}

// Rows [owner, element] in force at `at`.
std::vector<Membership> rows_at(const RowReader& reader, projection::Table table, ObjectId owner,
                                Revision at) {
    std::vector<Membership> result;
    reader.scan(table, Key{owner.value}, [&](const VersionRow& row) {
        if (row.version.range.contains(at))
            result.push_back({ObjectId{row.owner(1)}, row.version.range.from});
        return true;
    });
    return result;
}

template <class T, class Decode>
std::optional<Dated<T>> decoded_at(const RowReader& reader, projection::Table table, ObjectId id,
                                   Revision at, Decode decode) {
    const auto version = reader.at(table, Key{id.value}, at);
    if (!version) return std::nullopt;
    return Dated<T>{decode(version->payload), version->range};
}

}  // namespace

std::vector<Membership> direct_groups_at(const RowReader& reader, ObjectId member, Revision at) {
    return set_at(reader, projection::groups_of_set, member, at);
}

std::vector<ObjectId> ancestor_groups_at(const RowReader& reader, ObjectId group, Revision at) {
    std::vector<ObjectId> result;
    for (const Membership& above : set_at(reader, projection::ancestors_of_set, group, at))
        result.push_back(above.group);
    return result;
}

std::vector<Membership> members_at(const RowReader& reader, ObjectId group, Revision at) {
    return rows_at(reader, table::members_of, group, at);
}

std::vector<ObjectId> descendant_groups_at(const RowReader& reader, ObjectId group, Revision at) {
    std::vector<ObjectId> result;
    for (const Membership& below : rows_at(reader, table::descendants_of, group, at))
        result.push_back(below.group);
    return result;
}

std::vector<ObjectId> subjects_at(const RowReader& reader, ObjectId principal, Revision at) {
    std::set<ObjectId> seen{principal};
    for (const Membership& direct : direct_groups_at(reader, principal, at)) {
        seen.insert(direct.group);
        for (const ObjectId above : ancestor_groups_at(reader, direct.group, at))
            seen.insert(above);
    }
    return {seen.begin(), seen.end()};
}

std::vector<Grant> grants_of_at(const RowReader& reader, ObjectId subject, Revision at) {
    std::vector<Grant> result;
    const auto block =
        projection::set_block_at(reader, projection::grants_of_set, subject.value, at);
    if (!block) return result;
    for (std::size_t i = 0; i < block->size(); ++i)
        if (block->interval(i).contains(at))
            result.push_back({subject, ObjectId{block->word(i, 0)}, ObjectId{block->word(i, 1)},
                              block->word(i, 2), block->stored_interval(i).from});
    if (block->wide())
        reader.scan(table::grants_wide, Key{subject.value}, [&](const VersionRow& row) {
            if (row.version.range.contains(at))
                result.push_back({subject, ObjectId{row.owner(1)}, ObjectId{row.owner(2)},
                                  row.version.payload.front(), row.version.range.from});
            return true;
        });
    return result;
}

std::vector<Grant> grants_at_scope(const RowReader& reader, ObjectId scope, Revision at) {
    std::vector<Grant> result;
    reader.scan(table::grants_at, Key{scope.value}, [&](const VersionRow& row) {
        if (row.version.range.contains(at))
            result.push_back({ObjectId{row.owner(1)}, scope, ObjectId{row.owner(2)},
                              row.version.payload.front(), row.version.range.from});
        return true;
    });
    return result;
}

std::optional<Dated<domain::PrincipalState>> principal_at(const RowReader& reader, ObjectId id,
                                                          Revision at) {
    return decoded_at<domain::PrincipalState>(
        reader, table::principals, id, at, [&](projection::Words payload) {
            // The payload is borrowed: text_of moves the cursor of another table only.
            const std::vector<std::uint64_t> owned(payload.begin(), payload.end());
            return projection::decode_principal_record(owned, projection::text_of(reader, id));
        });
}

std::optional<Dated<projection::PrincipalFlags>> principal_flags_at(const RowReader& reader,
                                                                    ObjectId id, Revision at) {
    return decoded_at<projection::PrincipalFlags>(
        reader, table::principals, id, at,
        [](projection::Words payload) { return projection::principal_flags(payload.front()); });
}

std::optional<Dated<domain::RoleState>> role_at(const RowReader& reader, ObjectId id, Revision at) {
    return decoded_at<domain::RoleState>(reader, table::roles, id, at,
                                         projection::decode_role_record);
}

std::optional<Dated<projection::AssignmentRecord>> assignment_at(const RowReader& reader,
                                                                 ObjectId id, Revision at) {
    return decoded_at<projection::AssignmentRecord>(reader, table::assignments, id, at,
                                                    projection::decode_assignment_record);
}

std::optional<Dated<projection::ScopeRecord>> scope_at(const RowReader& reader, ObjectId id,
                                                       Revision at) {
    return decoded_at<projection::ScopeRecord>(reader, table::scopes, id, at,
                                               projection::decode_scope_record);
}

std::vector<DenyAt> denies_at_scope(const RowReader& reader, ObjectId scope, Revision at) {
    std::vector<DenyAt> result;
    for (const Membership& deny : rows_at(reader, table::denies_at, scope, at)) {
        auto record = decoded_at<projection::DenyRecord>(reader, table::denies, deny.group, at,
                                                         projection::decode_deny_record);
        if (record) result.push_back({deny.group, *std::move(record)});
    }
    return result;
}

std::vector<ObjectId> scope_chain_at(const RowReader& reader, const SipKey& sip, ObjectId tenant,
                                     std::string_view canonical, Revision at) {
    std::vector<ObjectId> chain;
    std::string path{canonical};
    while (!path.empty()) {
        std::string next{domain::parent_by_path(path)};
        if (const auto name = projection::find_name(reader, sip, tenant, Kind::scope, path)) {
            // A cycle of explicit parents cannot be written; whatever is read twice ends the walk.
            if (std::ranges::find(chain, name->id) != chain.end()) break;
            chain.push_back(name->id);
            const auto record = scope_at(reader, name->id, at);
            if (record && record->value.parent != ObjectId{})
                next = domain::canonical_scope(projection::text_of(reader, record->value.parent));
        }
        path = std::move(next);
    }
    return chain;
}

bool scope_known_at(const RowReader& reader, ObjectId scope, Revision at, Instant clock) {
    const auto record = scope_at(reader, scope, at);
    if (record && record->value.created) return true;
    bool known = false;
    reader.scan(table::grants_at, Key{scope.value}, [&](const VersionRow& row) {
        if (!row.version.range.contains(at)) return true;
        const std::uint64_t role_word = row.version.payload.front();
        const ObjectId assignment{row.owner(2)};
        if ((role_word & projection::grant_windowed) != 0) {
            const auto detail = assignment_at(reader, assignment, at);
            if (!detail || !detail->value.window.contains(clock)) return true;
        }
        known = true;
        return false;
    });
    return known;
}

TenantNames::TenantNames(const RowReader& reader, const SipKey& sip, std::string_view tenant)
    : reader_{reader}, sip_{sip} {
    const auto found = projection::find_name(reader_, sip_, ObjectId{}, Kind::tenant, tenant);
    if (found) tenant_ = found->id;
}

std::optional<ObjectId> TenantNames::find(Kind kind, std::string_view text) const {
    if (!tenant_) return std::nullopt;
    const auto name = projection::find_name(reader_, sip_, *tenant_, kind, text);
    if (!name) return std::nullopt;
    return name->id;
}

std::optional<ObjectId> TenantNames::find_role(std::string_view id) const {
    const std::string canonical = folded(id);
    if (const auto own = find(Kind::role, canonical)) return own;
    const auto name =
        projection::find_name(reader_, sip_, projection::store_tenant_id, Kind::role, canonical);
    if (!name) return std::nullopt;
    return name->id;
}

}  // namespace tenure::query
