#include <string>
#include <variant>

#include "base/invariant.h"
#include "base/match.h"
#include "codec/json_lines.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

void add(std::string& line, std::string_view name, std::string_view text) {
    line += ",\"" + std::string(name) + "\":" + codec::json_string(text);
}

void add(std::string& line, const domain::AsOf& as_of) {
    if (as_of.at) add(line, "at", format_instant(*as_of.at));
    if (as_of.revision) line += ",\"revision\":" + std::to_string(as_of.revision->value);
    if (as_of.known_at) add(line, "knownAt", format_instant(*as_of.known_at));
}

std::string line_of(const domain::AskLine& ask) {
    std::string line;
    std::visit(match{[&](const domain::CheckQuestion& q) {
                         line = "{\"kind\":\"check\"";
                         add(line, "principal", q.principal);
                         add(line, "scope", q.scope);
                     },
                     [&](const domain::WhoCanQuestion& q) {
                         line = "{\"kind\":\"who-can\"";
                         add(line, "scope", q.scope);
                     },
                     [&](const domain::WhatCanQuestion& q) {
                         line = "{\"kind\":\"what-can\"";
                         add(line, "principal", q.principal);
                     }},
               ask.question);
    std::visit(
        [&](const auto& question) {
            add(line, "tenant", question.tenant);
            add(line, "action", question.action);
            add(line, "plane", domain::name_of(question.plane));
            add(line, question.as_of);
        },
        ask.question);
    if (ask.expected_allow) add(line, "expected", *ask.expected_allow ? "allow" : "deny");
    if (ask.expected_list) {
        line += ",\"expected\":[";
        for (const std::string& name : *ask.expected_list)
            line += codec::json_string(name) + (&name == &ask.expected_list->back() ? "" : ",");
        line += ']';
    }
    return line + "}";
}

}  // namespace

void ask_line(Bytes input) {
    const auto ask = codec::parse_ask_line(text_of(input), "contoso");
    if (!ask) {
        INVARIANT(!ask.error().detail.empty());
        return;
    }
    const auto again = codec::parse_ask_line(line_of(ask.value()), "fabrikam");
    INVARIANT(again.has_value());
    INVARIANT(again.value() == ask.value());
}

}  // namespace tenure::fuzz
