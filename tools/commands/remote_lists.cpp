#include "commands/remote_lists.h"

#include "codec/json_document.h"
#include "codec/json_lines.h"
#include "commands/remote_answers.h"
#include "server/json_member.h"

namespace tenure::commands {
namespace {

// Asks for page after page; `add` takes the id of each entry of the list called `list`, which is
// its member `id`.
template <class Add>
Result<query::Basis> each_entry(Remote& remote, RemoteQuestion question, std::string_view list,
                                std::string_view id, Add&& add) {
    question.add_page({});
    for (;;) {
        TRY(const auto answer, remote.ask(question, json_form));
        codec::JsonDocument document{answer.body};
        if (!document.parse()) return strange_answer();
        const codec::JsonValue* entries = server::member_of(document, 0, list);
        if (entries == nullptr) return strange_answer();
        const auto first = static_cast<codec::JsonIndex>(entries - &document[0]);
        for (codec::JsonIndex at = first + 1; at < entries->end; at = document[at].end) {
            const codec::JsonValue* name = server::member_of(document, at, id);
            if (name == nullptr) return strange_answer();
            add(std::string(name->text));
        }
        const codec::JsonValue* next = server::member_of(document, 0, "next");
        if (next == nullptr) return read_basis(document);
        std::erase_if(question.parameters,
                      [](const auto& parameter) { return parameter.first == "cursor"; });
        question.add("cursor", next->text);
    }
}

template <class Asked>
RemoteQuestion question_of(const char* path, const Asked& asked) {
    RemoteQuestion question{path};
    question.parameters.emplace_back("action", asked.action);
    question.add_plane(asked.plane);
    question.add("sub_operation", asked.attributes.sub_operation);
    question.add_as_of(asked.as_of);
    question.attributes = codec::attributes_json(asked.attributes);
    return question;
}

}  // namespace

Result<cli::Answer> remote_list(Remote& remote, const domain::AskLine& asked,
                                const std::string& within) {
    if (const auto* who = std::get_if<domain::WhoCanQuestion>(&asked.question)) {
        RemoteQuestion question = question_of("who-can", *who);
        question.parameters.emplace_back("scope", who->scope);
        query::WhoCanAnswer answer;
        TRY(answer.basis,
            each_entry(remote, std::move(question), "principals", "principal", [&](std::string id) {
                answer.principals.emplace_back().principal = std::move(id);
            }));
        return cli::Answer{std::move(answer)};
    }
    const auto& what = std::get<domain::WhatCanQuestion>(asked.question);
    RemoteQuestion question = question_of("what-can", what);
    question.parameters.emplace_back("principal", what.principal);
    question.add("within", within);
    query::WhatCanAnswer answer;
    TRY(answer.basis,
        each_entry(remote, std::move(question), "scopes", "scope",
                   [&](std::string id) { answer.scopes.emplace_back().scope = std::move(id); }));
    return cli::Answer{std::move(answer)};
}

}  // namespace tenure::commands
