#pragma once
// fold: one event into the index, as a pure function of the event and the rows before it. Live
// commits, catching up, rebuilding and replication all go through it, so every copy of a log has
// the same rows.
//
// An event is trusted: decide() let it happen. Whatever it names exists; if not, fold() throws
// ImpossibleEvent (impossible_event.h).

#include <cstdint>
#include <set>
#include <vector>

#include "domain/event.h"
#include "projection/names.h"
#include "projection/records.h"
#include "projection/rows.h"
#include "projection/times.h"

namespace tenure::projection {

// A subject with more assignments in force than this keeps them in grants_wide, one row each,
// instead of in a block that every change would copy.
inline constexpr std::size_t wide_subject_assignments = 256;

class Folder {
public:
    // `rows` of an open transaction; `names` outlives it. Reads where the last fold ended.
    Folder(Rows& rows, WriterNames& names);

    // Revisions must come without gaps: event.revision == applied() + 1.
    void fold(const domain::Event& event);
    // Stores what is kept back for the end of a batch. Call before the transaction commits.
    void finish();

    Revision applied() const { return applied_; }

    // Objects whose cached views are no longer the newest: see changes.h.
    const std::vector<ObjectId>& touched() const { return touched_; }

    // For decide(), which looks at the state between two folds.
    std::optional<TimePoint> last_time(ObjectId tenant) { return times_.last(rows_, tenant); }

private:
    struct At {
        ObjectId tenant;
        Revision revision;
    };

    ObjectId tenant_id(std::string_view tenant);
    ObjectId intern_scope(At at, std::string_view scope);
    Name known_principal(At at, std::string_view id);
    ObjectId known(At at, Kind kind, std::string_view text);
    ObjectId known_role(At at, std::string_view id);

    void apply(At at, const domain::TenantCreated& e);
    void apply(At at, const domain::TenantSealed& e);
    void apply(At at, const domain::PrincipalCreated& e);
    void apply(At at, const domain::PrincipalUpdated& e);
    void apply(At at, const domain::PrincipalDisabled& e);
    void apply(At at, const domain::PrincipalEnabled& e);
    void apply(At at, const domain::PrincipalDeleted& e);
    void apply(At at, const domain::MemberAdded& e);
    void apply(At at, const domain::MemberRemoved& e);
    void apply(At at, const domain::ScopeCreated& e);
    void apply(At at, const domain::ScopeMoved& e);
    void apply(At at, const domain::ScopeDeleted& e);
    void apply(At at, const domain::RoleDefined& e);
    void apply(At at, const domain::RoleUpdated& e);
    void apply(At at, const domain::RoleDeleted& e);
    void apply(At at, const domain::AssignmentCreated& e);
    void apply(At at, const domain::AssignmentRoleChanged& e);
    void apply(At at, const domain::AssignmentUpdated& e);
    void apply(At at, const domain::AssignmentRevoked& e);
    void apply(At at, const domain::DenyCreated& e);
    void apply(At at, const domain::DenyDeleted& e);
    void apply(At at, const domain::EligibilityCreated& e);
    void apply(At at, const domain::EligibilityActivated& e);
    void apply(At at, const domain::EligibilityDeactivated& e);
    void apply(At at, const domain::EligibilityRemoved& e);
    void apply(At at, const domain::InvitationCreated& e);
    void apply(At at, const domain::InvitationResent& e);
    void apply(At at, const domain::InvitationAccepted& e);
    void apply(At at, const domain::InvitationRevoked& e);
    void apply(At at, const domain::InvitationExpired& e);
    void apply(At at, const domain::SettingsChanged& e);
    void apply(At at, const domain::TokenIssued& e);
    void apply(At at, const domain::TokenRevoked& e);

    // Replaces the flags of a principal's newest record.
    template <class Change>
    void change_principal(At at, std::string_view id, Change change);
    void set_role(At at, const domain::Role& role, ObjectId id);
    void set_invitation_status(At at, std::string_view id, domain::InvitationStatus status);
    AssignmentRecord assignment_record(ObjectId id);
    void set_scope(At at, ObjectId scope, const ScopeRecord& record);
    void mark_scope(At at, ScopeMark mark, ObjectId scope);

    void nest(At at, ObjectId inner, ObjectId outer);
    void unnest(At at, ObjectId inner, ObjectId outer);
    std::vector<std::uint64_t> with_descendants(ObjectId group);
    std::set<std::uint64_t> with_ancestors(ObjectId group);

    void add_grant(At at, ObjectId assignment, const AssignmentRecord& record);
    void remove_grant(At at, ObjectId assignment, const AssignmentRecord& record);
    void make_wide(At at, ObjectId subject);
    void add_window_edges(At at, ObjectId assignment, const AssignmentRecord& record);

    void touch(ObjectId id) { touched_.push_back(id); }

    Rows& rows_;
    WriterNames& names_;
    TimesTail times_;
    Revision applied_;
    std::uint64_t last_object_ = 0;
    std::vector<ObjectId> touched_;
};

Key meta_key(MetaKey key);

}  // namespace tenure::projection
