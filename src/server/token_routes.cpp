// Which tokens of the store there are, and when each was used last. They are issued and revoked in
// command_routes.cpp.

#include "api/token_list.h"
#include "server/reading.h"

namespace tenure::server {
namespace {

Reply tokens(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.principal = takes.page = true;
    takes.principal_needed = false;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused =
            unless_self_or_may(call, session, asked.value().principal, action::tokens_read, "/"))
        return *refused;
    const auto page = page_of(call, asked.value().limit, asked.value().cursor);
    if (!page) return problem(page.error());
    auto answer =
        session.tokens(call.tenant, asked.value().principal, asked.value().as_of, page.value());
    if (!answer) return problem(answer.error());
    const TokenUses& uses = call.service.token_uses;
    api::TokenList list{std::move(answer.value())};
    list.uses_since = uses.since();
    list.uses_complete = uses.complete();
    for (const query::DatedToken& dated : list.answer.tokens)
        list.last_used.push_back(uses.last_use(call.tenant, dated.state.token.id));
    // The last use is of now, whatever moment the rest is of: never kept.
    return answered(
        call, form_of(call) == Form::text ? api::to_text(list, paint_of(call)) : api::to_json(list),
        list.answer.basis, false);
}

}  // namespace

void add_token_routes(std::vector<Route>& routes) {
    Route route;
    route.path = "/v1/tenants/{tenant}/tokens";
    route.verb = http::verb::get;
    route.runs = Runs::longer;
    route.answer = tokens;
    route.operation = "tokens";
    routes.push_back(route);
}

}  // namespace tenure::server
