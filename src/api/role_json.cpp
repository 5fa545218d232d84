#include "api/role_json.h"

#include "api/json_parts.h"
#include "codec/role_definitions.h"

namespace tenure::api {
namespace {

void mention(std::set<Revision>& revisions, const std::vector<query::RoleHolding>& holdings) {
    for (const query::RoleHolding& held : holdings) {
        revisions.insert(held.since);
        for (const query::MembershipStep& step : held.through) revisions.insert(step.since);
    }
    revisions.erase(revision_none);
}

void name_members(JsonText& json, const domain::Role& role) {
    json.member("role", role.id);
    json.member("roleName", role.name);
}

void holding_members(JsonText& json, const query::RoleHolding& held, const Events& events) {
    json.member("scope", held.scope);
    json.member("assignment", held.assignment);
    event_member(json, "assignmentEvent", events, held.since);
    json.member("start", held.window.start);
    json.member("end", held.window.end);
    json.member("conditional", held.conditional);
    through_member(json, held.through, events);
}

void operations_member(JsonText& json, std::string_view name,
                       const std::vector<domain::Operation>& operations) {
    json.name(name);
    json.begin_array();
    for (const domain::Operation& operation : operations) {
        json.begin_object();
        json.member("action", operation.spelled);
        json.member("plane", domain::name_of(operation.plane));
        json.end_object();
    }
    json.end_array();
}

void side_member(JsonText& json, std::string_view name, const query::RoleAnswer& side) {
    json.name(name);
    json.begin_object();
    name_members(json, side.role.role);
    json.member("since", side.role.since);
    basis_members(json, side.basis);
    json.end_object();
}

}  // namespace

std::set<Revision> mentioned(const query::RoleAnswer& answer) { return {answer.role.since}; }

std::set<Revision> mentioned(const query::RoleHoldersAnswer& answer) {
    std::set<Revision> revisions;
    mention(revisions, answer.holdings);
    return revisions;
}

std::set<Revision> mentioned(const query::HeldRolesAnswer& answer) {
    std::set<Revision> revisions{answer.principal_since};
    mention(revisions, answer.holdings);
    return revisions;
}

std::string to_json(const query::RolesAnswer& answer) {
    JsonText json;
    json.begin_object();
    json.name("roles");
    json.begin_array();
    for (const query::DatedRole& dated : answer.roles) {
        json.begin_object();
        name_members(json, dated.role);
        json.member("builtIn", dated.role.built_in);
        json.text_member("description", dated.role.description);
        json.member("since", dated.since);
        json.end_object();
    }
    json.end_array();
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const query::RoleAnswer& answer, const Events& events) {
    JsonText json;
    json.begin_object();
    json.name("definition");
    json.json(codec::role_definition_json(answer.role.role));
    event_member(json, "event", events, answer.role.since);
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const query::RoleHoldersAnswer& answer, const Events& events) {
    JsonText json;
    json.begin_object();
    name_members(json, answer.role.role);
    json.name("holders");
    json.begin_array();
    for (const query::RoleHolding& held : answer.holdings) {
        json.begin_object();
        json.member("principal", held.principal);
        json.text_member("displayName", held.display_name);
        json.member("kind", domain::name_of(held.kind));
        json.member("active", held.active);
        holding_members(json, held, events);
        json.end_object();
    }
    json.end_array();
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const query::HeldRolesAnswer& answer, const Events& events) {
    JsonText json;
    json.begin_object();
    json.member("principal", answer.principal);
    json.text_member("displayName", answer.display_name);
    json.member("active", !answer.hindered);
    if (answer.hindered) json.member("because", query::name_of(*answer.hindered));
    event_member(json, "event", events, answer.principal_since);
    json.name("roles");
    json.begin_array();
    for (const query::RoleHolding& held : answer.holdings) {
        json.begin_object();
        json.member("role", held.role);
        json.member("roleName", held.role_name);
        holding_members(json, held, events);
        json.end_object();
    }
    json.end_array();
    basis_members(json, answer.basis);
    json.end_object();
    return json.take();
}

std::string to_json(const RoleComparison& comparison) {
    const domain::RoleDifference& difference = comparison.difference;
    JsonText json;
    json.begin_object();
    side_member(json, "from", comparison.from);
    side_member(json, "to", comparison.to);
    json.member("same", difference.empty());
    json.name("changes");
    json.begin_array();
    for (const auto& change : difference.changes) {
        json.begin_object();
        json.member("member", change.member);
        json.member("from", change.from);
        json.member("to", change.to);
        json.end_object();
    }
    for (const auto& line : difference.lines) {
        json.begin_object();
        json.member("member", line.member);
        json.member(line.added ? "added" : "removed", line.text);
        json.end_object();
    }
    json.end_array();
    json.member("regrouped", difference.regrouped);
    operations_member(json, "lost", difference.lost);
    operations_member(json, "gained", difference.gained);
    json.member("operationsKnown", std::uint64_t{comparison.operations});
    json.end_object();
    return json.take();
}

std::string to_json(const LeastRolesAnswer& answer) {
    JsonText json;
    json.begin_object();
    operations_member(json, "needed", answer.needed);
    json.text_member("scope", answer.scope);
    json.name("choices");
    json.begin_array();
    for (const domain::RoleChoice& choice : answer.least.choices) {
        json.begin_object();
        json.name("roles");
        json.begin_array();
        for (const std::size_t role : choice.roles) {
            json.begin_object();
            name_members(json, answer.roles[role]);
            json.end_object();
        }
        json.end_array();
        json.member("unneededChanges", std::uint64_t{choice.unneeded_changes});
        json.member("unneededReads", std::uint64_t{choice.unneeded_reads});
        json.member("conditional", choice.conditional);
        json.end_object();
    }
    json.end_array();
    operations_member(json, "missing", answer.least.missing);
    json.member("complete", answer.least.complete);
    if (answer.basis) basis_members(json, *answer.basis);
    json.end_object();
    return json.take();
}

}  // namespace tenure::api
