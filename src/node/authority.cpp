#include "node/authority.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "domain/rules.h"
#include "query/facts.h"
#include "query/questions.h"
#include "query/views.h"

namespace tenure::node {
namespace {

using query::Kind;
using query::ObjectId;

query::Moment moment_at(Instant now) {
    // Everything is asked about now.
    return {now, instant_min, [now](Revision) { return now; }};
}

domain::CheckQuestion question(const std::string& tenant, const std::string& principal,
                               const domain::Need& need) {
    domain::CheckQuestion q;
    q.tenant = tenant;
    q.principal = principal;
    q.action = need.action;
    q.scope = need.scope;
    q.attributes.request = domain::condition::AttributeSet{need.request};
    q.attributes.resource = domain::condition::AttributeSet{need.resource};
    return q;
}

std::string roles_text(const std::vector<query::RoleHint>& roles) {
    if (roles.empty()) return "no role here allows it";
    const std::string names = joined(roles, ", ", [](const query::RoleHint& role) {
        return quoted(role.role_name.empty() ? role.role : role.role_name);
    });
    return (roles.size() == 1 ? "a role that allows it: " : "roles that allow it: ") + names;
}

// Of an actor that is not one, or not any more; empty otherwise.
std::string_view unfit(query::Reason reason) {
    switch (reason) {
        case query::Reason::principal_unknown:
            return "is not a principal";
        case query::Reason::principal_deleted:
            return "was deleted";
        case query::Reason::principal_disabled:
            return "is disabled";
        case query::Reason::invitation_pending:
            return "has not accepted the invitation";
        default:
            return {};
    }
}

}  // namespace

Authority::Authority(projection::Index& index, projection::IndexBatch& batch,
                     const domain::State& state, Guardians& guardians)
    : index_{index}, batch_{batch}, state_{state}, guardians_{guardians} {}

query::Engine& Authority::engine() {
    if (!engine_) engine_ = std::make_unique<query::Engine>(index_, batch_);
    engine_->begin();
    return *engine_;
}

bool Authority::allowed(const std::string& tenant, const std::string& principal,
                        const domain::Need& need, Instant now) {
    const auto answer = engine().check(question(tenant, principal, need), moment_at(now));
    return answer && answer.value().allowed;
}

Result<void> Authority::may(const domain::Command& command,
                            std::span<const domain::EventBody> events, Instant now) {
    const auto may_lock_out = [&](const domain::EventBody& event) {
        return domain::may_lock_out(state_, command.tenant, event);
    };
    auto& candidates = candidates_[command.tenant];
    const auto may_stand = [&](const std::string& principal) {
        if (candidates.size() < guardians_looked_at_max) candidates.insert(principal);
    };
    may_stand(command.actor);
    for (const domain::EventBody& event : events)
        if (const auto* created = std::get_if<domain::AssignmentCreated>(&event);
            created != nullptr && created->assignment.scope == "/")
            may_stand(created->assignment.principal);
    if (std::ranges::any_of(events, may_lock_out) && !at_risk_.contains(command.tenant)) {
        const auto known = guarded_.find(command.tenant);
        at_risk_[command.tenant] =
            known != guarded_.end() ? known->second : guarded(command.tenant, now);
    }
    if (command.actor == domain::system_actor) return success();
    return all_allowed(command, domain::needs_of(state_, command, events), now);
}

Result<void> Authority::may_know(const domain::Command& command, Instant now) {
    if (command.actor == domain::system_actor || !state_.tenant(command.tenant)) return success();
    return all_allowed(command, domain::needs_of(state_, command, {}), now);
}

Result<void> Authority::all_allowed(const domain::Command& command,
                                    std::span<const domain::Need> needs, Instant now) {
    for (const domain::Need& need : needs) {
        // Who accepts an invitation is pending still; all others have to be active.
        if (std::ranges::find(need.self, command.actor) != need.self.end() &&
            (need.action.empty() || active(command.tenant, command.actor)))
            continue;
        if (need.action.empty() || !allowed(command.tenant, command.actor, need, now))
            return refusal(command, need, now);
    }
    return success();
}

bool Authority::active(const std::string& tenant, const std::string& principal) const {
    const auto known = state_.principal(tenant, principal);
    return known && known->enabled && !known->deleted &&
           known->principal.redemption != domain::Redemption::pending;
}

bool Authority::may_be_told(const domain::Command& command, const domain::Need& need, Instant now) {
    if (!need.hidden) return true;
    for (const auto* attributes : {&need.request, &need.resource})
        for (const domain::Attribute& each : *attributes)
            if (each.name == domain::attribute::principal_id &&
                std::get<std::vector<std::string>>(each.values).front() == command.actor)
                return true;
    const auto may = [&](std::string action, std::string scope) {
        domain::Need other;
        other.action = std::move(action);
        other.scope = std::move(scope);
        return allowed(command.tenant, command.actor, other, now);
    };
    return may(need.action, "/") ||
           may(need.action.substr(0, need.action.rfind('/')) + "/read", need.scope);
}

Error Authority::refusal(const domain::Command& command, const domain::Need& missing, Instant now) {
    const std::string who = "actor " + quoted(command.actor);
    if (missing.action.empty())
        return {Errc::forbidden,
                who + (missing.hidden ? " may not do this: only who was invited may"
                                      : " may not do this: only the operator of the store may"),
                "actor"};
    domain::Need need = missing;
    if (!may_be_told(command, missing, now)) {
        need = {};
        need.action = missing.action;
        need.scope = "/";
    }
    const auto explained = query::explain(engine(), question(command.tenant, command.actor, need),
                                          moment_at(now), query::Hints::roles);
    if (!explained) return {Errc::forbidden, explained.error().detail, "actor"};
    const query::Explanation& e = explained.value();
    if (const std::string_view why = unfit(e.reason); !why.empty())
        return {Errc::forbidden,
                who + " of tenant " + quoted(command.tenant) + " " + std::string(why), "actor"};
    std::string detail = who + " may not do " + need.action + " at " + quoted(need.scope);
    if (e.reason == query::Reason::denied_by_deny_assignment) {
        const auto deny = std::ranges::find(e.denies, true, &query::DenyPath::applies);
        if (deny != e.denies.end())
            return {Errc::forbidden,
                    detail + ": deny assignment " + quoted(deny->deny) + " at " +
                        quoted(deny->scope) + " forbids it",
                    "actor"};
    }
    const auto conditional = std::ranges::find(e.grants, query::GrantVerdict::condition_not_met,
                                               &query::GrantPath::verdict);
    if (conditional != e.grants.end())
        detail += ": role " + quoted(conditional->role_name) + " at " + quoted(conditional->scope) +
                  " allows it on a condition that is not met";
    if (!need.self.empty())
        detail += ", and only " + domain::quoted_list(need.self) + " may without it";
    return {Errc::forbidden, detail + "; " + roles_text(e.would_allow), "actor"};
}

// Owner to oneself, now and for ever: a right that ends by itself keeps nobody from being locked
// out.
bool Authority::can_give_at_root(const std::string& tenant, const std::string& principal,
                                 Instant now) {
    domain::Need need;
    need.action = domain::action::assignments_write;
    need.scope = "/";
    need.request = domain::assignment_attributes("owner", principal, domain::PrincipalKind::user);
    const domain::CheckQuestion asked = question(tenant, principal, need);
    for (const Instant clock : {now, instant_max}) {
        const auto answer = engine().check(asked, moment_at(now), clock);
        if (!answer || !answer.value().allowed) return false;
    }
    return true;
}

Guarded Authority::guarded(const std::string& tenant, Instant now) {
    const auto stands = [&](const std::string& principal) {
        if (!can_give_at_root(tenant, principal, now)) return false;
        guardians_[tenant] = principal;
        return true;
    };
    const auto known = guardians_.find(tenant);
    if (known != guardians_.end()) {
        if (can_give_at_root(tenant, known->second, now)) return Guarded::yes;
        guardians_.erase(known);
    }
    for (const std::string& candidate : candidates_[tenant]) {
        const auto found = state_.principal(tenant, candidate);
        if (found && found->principal.kind != domain::PrincipalKind::group && stands(candidate))
            return Guarded::yes;
    }
    const query::RowReader reader = engine().reader();
    const Revision head = batch_.folder().applied();
    const query::TenantNames names{reader, index_.sip(), tenant};
    const auto root = names.find(Kind::scope, "/");
    if (!root) return Guarded::no;
    // Rows that are over take as long to pass over as those in force.
    std::size_t rows = 0;
    const auto live_rows = [&](projection::Table table, ObjectId owner, auto&& visit) {
        reader.scan(table, projection::Key{owner.value}, [&](const projection::VersionRow& row) {
            if (row.version.range.contains(head)) visit(row);
            return ++rows < guardian_rows_max;
        });
    };
    std::vector<std::pair<ObjectId, ObjectId>> given;  // role, subject
    live_rows(projection::table::grants_at, *root, [&](const projection::VersionRow& row) {
        given.emplace_back(ObjectId{row.version.payload.front() & projection::grant_role_mask},
                           ObjectId{row.owner(1)});
    });
    std::set<ObjectId> seen;
    std::vector<ObjectId> waiting;
    query::RoleOracle roles{folded(domain::action::assignments_write), domain::Plane::control,
                            head};
    for (const auto& [role, subject] : given)
        if (roles.ask(reader, role) != query::RoleSays::no && seen.insert(subject).second)
            waiting.push_back(subject);
    std::size_t looked_at = 0;
    while (!waiting.empty()) {
        const ObjectId id = waiting.back();
        waiting.pop_back();
        if (++looked_at > guardians_looked_at_max) return Guarded::not_known;
        const auto principal = query::principal_at(reader, id, head);
        if (!principal || principal->value.deleted) continue;
        if (principal->value.principal.kind == domain::PrincipalKind::group)
            live_rows(projection::table::members_of, id, [&](const projection::VersionRow& row) {
                const ObjectId member{row.owner(1)};
                if (seen.insert(member).second) waiting.push_back(member);
            });
        else if (stands(principal->value.principal.id))
            return Guarded::yes;
    }
    return rows < guardian_rows_max ? Guarded::no : Guarded::not_known;
}

Result<void> Authority::end_batch(Instant now) {
    const auto at_risk = std::exchange(at_risk_, {});
    for (const auto& [tenant, before] : at_risk) {
        const Guarded after = before == Guarded::no ? Guarded::no : guarded(tenant, now);
        guarded_[tenant] = after;
        if (before == Guarded::no || after == Guarded::yes) continue;
        candidates_.clear();
        if (after == Guarded::no)
            return Error{Errc::conflict,
                         "after this nobody could assign roles at '/' of tenant " + quoted(tenant) +
                             " any more; give that right to somebody else first, or in the same "
                             "batch"};
        return Error{Errc::limit_exceeded,
                     "among the " + std::to_string(guardians_looked_at_max) +
                         " principals that were looked at, nobody could assign roles at '/' of "
                         "tenant " +
                         quoted(tenant) +
                         " for good after this; give that right to a user in the same batch"};
    }
    candidates_.clear();
    return success();
}

}  // namespace tenure::node
