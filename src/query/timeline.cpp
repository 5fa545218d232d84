// when and history: what the index knows over all revisions about one principal, scope or object.

#include <algorithm>
#include <set>

#include "base/text.h"
#include "domain/action.h"
#include "domain/scope.h"
#include "projection/times.h"
#include "query/questions.h"
#include "query/views.h"

namespace tenure::query {
namespace {

using projection::Key;
using projection::VersionRow;
namespace table = projection::table;

using Revisions = std::set<Revision>;

void add_range(Revisions& revisions, RevisionRange range) {
    revisions.insert(range.from);
    if (range.to != revision_max) revisions.insert(range.to);
}

void add_versions(const RowReader& reader, projection::Table table, const Key& owner,
                  Revisions& revisions) {
    reader.scan(table, owner, [&](const VersionRow& row) {
        add_range(revisions, row.version.range);
        return true;
    });
}

// Everything ever assigned to a subject, and when.
struct EverGrant {
    ObjectId scope;
    ObjectId assignment;
    std::uint64_t role_word;
    RevisionRange range;
};

std::vector<EverGrant> ever_granted(const RowReader& reader, ObjectId subject) {
    std::vector<EverGrant> result;
    for (const auto& interval :
         projection::set_history(reader, projection::grants_of_set, subject.value))
        result.push_back({ObjectId{interval.words[0]}, ObjectId{interval.words[1]},
                          interval.words[2], interval.range});
    // A wide subject's rows carry the same intervals on.
    reader.scan(table::grants_wide, Key{subject.value}, [&](const VersionRow& row) {
        result.push_back({ObjectId{row.owner(1)}, ObjectId{row.owner(2)},
                          row.version.payload.front(), row.version.range});
        return true;
    });
    return result;
}

// What can change the answer to one check: revisions, and edges of windows.
struct ChangePoints {
    Revisions revisions;
    Revisions of_store;  // those that changed a built-in role; also among the others
    std::set<Instant> edges;
};

class ChangePointFinder {
public:
    // `question` outlives it; its action is folded.
    ChangePointFinder(const RowReader& reader, const SipKey& sip, ObjectId tenant,
                      const domain::CheckQuestion& question)
        : reader_{reader},
          sip_{sip},
          tenant_{tenant},
          question_{question},
          sub_operation_{folded(question.attributes.sub_operation)} {}

    ChangePoints find(ObjectId principal, std::string_view canonical_scope) {
        add_scopes(canonical_scope);
        add_subjects(principal);
        for (const ObjectId subject : subjects_)
            for (const EverGrant& grant : ever_granted(reader_, subject))
                if (scopes_.contains(grant.scope)) add_grant(grant);
        for (const ObjectId role : roles_) {
            Revisions versions;
            reader_.scan(table::roles, Key{role.value}, [&](const VersionRow& row) {
                add_range(versions, row.version.range);
                add_blocks(projection::decode_role_record(row.version.payload).role.permissions);
                return true;
            });
            points_.revisions.insert(versions.begin(), versions.end());
            const auto name = projection::name_of(reader_, role);
            if (name && name->tenant != tenant_)
                points_.of_store.insert(versions.begin(), versions.end());
        }
        for (const ObjectId scope : scopes_)
            reader_.scan(table::denies_at, Key{scope.value}, [&](const VersionRow& row) {
                add_range(points_.revisions, row.version.range);
                denies_.insert(ObjectId{row.owner(1)});
                return true;
            });
        for (const ObjectId deny : denies_)
            reader_.scan(table::denies, Key{deny.value}, [&](const VersionRow& row) {
                add_blocks(
                    projection::decode_deny_record(row.version.payload).state.deny.permissions);
                return true;
            });
        if (!timed_.empty()) add_turning_points(principal);
        return std::move(points_);
    }

private:
    // The scope and whatever was ever above it.
    void add_scopes(std::string_view canonical) {
        for (std::string path{canonical}; !path.empty();
             path = std::string{domain::parent_by_path(path)}) {
            const auto name = projection::find_name(reader_, sip_, tenant_, Kind::scope, path);
            if (!name || !scopes_.insert(name->id).second) continue;
            std::vector<ObjectId> parents;
            reader_.scan(table::scopes, Key{name->id.value}, [&](const VersionRow& row) {
                add_range(points_.revisions, row.version.range);
                const auto record = projection::decode_scope_record(row.version.payload);
                if (record.parent != ObjectId{}) parents.push_back(record.parent);
                return true;
            });
            for (const ObjectId parent : parents)
                add_scopes(domain::canonical_scope(projection::text_of(reader_, parent)));
        }
    }

    void add_subjects(ObjectId principal) {
        subjects_.insert(principal);
        add_versions(reader_, table::principals, Key{principal.value}, points_.revisions);
        std::set<ObjectId> joined;  // a group may be above one that was joined before it
        for (const auto& direct :
             projection::set_history(reader_, projection::groups_of_set, principal.value)) {
            add_range(points_.revisions, direct.range);
            const ObjectId group{direct.words.front()};
            if (!joined.insert(group).second) continue;
            subjects_.insert(group);
            for (const auto& above :
                 projection::set_history(reader_, projection::ancestors_of_set, group.value)) {
                add_range(points_.revisions, above.range);
                subjects_.insert(ObjectId{above.words.front()});
            }
        }
    }

    void add_grant(const EverGrant& grant) {
        add_range(points_.revisions, grant.range);
        roles_.insert(ObjectId{grant.role_word & projection::grant_role_mask});
        constexpr std::uint64_t flags = projection::grant_windowed | projection::grant_conditional;
        if ((grant.role_word & flags) == 0 || !assignments_.insert(grant.assignment).second) return;
        // Another window or condition need not be another grant.
        reader_.scan(table::assignments, Key{grant.assignment.value}, [&](const VersionRow& row) {
            add_range(points_.revisions, row.version.range);
            const auto record = projection::decode_assignment_record(row.version.payload);
            for (const auto& edge : {record.window.start, record.window.end})
                if (edge) points_.edges.insert(*edge);
            add_condition(record.condition);
            return true;
        });
    }

    void add_blocks(const std::vector<domain::PermissionBlock>& blocks) {
        for (const domain::PermissionBlock& block : blocks) add_condition(block.condition);
    }

    void add_condition(const std::optional<domain::Condition>& condition) {
        if (!condition) return;
        CompiledCondition compiled{*condition};
        if (compiled.program() != nullptr && compiled.program()->reads_clock())
            timed_.push_back(std::move(compiled));
    }

    // Conditions that read the clock turn at instants of their own, whatever the principal's
    // attributes were.
    void add_turning_points(ObjectId principal) {
        std::vector<domain::condition::AttributeSet> ever;
        std::vector<Revision> versions;
        reader_.scan(table::principals, Key{principal.value}, [&](const VersionRow& row) {
            versions.push_back(row.version.range.from);
            return true;
        });
        for (const Revision version : versions)
            if (const auto state = principal_at(reader_, principal, version))
                ever.emplace_back(state->value.principal.attributes);
        for (const CompiledCondition& condition : timed_)
            for (const auto& attributes : ever)
                for (const Instant t : condition.program()->turning_points(
                         circumstances(question_.action, sub_operation_, question_.attributes,
                                       &attributes, Instant{})))
                    points_.edges.insert(t);
    }

    RowReader reader_;
    SipKey sip_;
    ObjectId tenant_;
    const domain::CheckQuestion& question_;
    std::string sub_operation_;
    std::set<ObjectId> assignments_;
    std::set<ObjectId> denies_;
    std::vector<CompiledCondition> timed_;  // that read the clock
    std::set<ObjectId> scopes_;
    std::set<ObjectId> subjects_;
    std::set<ObjectId> roles_;
    ChangePoints points_;
};

// The first instant at which a change of a built-in role is seen in a tenant. It is its effective
// time, unless imported history put it before or after what surrounds it.
Instant seen_from(const RowReader& reader, ObjectId tenant, Revision revision, Instant effective) {
    const auto own = projection::time_floor(reader, tenant, effective);
    const auto later = projection::first_after(reader, tenant, effective);
    if ((!own || own->revision < revision) && (!later || later->revision > revision))
        return effective;
    const auto around = projection::times_around(reader, tenant, revision);
    Instant t = effective;
    if (around.before) t = std::max(t, *around.before);
    if (around.after) t = std::min(t, *around.after);
    return t;
}

}  // namespace

Result<WhenAnswer> when(Engine& engine, const domain::CheckQuestion& question,
                        const Moment& moment) {
    engine.begin();
    TRY(const CheckAnswer now, engine.check(question, moment));
    WhenAnswer answer;
    answer.basis = now.basis;
    answer.basis.clock = clock_of(now.basis, moment);
    const RowReader reader = engine.reader();
    const TenantNames names{reader, engine.sip(), question.tenant};
    const auto principal = names.find(Kind::principal, question.principal);
    if (!principal) return answer;
    TRY(const std::string scope, domain::parse_scope(question.scope, "scope"));
    domain::CheckQuestion canonical = question;
    canonical.action = folded(question.action);
    const ChangePoints points =
        ChangePointFinder{reader, engine.sip(), names.tenant(), canonical}.find(
            *principal, domain::canonical_scope(scope));

    // Time is what people ask about: of several events with one effective time only the state after
    // the last is ever seen.
    const TenantTime time = engine.tenant_time(question.tenant);
    std::set<Instant> instants = points.edges;
    for (const Revision revision : points.revisions) {
        if (revision > answer.basis.revision) break;
        const Instant effective = moment.effective_at(revision);
        instants.insert(points.of_store.contains(revision)
                            ? seen_from(reader, time.tenant, revision, effective)
                            : effective);
    }

    const auto allowed = [&](Revision at, Instant clock) {
        return engine
            .check({question.tenant,
                    question.principal,
                    question.action,
                    question.plane,
                    question.scope,
                    {{}, at, {}},
                    question.attributes},
                   moment, clock)
            .value()
            .allowed;
    };
    bool before = false;
    Revision last_seen = revision_none;
    for (const Instant instant : instants) {
        const Revision at = revision_at(reader, time, instant, answer.basis.revision);
        const bool after = allowed(at, instant);
        if (after != before) {
            // The event that made the difference: the last flip on the way there. If the clock
            // alone made it, there is none.
            Revision because;
            bool state = allowed(last_seen, instant);
            for (auto revision = points.revisions.upper_bound(last_seen);
                 revision != points.revisions.end() && *revision <= at; ++revision) {
                const bool next_state = allowed(*revision, instant);
                if (next_state != state && next_state == after) because = *revision;
                state = next_state;
            }
            if (after)
                answer.intervals.push_back({instant, std::nullopt, because, {}});
            else {
                answer.intervals.back().to = instant;
                answer.intervals.back().closed_by = because;
            }
            before = after;
        }
        last_seen = at;
    }
    return answer;
}

Result<HistoryAnswer> history(Engine& engine, std::string_view tenant, std::string_view kind,
                              std::string_view id, const domain::AsOf& as_of,
                              const Moment& moment) {
    engine.begin();
    const RowReader reader = engine.reader();
    const TenantNames names{reader, engine.sip(), tenant};
    HistoryAnswer answer;
    TRY(answer.basis, resolve(reader, engine.tenant_time(tenant), as_of, engine.head(), moment));

    Revisions revisions;
    std::optional<ObjectId> object;
    const auto add_rows = [&](projection::Table table) {
        add_versions(reader, table, Key{object->value}, revisions);
    };
    const auto add_versions_from = [&](projection::Table table) {
        reader.scan(table, Key{object->value}, [&](const VersionRow& row) {
            revisions.insert(row.version.range.from);
            return true;
        });
    };
    const auto add_set = [&](const projection::SetShape& shape) {
        for (const auto& interval : projection::set_history(reader, shape, object->value))
            add_range(revisions, interval.range);
    };
    if (kind == "principal") {
        if ((object = names.find(Kind::principal, id))) {
            add_versions_from(table::principals);
            add_set(projection::groups_of_set);
            add_rows(table::members_of);
            for (const EverGrant& grant : ever_granted(reader, *object))
                add_range(revisions, grant.range);
            add_rows(table::denies_of);
        }
    } else if (kind == "role") {
        if ((object = names.find_role(id))) {
            add_versions_from(table::roles);
            // A built-in role is used in every tenant; each is told of its own assignments only.
            reader.scan(table::grants_by_role, Key{object->value}, [&](const VersionRow& row) {
                const auto name = projection::name_of(reader, ObjectId{row.owner(1)});
                if (name && name->tenant == names.tenant()) add_range(revisions, row.version.range);
                return true;
            });
        }
    } else if (kind == "scope") {
        TRY(const std::string scope, domain::parse_scope(id, "id"));
        if ((object = names.find(Kind::scope, domain::canonical_scope(scope)))) {
            add_versions_from(table::scopes);
            add_rows(table::grants_at);
            add_rows(table::denies_at);
        }
    } else if (kind == "assignment") {
        if ((object = names.find(Kind::assignment, id))) add_versions_from(table::assignments);
    } else if (kind == "deny") {
        if ((object = names.find(Kind::deny, id))) add_versions_from(table::denies);
    } else if (kind == "invitation") {
        if ((object = names.find(Kind::invitation, id))) add_versions_from(table::invitations);
    } else if (kind == "eligibility") {
        if ((object = names.find(Kind::eligibility, id))) add_versions_from(table::eligibilities);
    } else {
        return invalid("kind", quoted(kind) +
                                   " is not a kind of object: principal, role, scope, assignment, "
                                   "deny, invitation or eligibility is expected");
    }
    // An object begins with an event; one that only an unfinished import knows is not there yet. A
    // scope may have none of its own.
    const bool seen =
        kind == "scope" || (!revisions.empty() && *revisions.begin() <= engine.head());
    if (!object || !seen)
        return Error{Errc::not_found,
                     "no " + std::string(kind) + " " + quoted(id) + " was ever known here", "id"};
    for (const Revision revision : revisions)
        if (revision <= answer.basis.revision) answer.events.push_back(revision);
    return answer;
}

}  // namespace tenure::query
