#include "commands/remote_roles.h"

#include "codec/json_document.h"
#include "codec/role_definitions.h"
#include "commands/remote_answers.h"
#include "server/http.h"
#include "server/json_member.h"

namespace tenure::commands {
namespace {

// The definitions behind an answer, as of the moment it is of.
Result<std::vector<domain::GivenRole>> definitions(Remote& remote, RemoteQuestion question,
                                                   domain::AsOf as_of, const query::Basis& basis) {
    if (!as_of.at && !as_of.revision) as_of.revision = basis.revision;
    question.add_as_of(as_of);
    TRY(const auto answer, remote.ask(question, lines_form));
    if (answer.body.empty()) return std::vector<domain::GivenRole>{};
    return codec::parse_role_definitions(answer.body);
}

}  // namespace

Result<query::RoleAnswer> role_at(Remote& remote, const std::string& role,
                                  const domain::AsOf& as_of) {
    const RemoteQuestion question{"roles/" + server::percent_encoded(role)};
    RemoteQuestion dated = question;
    dated.add_as_of(as_of);
    TRY(const auto answer, remote.ask(dated, json_form));
    codec::JsonDocument document{answer.body};
    if (!document.parse()) return strange_answer();
    query::RoleAnswer found;
    TRY(found.basis, read_basis(document));
    if (const codec::JsonValue* event = server::member_of(document, 0, "event")) {
        const auto at = static_cast<codec::JsonIndex>(event - &document[0]);
        TRY(found.role.since, revision_member(document, at, "revision"));
    }
    TRY(auto given, definitions(remote, question, as_of, found.basis));
    if (given.size() != 1) return strange_answer();
    found.role.role = std::move(given.front().role);
    return found;
}

Result<query::RolesAnswer> roles_at(Remote& remote, const std::string& scope,
                                    const domain::AsOf& as_of) {
    RemoteQuestion question{"roles"};
    question.add("scope", scope);
    RemoteQuestion dated = question;
    dated.add_as_of(as_of);
    TRY(const auto answer, remote.ask(dated, json_form));
    codec::JsonDocument document{answer.body};
    if (!document.parse()) return strange_answer();
    query::RolesAnswer found;
    TRY(found.basis, read_basis(document));
    TRY(auto given, definitions(remote, question, as_of, found.basis));
    for (domain::GivenRole& each : given) found.roles.push_back({std::move(each.role), {}});
    return found;
}

}  // namespace tenure::commands
