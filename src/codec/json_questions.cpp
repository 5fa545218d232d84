#include "codec/json_questions.h"

#include <utility>

#include "domain/condition_attributes.h"
#include "domain/form_nouns.h"

namespace tenure::codec {

domain::AsOf read_as_of(JsonMembers& line) {
    domain::AsOf as_of;
    const bool at = line.has("at");
    const bool revision = line.has("revision");
    if (line.has("time") && at) line.refuse("at", "give either 'time' or 'at': they are the same");
    if ((line.has("time") || at) && revision)
        line.refuse("revision", "give either a time or a revision to ask about, not both");
    // null is no time: a question about a past moment must not become one about now.
    if (line.has("time")) line.required("time", as_of.at.emplace());
    if (at) line.required("at", as_of.at.emplace());
    if (revision) line.required("revision", as_of.revision.emplace().value);
    if (line.has("knownAt")) line.required("knownAt", as_of.known_at.emplace());
    return as_of;
}

domain::Plane read_plane(JsonMembers& line) {
    auto plane = domain::Plane::control;
    bool data_action = false;
    if (line.has("plane") && line.has("isDataAction"))
        line.refuse("isDataAction", "give either 'plane' or 'isDataAction', not both");
    line.optional("plane", plane);
    line.optional("isDataAction", data_action);
    return data_action ? domain::Plane::data : plane;
}

// What conditions may read beside the principal's attributes, which are in the store.
domain::AskedAttributes read_attributes(JsonMembers& line) {
    domain::condition::GivenAttributes given;
    domain::AskedAttributes asked;
    line.optional("subOperation", asked.sub_operation);
    if (!line.has("attributes")) return asked;
    line.object("attributes", given, [](JsonMembers& sources, auto& to) {
        sources.optional("request", to.request);
        sources.optional("resource", to.resource);
        sources.optional("environment", to.environment);
    });
    if (const auto form = domain::check_attributes(given); !form)
        line.refuse("attributes", form.error().field + ": " + form.error().detail);
    asked.request = domain::condition::AttributeSet{std::move(given.request)};
    asked.resource = domain::condition::AttributeSet{std::move(given.resource)};
    asked.environment = domain::condition::AttributeSet{std::move(given.environment)};
    return asked;
}

}  // namespace tenure::codec
