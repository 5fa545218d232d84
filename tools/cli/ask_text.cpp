#include "cli/ask_text.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "api/json_text.h"
#include "base/match.h"
#include "base/text.h"

namespace tenure::cli {
namespace {

std::vector<std::string> ids_of(const Answer& answer) {
    std::vector<std::string> ids;
    if (const auto* who = std::get_if<query::WhoCanAnswer>(&answer))
        for (const query::WhoCanEntry& entry : who->principals) ids.push_back(entry.principal);
    if (const auto* what = std::get_if<query::WhatCanAnswer>(&answer))
        for (const query::WhatCanEntry& entry : what->scopes) ids.push_back(entry.scope);
    return ids;
}

std::string list_text(const std::vector<std::string>& items) {
    constexpr std::size_t shown_max = 10;
    std::string text = joined(std::span{items}.first(std::min(items.size(), shown_max)));
    if (items.size() > shown_max)
        text += " and " + std::to_string(items.size() - shown_max) + " more";
    return text;
}

std::string when_text(const domain::AsOf& as_of) {
    std::string text;
    if (as_of.at) text += " at " + format_instant(*as_of.at);
    if (as_of.revision) text += " at revision " + std::to_string(as_of.revision->value);
    if (as_of.known_at) text += " as known at " + format_instant(*as_of.known_at);
    return text;
}

std::string question_text(const domain::AskLine& line) {
    return std::visit(match{[](const domain::CheckQuestion& q) {
                                return "check " + quoted(q.principal) + " " + quoted(q.action) +
                                       " on " + quoted(q.scope) + when_text(q.as_of);
                            },
                            [](const domain::WhoCanQuestion& q) {
                                return "who-can " + quoted(q.action) + " on " + quoted(q.scope) +
                                       when_text(q.as_of);
                            },
                            [](const domain::WhatCanQuestion& q) {
                                return "what-can " + quoted(q.principal) + " " + quoted(q.action) +
                                       when_text(q.as_of);
                            }},
                      line.question);
}

// Both sorted.
std::vector<std::string> only_in(const std::vector<std::string>& these,
                                 const std::vector<std::string>& those) {
    std::vector<std::string> only;
    std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                        std::back_inserter(only));
    return only;
}

std::string list_mismatch(std::vector<std::string> expected, std::vector<std::string> got) {
    std::sort(expected.begin(), expected.end());
    std::sort(got.begin(), got.end());
    const auto missing = only_in(expected, got);
    const auto surplus = only_in(got, expected);
    std::string text;
    if (!missing.empty()) text += "missing " + list_text(missing);
    if (!surplus.empty()) text += (text.empty() ? "" : "; ") + ("unexpected " + list_text(surplus));
    return text.empty() ? "the same entries in another order, or more than once" : text;
}

}  // namespace

std::string answer_line(std::uint64_t line, const Answer& answer) {
    api::JsonText json;
    json.begin_object();
    json.member("line", line);
    const query::Basis& basis =
        std::visit([](const auto& each) -> const query::Basis& { return each.basis; }, answer);
    if (const auto* check = std::get_if<query::CheckAnswer>(&answer))
        json.member("decision", check->allowed ? "allow" : "deny");
    else
        json.list_member(
            std::holds_alternative<query::WhoCanAnswer>(answer) ? "principals" : "scopes",
            ids_of(answer));
    json.member("revision", basis.revision);
    json.member("final", basis.final);
    json.end_object();
    return json.take();
}

std::string answer_line(std::uint64_t line, const Error& error) {
    api::JsonText json;
    json.begin_object();
    json.member("line", line);
    json.member("error", name_of(error.code));
    json.member("detail", error.detail);
    json.text_member("field", error.field);
    json.end_object();
    return json.take();
}

bool has_expectation(const domain::AskLine& question) {
    return question.expected_allow.has_value() || question.expected_list.has_value();
}

std::optional<std::string> mismatch(const domain::AskLine& question, const Answer& answer) {
    if (const auto* check = std::get_if<query::CheckAnswer>(&answer)) {
        if (!question.expected_allow || *question.expected_allow == check->allowed)
            return std::nullopt;
        return question_text(question) + ": expected " +
               (*question.expected_allow ? "allow, got deny" : "deny, got allow") + " (revision " +
               std::to_string(check->basis.revision.value) + ')';
    }
    if (!question.expected_list) return std::nullopt;
    const auto got = ids_of(answer);
    if (got == *question.expected_list) return std::nullopt;
    return question_text(question) + ": " + list_mismatch(*question.expected_list, got);
}

}  // namespace tenure::cli
