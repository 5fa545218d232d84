// Commands: anything that changes a tenant, as one batch or by the object it changes.

#include <algorithm>

#include "api/json_text.h"
#include "api/store_json.h"
#include "base/text.h"
#include "codec/json_document.h"
#include "codec/json_lines.h"
#include "codec/json_requests.h"
#include "codec/role_definitions.h"
#include "domain/role_changes.h"
#include "server/reading.h"
#include "server/store_token.h"

namespace tenure::server {
namespace {

constexpr std::string_view idempotency_key = "Idempotency-Key";

// Batch of one command by the asker.
domain::Batch batch_of(const Call& call, domain::CommandBody body) {
    domain::Batch batch;
    domain::Command& command = batch.commands.emplace_back();
    command.tenant = call.tenant;
    command.actor = call.identity.principal;
    command.body = std::move(body);
    return batch;
}

// What a store token is limited to is a limit for writing, too: commands need actions of their own,
// which the writer asks of the principal, not of the token.
Result<void> token_may_write(const Call& call) {
    if (call.identity.actions.empty()) return success();
    return Error{Errc::forbidden, "token " + quoted(call.identity.token) +
                                      " is limited to some actions and cannot change anything"};
}

// A header that may be left out; nothing may be said twice.
Result<std::string> single(const Call& call, std::string_view name) {
    if (call.request.count(name) > 1)
        return invalid(std::string(name),
                       std::string(name) + " is given more than once; one is taken");
    const auto value = call.request[name];
    return std::string(value.data(), value.size());
}

Result<domain::Batch> finished(const Call& call, domain::Batch batch) {
    TRY(token_may_write(call));
    TRY(batch.command_id, single(call, idempotency_key));
    if (batch.command_id.empty() && call.request.count(idempotency_key) > 0)
        return invalid(std::string(idempotency_key),
                       "Idempotency-Key is empty: say which key, or leave it out");
    TRY(const std::string reason, single(call, "Tenure-Reason"));
    TRY(const std::string ticket, single(call, "Tenure-Ticket"));
    for (domain::Command& command : batch.commands) {
        if (command.reason.empty()) command.reason = reason;
        if (command.ticket.empty()) command.ticket = ticket;
    }
    return batch;
}

// A condition that would be passed over must not seem to hold.
Result<void> no_condition(const Call& call, http::field name, std::string_view why) {
    if (call.request.count(name) == 0) return success();
    const auto header = http::to_string(name);
    const std::string text{header.data(), header.size()};
    return invalid(text, text + " is not taken here: " + std::string(why));
}

// Of changes of no object, or of one that is not replaced.
Result<void> no_conditions(const Call& call) {
    constexpr std::string_view why = "this change does not depend on what there is";
    TRY(no_condition(call, http::field::if_match, why));
    return no_condition(call, http::field::if_none_match, why);
}

// Of changes of an object that there is.
Result<void> no_if_none_match(const Call& call) {
    return no_condition(call, http::field::if_none_match,
                        "If-Match is what guards a change of an object that is there");
}

Result<domain::Batch> commands(Call& call, node::Session&) {
    TRY(no_parameters(call));
    TRY(no_conditions(call));
    TRY(auto batch,
        codec::parse_commands(call.request.body(), call.tenant, call.identity.principal));
    if (call.identity.pending &&
        !std::ranges::all_of(batch.commands, [](const domain::Command& command) {
            return std::holds_alternative<domain::AcceptInvitation>(command.body);
        }))
        return Error{Errc::forbidden, quoted(call.identity.principal) +
                                          " has not accepted its invitation and can do only that"};
    return finished(call, std::move(batch));
}

// "42" with its quotes.
std::optional<Revision> revision_of_tag(std::string_view tag) {
    if (tag.size() <= 2 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
    const std::string digits{tag.substr(1, tag.size() - 2)};
    if (digits.size() >= 20 || digits.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return Revision{std::stoull(digits)};
}

Error no_tag(std::string_view header, std::string_view tag) {
    return invalid(std::string(header),
                   quoted(tag) + " is not the entity tag of one object, such as \"42\"");
}

bool has_if_match(const Call& call) { return call.request.count(http::field::if_match) > 0; }

// The entity tag of If-Match, as a revision. "*": any.
Result<std::optional<Revision>> if_match(const Call& call) {
    std::optional<Revision> revision;
    if (!has_if_match(call)) return revision;
    TRY(const std::string tag, single(call, "If-Match"));
    if (tag == "*") return revision;
    revision = revision_of_tag(tag);
    if (!revision) return no_tag("If-Match", tag);
    return revision;
}

// The entity tags of If-None-Match, as revisions.
struct NoneOf {
    bool any = false;  // "*"
    std::vector<Revision> revisions;

    bool matches(Revision revision) const {
        return any || std::ranges::find(revisions, revision) != revisions.end();
    }
};

Result<NoneOf> if_none_match(const Call& call) {
    NoneOf none_of;
    if (call.request.count(http::field::if_none_match) == 0) return none_of;
    TRY(const std::string header, single(call, "If-None-Match"));
    TRY(const NoneMatch given, parse_none_match(header));
    none_of.any = given.any;
    for (const std::string_view tag : given.tags) {
        const auto revision = revision_of_tag(tag);
        if (!revision) return no_tag("If-None-Match", tag);
        none_of.revisions.push_back(*revision);
    }
    return none_of;
}

// Nothing of the tenant may have been recorded between the look at the object and the change of it.
Result<void> still(Call& call, node::Session& session, Revision since) {
    TRY(const auto expected, if_match(call));
    if (!expected) return success();
    call.guard.tenant_at = session.last_revision(call.tenant);
    if (since != *expected)
        call.guard.unmet =
            Error{Errc::conflict,
                  quoted(call.id) + " was changed at revision " + std::to_string(since.value) +
                      ", not at " + std::to_string(expected->value) +
                      " as If-Match says: read it again and decide anew",
                  "If-Match"};
    return success();
}

Result<domain::Batch> put_role(Call& call, node::Session& session) {
    TRY(no_parameters(call));
    TRY(auto given, codec::parse_role_definitions(call.request.body()));
    if (given.size() != 1)
        return invalid("body", "one role definition is expected, " + std::to_string(given.size()) +
                                   " are given");
    domain::Role role = std::move(given.front().role);
    if (given.front().id_given && !equal_folded(role.id, call.id))
        return invalid("id", "the definition is of role " + quoted(role.id) + ", the path says " +
                                 quoted(call.id));
    role.id = call.id;
    if (role.built_in)
        return invalid("type",
                       "built-in roles are changed by catalogs only; leave out the type or "
                       "say CustomRole");
    const auto present = session.role(call.tenant, call.id, {});
    const bool known = present && equal_folded(present.value().role.role.id, call.id) &&
                       !present.value().role.role.built_in;
    TRY(const NoneOf none_of, if_none_match(call));
    const bool only_new = none_of.any;
    if (known && only_new) {
        call.guard.unmet =
            Error{Errc::conflict, "role " + quoted(call.id) + " exists already", "If-None-Match"};
    } else if (known) {
        const Revision since = present.value().role.since;
        TRY(still(call, session, since));
        if (!none_of.revisions.empty()) call.guard.tenant_at = session.last_revision(call.tenant);
        if (none_of.matches(since))
            call.guard.unmet =
                Error{Errc::conflict,
                      "role " + quoted(call.id) + " is as it was made at revision " +
                          std::to_string(since.value) + ", which If-None-Match rules out",
                      "If-None-Match"};
    } else if (has_if_match(call)) {
        TRY(if_match(call));
        call.guard.unmet = Error{Errc::conflict, "there is no role " + quoted(call.id), "If-Match"};
    }
    TRY(domain::Batch define, finished(call, batch_of(call, domain::DefineRole{role})));
    TRY(domain::Batch update, finished(call, batch_of(call, domain::UpdateRole{role})));
    const bool updates = known && !only_new;
    call.before = updates ? define : update;
    return updates ? update : define;
}

Result<domain::Batch> delete_role(Call& call, node::Session& session) {
    TRY(no_parameters(call));
    TRY(no_if_none_match(call));
    domain::Batch batch = batch_of(call, domain::DeleteRole{call.id});
    if (has_if_match(call)) {
        TRY(if_match(call));
        const auto present = session.role(call.tenant, call.id, {});
        if (present) {
            TRY(still(call, session, present.value().role.since));
        }
    }
    return finished(call, std::move(batch));
}

// The members the route knows, put before those of the body.
Result<std::string> with_members(const Call& call, std::string members) {
    std::string_view body = call.request.body();
    // What is put together from it below is of the form it should be only if it is one object.
    TRY(codec::JsonDocument(body, "body").parse());
    const std::size_t brace = body.find_first_not_of(" \t\r\n");
    if (brace == std::string_view::npos || body[brace] != '{')
        return invalid("body", "a JSON object is expected");
    body.remove_prefix(brace + 1);
    const std::size_t next = body.find_first_not_of(" \t\r\n");
    const bool empty = next == std::string_view::npos || body[next] == '}';
    return '{' + std::move(members) + (empty ? "" : ",") + std::string(body);
}

// One command, by its data as JSON.
Result<domain::Batch> of_data(const Call& call, std::string_view type, std::string_view data) {
    std::string body = R"({"commands":[{"type":)" + codec::json_string(type) + R"(,"data":)";
    body += data;
    body += "}]}";
    return codec::parse_commands(body, call.tenant, call.identity.principal);
}

Result<domain::Batch> of_assignment(const Call& call, std::string_view type) {
    TRY(const std::string data,
        with_members(call, R"("assignment":)" + codec::json_string(call.id)));
    return of_data(call, type, data);
}

Result<domain::Batch> put_assignment(Call& call, node::Session&) {
    TRY(no_parameters(call));
    TRY(no_conditions(call));
    TRY(auto batch, of_assignment(call, "assignment.create"));
    return finished(call, std::move(batch));
}

Result<void> assignment_still(Call& call, node::Session& session) {
    TRY(no_if_none_match(call));
    if (!has_if_match(call)) return success();
    TRY(if_match(call));
    TRY(const auto present, session.assignment(call.tenant, call.id, {}));
    // The change itself says so.
    if (!present.assignment) return success();
    return still(call, session, present.since);
}

Result<domain::Batch> patch_assignment(Call& call, node::Session& session) {
    TRY(no_parameters(call));
    TRY(auto batch, of_assignment(call, "assignment.update"));
    TRY(assignment_still(call, session));
    return finished(call, std::move(batch));
}

Result<domain::Batch> put_assignment_role(Call& call, node::Session& session) {
    TRY(no_parameters(call));
    TRY(auto batch, of_assignment(call, "assignment.changeRole"));
    TRY(assignment_still(call, session));
    return finished(call, std::move(batch));
}

Result<domain::Batch> delete_assignment(Call& call, node::Session& session) {
    TRY(no_parameters(call));
    domain::Batch batch = batch_of(call, domain::RevokeAssignment{call.id});
    TRY(assignment_still(call, session));
    return finished(call, std::move(batch));
}

// The server makes the token: nobody else has ever seen it, and the log only ever sees its hash.
Result<domain::Batch> post_token(Call& call, node::Session&) {
    TRY(no_parameters(call));
    TRY(no_conditions(call));
    call.secret = make_store_token(call.service.random);
    const std::string hash = hash_of(call.secret);
    TRY(const std::string data,
        with_members(call, R"("token":)" + codec::json_string(domain::token_id_of(hash)) +
                               R"(,"secretHash":)" + codec::json_string(hash)));
    TRY(auto batch, of_data(call, "token.issue", data));
    return finished(call, std::move(batch));
}

Reply token_made(Call& call, const node::Receipt& receipt) {
    api::JsonText json;
    json.begin_object();
    json.member("token", call.secret);
    json.member("id", domain::token_id_of(hash_of(call.secret)));
    json.member("revision", receipt.last);
    json.end_object();
    Reply reply{201, "application/json", json.take()};
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

Result<domain::Batch> delete_token(Call& call, node::Session&) {
    TRY(no_parameters(call));
    TRY(no_conditions(call));
    return finished(call, batch_of(call, domain::RevokeToken{call.id}));
}

}  // namespace

void add_command_routes(std::vector<Route>& routes) {
    using enum http::verb;
    const auto add = [&](http::verb verb, std::string_view path,
                         Result<domain::Batch> (*batch)(Call&, node::Session&),
                         std::string_view operation) {
        Route route;
        route.path = path;
        route.verb = verb;
        route.runs = Runs::write;
        route.batch = batch;
        route.operation = operation;
        routes.push_back(route);
    };
    add(post, "/v1/tenants/{tenant}/commands", commands, "commands");
    routes.back().for_the_invited = true;
    add(put, "/v1/tenants/{tenant}/roles/{id}", put_role, "putRole");
    add(delete_, "/v1/tenants/{tenant}/roles/{id}", delete_role, "deleteRole");
    add(put, "/v1/tenants/{tenant}/assignments/{id}", put_assignment, "putAssignment");
    add(patch, "/v1/tenants/{tenant}/assignments/{id}", patch_assignment, "patchAssignment");
    add(put, "/v1/tenants/{tenant}/assignments/{id}/role", put_assignment_role,
        "putAssignmentRole");
    add(delete_, "/v1/tenants/{tenant}/assignments/{id}", delete_assignment, "deleteAssignment");
    add(post, "/v1/tenants/{tenant}/tokens", post_token, "postToken");
    routes.back().receipt = token_made;
    add(delete_, "/v1/tenants/{tenant}/tokens/{id}", delete_token, "deleteToken");
}

}  // namespace tenure::server
