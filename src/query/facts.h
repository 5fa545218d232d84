#pragma once
// Facts: what the index says about single things as of a revision, one function a table. The slow,
// plain way in: explanations, lists, when, diff and the writer's state use it. Checks have their
// own cached way (engine.h); tests hold the two against each other.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/model.h"
#include "domain/state.h"
#include "projection/names.h"
#include "projection/records.h"
#include "projection/rows.h"
#include "projection/times.h"
#include "projection/versioned_set.h"

namespace tenure::query {

using projection::Kind;
using projection::ObjectId;
using projection::RowReader;

struct Membership {
    ObjectId group;
    Revision since;
};

// Groups that directly contain `member`.
std::vector<Membership> direct_groups_at(const RowReader& reader, ObjectId member, Revision at);
// All groups above a group.
std::vector<ObjectId> ancestor_groups_at(const RowReader& reader, ObjectId group, Revision at);
std::vector<Membership> members_at(const RowReader& reader, ObjectId group, Revision at);
std::vector<ObjectId> descendant_groups_at(const RowReader& reader, ObjectId group, Revision at);
// The principal itself, its direct groups and everything above those; each once.
std::vector<ObjectId> subjects_at(const RowReader& reader, ObjectId principal, Revision at);

struct Grant {
    ObjectId subject;
    ObjectId scope;
    ObjectId assignment;
    std::uint64_t role_word = 0;
    Revision since;

    ObjectId role() const { return ObjectId{role_word & projection::grant_role_mask}; }
};

std::vector<Grant> grants_of_at(const RowReader& reader, ObjectId subject, Revision at);
std::vector<Grant> grants_at_scope(const RowReader& reader, ObjectId scope, Revision at);

template <class T>
struct Dated {
    T value;
    RevisionRange range;  // this version's
};

std::optional<Dated<domain::PrincipalState>> principal_at(const RowReader& reader, ObjectId id,
                                                          Revision at);
std::optional<Dated<projection::PrincipalFlags>> principal_flags_at(const RowReader& reader,
                                                                    ObjectId id, Revision at);
std::optional<Dated<domain::RoleState>> role_at(const RowReader& reader, ObjectId id, Revision at);
std::optional<Dated<projection::AssignmentRecord>> assignment_at(const RowReader& reader,
                                                                 ObjectId id, Revision at);
std::optional<Dated<projection::ScopeRecord>> scope_at(const RowReader& reader, ObjectId id,
                                                       Revision at);

struct DenyAt {
    ObjectId id;
    Dated<projection::DenyRecord> record;
};

std::vector<DenyAt> denies_at_scope(const RowReader& reader, ObjectId scope, Revision at);

// The scope (if it has an id) and all above it as of a revision, nearest first; path parents unless
// an explicit parent is set. `canonical` is canonical.
std::vector<ObjectId> scope_chain_at(const RowReader& reader, const SipKey& sip, ObjectId tenant,
                                     std::string_view canonical, Revision at);

// Known scopes: created explicitly, or carrying an assignment in force.
bool scope_known_at(const RowReader& reader, ObjectId scope, Revision at, Instant clock);

// Names of one tenant. Roles fall back to the built-in ones, a tenant's own come first.
class TenantNames {
public:
    TenantNames(const RowReader& reader, const SipKey& sip, std::string_view tenant);

    bool known() const { return tenant_.has_value(); }

    ObjectId tenant() const { return tenant_.value_or(ObjectId{}); }

    std::optional<ObjectId> find(Kind kind, std::string_view text) const;
    std::optional<ObjectId> find_role(std::string_view id) const;

private:
    RowReader reader_;
    SipKey sip_;
    std::optional<ObjectId> tenant_;
};

}  // namespace tenure::query
