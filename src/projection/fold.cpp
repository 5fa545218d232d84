#include "projection/fold.h"

#include "base/invariant.h"
#include "base/text.h"
#include "domain/scope.h"
#include "projection/impossible_event.h"
#include "projection/versioned_set.h"

namespace tenure::projection {

Key meta_key(MetaKey key) { return Key{static_cast<std::uint64_t>(key)}; }

Folder::Folder(Rows& rows, WriterNames& names) : rows_{rows}, names_{names} {
    const auto word = [&](MetaKey key) {
        const auto value = rows_.get(table::meta, meta_key(key));
        return value ? value->front() : 0;
    };
    applied_ = Revision{word(MetaKey::applied)};
    last_object_ = word(MetaKey::last_object);
}

void Folder::finish() {
    times_.flush(rows_);
    const std::uint64_t applied = applied_.value;
    rows_.set(table::meta, meta_key(MetaKey::applied), Words{&applied, 1});
    rows_.set(table::meta, meta_key(MetaKey::last_object), Words{&last_object_, 1});
}

void Folder::fold(const domain::Event& event) {
    INVARIANT(event.revision == next(applied_));
    if (last_object_ == 0) INVARIANT(tenant_id(domain::store_tenant) == store_tenant_id);
    const At at{tenant_id(event.tenant), event.revision};
    std::visit([&](const auto& body) { apply(at, body); }, event.body);
    times_.append(rows_, at.tenant, event.effective_at, event.revision);
    times_.append(rows_, by_recording, event.recorded_at, event.revision);
    applied_ = event.revision;
}

// Names.

ObjectId Folder::tenant_id(std::string_view tenant) {
    return names_.intern(rows_, ObjectId{}, Kind::tenant, tenant, tenant, 0, last_object_).id;
}

ObjectId Folder::intern_scope(At at, std::string_view scope) {
    const std::string canonical = domain::canonical_scope(scope);
    if (const auto found = names_.find(rows_, at.tenant, Kind::scope, canonical)) return found->id;
    // Everything above it by path comes first, so that a scope with an id has ids all the way up.
    // Questions about scopes that are not known end at the nearest one that is: it has changed.
    if (const std::string_view parent = domain::parent_by_path(scope); !parent.empty())
        touch(intern_scope(at, parent));
    return names_.intern(rows_, at.tenant, Kind::scope, canonical, scope, 0, last_object_).id;
}

ObjectId Folder::known(At at, Kind kind, std::string_view text) {
    const auto name = names_.find(rows_, at.tenant, kind, text);
    require(name.has_value(), "it names something that is not there");
    return name->id;
}

Name Folder::known_principal(At at, std::string_view id) {
    const auto name = names_.find(rows_, at.tenant, Kind::principal, id);
    require(name.has_value(), "it names a principal that is not there");
    return *name;
}

ObjectId Folder::known_role(At at, std::string_view id) {
    const std::string canonical = folded(id);
    if (const auto own = names_.find(rows_, at.tenant, Kind::role, canonical)) return own->id;
    const auto built_in = names_.find(rows_, store_tenant_id, Kind::role, canonical);
    require(built_in.has_value(), "it names a role that is not there");
    return built_in->id;
}

// Tenants.

void Folder::apply(At at, const domain::TenantCreated& e) {
    rows_.replace(table::tenants, Key{at.tenant.value}, at.revision,
                  encode_tenant_record({e.open_for_import, e.display_name}));
    touch(at.tenant);
}

void Folder::apply(At at, const domain::TenantSealed&) {
    const auto head = rows_.head(table::tenants, Key{at.tenant.value});
    require(head.has_value(), "its tenant is not there");
    TenantRecord record = decode_tenant_record(head->payload);
    record.open_for_import = false;
    rows_.replace(table::tenants, Key{at.tenant.value}, at.revision, encode_tenant_record(record));
    touch(at.tenant);
}

// Principals.

void Folder::apply(At at, const domain::PrincipalCreated& e) {
    const domain::Principal& p = e.principal;
    const std::uint32_t mark = p.kind == domain::PrincipalKind::group ? mark_group : 0;
    const ObjectId id =
        names_.intern(rows_, at.tenant, Kind::principal, p.id, p.id, mark, last_object_).id;
    const PrincipalFlags flags{p.kind, p.user_type, p.redemption, true, false};
    rows_.put(table::principals, Key{id.value}, {at.revision, revision_max},
              encode_principal_record(flags, p));
    touch(id);
}

template <class Change>
void Folder::change_principal(At at, std::string_view id, Change change) {
    const ObjectId object = known_principal(at, id).id;
    const auto head = rows_.head(table::principals, Key{object.value});
    require(head.has_value(), "it changes something that is not there");
    domain::PrincipalState state = decode_principal_record(head->payload, std::string(id));
    change(state);
    const domain::Principal& p = state.principal;
    const PrincipalFlags flags{p.kind, p.user_type, p.redemption, state.enabled, state.deleted};
    rows_.replace(table::principals, Key{object.value}, at.revision,
                  encode_principal_record(flags, p));
    touch(object);
}

void Folder::apply(At at, const domain::PrincipalUpdated& e) {
    change_principal(at, e.principal.id, [&](domain::PrincipalState& state) {
        const auto redemption = state.principal.redemption;
        const auto kind = state.principal.kind;
        state.principal = e.principal;
        state.principal.redemption = redemption;
        state.principal.kind = kind;
    });
}

void Folder::apply(At at, const domain::PrincipalDisabled& e) {
    change_principal(at, e.principal, [](auto& state) { state.enabled = false; });
}

void Folder::apply(At at, const domain::PrincipalEnabled& e) {
    change_principal(at, e.principal, [](auto& state) { state.enabled = true; });
}

void Folder::apply(At at, const domain::PrincipalDeleted& e) {
    change_principal(at, e.principal, [](auto& state) { state.deleted = true; });
}

// Groups.

void Folder::apply(At at, const domain::MemberAdded& e) {
    const ObjectId group = known_principal(at, e.group).id;
    const Name member = known_principal(at, e.member);
    set_add(rows_, groups_of_set, member.id.value, Words{&group.value, 1}, at.revision);
    rows_.put(table::members_of, Key{group.value, member.id.value}, {at.revision, revision_max},
              {});
    touch(member.id);
    if (member.mark == mark_group) nest(at, member.id, group);
}

void Folder::apply(At at, const domain::MemberRemoved& e) {
    const ObjectId group = known_principal(at, e.group).id;
    const Name member = known_principal(at, e.member);
    const auto closed =
        set_remove(rows_, groups_of_set, member.id.value, Words{&group.value, 1}, at.revision);
    require(closed.has_value(), "it removes a member that is none");
    rows_.put(table::members_of, Key{group.value, member.id.value}, {closed->from, at.revision},
              {});
    touch(member.id);
    if (member.mark == mark_group) unnest(at, member.id, group);
}

std::vector<std::uint64_t> Folder::with_descendants(ObjectId group) {
    std::vector<std::uint64_t> result = rows_.live_elements(table::descendants_of, group.value);
    result.push_back(group.value);
    return result;
}

std::set<std::uint64_t> Folder::with_ancestors(ObjectId group) {
    std::set<std::uint64_t> result{group.value};
    for (const SetInterval& above : set_live(rows_, ancestors_of_set, group.value))
        result.insert(above.words.front());
    return result;
}

// Everything at or below `inner` gets everything at or above `outer`.
void Folder::nest(At at, ObjectId inner, ObjectId outer) {
    const std::set<std::uint64_t> above = with_ancestors(outer);
    for (const std::uint64_t below : with_descendants(inner)) {
        std::set<std::uint64_t> present;
        for (const SetInterval& a : set_live(rows_, ancestors_of_set, below))
            present.insert(a.words.front());
        for (const std::uint64_t ancestor : above) {
            if (present.contains(ancestor)) continue;
            set_add(rows_, ancestors_of_set, below, Words{&ancestor, 1}, at.revision);
            rows_.put(table::descendants_of, Key{ancestor, below}, {at.revision, revision_max}, {});
        }
        touch(ObjectId{below});
    }
}

// What is at or below `inner` keeps what it still reaches over its other direct groups. Groups
// above `outer` are not affected: there are no cycles.
void Folder::unnest(At at, ObjectId inner, ObjectId outer) {
    const std::set<std::uint64_t> candidates = with_ancestors(outer);
    const std::vector<std::uint64_t> affected = with_descendants(inner);
    const std::set<std::uint64_t> affected_set(affected.begin(), affected.end());
    std::map<std::uint64_t, std::set<std::uint64_t>> reached;  // of the affected ones, anew

    // An explicit stack: nesting may be deep.
    for (const std::uint64_t start : affected) {
        std::vector<std::uint64_t> stack{start};
        std::set<std::uint64_t> under_way;
        while (!stack.empty()) {
            const std::uint64_t group = stack.back();
            if (reached.contains(group)) {
                stack.pop_back();
                continue;
            }
            const auto parents = set_live(rows_, groups_of_set, group);
            bool ready = true;
            for (const SetInterval& parent : parents) {
                const std::uint64_t id = parent.words.front();
                if (affected_set.contains(id) && !reached.contains(id)) {
                    require(!under_way.contains(id) && id != group, "groups contain each other");
                    stack.push_back(id);
                    ready = false;
                }
            }
            if (!ready) {
                under_way.insert(group);
                continue;
            }
            under_way.erase(group);
            std::set<std::uint64_t>& all = reached[group];
            for (const SetInterval& parent : parents) {
                const std::uint64_t id = parent.words.front();
                all.insert(id);
                if (const auto known = reached.find(id); affected_set.contains(id)) {
                    all.insert(known->second.begin(), known->second.end());
                } else {
                    const auto above = with_ancestors(ObjectId{id});
                    all.insert(above.begin(), above.end());
                }
            }
            stack.pop_back();
        }
    }
    for (const std::uint64_t below : affected) {
        for (const std::uint64_t ancestor : candidates) {
            if (reached[below].contains(ancestor)) continue;
            const auto closed =
                set_remove(rows_, ancestors_of_set, below, Words{&ancestor, 1}, at.revision);
            if (!closed) continue;
            rows_.put(table::descendants_of, Key{ancestor, below}, {closed->from, at.revision}, {});
        }
        touch(ObjectId{below});
    }
}

// Scopes.

// Marked scopes are cached per tenant; a marked one may have changed its parent.
void Folder::mark_scope(At at, ScopeMark mark, ObjectId scope) {
    rows_.set(table::scope_marks,
              Key{at.tenant.value, static_cast<std::uint64_t>(mark), scope.value}, {});
    touch(at.tenant);
}

void Folder::set_scope(At at, ObjectId scope, const ScopeRecord& record) {
    rows_.replace(table::scopes, Key{scope.value}, at.revision, encode_scope_record(record));
    if (record.parent != ObjectId{}) mark_scope(at, ScopeMark::explicit_parent, scope);
}

void Folder::apply(At at, const domain::ScopeCreated& e) {
    const ObjectId scope = intern_scope(at, e.scope);
    const ObjectId parent = e.parent.empty() ? ObjectId{} : intern_scope(at, e.parent);
    set_scope(at, scope, {true, parent, e.display_name});
}

void Folder::apply(At at, const domain::ScopeMoved& e) {
    const ObjectId scope = known(at, Kind::scope, domain::canonical_scope(e.scope));
    const auto head = rows_.head(table::scopes, Key{scope.value});
    require(head.has_value(), "it changes something that is not there");
    ScopeRecord record = decode_scope_record(head->payload);
    record.parent = e.parent.empty() ? ObjectId{} : intern_scope(at, e.parent);
    set_scope(at, scope, record);
}

void Folder::apply(At at, const domain::ScopeDeleted& e) {
    const ObjectId scope = known(at, Kind::scope, domain::canonical_scope(e.scope));
    set_scope(at, scope, {});
}

// Roles.

void Folder::set_role(At at, const domain::Role& role, ObjectId id) {
    rows_.replace(table::roles, Key{id.value}, at.revision, encode_role_record(role, false));
    if (!role.name.empty()) {
        const std::string canonical = folded(role.name);
        const ObjectId name =
            names_.intern(rows_, at.tenant, Kind::role_name, canonical, role.name, 0, last_object_)
                .id;
        rows_.replace(table::role_names, Key{name.value}, at.revision, Words{&id.value, 1});
    }
    touch(id);
}

void Folder::apply(At at, const domain::RoleDefined& e) {
    const ObjectId id =
        names_.intern(rows_, at.tenant, Kind::role, folded(e.role.id), e.role.id, 0, last_object_)
            .id;
    set_role(at, e.role, id);
}

namespace {

// The name a role had, if it still leads to that role.
void drop_role_name(Rows& rows, WriterNames& names, ObjectId tenant, ObjectId role,
                    Revision revision) {
    const auto head = rows.head(table::roles, Key{role.value});
    require(head.has_value(), "it changes something that is not there");
    const std::string name = decode_role_record(head->payload).role.name;
    const auto known = names.find(rows, tenant, Kind::role_name, folded(name));
    if (!known) return;
    const auto leads_to = rows.head(table::role_names, Key{known->id.value});
    if (leads_to && leads_to->range.to == revision_max && leads_to->payload.front() == role.value)
        rows.close(table::role_names, Key{known->id.value}, revision);
}

}  // namespace

void Folder::apply(At at, const domain::RoleUpdated& e) {
    const ObjectId id = known(at, Kind::role, folded(e.role.id));
    drop_role_name(rows_, names_, at.tenant, id, at.revision);
    set_role(at, e.role, id);
}

void Folder::apply(At at, const domain::RoleDeleted& e) {
    const ObjectId id = known(at, Kind::role, folded(e.role));
    drop_role_name(rows_, names_, at.tenant, id, at.revision);
    const auto head = rows_.head(table::roles, Key{id.value});
    const domain::RoleState state = decode_role_record(head->payload);
    rows_.replace(table::roles, Key{id.value}, at.revision, encode_role_record(state.role, true));
    touch(id);
}

// Assignments.

AssignmentRecord Folder::assignment_record(ObjectId id) {
    const auto head = rows_.head(table::assignments, Key{id.value});
    require(head.has_value(), "it changes something that is not there");
    return decode_assignment_record(head->payload);
}

void Folder::make_wide(At at, ObjectId subject) {
    const auto live = set_live(rows_, grants_of_set, subject.value);
    for (const SetInterval& grant : live)
        rows_.put(table::grants_wide, Key{subject.value, grant.words[0], grant.words[1]},
                  grant.range, Words{&grant.words[2], 1});
    set_make_wide(rows_, grants_of_set, subject.value, at.revision);
}

void Folder::add_grant(At at, ObjectId assignment, const AssignmentRecord& record) {
    const std::uint64_t subject = record.principal.value;
    const std::uint64_t role = record.role_word();
    const RevisionRange open{at.revision, revision_max};
    std::size_t live = 0;
    bool wide = false;
    if (const auto head = rows_.head(table::grants_of, Key{subject})) {
        const SetBlockView block{grants_of_set, *head};
        wide = block.wide();
        for (std::size_t i = 0; i < block.size(); ++i)
            if (block.stored_interval(i).to == revision_max) ++live;
    }
    if (!wide && live >= wide_subject_assignments) {
        make_wide(at, record.principal);
        wide = true;
    }
    if (wide) {
        rows_.put(table::grants_wide, Key{subject, record.scope.value, assignment.value}, open,
                  Words{&role, 1});
    } else {
        const std::array<std::uint64_t, 3> words{record.scope.value, assignment.value, role};
        set_add(rows_, grants_of_set, subject, words, at.revision);
    }
    rows_.put(table::grants_at, Key{record.scope.value, subject, assignment.value}, open,
              Words{&role, 1});
    rows_.put(table::grants_by_role, Key{record.role.value, assignment.value}, open, {});
    touch(record.principal);
    touch(record.scope);
}

void Folder::remove_grant(At at, ObjectId assignment, const AssignmentRecord& record) {
    const std::uint64_t subject = record.principal.value;
    const std::uint64_t role = record.role_word();
    Revision from;
    if (set_is_wide(rows_, grants_of_set, subject)) {
        const Key key{subject, record.scope.value, assignment.value};
        const auto head = rows_.head(table::grants_wide, key);
        require(head.has_value(), "it ends a grant that is none");
        from = head->range.from;
        rows_.put(table::grants_wide, key, {from, at.revision}, Words{&role, 1});
    } else {
        const std::array<std::uint64_t, 2> element{record.scope.value, assignment.value};
        const auto closed = set_remove(rows_, grants_of_set, subject, element, at.revision);
        require(closed.has_value(), "it ends a grant that is none");
        from = closed->from;
    }
    const RevisionRange ended{from, at.revision};
    rows_.put(table::grants_at, Key{record.scope.value, subject, assignment.value}, ended,
              Words{&role, 1});
    rows_.put(table::grants_by_role, Key{record.role.value, assignment.value}, ended, {});
    touch(record.principal);
    touch(record.scope);
}

void Folder::add_window_edges(At at, ObjectId assignment, const AssignmentRecord& record) {
    const auto add = [&](const std::optional<Instant>& edge) {
        if (edge)
            rows_.set(table::window_edges, Key{at.tenant.value, word_of(*edge), assignment.value},
                      {});
    };
    add(record.window.start);
    add(record.window.end);
}

void Folder::apply(At at, const domain::AssignmentCreated& e) {
    const domain::Assignment& a = e.assignment;
    const ObjectId id =
        names_.intern(rows_, at.tenant, Kind::assignment, a.id, a.id, 0, last_object_).id;
    const AssignmentRecord record{known_principal(at, a.principal).id,
                                  known_role(at, a.role),
                                  intern_scope(at, a.scope),
                                  false,
                                  a.window,
                                  a.condition,
                                  a.description};
    rows_.put(table::assignments, Key{id.value}, {at.revision, revision_max},
              encode_assignment_record(record));
    add_grant(at, id, record);
    add_window_edges(at, id, record);
}

void Folder::apply(At at, const domain::AssignmentRoleChanged& e) {
    const ObjectId id = known(at, Kind::assignment, e.assignment);
    AssignmentRecord record = assignment_record(id);
    remove_grant(at, id, record);
    record.role = known_role(at, e.role);
    add_grant(at, id, record);
    rows_.replace(table::assignments, Key{id.value}, at.revision, encode_assignment_record(record));
}

void Folder::apply(At at, const domain::AssignmentUpdated& e) {
    const ObjectId id = known(at, Kind::assignment, e.assignment);
    AssignmentRecord record = assignment_record(id);
    remove_grant(at, id, record);
    record.condition = e.condition;
    record.window = e.window;
    record.description = e.description;
    add_grant(at, id, record);
    add_window_edges(at, id, record);
    rows_.replace(table::assignments, Key{id.value}, at.revision, encode_assignment_record(record));
}

void Folder::apply(At at, const domain::AssignmentRevoked& e) {
    const ObjectId id = known(at, Kind::assignment, e.assignment);
    AssignmentRecord record = assignment_record(id);
    remove_grant(at, id, record);
    record.revoked = true;
    rows_.replace(table::assignments, Key{id.value}, at.revision, encode_assignment_record(record));
}

// Deny assignments.

void Folder::apply(At at, const domain::DenyCreated& e) {
    const ObjectId id =
        names_.intern(rows_, at.tenant, Kind::deny, e.deny.id, e.deny.id, 0, last_object_).id;
    const ObjectId scope = intern_scope(at, e.deny.scope);
    const RevisionRange open{at.revision, revision_max};
    rows_.put(table::denies, Key{id.value}, open, encode_deny_record(scope, e.deny, false));
    rows_.put(table::denies_at, Key{scope.value, id.value}, open, {});
    for (const auto* list : {&e.deny.principals, &e.deny.excluded})
        for (const std::string& principal : *list)
            if (principal != domain::all_principals)
                rows_.put(table::denies_of, Key{known_principal(at, principal).id.value, id.value},
                          open, {});
    mark_scope(at, ScopeMark::deny, scope);
}

void Folder::apply(At at, const domain::DenyDeleted& e) {
    const ObjectId id = known(at, Kind::deny, e.deny);
    const auto head = rows_.head(table::denies, Key{id.value});
    require(head.has_value(), "it changes something that is not there");
    const DenyRecord record = decode_deny_record(head->payload);
    rows_.replace(table::denies, Key{id.value}, at.revision,
                  encode_deny_record(record.scope, record.state.deny, true));
    rows_.close(table::denies_at, Key{record.scope.value, id.value}, at.revision);
    for (const auto* list : {&record.state.deny.principals, &record.state.deny.excluded})
        for (const std::string& principal : *list)
            if (principal != domain::all_principals)
                rows_.close(table::denies_of,
                            Key{known_principal(at, principal).id.value, id.value}, at.revision);
    touch(at.tenant);
}

// Eligibilities.

namespace {

// The newest record with its first word, the flags, set to `flags`.
void replace_flags(Rows& rows, Table table, ObjectId id, Revision revision, std::uint64_t flags) {
    const auto head = rows.head(table, Key{id.value});
    require(head.has_value(), "it changes something that is not there");
    Payload payload(head->payload.begin(), head->payload.end());
    payload.front() = flags;
    rows.replace(table, Key{id.value}, revision, payload);
}

}  // namespace

void Folder::apply(At at, const domain::EligibilityCreated& e) {
    const domain::Eligibility& x = e.eligibility;
    const ObjectId id =
        names_.intern(rows_, at.tenant, Kind::eligibility, x.id, x.id, 0, last_object_).id;
    intern_scope(at, x.scope);
    rows_.put(table::eligibilities, Key{id.value}, {at.revision, revision_max},
              encode_eligibility_record(x, false));
    rows_.put(table::eligibilities_of, Key{known_principal(at, x.principal).id.value, id.value},
              {at.revision, revision_max}, {});
}

// An eligibility's versions also tell when it was used.
void Folder::apply(At at, const domain::EligibilityActivated& e) {
    replace_flags(rows_, table::eligibilities, known(at, Kind::eligibility, e.eligibility),
                  at.revision, 0);
    apply(at, domain::AssignmentCreated{e.activation});
}

void Folder::apply(At at, const domain::EligibilityDeactivated& e) {
    replace_flags(rows_, table::eligibilities, known(at, Kind::eligibility, e.eligibility),
                  at.revision, 0);
    apply(at, domain::AssignmentRevoked{e.activation});
}

void Folder::apply(At at, const domain::EligibilityRemoved& e) {
    const ObjectId id = known(at, Kind::eligibility, e.eligibility);
    const auto head = rows_.head(table::eligibilities, Key{id.value});
    require(head.has_value(), "it changes something that is not there");
    const std::string principal = decode_eligibility_record(head->payload).eligibility.principal;
    replace_flags(rows_, table::eligibilities, id, at.revision, 1);
    rows_.close(table::eligibilities_of, Key{known_principal(at, principal).id.value, id.value},
                at.revision);
}

// Invitations.

void Folder::apply(At at, const domain::InvitationCreated& e) {
    const domain::Invitation& x = e.invitation;
    const ObjectId id =
        names_.intern(rows_, at.tenant, Kind::invitation, x.id, x.id, 0, last_object_).id;
    rows_.put(table::invitations, Key{id.value}, {at.revision, revision_max},
              encode_invitation_record(x, domain::InvitationStatus::pending));
}

void Folder::apply(At at, const domain::InvitationResent& e) {
    const ObjectId id = known(at, Kind::invitation, e.invitation);
    const auto head = rows_.head(table::invitations, Key{id.value});
    require(head.has_value(), "it changes something that is not there");
    domain::InvitationState state = decode_invitation_record(head->payload);
    state.invitation.secret_hash = e.secret_hash;
    state.invitation.expires_at = e.expires_at;
    // Whatever became of it, it can be accepted from now on.
    if (state.status == domain::InvitationStatus::accepted)
        change_principal(at, state.invitation.principal, [](domain::PrincipalState& who) {
            who.principal.redemption = domain::Redemption::pending;
        });
    state.status = domain::InvitationStatus::pending;
    rows_.replace(table::invitations, Key{id.value}, at.revision,
                  encode_invitation_record(state.invitation, state.status));
}

void Folder::set_invitation_status(At at, std::string_view id, domain::InvitationStatus status) {
    replace_flags(rows_, table::invitations, known(at, Kind::invitation, id), at.revision,
                  static_cast<std::uint64_t>(status));
}

void Folder::apply(At at, const domain::InvitationAccepted& e) {
    const ObjectId id = known(at, Kind::invitation, e.invitation);
    const auto head = rows_.head(table::invitations, Key{id.value});
    require(head.has_value(), "it changes something that is not there");
    const std::string principal = decode_invitation_record(head->payload).invitation.principal;
    set_invitation_status(at, e.invitation, domain::InvitationStatus::accepted);
    change_principal(at, principal, [](domain::PrincipalState& state) {
        state.principal.redemption = domain::Redemption::accepted;
    });
}

void Folder::apply(At at, const domain::InvitationRevoked& e) {
    set_invitation_status(at, e.invitation, domain::InvitationStatus::revoked);
}

void Folder::apply(At at, const domain::InvitationExpired& e) {
    set_invitation_status(at, e.invitation, domain::InvitationStatus::expired);
}

// Settings and tokens.

void Folder::apply(At at, const domain::SettingsChanged& e) {
    for (const domain::Setting& setting : e.settings) {
        const ObjectId id = names_
                                .intern(rows_, at.tenant, Kind::setting, setting.name, setting.name,
                                        0, last_object_)
                                .id;
        Payload payload;
        push_text(payload, setting.value);
        rows_.replace(table::settings, Key{id.value}, at.revision, payload);
    }
}

void Folder::apply(At at, const domain::TokenIssued& e) {
    const ObjectId id =
        names_.intern(rows_, at.tenant, Kind::token, e.token.id, e.token.id, 0, last_object_).id;
    rows_.put(table::tokens, Key{id.value}, {at.revision, revision_max},
              encode_token_record(e.token, false));
}

void Folder::apply(At at, const domain::TokenRevoked& e) {
    replace_flags(rows_, table::tokens, known(at, Kind::token, e.token), at.revision, 1);
}

}  // namespace tenure::projection
