#pragma once
// The obviously right answers: plain maps and vectors, no index, no cache, nothing shared with the
// code under test. A NaiveModel is the state after replaying every event up to a revision; a
// NaiveStore asks models at whatever points of time a question needs.
//
// Written from the access rules: unknown, deleted, disabled and pending principals may do nothing;
// deny assignments come first; a role grants what some block of it names and does not subtract;
// conditions of both hold; one that is unknown does not grant, but denies.

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/event.h"
#include "domain/question.h"

namespace tenure::testing {

// The parts of a check that are not about time.
struct NaiveAsk {
    std::string tenant;
    std::string principal;
    std::string action;
    domain::Plane plane{};
    std::string scope;
    domain::AskedAttributes attributes = {};
};

// Role ids and scopes in canonical form.
struct NaiveHold {
    std::string role;
    std::string scope;
    bool conditional = false;
    auto operator<=>(const NaiveHold&) const = default;
};

std::string naive_fold(std::string_view text);
// Folded, no trailing slash.
std::string naive_scope(std::string_view scope);
bool naive_matches(std::string_view pattern, std::string_view action);

class NaiveModel {
public:
    // The state after the events up to and including `revision`.
    static NaiveModel at(std::span<const domain::Event> events, Revision revision);

    // The next event.
    void apply(const domain::Event& event);

    bool check(const NaiveAsk& ask, Instant clock) const;
    // Ids of people and service principals, sorted.
    std::vector<std::string> who_can(const NaiveAsk& ask, Instant clock) const;
    // Groups whose members the grants reach, sorted; ask.principal is not looked at.
    std::vector<std::string> groups_that_can(const NaiveAsk& ask, Instant clock) const;
    // Canonical scopes that were created or carry an assignment in force; ask.scope is not looked
    // at.
    std::set<std::string> what_can(const NaiveAsk& ask, Instant clock) const;
    std::set<NaiveHold> holds(const std::string& tenant, const std::string& principal,
                              Instant clock) const;

    // Parts, for comparing the facts one by one. Scopes in canonical form.
    std::set<std::string> direct_groups(const std::string& tenant, const std::string& member) const;
    std::set<std::string> members(const std::string& tenant, const std::string& group) const;
    // The principal and every group containing it, transitively.
    std::set<std::string> subjects(const std::string& tenant, const std::string& principal) const;
    std::vector<std::string> scope_chain(const std::string& tenant, std::string_view scope) const;
    bool scope_known(const std::string& tenant, const std::string& scope, Instant clock) const;
    // Ids of the assignments in force of a subject, or at a scope.
    std::set<std::string> assignments_of(const std::string& tenant,
                                         const std::string& subject) const;
    std::set<std::string> assignments_at(const std::string& tenant, const std::string& scope) const;
    std::set<std::string> denies_at(const std::string& tenant, const std::string& scope) const;
    bool open_for_import(const std::string& tenant) const;

    struct PrincipalNow {
        domain::Principal principal;
        bool enabled = true;
        bool deleted = false;
    };

    // Nothing if it was never created.
    const PrincipalNow* principal(const std::string& tenant, const std::string& id) const;

    struct RoleNow {
        domain::Role role;
        bool deleted = false;
        Revision since;
    };

    // By canonical id, of this tenant only.
    const std::map<std::string, RoleNow>& roles(const std::string& tenant) const;

private:
    struct ScopeNow {
        bool created = false;
        std::string parent;  // canonical; empty: by path
    };

    struct Tenant {
        bool open_for_import = false;
        std::map<std::string, PrincipalNow> principals;
        std::set<std::pair<std::string, std::string>> memberships;  // group, member
        std::map<std::string, ScopeNow> scopes;
        std::map<std::string, RoleNow> roles;
        std::map<std::string, domain::Assignment> assignments;  // in force
        std::map<std::string, domain::DenyAssignment> denies;   // in force
        std::map<std::string, std::string> invited;             // invitation -> principal
        std::set<std::string> accepted;                         // invitations
    };

    const Tenant& tenant(const std::string& id) const;
    const domain::Role* role(const Tenant& in, const std::string& id) const;
    bool denied(const Tenant& in, const std::set<std::string>& subjects,
                const std::vector<std::string>& chain, const NaiveAsk& ask, Instant clock) const;
    bool granted(const Tenant& in, const std::set<std::string>& subjects,
                 const std::vector<std::string>& chain, const NaiveAsk& ask, Instant clock,
                 bool ask_conditions) const;
    // "true", "false" or "unknown".
    std::string truth(const Tenant& in, const std::optional<domain::Condition>& condition,
                      const NaiveAsk& ask, Instant clock) const;

    std::map<std::string, Tenant> tenants_;
};

struct NaiveInterval {
    Instant from;
    std::optional<Instant> to;
    Revision opened_by;
    Revision closed_by;
    bool operator==(const NaiveInterval&) const = default;
};

struct NaiveDiff {
    // Principal, then role and scope.
    std::set<std::pair<std::string, NaiveHold>> gained;
    std::set<std::pair<std::string, NaiveHold>> lost;
    // Role id, the event that made it what it was and is (0: not there yet).
    std::set<std::pair<std::string, std::pair<Revision, Revision>>> roles_changed;
};

// A whole history, with the models of its revisions made when they are first needed.
class NaiveStore {
public:
    // `events` outlive it.
    explicit NaiveStore(std::span<const domain::Event> events) : events_{events} {}

    // Good until the next call.
    const NaiveModel& model(Revision revision) const;
    Instant effective_at(Revision revision) const;

    struct Point {
        Revision revision;
        Instant clock;
    };

    // Where a question stands when it is `now`. `head` is the newest revision that may be seen;
    // events up to `known` are there already and count in matching instants to revisions. Nothing:
    // refused.
    std::optional<Point> resolve(const std::string& tenant, const domain::AsOf& as_of,
                                 Revision head, Revision known, Instant now) const;

    // The times of access as far as the events up to `basis` tell; `known` as above.
    std::vector<NaiveInterval> when(const NaiveAsk& ask, Revision basis, Revision known) const;
    // An empty principal: everybody but groups. `head` bounds who is known.
    NaiveDiff diff(const std::string& tenant, const std::string& principal, Point from, Point to,
                   Revision head) const;
    // Nothing: no such object was ever known, as of `head`.
    std::optional<std::vector<Revision>> history(const std::string& tenant, std::string_view kind,
                                                 const std::string& id, Revision basis,
                                                 Revision head) const;
    // The first way a scope (or anything below it) was written.
    std::optional<std::string> scope_as_first_written(const std::string& tenant,
                                                      const std::string& canonical,
                                                      Revision head) const;

private:
    std::span<const domain::Event> until(Revision revision) const;
    // What a question at instant `t` sees of the tenant's events and the built-in roles.
    Revision revision_at(const std::string& tenant, Instant t, Revision known) const;

    std::span<const domain::Event> events_;
    mutable std::map<Revision, NaiveModel> models_;
};

}  // namespace tenure::testing
