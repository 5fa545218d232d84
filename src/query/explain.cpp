// explain: the whole derivation of a decision.

#include <algorithm>
#include <set>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/action.h"
#include "domain/scope.h"
#include "query/enumerate.h"
#include "query/paths.h"
#include "query/questions.h"
#include "query/views.h"

namespace tenure::query {
namespace {

using domain::condition::Truth;

struct Asked {
    std::string action;         // folded
    std::string sub_operation;  // folded
    domain::Plane plane;
    Basis basis;
    const std::vector<ObjectId>& chain;
    const domain::AskedAttributes& attributes;
    domain::condition::AttributeSet principal;
};

ConditionTrace trace_of(const domain::Condition& condition, const Asked& asked) {
    ConditionTrace result{condition.text, std::nullopt};
    const CompiledCondition compiled{condition};
    if (compiled.program() != nullptr)
        result.trace = compiled.program()->explain(circumstances(asked.action, asked.sub_operation,
                                                                 asked.attributes, &asked.principal,
                                                                 *asked.basis.clock));
    return result;
}

GrantPath grant_path(const RowReader& reader, const Paths& paths, const Grant& grant,
                     const Asked& asked) {
    GrantPath path;
    path.through = paths.to(reader, grant.subject);
    path.assignment = projection::text_of(reader, grant.assignment);
    path.scope = projection::text_of(reader, grant.scope);
    const auto assignment = assignment_at(reader, grant.assignment, asked.basis.revision);
    if (assignment) {
        path.assignment_since = assignment->range.from;
        path.window = assignment->value.window;
    }
    const auto role = role_at(reader, grant.role(), asked.basis.revision);
    path.verdict = GrantVerdict::not_named;
    if (!role) return path;
    path.role = role->value.role.id;
    path.role_name = role->value.role.name;
    path.role_since = role->range.from;
    if (role->value.deleted) return path;

    // The block that comes furthest decides what there is to say.
    const auto& blocks = role->value.role.permissions;
    for (const auto& match :
         domain::CompiledPermissions::explain(blocks, asked.action, asked.plane)) {
        GrantVerdict verdict = GrantVerdict::grants;
        std::optional<ConditionTrace> condition;
        if (!match.subtracted_by.empty()) {
            verdict = GrantVerdict::subtracted;
        } else if (match.conditional) {
            condition = trace_of(*blocks[match.block].condition, asked);
            if (condition->truth() != Truth::yes) verdict = GrantVerdict::condition_not_met;
        }
        const bool better = path.pattern.empty() || verdict == GrantVerdict::grants ||
                            (path.verdict == GrantVerdict::subtracted &&
                             verdict == GrantVerdict::condition_not_met);
        if (!better) continue;
        path.verdict = verdict;
        path.pattern = match.pattern;
        path.subtracted_by = match.subtracted_by;
        path.role_condition = std::move(condition);
        if (verdict == GrantVerdict::grants) break;
    }
    if (path.verdict == GrantVerdict::grants && assignment) {
        if (!assignment->value.window.contains(*asked.basis.clock)) {
            path.verdict = GrantVerdict::outside_window;
        } else if (assignment->value.condition) {
            path.assignment_condition = trace_of(*assignment->value.condition, asked);
            if (path.assignment_condition->truth() != Truth::yes)
                path.verdict = GrantVerdict::condition_not_met;
        }
    }
    return path;
}

DenyPath deny_path(const RowReader& reader, const TenantNames& names, const Paths& paths,
                   const std::set<ObjectId>& subjects, const DenyAt& deny, bool at_scope_itself,
                   const Asked& asked) {
    DenyPath path;
    const domain::DenyAssignment& d = deny.record.value.state.deny;
    path.deny = d.id;
    path.name = d.name;
    path.since = deny.record.range.from;
    path.scope = d.scope;
    const auto member_among = [&](const std::vector<std::string>& ids) -> std::optional<ObjectId> {
        for (const std::string& id : ids) {
            const auto object = names.find(Kind::principal, id);
            if (object && subjects.contains(*object)) return object;
        }
        return std::nullopt;
    };
    const bool everybody = std::find(d.principals.begin(), d.principals.end(),
                                     domain::all_principals) != d.principals.end();
    const auto named = member_among(d.principals);
    if (named) path.through = paths.to(reader, *named);
    // The block that denies, or else one whose condition keeps it from denying.
    for (const auto& match :
         domain::CompiledPermissions::explain(d.permissions, asked.action, asked.plane)) {
        if (!match.subtracted_by.empty()) continue;
        path.pattern = match.pattern;
        path.condition.reset();
        if (!match.conditional) break;
        path.condition = trace_of(*d.permissions[match.block].condition, asked);
        if (path.condition->truth() != Truth::no) break;
    }
    if (d.not_below && !at_scope_itself)
        path.not_because = "it is for its own scope only";
    else if (path.pattern.empty())
        path.not_because = "it does not name the action";
    else if (!everybody && !named)
        path.not_because = "it is not for this principal";
    else if (const auto excluded = member_among(d.excluded))
        path.not_because = "it excludes " + projection::text_of(reader, *excluded);
    else if (path.condition && path.condition->truth() == Truth::no)
        path.not_because = "its condition is false";
    path.applies = path.not_because.empty();
    return path;
}

Reason reason_of(const Explanation& explanation,
                 const std::optional<Dated<domain::PrincipalState>>& state) {
    if (!state) return Reason::principal_unknown;
    if (state->value.deleted) return Reason::principal_deleted;
    if (!state->value.enabled) return Reason::principal_disabled;
    if (state->value.principal.redemption == domain::Redemption::pending)
        return Reason::invitation_pending;
    if (std::any_of(explanation.denies.begin(), explanation.denies.end(),
                    [](const DenyPath& deny) { return deny.applies; }))
        return Reason::denied_by_deny_assignment;
    if (explanation.grants.empty()) return Reason::no_assignment;
    return explanation.grants.front().verdict == GrantVerdict::grants ? Reason::granted
                                                                      : Reason::not_granted;
}

// What would have helped: roles that contain the action, and scopes where the principal may do it.
void add_hints(Engine& engine, const TenantNames& names, ObjectId principal, const Asked& asked,
               const Moment& moment, Explanation& explanation, Hints hints) {
    const auto add_roles = [&](ObjectId tenant) {
        for_each_named(engine, tenant, Kind::role, [&](ObjectId id, std::string_view) {
            const auto role = role_at(engine.reader(), id, asked.basis.revision);
            if (role && !role->value.deleted &&
                domain::CompiledPermissions{role->value.role.permissions}
                    .match(asked.action, asked.plane)
                    .unconditional)
                explanation.would_allow.push_back({role->value.role.id, role->value.role.name});
            return true;
        });
    };
    if (names.known() && names.tenant() != projection::store_tenant_id) add_roles(names.tenant());
    add_roles(projection::store_tenant_id);
    auto& roles = explanation.would_allow;
    std::sort(roles.begin(), roles.end(),
              [](const RoleHint& a, const RoleHint& b) { return a.role < b.role; });
    if (roles.size() > role_hints_max) roles.resize(role_hints_max);

    if (principal == ObjectId{} || hints == Hints::roles) return;
    engine.begin();
    std::set<std::string> scopes;
    for (const Engine::Held& held : engine.holds(principal, asked.basis, moment))
        if (engine.allowed(names.tenant(), principal, asked.action, asked.plane, held.scope,
                           asked.attributes, asked.basis, moment))
            scopes.insert(projection::text_of(engine.reader(), held.scope));
    for (const std::string& scope : scopes) {
        if (explanation.allowed_at.size() >= allowed_at_max) break;
        explanation.allowed_at.push_back(scope);
    }
}

}  // namespace

Result<Explanation> explain(Engine& engine, const domain::CheckQuestion& question,
                            const Moment& moment, Hints hints) {
    engine.begin();
    TRY(const CheckAnswer checked, engine.check(question, moment));
    Explanation explanation;
    explanation.answer = checked;
    explanation.answer.basis.clock = clock_of(checked.basis, moment);
    const Basis& basis = explanation.answer.basis;
    explanation.principal = question.principal;
    explanation.action = question.action;
    explanation.plane = question.plane;
    explanation.scope = question.scope;

    const RowReader reader = engine.reader();
    const TenantNames names{reader, engine.sip(), question.tenant};
    TRY(const std::string action, domain::parse_action(question.action, "action"));
    TRY(const std::string scope, domain::parse_scope(question.scope, "scope"));
    const auto chain = names.known()
                           ? scope_chain_at(reader, engine.sip(), names.tenant(),
                                            domain::canonical_scope(scope), basis.revision)
                           : std::vector<ObjectId>{};
    for (const ObjectId id : chain)
        explanation.scope_chain.push_back(projection::text_of(reader, id));
    const auto principal = names.find(Kind::principal, question.principal);
    const auto state = principal ? principal_at(reader, *principal, basis.revision) : std::nullopt;
    const Asked asked{action,
                      folded(question.attributes.sub_operation),
                      question.plane,
                      basis,
                      chain,
                      question.attributes,
                      domain::condition::AttributeSet{state ? state->value.principal.attributes
                                                            : std::vector<domain::Attribute>{}}};
    if (state) {
        explanation.display_name = state->value.principal.display_name;
        explanation.principal_since = state->range.from;
        const Paths paths{reader, *principal, basis.revision};
        const auto subjects = paths.subjects();
        const std::set<ObjectId> subject_set(subjects.begin(), subjects.end());
        for (const ObjectId subject : subjects)
            for (const Grant& grant : grants_of_at(reader, subject, basis.revision))
                if (std::find(chain.begin(), chain.end(), grant.scope) != chain.end())
                    explanation.grants.push_back(grant_path(reader, paths, grant, asked));
        const auto scope_id = names.find(Kind::scope, domain::canonical_scope(scope));
        for (const ObjectId at : chain)
            for (const DenyAt& deny : denies_at_scope(reader, at, basis.revision))
                explanation.denies.push_back(deny_path(reader, names, paths, subject_set, deny,
                                                       scope_id && *scope_id == at, asked));
    }
    std::stable_sort(
        explanation.grants.begin(), explanation.grants.end(),
        [](const GrantPath& a, const GrantPath& b) {
            const auto rank = [](const GrantPath& path) {
                return std::pair{path.verdict != GrantVerdict::grants, path.pattern.empty()};
            };
            return rank(a) < rank(b);
        });
    explanation.reason = reason_of(explanation, state);
    // Two ways to the same decision: they must agree.
    INVARIANT((explanation.reason == Reason::granted) == explanation.answer.allowed);
    if (!explanation.answer.allowed)
        add_hints(engine, names, state ? *principal : ObjectId{}, asked, moment, explanation,
                  hints);
    return explanation;
}

const char* name_of(GrantVerdict verdict) {
    switch (verdict) {
        case GrantVerdict::grants:
            return "grants";
        case GrantVerdict::not_named:
            return "notNamed";
        case GrantVerdict::subtracted:
            return "subtracted";
        case GrantVerdict::condition_not_met:
            return "conditionNotMet";
        case GrantVerdict::outside_window:
            return "outsideWindow";
    }
    return "unknown";
}

const char* name_of(Reason reason) {
    switch (reason) {
        case Reason::granted:
            return "granted";
        case Reason::denied_by_deny_assignment:
            return "deniedByDenyAssignment";
        case Reason::principal_unknown:
            return "principalUnknown";
        case Reason::principal_deleted:
            return "principalDeleted";
        case Reason::principal_disabled:
            return "principalDisabled";
        case Reason::invitation_pending:
            return "invitationPending";
        case Reason::no_assignment:
            return "noAssignment";
        case Reason::not_granted:
            return "notGranted";
    }
    return "unknown";
}

}  // namespace tenure::query
