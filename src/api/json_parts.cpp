#include "api/json_parts.h"

namespace tenure::api {

void basis_members(JsonText& json, const query::Basis& basis) {
    json.member("revision", basis.revision);
    json.member("at", basis.clock);
    json.member("final", basis.final);
}

void event_member(JsonText& json, std::string_view name, const Events& events, Revision revision) {
    if (revision == revision_none) return;
    json.name(name);
    json.begin_object();
    json.member("revision", revision);
    if (const auto found = events.find(revision); found != events.end()) {
        const domain::Event& event = found->second;
        json.member("type", domain::type_of(event.body));
        json.member("time", event.effective_at);
        json.member("actor", event.actor);
        json.text_member("reason", event.cause.reason);
        json.text_member("ticket", event.cause.ticket);
        json.text_member("source", event.cause.source);
    }
    json.end_object();
}

void through_member(JsonText& json, const std::vector<query::MembershipStep>& steps,
                    const Events& events) {
    if (steps.empty()) return;
    json.name("through");
    json.begin_array();
    for (const query::MembershipStep& step : steps) {
        json.begin_object();
        json.member("member", step.member);
        json.member("group", step.group);
        event_member(json, "event", events, step.since);
        json.end_object();
    }
    json.end_array();
}

}  // namespace tenure::api
