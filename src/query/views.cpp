#include "query/views.h"

#include <algorithm>
#include <bit>

namespace tenure::query {
namespace {

using projection::Key;
using projection::SetBlockView;
using projection::Version;
using projection::VersionRow;
namespace table = projection::table;

// The version at `at`, or how long there is none: versions of these owners have no gaps, so there
// is none only before the first.
struct VersionOrGap {
    std::optional<Version> version;
    RevisionRange range;
};

VersionOrGap version_or_gap(const RowReader& reader, projection::Table table, ObjectId owner,
                            Revision at) {
    if (const auto version = reader.at(table, Key{owner.value}, at))
        return {version, version->range};
    const auto oldest = reader.last_at(table, Key{owner.value, ~std::uint64_t{0}}, 1);
    if (!oldest) return {std::nullopt, {}};
    return {std::nullopt, {revision_none, Revision{~oldest->first.word(1)}}};
}

// What is assigned to `subject`, and cuts `limit` to the interval that is known for.
Grants read_grants(const RowReader& reader, ObjectId subject, Revision at, RevisionRange& limit) {
    Grants grants;
    grants.subject = subject;
    const auto found = version_or_gap(reader, table::grants_of, subject, at);
    limit = limit.intersect(found.range);
    if (!found.version) return grants;
    const SetBlockView block{projection::grants_of_set, *found.version};
    if (block.wide()) grants.wide.push_back({subject, block.range()});
    grants.entries.reserve(block.size());
    for (std::size_t i = 0; i < block.size(); ++i)
        if (const RevisionRange range = block.interval(i); !range.empty())
            grants.entries.push_back({block.word(i, 0), block.word(i, 1), block.word(i, 2), range});
    grants.finish();
    return grants;
}

// The elements of a set of subjects, likewise.
std::vector<SubjectEntry> read_subjects(const RowReader& reader, const projection::SetShape& shape,
                                        ObjectId owner, Revision at, RevisionRange& limit) {
    std::vector<SubjectEntry> subjects;
    const auto found = version_or_gap(reader, shape.table, owner, at);
    limit = limit.intersect(found.range);
    if (!found.version) return subjects;
    const SetBlockView block{shape, *found.version};
    subjects.reserve(block.size());
    for (std::size_t i = 0; i < block.size(); ++i)
        if (const RevisionRange range = block.interval(i); !range.empty())
            subjects.push_back({ObjectId{block.word(i, 0)}, range});
    return subjects;
}

}  // namespace

void Grants::finish() {
    std::sort(entries.begin(), entries.end(),
              [](const GrantEntry& a, const GrantEntry& b) { return a.scope < b.scope; });
    scope_bits = 0;
    for (const GrantEntry& entry : entries) scope_bits |= bit_of(entry.scope);
}

std::size_t Grants::bytes() const {
    return entries.capacity() * sizeof(GrantEntry) + wide.capacity() * sizeof(SubjectEntry);
}

std::size_t PrincipalView::bytes() const {
    return groups.capacity() * sizeof(SubjectEntry) + own.bytes() + attributes_bytes +
           (standings ? standings->bytes() : 0);
}

std::size_t Standings::bytes() const {
    return sizeof(Standings) + subjects.capacity() * sizeof(SubjectEntry);
}

std::size_t ScopeView::bytes() const {
    return entries.capacity() * sizeof(Entry) + filter.capacity() * sizeof(std::uint64_t);
}

std::size_t GroupView::bytes() const {
    return above.capacity() * sizeof(SubjectEntry) + own.bytes();
}

PrincipalView read_principal_view(const RowReader& reader, ObjectId principal, Revision at,
                                  Revision head) {
    PrincipalView view;
    const auto state = version_or_gap(reader, table::principals, principal, at);
    view.span = {state.range, head, head};
    if (state.version) {
        view.known = true;
        view.flags = projection::principal_flags(state.version->payload.front());
    }
    view.groups = read_subjects(reader, projection::groups_of_set, principal, at, view.span.range);
    view.own = read_grants(reader, principal, at, view.span.range);
    return view;
}

GroupView read_group_view(const RowReader& reader, ObjectId group, Revision at, Revision head) {
    GroupView view;
    view.span = {{revision_none, revision_max}, head, head};
    view.above_range = view.span.range;
    view.above = read_subjects(reader, projection::ancestors_of_set, group, at, view.above_range);
    view.span.range = view.above_range;
    view.own = read_grants(reader, group, at, view.span.range);
    return view;
}

void read_scope_view(const RowReader& reader, ObjectId scope, Revision head, ScopeView& view) {
    view = ScopeView{};
    view.span.built_at = view.span.checked_at = head;
    reader.scan(table::grants_at, Key{scope.value}, [&](const VersionRow& row) {
        if (++view.rows > scope_view_rows_max) return false;
        if (!row.version.range.empty())
            view.entries.push_back({ObjectId{row.owner(1)}, row.owner(2),
                                    row.version.payload.front(), row.version.range});
        return true;
    });
    if (view.too_large()) {
        view.entries = {};
        return;
    }
    view.entries.shrink_to_fit();
    std::sort(view.entries.begin(), view.entries.end(),
              [](const auto& a, const auto& b) { return a.subject < b.subject; });
    std::size_t subjects = 0;
    for (std::size_t i = 0; i < view.entries.size(); ++i)
        if (i == 0 || view.entries[i].subject != view.entries[i - 1].subject) ++subjects;
    const std::size_t bits = std::bit_ceil(std::max<std::size_t>(64, 8 * subjects));
    view.filter.assign(bits / 64, 0);
    view.filter_shift = 64 - static_cast<unsigned>(std::countr_zero(bits));
    for (const ScopeView::Entry& entry : view.entries) {
        const std::uint64_t bit = view.filter_bit(entry.subject);
        view.filter[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
    }
    view.made = true;
}

CompiledCondition::CompiledCondition(const domain::Condition& condition) {
    auto compiled = domain::condition::Program::compile(condition, "condition");
    if (compiled) program_ = std::move(compiled.value());
}

domain::condition::CircumstancesView circumstances(std::string_view action,
                                                   std::string_view sub_operation,
                                                   const domain::AskedAttributes& asked,
                                                   const domain::condition::AttributeSet* principal,
                                                   Instant clock) {
    domain::condition::CircumstancesView view;
    view.action = action;
    view.sub_operation = sub_operation;
    view.now = clock;
    view.request = &asked.request;
    view.resource = &asked.resource;
    view.principal = principal;
    view.environment = &asked.environment;
    return view;
}

SharedCondition compile(const std::optional<domain::Condition>& condition) {
    return condition ? std::make_shared<const CompiledCondition>(*condition) : nullptr;
}

std::vector<SharedCondition> compile_conditions(
    const std::vector<domain::PermissionBlock>& blocks) {
    const bool any = std::any_of(blocks.begin(), blocks.end(),
                                 [](const auto& block) { return block.condition.has_value(); });
    std::vector<SharedCondition> conditions;
    if (!any) return conditions;
    conditions.reserve(blocks.size());
    for (const domain::PermissionBlock& block : blocks)
        conditions.push_back(compile(block.condition));
    return conditions;
}

AssignmentView read_assignment_view(const RowReader& reader, ObjectId assignment, Revision head) {
    AssignmentView view{head, {}};
    reader.scan(table::assignments, Key{assignment.value}, [&](const VersionRow& row) {
        view.bytes += sizeof(AssignmentVersion) + decoded_bytes(row.version.payload);
        const auto record = projection::decode_assignment_record(row.version.payload);
        view.versions.push_back({row.version.range, record.window, compile(record.condition)});
        return true;
    });
    return view;
}

RoleSays says(const domain::CompiledPermissions::Match& match) {
    if (match.unconditional) return RoleSays::yes;
    return match.conditional ? RoleSays::on_condition : RoleSays::no;
}

RoleSays RoleOracle::ask(const RowReader& reader, ObjectId role) {
    const auto [known, fresh] = known_.try_emplace(role, RoleSays::no);
    if (!fresh) return known->second;
    const auto version = role_at(reader, role, at_);
    if (version && !version->value.deleted)
        known->second = says(
            domain::CompiledPermissions{version->value.role.permissions}.match(action_, plane_));
    return known->second;
}

RoleView read_role_view(const RowReader& reader, ObjectId role, Revision head) {
    RoleView view{head, {}};
    reader.scan(table::roles, Key{role.value}, [&](const VersionRow& row) {
        view.bytes += sizeof(RoleVersion) + action_slots_max + decoded_bytes(row.version.payload);
        const domain::RoleState state = projection::decode_role_record(row.version.payload);
        view.versions.push_back(
            {row.version.range,
             state.deleted,
             std::make_shared<const domain::CompiledPermissions>(state.role.permissions),
             compile_conditions(state.role.permissions),
             {}});
        return true;
    });
    return view;
}

}  // namespace tenure::query
