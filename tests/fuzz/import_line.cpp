#include <variant>

#include "base/invariant.h"
#include "base/text.h"
#include "codec/json_lines.h"
#include "domain/decide.h"
#include "fuzz/round_trips.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

void require_explained(const Error& error) {
    INVARIANT(!error.detail.empty());
    INVARIANT(valid_utf8(codec::json_string(error.detail)));
    INVARIANT(valid_utf8(codec::json_string(error.field)));
}

// The event that importing the line would record.
domain::Event event_of(const domain::Command& command, const domain::EventBody& body) {
    domain::Event event;
    event.effective_at = *command.effective_at;
    event.imported = true;
    event.tenant = command.tenant;
    event.actor = command.actor;
    event.imported_by = command.imported_by;
    event.cause = {std::string(domain::type_of(command.body)), command.reason, command.ticket,
                   command.source};
    event.body = body;
    return event;
}

}  // namespace

void import_line(Bytes input) {
    const std::string_view line = text_of(input);
    codec::LineDefaults defaults;
    defaults.tenant = "contoso";
    if (const auto live = codec::parse_command_line(line, defaults)) {
        INVARIANT(!live.value().effective_at);
        INVARIANT(!std::holds_alternative<domain::RecordEvent>(live.value().body));
        if (const auto form = domain::check_form(live.value()); !form)
            require_explained(form.error());
    } else {
        require_explained(live.error());
    }

    defaults.importing = true;
    const auto imported = codec::parse_command_line(line, defaults);
    if (!imported) return require_explained(imported.error());
    INVARIANT(imported.value().effective_at);
    if (const auto form = domain::check_form(imported.value()); !form)
        require_explained(form.error());
    if (const auto* record = std::get_if<domain::RecordEvent>(&imported.value().body))
        require_round_trips(event_of(imported.value(), record->body));
}

}  // namespace tenure::fuzz
