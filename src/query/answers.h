#pragma once
// Answers as plain values: what every door shows, as JSON or as a table. Texts are owned; revisions
// name events of the log, and `node` fills in who and when for those that an answer mentions.

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "domain/condition.h"
#include "domain/model.h"
#include "domain/state.h"

namespace tenure::query {

// The coordinates an answer was computed at. With `revision` anyone can compute it again.
struct Basis {
    Revision revision;  // events up to here count; 0: before the tenant's first
    // For windows (and conditions). A check at a revision leaves it out unless it mattered: it is
    // the effective time of that revision's event.
    std::optional<Instant> clock = {};
    bool final = true;  // no later event can change it
};

struct CheckAnswer {
    bool allowed = false;
    Basis basis;
};

// Of a question about every scope.
struct EverywhereAnswer {
    bool allowed = false;
    bool lasting = false;  // until something is recorded: no clock was looked at
};

// How a group stands between a principal and an assignment: each member is in the group beside it.
struct MembershipStep {
    std::string member;
    std::string group;
    Revision since;  // the event that put it there
};

enum class GrantVerdict {
    grants,
    not_named,          // no permission block of the role names the action (in this plane)
    subtracted,         // one does, and its notActions take it away
    condition_not_met,  // the role's or the assignment's is false or unknown
    outside_window,     // not yet or no longer in force at the clock
};

// A condition and how it came to its truth. Without a trace it could not be read (imported history
// may have any text there), and is unknown.
struct ConditionTrace {
    std::string text;
    std::optional<domain::condition::Trace> trace;

    domain::condition::Truth truth() const {
        return trace ? trace->truth : domain::condition::Truth::unknown;
    }
};

struct GrantPath {
    std::vector<MembershipStep> through;  // empty: assigned to the principal itself
    std::string assignment;
    Revision assignment_since;  // the event that gave it its present form
    std::string role;
    std::string role_name;
    Revision role_since;
    std::string scope;
    domain::Window window;
    GrantVerdict verdict{};
    std::string pattern;        // that names the action; empty: none
    std::string subtracted_by;  // notActions pattern
    // What decided, of the role's block and of the assignment, as far as there are conditions.
    std::optional<ConditionTrace> role_condition;
    std::optional<ConditionTrace> assignment_condition;
};

struct DenyPath {
    std::vector<MembershipStep> through;
    std::string deny;
    std::string name;
    Revision since;
    std::string scope;
    std::string pattern;
    std::optional<ConditionTrace> condition;  // of the block that names the action
    bool applies = false;
    std::string not_because;  // why it does not apply
};

enum class Reason {
    granted,
    denied_by_deny_assignment,
    principal_unknown,
    principal_deleted,
    principal_disabled,
    invitation_pending,
    no_assignment,  // nothing assigned at the scope or above
    not_granted,    // assignments there, none grants the action
};

struct RoleHint {
    std::string role;
    std::string role_name;
};

struct Explanation {
    CheckAnswer answer;
    Reason reason{};
    std::string principal;
    std::string display_name;
    Revision principal_since;  // the event behind the principal's present state
    std::string action;
    domain::Plane plane{};
    std::string scope;
    std::vector<std::string> scope_chain;  // nearest first, as known at the revision
    std::vector<GrantPath> grants;         // at the scope or above; those that grant first
    std::vector<DenyPath> denies;
    // For a deny: roles of the tenant that contain the action, at most `role_hints_max`, and where
    // else the principal may do it.
    std::vector<RoleHint> would_allow;
    std::vector<std::string> allowed_at;
};

inline constexpr std::size_t role_hints_max = 10;
inline constexpr std::size_t allowed_at_max = 10;

// One page of a list. `next` is empty when the list is complete; otherwise it asks for the rest at
// the same basis.
struct WhoCanEntry {
    std::string principal;
    domain::PrincipalKind kind{};
    std::string display_name;
};

struct WhoCanAnswer {
    std::vector<WhoCanEntry> principals;  // people and service principals, by id
    std::vector<WhoCanEntry> groups;      // that lead to them, if asked for
    std::string next;
    Basis basis;
};

struct WhatCanEntry {
    std::string scope;
    // Without an action in the question: what is granted here, by the roles assigned here.
    std::vector<std::string> roles;
};

struct WhatCanAnswer {
    std::vector<WhatCanEntry> scopes;  // by canonical form
    std::string next;
    Basis basis;
};

struct AccessInterval {
    Instant from;
    std::optional<Instant> to;  // none: still, as far as the log goes
    Revision opened_by;         // 0: a window began
    Revision closed_by;         // 0: a window ended, or open
};

struct WhenAnswer {
    std::vector<AccessInterval> intervals;
    Basis basis;
};

// A principal's hold of a role at a scope, however it came by it.
struct Hold {
    std::string principal;
    std::string role;
    std::string scope;
    bool conditional = false;  // by an assignment with a condition
    auto operator<=>(const Hold&) const = default;
};

struct RoleDiff {
    std::string role;
    Revision from;
    Revision to;
};

struct DiffAnswer {
    std::vector<Hold> gained;  // sorted
    std::vector<Hold> lost;
    std::vector<RoleDiff> roles_changed;  // same role, other definition
    Basis from;
    Basis to;
};

struct HistoryAnswer {
    std::vector<Revision> events;  // ascending
    Basis basis;
};

// A role as it is defined at some moment.
struct DatedRole {
    domain::Role role;
    Revision since;  // the event that made it so
};

struct RolesAnswer {
    std::vector<DatedRole> roles;  // live ones, by name
    Basis basis;
};

struct RoleAnswer {
    DatedRole role;
    Basis basis;
};

// An assignment that gives a role to somebody, and how.
struct RoleHolding {
    std::string principal;
    std::string display_name;
    domain::PrincipalKind kind{};
    bool active = true;  // false: disabled, deleted, or the invitation is pending
    std::string role;
    std::string role_name;
    std::string scope;
    std::vector<MembershipStep> through;  // empty: assigned to the principal itself
    std::string assignment;
    Revision since;  // the event that gave the assignment its present form
    domain::Window window;
    bool conditional = false;
};

struct RoleHoldersAnswer {
    DatedRole role;
    std::vector<RoleHolding> holdings;  // by principal, scope and assignment; groups only if asked
    Basis basis;
};

struct HeldRolesAnswer {
    std::string principal;
    std::string display_name;
    std::optional<Reason> hindered;     // why none of it is worth anything
    Revision principal_since;           // the event behind the principal's present state
    std::vector<RoleHolding> holdings;  // by scope, role and assignment
    Basis basis;
};

// Single objects as of some moment.
struct PrincipalAnswer {
    std::optional<domain::PrincipalState> principal;
    Revision since;                  // the event that made it so
    std::string guests_directory;    // the tenant's setting of that name
    std::vector<MembershipStep> in;  // its direct groups
    Basis basis;
};

struct AssignmentAnswer {
    std::optional<domain::Assignment> assignment;
    bool revoked = false;
    Revision since;
    Basis basis;
};

struct TokenAnswer {
    std::optional<domain::TokenState> token;
    std::optional<domain::PrincipalState> holder;
    std::string guests_directory;
    Basis basis;
};

// A token as an event left it.
struct DatedToken {
    domain::TokenState state;
    Revision since;  // it was issued, or revoked
};

struct TokensAnswer {
    std::vector<DatedToken> tokens;  // by principal and id; revoked and expired ones, too
    std::string next;                // cursor of the next page; empty: this was the last
    Basis basis;
};

struct Page {
    std::size_t limit = 0;  // 0: everything
    std::string cursor;     // `next` of the page before
};

const char* name_of(GrantVerdict verdict);
const char* name_of(Reason reason);

}  // namespace tenure::query
