#include "codec/json_lines.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "base/match.h"
#include "base/text.h"
#include "codec/json_document.h"
#include "codec/json_fields.h"
#include "codec/json_members.h"
#include "codec/json_questions.h"
#include "codec/json_requests.h"
#include "codec/json_writer.h"
#include "domain/limits.h"

namespace tenure::codec {
namespace {

// How the data of one type of line is read.
struct LineType {
    void (*read)(JsonMembers& data, domain::CommandBody& to);
    bool is_event;
};

using LineTypes = std::unordered_map<std::string_view, LineType>;

template <class Body>
void read_command(JsonMembers& data, domain::CommandBody& to) {
    fields(data, to.emplace<Body>());
}

template <class Body>
void read_event(JsonMembers& data, domain::CommandBody& to) {
    fields(data, to.emplace<domain::RecordEvent>().body.emplace<Body>());
}

template <class... Body>
void add_events(LineTypes& types, std::type_identity<std::variant<Body...>>) {
    (types.emplace(domain::type_of(domain::EventBody{Body{}}), LineType{read_event<Body>, true}),
     ...);
}

// The commands: every alternative but RecordEvent, whose types are those of the events.
template <class... Body>
void add_commands(LineTypes& types, std::type_identity<std::variant<Body...>>) {
    const auto add = [&]<class T>(std::type_identity<T>) {
        if constexpr (!std::same_as<T, domain::RecordEvent>)
            types.emplace(domain::type_of(domain::CommandBody{T{}}),
                          LineType{read_command<T>, false});
    };
    (add(std::type_identity<Body>{}), ...);
}

const LineTypes& line_types() {
    static const LineTypes types = [] {
        LineTypes all;
        add_commands(all, std::type_identity<domain::CommandBody>{});
        add_events(all, std::type_identity<domain::EventBody>{});
        return all;
    }();
    return types;
}

// The types of the same object as `type`, or all if it names none.
std::string types_near(std::string_view type, bool importing) {
    const std::string_view object = type.substr(0, type.find('.'));
    std::vector<std::string_view> same;
    std::vector<std::string_view> all;
    const auto add = [&](std::string_view name) {
        all.push_back(name);
        if (name.substr(0, name.find('.')) == object) same.push_back(name);
    };
    for (const std::string_view name : domain::command_types()) add(name);
    if (importing)
        for (const std::string_view name : domain::event_types()) add(name);
    return joined(same.empty() ? all : same);
}

const LineType* read_type(JsonMembers& line, bool importing) {
    std::string type;
    line.required("type", type);
    const auto found = line_types().find(type);
    if (found == line_types().end()) {
        line.refuse("type", quoted(type) + " is not a type of line: " +
                                types_near(type, importing) + " is expected");
        return nullptr;
    }
    if (found->second.is_event && !importing) {
        line.refuse("type", quoted(type) +
                                " is an event: events are accepted when history is imported; a "
                                "command is expected");
        return nullptr;
    }
    return &found->second;
}

// What event_line says of an event that its import gets anew: checked for type, then forgotten.
void skip_event_header(JsonMembers& line) {
    std::uint64_t number = 0;
    Instant instant;
    std::string text;
    line.optional("revision", number);
    line.optional("term", number);
    line.optional("recordedAt", instant);
    line.optional("importedBy", text);
    line.optional("commandId", text);
    line.optional("command", text);
}

void read_envelope(JsonMembers& line, const LineDefaults& defaults, domain::Command& command) {
    command.tenant = defaults.tenant;
    command.actor = defaults.actor;
    if (defaults.importing) {
        line.required("time", command.effective_at);
        command.imported_by = defaults.imported_by;
        line.optional("source", command.source);
    } else if (line.has("time")) {
        line.refuse(
            "time",
            "'time' is accepted when history is imported: a command takes effect when it is "
            "recorded");
    } else if (line.has("source")) {
        line.refuse("source", "'source' is accepted when history is imported");
    }
    if (!defaults.fixed) {
        line.optional("tenant", command.tenant);
        line.optional("actor", command.actor);
    }
    line.optional("reason", command.reason);
    line.optional("ticket", command.ticket);
}

std::optional<bool> read_expected_decision(JsonMembers& line) {
    if (!line.has("expected")) return std::nullopt;
    std::string expected;
    line.required("expected", expected);
    if (expected != "allow" && expected != "deny")
        line.refuse("expected", quoted(expected) + " is not allow or deny");
    return expected == "allow";
}

void read_check(JsonMembers& line, std::string tenant, domain::AskLine& ask) {
    auto& question = ask.question.emplace<domain::CheckQuestion>();
    question.tenant = std::move(tenant);
    line.required("principal", question.principal);
    line.required("action", question.action);
    line.required("scope", question.scope);
    question.plane = read_plane(line);
    question.as_of = read_as_of(line);
    question.attributes = read_attributes(line);
    ask.expected_allow = read_expected_decision(line);
}

void read_who_can(JsonMembers& line, std::string tenant, domain::AskLine& ask) {
    auto& question = ask.question.emplace<domain::WhoCanQuestion>();
    question.tenant = std::move(tenant);
    line.required("action", question.action);
    line.required("scope", question.scope);
    question.plane = read_plane(line);
    question.as_of = read_as_of(line);
    question.attributes = read_attributes(line);
    line.optional("expected", ask.expected_list);
}

void read_what_can(JsonMembers& line, std::string tenant, domain::AskLine& ask) {
    auto& question = ask.question.emplace<domain::WhatCanQuestion>();
    question.tenant = std::move(tenant);
    line.required("principal", question.principal);
    line.required("action", question.action);
    question.plane = read_plane(line);
    question.as_of = read_as_of(line);
    question.attributes = read_attributes(line);
    line.optional("expected", ask.expected_list);
}

}  // namespace

namespace {

void read_command_line(JsonMembers& line, const LineDefaults& defaults, domain::Command& command) {
    const LineType* type = read_type(line, defaults.importing);
    read_envelope(line, defaults, command);
    if (type == nullptr) return;
    if (type->is_event) skip_event_header(line);
    line.object("data", command.body, type->read);
    line.finish();
}

}  // namespace

Result<domain::Command> parse_command_line(std::string_view text, const LineDefaults& defaults) {
    JsonDocument document{text};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers line{reading, 0};
    domain::Command command;

    read_command_line(line, defaults, command);
    if (reading.failed()) return reading.take_error();
    return command;
}

Result<domain::Batch> parse_commands(std::string_view body, std::string_view tenant,
                                     std::string_view actor) {
    JsonDocument document{body, "body"};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers members{reading, 0};
    domain::Batch batch;
    LineDefaults defaults{std::string(tenant), std::string(actor)};
    defaults.fixed = true;
    members.objects("commands", domain::limits::batch_commands_max, batch.commands,
                    [&](JsonMembers& line, domain::Command& command) {
                        read_command_line(line, defaults, command);
                    });
    if (members.has("expectedRevision"))
        members.required("expectedRevision", batch.expected_revision.emplace().value);
    members.finish();
    if (reading.failed()) return reading.take_error();
    return batch;
}

Result<domain::AskLine> parse_ask_line(std::string_view text, std::string_view default_tenant) {
    JsonDocument document{text};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers line{reading, 0};
    domain::AskLine ask;

    std::string tenant{default_tenant};
    std::string kind = "check";
    line.optional("tenant", tenant);
    line.optional("kind", kind);
    if (kind == "check")
        read_check(line, std::move(tenant), ask);
    else if (kind == "who-can")
        read_who_can(line, std::move(tenant), ask);
    else if (kind == "what-can")
        read_what_can(line, std::move(tenant), ask);
    else
        line.refuse("kind", quoted(kind) + " is not check, who-can or what-can");
    line.finish();
    if (reading.failed()) return reading.take_error();
    return ask;
}

Result<domain::condition::GivenAttributes> parse_attributes(std::string_view text) {
    JsonDocument document{text};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers sources{reading, 0};
    domain::condition::GivenAttributes given;
    sources.optional("request", given.request);
    sources.optional("resource", given.resource);
    sources.optional("principal", given.principal);
    sources.optional("environment", given.environment);
    sources.finish();
    if (reading.failed()) return reading.take_error();
    return given;
}

std::string attributes_json(const domain::AskedAttributes& attributes) {
    std::string out;
    JsonWriter sources{out};
    sources.optional("request", attributes.request.all());
    sources.optional("resource", attributes.resource.all());
    sources.optional("environment", attributes.environment.all());
    sources.finish();
    return out == "{}" ? std::string{} : out;
}

namespace {

// The members of an event's line before its type, written by a JsonWriter or read by JsonMembers.
template <class Line, class Event>
void place(Line& line, Event& event) {
    line.required("revision", event.revision.value);
    line.required("term", event.term.value);
    line.required("recordedAt", event.recorded_at);
}

template <class Line, class Event>
void origin(Line& line, Event& event) {
    line.required("time", event.effective_at);
    line.required("tenant", event.tenant);
    line.required("actor", event.actor);
    line.optional("importedBy", event.imported_by);
    line.optional("commandId", event.command_id);
    line.optional("command", event.cause.command);
    line.optional("reason", event.cause.reason);
    line.optional("ticket", event.cause.ticket);
    line.optional("source", event.cause.source);
}

}  // namespace

std::string event_line(const domain::Event& event) {
    std::string out;
    JsonWriter line{out};
    if (event.revision != revision_none) place(line, event);
    origin(line, event);
    line.required("type", domain::type_of(event.body));
    line.object("data", event.body, [](JsonWriter& data, const domain::EventBody& body) {
        std::visit([&](const auto& payload) { fields(data, payload); }, body);
    });
    line.finish();
    return out;
}

Result<domain::Event> parse_event_line(std::string_view text) {
    JsonDocument document{text};
    TRY(document.parse());
    JsonReading reading{document};
    JsonMembers line{reading, 0};
    domain::Event event;
    place(line, event);
    origin(line, event);
    event.imported = !event.imported_by.empty();
    if (const LineType* type = read_type(line, true)) {
        domain::CommandBody body;
        line.object("data", body, type->read);
        if (auto* record = std::get_if<domain::RecordEvent>(&body))
            event.body = std::move(record->body);
        else
            line.refuse("type", "a command is no event");
    }
    line.finish();
    if (reading.failed()) return reading.take_error();
    return event;
}

std::string command_json(const domain::Command& command) {
    std::string out;
    JsonWriter line{out};
    line.required("type", domain::type_of(command.body));
    line.optional("reason", command.reason);
    line.optional("ticket", command.ticket);
    line.object("data", command.body, [](JsonWriter& data, const domain::CommandBody& body) {
        std::visit(match{[](const domain::RecordEvent&) {},
                         [&](const auto& payload) { fields(data, payload); }},
                   body);
    });
    line.finish();
    return out;
}

std::string event_data_json(const domain::EventBody& body) {
    std::string out;
    JsonWriter data{out};
    std::visit([&](const auto& payload) { fields(data, payload); }, body);
    data.finish();
    return out;
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json(out, text);
    return out;
}

}  // namespace tenure::codec
