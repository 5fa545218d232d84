#pragma once
// State: what decide() needs to know, as of the moment just before the command. `query` implements
// it over the index at head, tests over plain maps. Ids are the callers' spelling; an
// implementation folds role ids and scopes (domain/text rules) before it looks them up. Nothing
// here is a view: the results own their texts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/model.h"

namespace tenure::domain {

struct TenantState {
    bool open_for_import = false;
    Instant last_effective = instant_min;
    Revision last_revision;  // newest event of the tenant
};

struct PrincipalState {
    Principal principal;
    bool enabled = true;
    bool deleted = false;
};

struct RoleState {
    Role role;
    bool deleted = false;
};

struct AssignmentState {
    Assignment assignment;
    bool revoked = false;
};

struct DenyState {
    DenyAssignment deny;
    bool deleted = false;
};

struct EligibilityState {
    Eligibility eligibility;
    bool removed = false;
};

struct TokenState {
    Token token;
    bool revoked = false;
};

struct ScopeState {
    bool created = false;  // explicitly, and not deleted since
    std::string parent;    // explicit parent; empty: by path
};

struct InvitationState {
    Invitation invitation;
    InvitationStatus status{};
};

// What a principal still holds or takes part in.
struct Holdings {
    std::vector<std::string> assignments;    // ids in force
    std::vector<std::string> groups;         // it is a direct member of
    std::vector<std::string> members;        // of a group
    std::vector<std::string> denies;         // that name it
    std::vector<std::string> eligibilities;  // not removed

    bool empty() const {
        return assignments.empty() && groups.empty() && members.empty() && denies.empty() &&
               eligibilities.empty();
    }
};

// A deny assignment in force that names a group or one above it.
struct GroupDeny {
    std::string deny;
    std::string scope;
    bool binds = false;     // among its principals
    bool excludes = false;  // among those it leaves out
    bool operator==(const GroupDeny&) const = default;
};

class State {
public:
    virtual ~State() = default;

    virtual std::optional<TenantState> tenant(std::string_view tenant) const = 0;
    virtual std::optional<PrincipalState> principal(std::string_view tenant,
                                                    std::string_view id) const = 0;
    virtual bool is_direct_member(std::string_view tenant, std::string_view group,
                                  std::string_view member) const = 0;
    // True if `outer` contains group `inner`, directly or through other groups.
    virtual bool is_nested(std::string_view tenant, std::string_view inner,
                           std::string_view outer) const = 0;
    virtual std::size_t direct_group_count(std::string_view tenant,
                                           std::string_view member) const = 0;
    // Groups above `group`, transitive.
    virtual std::size_t ancestor_group_count(std::string_view tenant,
                                             std::string_view group) const = 0;
    // The most groups any group at or below `group` has above it.
    virtual std::size_t ancestor_group_count_below(std::string_view tenant,
                                                   std::string_view group) const = 0;
    virtual Holdings holdings(std::string_view tenant, std::string_view principal) const = 0;
    // Groups that directly contain `member`.
    virtual std::vector<std::string> direct_groups(std::string_view tenant,
                                                   std::string_view member) const = 0;
    // What a member of `group` has to do with through it: cheap while there is nothing of the kind.
    virtual std::vector<GroupDeny> denies_of_group(std::string_view tenant,
                                                   std::string_view group) const = 0;
    // Ids of the eligibilities, not removed, of `group` and of the groups above it.
    virtual std::vector<std::string> eligibilities_of_group(std::string_view tenant,
                                                            std::string_view group) const = 0;

    // Of the tenant or, failing that, built in (store_tenant).
    virtual std::optional<RoleState> role(std::string_view tenant, std::string_view id) const = 0;
    // Id of the live role of the tenant with this name, compared without regard to case.
    virtual std::optional<std::string> role_named(std::string_view tenant,
                                                  std::string_view name) const = 0;
    // An assignment in force that uses the role, if any.
    virtual std::optional<std::string> role_user(std::string_view tenant,
                                                 std::string_view role) const = 0;
    // How many assignments in force use the role, in whatever tenant; counted up to `count_max`.
    virtual std::size_t role_use_count(std::string_view tenant, std::string_view role,
                                       std::size_t count_max) const = 0;
    // Scopes of all assignments in force that use the role.
    virtual std::vector<std::string> role_scopes(std::string_view tenant,
                                                 std::string_view role) const = 0;

    virtual std::optional<AssignmentState> assignment(std::string_view tenant,
                                                      std::string_view id) const = 0;
    // Id of the assignment in force of this role to this principal at this very scope.
    virtual std::optional<std::string> assignment_of(std::string_view tenant,
                                                     std::string_view principal,
                                                     std::string_view role,
                                                     std::string_view scope) const = 0;

    virtual std::optional<DenyState> deny(std::string_view tenant, std::string_view id) const = 0;

    virtual ScopeState scope(std::string_view tenant, std::string_view scope) const = 0;
    // The scope and everything above it up to "/", explicit parents followed; nearest first.
    virtual std::vector<std::string> scope_chain(std::string_view tenant,
                                                 std::string_view scope) const = 0;
    // Something in force at the scope or below it: an assignment, deny assignment or created scope.
    // Returns its scope, if any. `scope` itself counts for assignments and denies only.
    //
    // This and the other two that look below a scope refuse, with limit_exceeded, what would keep
    // the writer busy for too long (limits::scopes_looked_at_max, assignments_below_max).
    virtual Result<std::optional<std::string>> scope_user(std::string_view tenant,
                                                          std::string_view scope) const = 0;

    virtual std::optional<InvitationState> invitation(std::string_view tenant,
                                                      std::string_view id) const = 0;
    virtual std::optional<std::string> setting(std::string_view tenant,
                                               std::string_view name) const = 0;

    virtual std::optional<EligibilityState> eligibility(std::string_view tenant,
                                                        std::string_view id) const = 0;
    virtual std::optional<TokenState> token(std::string_view tenant, std::string_view id) const = 0;
    // Ids of the assignments in force at the scope or below it, explicit parents followed.
    virtual Result<std::vector<std::string>> assignments_below(std::string_view tenant,
                                                               std::string_view scope) const = 0;
    // The most explicit parents on the way from any scope below up to `scope`.
    virtual Result<std::size_t> scope_parents_below(std::string_view tenant,
                                                    std::string_view scope) const = 0;
};

}  // namespace tenure::domain
