#pragma once
// JSON Lines in and out: commands and history to import, questions to ask, events as people and
// scripts read them. One line is one object; unknown members are refused, so that a typing error is
// not silently ignored. Errors carry the member's path ("data.role") in Error::field.

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/command.h"
#include "domain/condition_attributes.h"
#include "domain/event.h"
#include "domain/question.h"

namespace tenure::codec {

// Limits of one line: refused beyond, before anything is allocated for it.
inline constexpr std::size_t json_line_length_max = std::size_t{4} << 20U;
inline constexpr std::size_t json_depth_max = 16;

// What a line leaves out.
struct LineDefaults {
    std::string tenant{};
    std::string actor{};
    // True: "time" is required and becomes Command::effective_at, and event types are accepted
    // (RecordEvent). False: "time", "source" and event types are refused.
    bool importing = false;
    std::string imported_by{};
    // Tenant and actor are settled elsewhere: a line that names them is refused.
    bool fixed = false;
};

// {"time","tenant","actor","source","reason","ticket","type","data"}; see docs/FORMAT.md, "JSON
// Lines".
Result<domain::Command> parse_command_line(std::string_view line, const LineDefaults& defaults);

// {"time"|"at"|"revision","knownAt","tenant","kind","principal","action","plane","scope","expected"}.
Result<domain::AskLine> parse_ask_line(std::string_view line, std::string_view default_tenant);

// {"request","resource","principal","environment"}: objects of names and values, which are flags,
// integers, texts, or lists of integers or of texts.
Result<domain::condition::GivenAttributes> parse_attributes(std::string_view text);

// What parse_attributes reads, of a question; empty if it has none.
std::string attributes_json(const domain::AskedAttributes& attributes);

// One event as one line (no newline), readable by parse_command_line when importing.
std::string event_line(const domain::Event& event);
// What event_line wrote of a recorded event.
Result<domain::Event> parse_event_line(std::string_view line);
// A command as parse_command_line and parse_commands read it, without its tenant and actor.
std::string command_json(const domain::Command& command);
// The members of the event's "data" only, as a JSON object.
std::string event_data_json(const domain::EventBody& body);

// `text` as a JSON string literal with quotes.
std::string json_string(std::string_view text);

}  // namespace tenure::codec
