#include "api/token_list.h"

#include "api/answer_text.h"
#include "api/json_parts.h"
#include "api/table.h"
#include "base/text.h"

namespace tenure::api {
namespace {

std::optional<Instant> last_used(const TokenList& list, std::size_t number) {
    return number < list.last_used.size() ? list.last_used[number] : std::nullopt;
}

std::string state_text(const domain::TokenState& state, const query::Basis& basis) {
    if (state.revoked) return "revoked";
    const auto& end = state.token.expires_at;
    if (!end) return "good";
    return (basis.clock && *end <= *basis.clock ? "expired " : "until ") + format_instant(*end);
}

}  // namespace

std::string to_json(const TokenList& list) {
    JsonText json;
    json.begin_object();
    json.name("tokens");
    json.begin_array();
    for (std::size_t i = 0; i < list.answer.tokens.size(); ++i) {
        const query::DatedToken& dated = list.answer.tokens[i];
        const domain::Token& token = dated.state.token;
        json.begin_object();
        json.member("token", token.id);
        json.member("principal", token.principal);
        json.text_member("name", token.name);
        if (!token.actions.empty()) json.list_member("actions", token.actions);
        json.member("expiresAt", token.expires_at);
        json.member("revoked", dated.state.revoked);
        json.member("since", dated.since);
        json.member("lastUsed", last_used(list, i));
        json.end_object();
    }
    json.end_array();
    json.text_member("next", list.answer.next);
    json.member("usesSince", list.uses_since);
    if (!list.uses_complete) json.member("usesComplete", false);
    basis_members(json, list.answer.basis);
    json.end_object();
    return json.take();
}

std::string to_text(const TokenList& list, const Paint& paint) {
    const query::TokensAnswer& answer = list.answer;
    Table table{{{"TOKEN"}, {"PRINCIPAL"}, {"NAME"}, {"ONLY FOR"}, {"STATE"}, {"LAST USED"}}};
    for (std::size_t i = 0; i < answer.tokens.size(); ++i) {
        const domain::TokenState& state = answer.tokens[i].state;
        const auto used = last_used(list, i);
        table.add({state.token.id, state.token.principal, state.token.name,
                   joined(state.token.actions), state_text(state, answer.basis),
                   used ? format_instant(*used) : std::string{}});
    }
    std::string text = table.rows() > 0 ? table.take(paint) : std::string{};
    text += list_end(answer.tokens.size(), "token", answer.next, answer.basis, paint);
    const std::string uses =
        list.uses_since
            ? "last used: at this server, since it started at " + format_instant(*list.uses_since)
            : "last used: a running server knows it, ask with --server";
    const std::string_view more =
        list.uses_complete ? "" : "; not of all tokens: there are more than its token_uses_max";
    return text + paint(Colour::faint, uses + std::string(more)) + '\n';
}

}  // namespace tenure::api
