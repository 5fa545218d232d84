#include "fuzz/round_trips.h"

#include <algorithm>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/invariant.h"
#include "base/match.h"
#include "codec/event_codec.h"
#include "codec/json_document.h"
#include "codec/json_lines.h"

namespace tenure::fuzz {
namespace {

template <class T>
bool names_differ(const std::vector<T>& named) {
    std::set<std::string_view> names;
    for (const T& value : named) names.insert(value.name);
    return names.size() == named.size() && named.size() <= codec::json_members_max;
}

bool has_values(const domain::Attribute& attribute) {
    return std::visit(
        match{[](bool) { return true; }, [](const auto& values) { return !values.empty(); }},
        attribute.values);
}

bool fits_json(const domain::Principal& principal) {
    return names_differ(principal.attributes) &&
           std::all_of(principal.attributes.begin(), principal.attributes.end(), has_values);
}

bool fits_json(const domain::EventBody& body) {
    return std::visit(
        match{[](const domain::PrincipalCreated& e) { return fits_json(e.principal); },
              [](const domain::PrincipalUpdated& e) { return fits_json(e.principal); },
              [](const domain::SettingsChanged& e) { return names_differ(e.settings); },
              [](const auto&) { return true; }},
        body);
}

}  // namespace

void require_round_trips(const domain::Event& event) {
    const codec::Buffer bytes = codec::encode_event(event);
    const auto decoded = codec::decode_event(bytes);
    INVARIANT(decoded.has_value());
    INVARIANT(decoded.value() == event);
    INVARIANT(codec::encode_event(decoded.value()) == bytes);

    if (!fits_json(event.body)) return;
    codec::LineDefaults defaults;
    defaults.importing = true;
    const std::string line = codec::event_line(event);
    const auto command = codec::parse_command_line(line, defaults);
    INVARIANT(command.has_value());
    const auto* recorded = std::get_if<domain::RecordEvent>(&command.value().body);
    INVARIANT(recorded != nullptr);
    INVARIANT(recorded->body == event.body);
    INVARIANT(command.value().effective_at == event.effective_at);
    INVARIANT(command.value().tenant == event.tenant);
    INVARIANT(command.value().actor == event.actor);
    INVARIANT(command.value().reason == event.cause.reason);
    INVARIANT(command.value().ticket == event.cause.ticket);
    INVARIANT(command.value().source == event.cause.source);
}

}  // namespace tenure::fuzz
