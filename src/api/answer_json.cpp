#include "api/answer_json.h"

#include "api/condition_json.h"
#include "api/json_parts.h"
#include "codec/json_lines.h"

namespace tenure::api {
namespace {

void condition_member(JsonText& json, std::string_view name,
                      const std::optional<query::ConditionTrace>& condition) {
    if (!condition) return;
    json.name(name);
    json.begin_object();
    json.member("text", condition->text);
    json.member("truth", name_of(condition->truth()));
    if (condition->trace) {
        json.name("tree");
        add_value(json, *condition->trace);
    }
    json.end_object();
}

void grant(JsonText& json, const query::GrantPath& path, const Events& events) {
    json.begin_object();
    json.member("verdict", query::name_of(path.verdict));
    json.member("assignment", path.assignment);
    json.member("scope", path.scope);
    json.member("start", path.window.start);
    json.member("end", path.window.end);
    event_member(json, "assignmentEvent", events, path.assignment_since);
    json.member("role", path.role);
    json.text_member("roleName", path.role_name);
    event_member(json, "roleEvent", events, path.role_since);
    through_member(json, path.through, events);
    json.text_member("pattern", path.pattern);
    json.text_member("subtractedBy", path.subtracted_by);
    condition_member(json, "roleCondition", path.role_condition);
    condition_member(json, "assignmentCondition", path.assignment_condition);
    json.end_object();
}

void deny(JsonText& json, const query::DenyPath& path, const Events& events) {
    json.begin_object();
    json.member("applies", path.applies);
    json.member("deny", path.deny);
    json.text_member("name", path.name);
    json.member("scope", path.scope);
    event_member(json, "event", events, path.since);
    through_member(json, path.through, events);
    json.text_member("pattern", path.pattern);
    condition_member(json, "condition", path.condition);
    json.text_member("notBecause", path.not_because);
    json.end_object();
}

void interval(JsonText& json, const query::AccessInterval& interval, const Events& events) {
    json.begin_object();
    json.member("from", interval.from);
    json.member("to", interval.to);
    event_member(json, "openedBy", events, interval.opened_by);
    event_member(json, "closedBy", events, interval.closed_by);
    json.end_object();
}

void holds_member(JsonText& json, std::string_view name, const std::vector<query::Hold>& holds) {
    json.name(name);
    json.begin_array();
    for (const query::Hold& hold : holds) {
        json.begin_object();
        json.member("principal", hold.principal);
        json.member("role", hold.role);
        json.member("scope", hold.scope);
        if (hold.conditional) json.member("conditional", true);
        json.end_object();
    }
    json.end_array();
}

void entries_member(JsonText& json, std::string_view name,
                    const std::vector<query::WhoCanEntry>& entries) {
    json.name(name);
    json.begin_array();
    for (const query::WhoCanEntry& entry : entries) {
        json.begin_object();
        json.member("principal", entry.principal);
        json.member("kind", domain::name_of(entry.kind));
        json.text_member("displayName", entry.display_name);
        json.end_object();
    }
    json.end_array();
}

void mention_steps(std::set<Revision>& revisions, const std::vector<query::MembershipStep>& steps) {
    for (const query::MembershipStep& step : steps) revisions.insert(step.since);
}

void drop_none(std::set<Revision>& revisions) { revisions.erase(revision_none); }

}  // namespace

std::set<Revision> mentioned(const query::Explanation& answer) {
    std::set<Revision> revisions{answer.principal_since};
    for (const query::GrantPath& path : answer.grants) {
        revisions.insert({path.assignment_since, path.role_since});
        mention_steps(revisions, path.through);
    }
    for (const query::DenyPath& path : answer.denies) {
        revisions.insert(path.since);
        mention_steps(revisions, path.through);
    }
    drop_none(revisions);
    return revisions;
}

std::set<Revision> mentioned(const query::WhenAnswer& answer) {
    std::set<Revision> revisions;
    for (const query::AccessInterval& interval : answer.intervals)
        revisions.insert({interval.opened_by, interval.closed_by});
    drop_none(revisions);
    return revisions;
}

std::set<Revision> mentioned(const query::DiffAnswer& answer) {
    std::set<Revision> revisions;
    for (const query::RoleDiff& role : answer.roles_changed) revisions.insert({role.from, role.to});
    drop_none(revisions);
    return revisions;
}

std::optional<query::AccessInterval> last_allowed(const query::WhenAnswer& when,
                                                  const query::Basis& basis) {
    std::optional<query::AccessInterval> last;
    for (const query::AccessInterval& interval : when.intervals)
        if (interval.to && (!basis.clock || *interval.to <= *basis.clock)) last = interval;
    return last;
}

std::string to_json(const query::CheckAnswer& answer) {
    JsonText json;
    json.begin_object();
    json.member("decision", answer.allowed ? "allow" : "deny");
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const query::Explanation& answer,
                    const std::optional<query::AccessInterval>& last, const Events& events) {
    JsonText json;
    json.begin_object();
    json.member("decision", answer.answer.allowed ? "allow" : "deny");
    json.member("reason", query::name_of(answer.reason));
    basis_members(json, answer.answer.basis);
    json.member("principal", answer.principal);
    json.text_member("displayName", answer.display_name);
    event_member(json, "principalEvent", events, answer.principal_since);
    json.member("action", answer.action);
    json.member("plane", domain::name_of(answer.plane));
    json.member("scope", answer.scope);
    json.list_member("scopeChain", answer.scope_chain);
    json.name("grants");
    json.begin_array();
    for (const query::GrantPath& path : answer.grants) grant(json, path, events);
    json.end_array();
    json.name("denies");
    json.begin_array();
    for (const query::DenyPath& path : answer.denies) deny(json, path, events);
    json.end_array();
    if (!answer.answer.allowed) {
        json.name("wouldAllow");
        json.begin_array();
        for (const query::RoleHint& hint : answer.would_allow) {
            json.begin_object();
            json.member("role", hint.role);
            json.text_member("roleName", hint.role_name);
            json.end_object();
        }
        json.end_array();
        json.list_member("allowedAt", answer.allowed_at);
        if (last) {
            json.name("lastAllowed");
            interval(json, *last, events);
        }
    }
    json.end_object();
    return json.take();
}

std::string to_json(const query::WhoCanAnswer& answer) {
    JsonText json;
    json.begin_object();
    entries_member(json, "principals", answer.principals);
    if (!answer.groups.empty()) entries_member(json, "groups", answer.groups);
    json.text_member("next", answer.next);
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const query::WhatCanAnswer& answer) {
    JsonText json;
    json.begin_object();
    json.name("scopes");
    json.begin_array();
    for (const query::WhatCanEntry& entry : answer.scopes) {
        json.begin_object();
        json.member("scope", entry.scope);
        if (!entry.roles.empty()) json.list_member("roles", entry.roles);
        json.end_object();
    }
    json.end_array();
    json.text_member("next", answer.next);
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const query::WhenAnswer& answer, const Events& events) {
    JsonText json;
    json.begin_object();
    json.name("intervals");
    json.begin_array();
    for (const query::AccessInterval& each : answer.intervals) interval(json, each, events);
    json.end_array();
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const query::DiffAnswer& answer, const Events& events) {
    JsonText json;
    json.begin_object();
    json.name("from");
    json.begin_object();
    basis_members(json, answer.from);
    json.end_object();
    json.name("to");
    json.begin_object();
    basis_members(json, answer.to);
    json.end_object();
    holds_member(json, "gained", answer.gained);
    holds_member(json, "lost", answer.lost);
    json.name("rolesChanged");
    json.begin_array();
    for (const query::RoleDiff& role : answer.roles_changed) {
        json.begin_object();
        json.member("role", role.role);
        event_member(json, "from", events, role.from);
        event_member(json, "to", events, role.to);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.take();
}

std::string history_json(const Events& events, const query::Basis& basis) {
    JsonText json;
    json.begin_object();
    json.name("events");
    json.begin_array();
    for (const auto& [revision, event] : events) json.json(codec::event_line(event));
    json.end_array();
    basis_members(json, basis);
    json.end_object();
    return json.take();
}

std::string event_lines(const Events& events) {
    std::string lines;
    for (const auto& [revision, event] : events) lines += codec::event_line(event) + '\n';
    return lines;
}

}  // namespace tenure::api
