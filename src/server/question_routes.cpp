// Questions: check and everything beside it, as GET with parameters or POST with a body.

#include "api/answer_json.h"
#include "api/answer_text.h"
#include "api/events.h"
#include "api/json_parts.h"
#include "api/role_json.h"
#include "api/role_questions.h"
#include "api/role_text.h"
#include "base/text.h"
#include "codec/json_lines.h"
#include "codec/json_writer.h"
#include "codec/role_definitions.h"
#include "server/reading.h"

namespace tenure::server {
namespace {

domain::CheckQuestion check_question(const Call& call, codec::Asked& asked) {
    return {call.tenant,
            std::move(asked.principal),
            std::move(asked.action),
            asked.plane,
            std::move(asked.scope),
            asked.as_of,
            std::move(asked.attributes)};
}

codec::Takes check_takes() {
    codec::Takes takes;
    takes.principal = takes.action = takes.scope = takes.circumstances = true;
    return takes;
}

// A person reads it in the text; programs that want the text have it here.
void add_decision(const Call& call, bool allowed, Reply& reply) {
    if (form_of(call) == Form::text)
        reply.headers.emplace_back("Tenure-Decision", allowed ? "allow" : "deny");
}

Reply check(Call& call, node::Session& session) {
    auto asked = read_asked(call, check_takes());
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_self_or_may(call, session, asked.value().principal,
                                          action::decisions_read, asked.value().scope))
        return *refused;
    const domain::CheckQuestion question = check_question(call, asked.value());
    const auto answer = session.check(question);
    call.service.decision_log.add({"http", call.identity.principal, call.request_id, call.now},
                                  question, answer);
    if (!answer) return problem(answer.error());
    call.service.metrics.decisions("http", answer.value().allowed ? 1 : 0,
                                   answer.value().allowed ? 0 : 1);
    Reply reply = answered(call, body_of(call, answer.value()), answer.value().basis,
                           is_dated(asked.value()));
    add_decision(call, answer.value().allowed, reply);
    return reply;
}

// A line of a batch that cannot be answered.
void add_problem(api::JsonText& json, const Error& error) {
    json.begin_object();
    json.member("error", name_of(error.code));
    json.member("detail", std::string_view{error.detail});
    json.text_member("field", error.field);
    json.end_object();
}

Reply checks(Call& call, node::Session& session) {
    if (const auto none = no_parameters(call); !none) return problem(none.error());
    const std::size_t checks_max = call.service.settings.limits.batch_checks_max;
    auto asked = codec::parse_checks(call.request.body(), call.tenant, checks_max);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    const bool everywhere =
        may_everywhere(session, call.identity, call.tenant, action::decisions_read).allowed;
    for (const domain::CheckQuestion& question : asked.value().checks) {
        if (everywhere) break;
        if (auto refused = unless_self_or_may(call, session, question.principal,
                                              action::decisions_read, question.scope))
            return *refused;
    }
    const auto answers = session.check_all(asked.value().checks);
    api::JsonText json;
    json.begin_object();
    json.name("answers");
    json.begin_array();
    std::uint64_t allowed = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        call.service.decision_log.add({"http", call.identity.principal, call.request_id, call.now},
                                      asked.value().checks[i], answers[i]);
        if (answers[i]) {
            json.json(api::to_json(answers[i].value()));
            allowed += answers[i].value().allowed ? 1U : 0U;
        } else {
            add_problem(json, answers[i].error());
        }
    }
    json.end_array();
    json.end_object();
    call.service.metrics.decisions("http", allowed, answers.size() - allowed);
    Reply reply;
    reply.body = json.take();
    if (std::ranges::all_of(asked.value().checks,
                            [](const auto& each) { return names_no_moment(each.as_of); }))
        say_closed(call, reply);
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

Reply explain(Call& call, node::Session& session) {
    auto asked = read_asked(call, check_takes());
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_self_or_may(call, session, asked.value().principal,
                                          action::assignments_read, asked.value().scope))
        return *refused;
    const domain::CheckQuestion question = check_question(call, asked.value());
    auto answer = session.explain(question);
    if (!answer) return problem(answer.error());
    // Everybody may ask about themselves, but not what roles there are.
    if (!answer.value().would_allow.empty() &&
        unless_may(call, session, action::roles_read, question.scope))
        answer.value().would_allow.clear();
    std::set<Revision> revisions = api::mentioned(answer.value());
    std::optional<query::AccessInterval> last;
    if (!answer.value().answer.allowed) {
        const auto when = session.when(question);
        if (!when) return problem(when.error());
        last = api::last_allowed(when.value(), answer.value().answer.basis);
        if (last) revisions.insert({last->opened_by, last->closed_by});
        revisions.erase(revision_none);
    }
    const auto events = api::events_of(call.service.node, revisions);
    if (!events) return problem(events.error());
    Reply reply = answered(call, body_of(call, answer.value(), last, events.value()),
                           answer.value().answer.basis, is_dated(asked.value()));
    add_decision(call, answer.value().answer.allowed, reply);
    return reply;
}

Reply when(Call& call, node::Session& session) {
    auto asked = read_asked(call, check_takes());
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_self_or_may(call, session, asked.value().principal,
                                          action::assignments_read, asked.value().scope))
        return *refused;
    const domain::CheckQuestion question = check_question(call, asked.value());
    const auto answer = session.when(question);
    if (!answer) return problem(answer.error());
    const auto events = api::events_of(call.service.node, api::mentioned(answer.value()));
    if (!events) return problem(events.error());
    return answered(call, body_of(call, answer.value(), events.value()), answer.value().basis,
                    is_dated(asked.value()));
}

// A list tells guests who holds what, where their roles let them ask, but not who that is.
template <class Entries>
void hide_names(const Call& call, Entries& entries) {
    if (call.identity.directory == Directory::all) return;
    for (auto& entry : entries)
        if (entry.principal != call.identity.principal) entry.display_name.clear();
}

Reply who_can(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.action = takes.scope = takes.circumstances = takes.page = takes.groups = true;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_may(call, session, action::assignments_read, asked.value().scope))
        return *refused;
    const auto page = page_of(call, asked.value().limit, asked.value().cursor);
    if (!page) return problem(page.error());
    codec::Asked& a = asked.value();
    const domain::WhoCanQuestion question{call.tenant, a.action, a.plane,
                                          a.scope,     a.as_of,  a.attributes};
    auto answer = session.who_can(question, a.groups, page.value());
    if (!answer) return problem(answer.error());
    hide_names(call, answer.value().principals);
    hide_names(call, answer.value().groups);
    return answered(call, body_of(call, answer.value()), answer.value().basis, is_dated(a));
}

Reply what_can(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.principal = takes.action = takes.circumstances = takes.page = takes.within = true;
    takes.action_needed = false;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_self_or_may(call, session, asked.value().principal,
                                          action::assignments_read, "/"))
        return *refused;
    const auto page = page_of(call, asked.value().limit, asked.value().cursor);
    if (!page) return problem(page.error());
    codec::Asked& a = asked.value();
    const domain::WhatCanQuestion question{call.tenant, a.principal, a.action,
                                           a.plane,     a.as_of,     a.attributes};
    const auto answer = session.what_can(question, a.within, page.value());
    if (!answer) return problem(answer.error());
    const std::string body = form_of(call) == Form::text
                                 ? api::to_text(answer.value(), a.action.empty(), paint_of(call))
                                 : api::to_json(answer.value());
    return answered(call, body, answer.value().basis, is_dated(a));
}

Reply diff(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.span = true;
    // One principal, or all.
    Target rest{{}, call.target.query};
    std::string principal;
    std::erase_if(rest.query, [&](const auto& parameter) {
        if (parameter.first == "principal") principal = parameter.second;
        return parameter.first == "principal";
    });
    auto asked = codec::parse_asked(codec::Parameters{rest.query}, takes, call.now);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_self_or_may(call, session, principal, action::assignments_read, "/"))
        return *refused;
    auto answer = session.diff(call.tenant, principal, asked.value().from, asked.value().to);
    if (!answer) return problem(answer.error());
    if (unless_may(call, session, action::roles_read, "/")) answer.value().roles_changed.clear();
    const auto events = api::events_of(call.service.node, api::mentioned(answer.value()));
    if (!events) return problem(events.error());
    query::Basis basis = answer.value().to;
    basis.final = basis.final && answer.value().from.final;
    return answered(call, body_of(call, answer.value(), events.value()), basis,
                    is_dated(asked.value()));
}

Reply history_of(Call& call, node::Session& session, std::string_view kind) {
    codec::Takes takes;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    const std::string self = kind == "principal" ? call.id : std::string{};
    if (auto refused = unless_self_or_may(call, session, self, action::events_read, "/"))
        return *refused;
    const auto answer = session.history(call.tenant, kind, call.id, asked.value().as_of);
    if (!answer) return problem(answer.error());
    const auto events = api::events_of(call.service.node, answer.value().events);
    if (!events) return problem(events.error());
    std::string body;
    switch (form_of(call)) {
        case Form::json:
            body = api::history_json(events.value(), answer.value().basis);
            break;
        case Form::text:
            body = api::history_text(events.value(), answer.value().basis, paint_of(call));
            break;
        case Form::lines:
            body = api::event_lines(events.value());
            break;
    }
    return answered(call, std::move(body), answer.value().basis, is_dated(asked.value()));
}

Reply principal_history(Call& call, node::Session& session) {
    return history_of(call, session, "principal");
}

Reply role_history(Call& call, node::Session& session) { return history_of(call, session, "role"); }

Reply assignment_history(Call& call, node::Session& session) {
    return history_of(call, session, "assignment");
}

Reply deny_history(Call& call, node::Session& session) { return history_of(call, session, "deny"); }

Reply invitation_history(Call& call, node::Session& session) {
    return history_of(call, session, "invitation");
}

Reply eligibility_history(Call& call, node::Session& session) {
    return history_of(call, session, "eligibility");
}

Reply scope_history(Call& call, node::Session& session) {
    return history_of(call, session, "scope");
}

Reply roles(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.scope = true;
    takes.scope_needed = false;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    const std::string scope = asked.value().scope.empty() ? "/" : asked.value().scope;
    if (auto refused = unless_may(call, session, action::roles_read, scope)) return *refused;
    const auto answer = session.roles(call.tenant, asked.value().scope, asked.value().as_of);
    if (!answer) return problem(answer.error());
    std::string body;
    if (form_of(call) == Form::lines)
        for (const query::DatedRole& dated : answer.value().roles)
            body += codec::role_definition_json(dated.role) + '\n';
    else
        body = body_of(call, answer.value());
    return answered(call, std::move(body), answer.value().basis, is_dated(asked.value()));
}

// Single objects carry the revision that made them so as their entity tag: If-Match of a change is
// compared with it.
Reply object(const Call& call, std::string body, const query::Basis& basis, Revision since,
             bool dated) {
    Reply reply;
    say_age(call, basis, dated, reply);
    const std::string tag = '"' + std::to_string(since.value) + '"';
    reply.headers.emplace_back("ETag", tag);
    reply.headers.emplace_back("Cache-Control", dated && basis.final
                                                    ? "private, max-age=31536000, immutable"
                                                    : "private, no-cache");
    reply.headers.emplace_back("Vary", "Accept, Authorization");
    give_body(call, tag, std::move(body), reply);
    return reply;
}

Reply role(Call& call, node::Session& session) {
    auto asked = read_asked(call, {});
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_may(call, session, action::roles_read, "/")) return *refused;
    const auto answer = session.role(call.tenant, call.id, asked.value().as_of);
    if (!answer) return problem(answer.error());
    const auto events = api::events_of(call.service.node, api::mentioned(answer.value()));
    if (!events) return problem(events.error());
    // Other forms are no entity that could be put back.
    if (form_of(call) == Form::text)
        return answered(call, body_of(call, answer.value(), events.value()), answer.value().basis,
                        false);
    if (form_of(call) == Form::lines)
        return answered(call, codec::role_definition_json(answer.value().role.role) + '\n',
                        answer.value().basis, false);
    return object(call, api::to_json(answer.value(), events.value()), answer.value().basis,
                  answer.value().role.since, is_dated(asked.value()));
}

Reply role_holders(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.scope = takes.groups = true;
    takes.scope_needed = false;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    const std::string scope = asked.value().scope.empty() ? "/" : asked.value().scope;
    if (auto refused = unless_may(call, session, action::assignments_read, scope)) return *refused;
    auto answer = session.role_holders(call.tenant, call.id, asked.value().scope,
                                       asked.value().groups, asked.value().as_of);
    if (!answer) return problem(answer.error());
    hide_names(call, answer.value().holdings);
    const auto events = api::events_of(call.service.node, api::mentioned(answer.value()));
    if (!events) return problem(events.error());
    const std::string body = form_of(call) == Form::text
                                 ? api::to_text(answer.value(), paint_of(call))
                                 : api::to_json(answer.value(), events.value());
    return answered(call, body, answer.value().basis, is_dated(asked.value()));
}

Reply held_roles_of(Call& call, node::Session& session, const std::string& principal) {
    codec::Takes takes;
    takes.scope = true;
    takes.scope_needed = false;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    const std::string scope = asked.value().scope.empty() ? "/" : asked.value().scope;
    if (auto refused =
            unless_self_or_may(call, session, principal, action::assignments_read, scope))
        return *refused;
    const auto answer =
        session.held_roles(call.tenant, principal, asked.value().scope, asked.value().as_of);
    if (!answer) return problem(answer.error());
    const auto events = api::events_of(call.service.node, api::mentioned(answer.value()));
    if (!events) return problem(events.error());
    return answered(call, body_of(call, answer.value(), events.value()), answer.value().basis,
                    is_dated(asked.value()));
}

Reply held_roles(Call& call, node::Session& session) {
    return held_roles_of(call, session, call.id);
}

Reply role_diff(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.span = takes.other = true;
    takes.from_needed = false;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    const codec::Asked& a = asked.value();
    if (auto early = too_early(call, a.at_least)) return *early;
    if (auto refused = unless_may(call, session, action::roles_read, "/")) return *refused;
    auto from = session.role(call.tenant, call.id, a.from);
    if (!from) return problem(from.error());
    auto to = session.role(call.tenant, a.other.empty() ? call.id : a.other, a.to);
    if (!to) return problem(to.error());
    query::Basis basis = to.value().basis;
    basis.final = basis.final && from.value().basis.final;
    const api::RoleComparison comparison =
        api::compare(std::move(from.value()), std::move(to.value()), api::operations_of_catalogs());
    return answered(call, body_of(call, comparison), basis, is_dated(a));
}

Reply least_roles(Call& call, node::Session& session) {
    if (const auto none = no_parameters(call); !none) return problem(none.error());
    auto asked = codec::parse_asked_least_roles(call.request.body());
    if (!asked) return problem(asked.error());
    codec::AskedLeastRoles& a = asked.value();
    if (auto early = too_early(call, a.at_least)) return *early;
    const std::string scope = a.scope.empty() ? "/" : a.scope;
    if (auto refused = unless_may(call, session, action::roles_read, scope)) return *refused;
    const auto page = page_of(call, a.limit, {});
    if (!page) return problem(page.error());
    const api::Need need{std::move(a.actions), std::move(a.data_actions), std::move(a.task)};
    auto needed = api::needed_operations(need);
    if (!needed) return problem(needed.error());
    auto from = session.roles(call.tenant, a.scope, a.as_of);
    if (!from) return problem(from.error());
    std::vector<domain::Role> roles;
    for (query::DatedRole& dated : from.value().roles) roles.push_back(std::move(dated.role));
    api::LeastRolesAnswer answer =
        api::least_roles(std::move(roles), std::move(needed.value()), api::operations_of_catalogs(),
                         page.value().limit);
    answer.scope = a.scope;
    answer.basis = from.value().basis;
    return answered(call, body_of(call, answer), from.value().basis, false);
}

// A guest sees itself, one whose id it knows, or what its roles let it, as the tenant says.
std::optional<Reply> unless_may_see(const Call& call, node::Session& session) {
    if (call.id == call.identity.principal) return std::nullopt;
    if (call.identity.directory == Directory::own)
        return problem(Error{Errc::forbidden, "guests of this tenant see only themselves"});
    if (call.identity.directory == Directory::named) return std::nullopt;
    return unless_may(call, session, action::principals_read, "/");
}

Reply principal(Call& call, node::Session& session) {
    auto asked = read_asked(call, {});
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    if (auto refused = unless_may_see(call, session)) return *refused;
    const auto answer = session.principal(call.tenant, call.id, asked.value().as_of);
    if (!answer) return problem(answer.error());
    if (!answer.value().principal)
        return problem(
            Error{Errc::not_found, "no principal " + quoted(call.id) + " is known there and then"});
    const domain::PrincipalState& state = *answer.value().principal;
    const domain::Principal& value = state.principal;
    api::JsonText json;
    json.begin_object();
    json.member("principal", std::string_view{value.id});
    json.member("kind", domain::name_of(value.kind));
    json.text_member("displayName", value.display_name);
    json.text_member("email", value.email);
    json.member("userType", domain::name_of(value.user_type));
    json.member("redemption", domain::name_of(value.redemption));
    json.member("enabled", state.enabled);
    json.member("deleted", state.deleted);
    json.name("groups");
    json.begin_array();
    for (const query::MembershipStep& in : answer.value().in) {
        json.begin_object();
        json.member("group", std::string_view{in.group});
        json.member("since", in.since);
        json.end_object();
    }
    json.end_array();
    json.member("since", answer.value().since);
    api::basis_members(json, answer.value().basis);
    json.end_object();
    return object(call, json.take(), answer.value().basis, answer.value().since,
                  is_dated(asked.value()));
}

Reply assignment(Call& call, node::Session& session) {
    auto asked = read_asked(call, {});
    if (!asked) return problem(asked.error());
    if (auto early = too_early(call, asked.value().at_least)) return *early;
    const auto answer = session.assignment(call.tenant, call.id, asked.value().as_of);
    if (!answer) return problem(answer.error());
    const auto& found = answer.value().assignment;
    // Who may not read assignments at "/" is told the same whether there is one or not.
    const std::string scope = found ? found->scope : std::string{"/"};
    if (auto refused = unless_self_or_may(call, session, found ? found->principal : std::string{},
                                          action::assignments_read, scope)) {
        if (auto everywhere = unless_may(call, session, action::assignments_read, "/"))
            return *everywhere;
    }
    if (!found)
        return problem(Error{Errc::not_found,
                             "no assignment " + quoted(call.id) + " is known there and then"});
    std::string data;
    codec::JsonWriter writer{data};
    writer.required("assignment", found->id);
    writer.required("principal", found->principal);
    writer.required("role", found->role);
    writer.required("scope", found->scope);
    writer.condition(found->condition);
    writer.window(found->window);
    writer.optional("description", found->description);
    writer.required("revoked", answer.value().revoked);
    writer.required("since", answer.value().since.value);
    writer.required("revision", answer.value().basis.revision.value);
    writer.required("final", answer.value().basis.final);
    writer.finish();
    return object(call, std::move(data), answer.value().basis, answer.value().since,
                  is_dated(asked.value()));
}

Reply events(Call& call, node::Session& session) {
    auto asked = codec::parse_asked_events(codec::Parameters{call.target.query}, call.now);
    if (!asked) return problem(asked.error());
    codec::AskedEvents& a = asked.value();
    if (auto early = too_early(call, a.at_least)) return *early;
    if (auto refused = unless_may(call, session, action::events_read, "/")) return *refused;
    const auto page = page_of(call, a.limit, {});
    if (!page) return problem(page.error());
    node::EventFilter filter;
    filter.from = a.from;
    filter.to = a.to;
    filter.since = a.since;
    filter.until = a.until;
    const auto type = node::parse_event_type(a.type, "type");
    if (!type) return problem(type.error());
    filter.type = type.value();
    filter.actor = a.actor;
    filter.object = a.object;
    filter.tenant = call.tenant;
    filter.any_tenant = false;
    const bool lines = form_of(call) == Form::lines;
    std::string list;
    std::size_t count = 0;
    Revision next = revision_none;
    const auto read = call.service.node.events(filter, [&](const domain::Event& event) {
        if (count == page.value().limit) {
            next = event.revision;
            return false;
        }
        if (!lines && count > 0) list += ',';
        list += codec::event_line(event);
        if (lines) list += '\n';
        ++count;
        return true;
    });
    if (!read) return problem(read.error());
    Reply reply;
    reply.headers.emplace_back("Cache-Control", "no-store");
    // Ask again from there.
    if (lines) {
        reply.content_type = "application/jsonl";
        reply.body = std::move(list);
        if (next != revision_none)
            reply.headers.emplace_back("Tenure-Next", std::to_string(next.value));
        return reply;
    }
    api::JsonText json;
    json.begin_object();
    json.name("events");
    json.json('[' + list + ']');
    if (next != revision_none) json.member("next", next);
    json.member("revision", call.service.heads.newest());
    json.end_object();
    reply.body = json.take();
    return reply;
}

Reply me(Call& call, node::Session& session) {
    codec::Takes takes;
    takes.scope = true;
    takes.scope_needed = false;
    auto asked = read_asked(call, takes);
    if (!asked) return problem(asked.error());
    if (call.identity.is_operator) {
        Reply reply;
        reply.body = R"({"principal":"system","operator":true})";
        if (form_of(call) == Form::text) {
            reply.content_type = "text/plain; charset=utf-8";
            reply.body = "system, the operator of this server\n";
        }
        reply.headers.emplace_back("Cache-Control", "no-store");
        return reply;
    }
    return held_roles_of(call, session, call.identity.principal);
}

}  // namespace

void add_question_routes(std::vector<Route>& routes) {
    using enum http::verb;
    const auto add = [&](http::verb verb, std::string_view path, Runs runs,
                         Reply (*answer)(Call&, node::Session&), std::string_view operation) {
        Route route;
        route.path = path;
        route.verb = verb;
        route.runs = runs;
        route.answer = answer;
        route.operation = operation;
        routes.push_back(route);
    };
    add(post, "/v1/tenants/{tenant}/check", Runs::here, check, "postCheck");
    add(get, "/v1/tenants/{tenant}/check", Runs::here, check, "check");
    add(post, "/v1/tenants/{tenant}/checks", Runs::here, checks, "checks");
    add(get, "/v1/tenants/{tenant}/explain", Runs::longer, explain, "explain");
    add(post, "/v1/tenants/{tenant}/explain", Runs::longer, explain, "postExplain");
    add(get, "/v1/tenants/{tenant}/when", Runs::longer, when, "when");
    add(post, "/v1/tenants/{tenant}/when", Runs::longer, when, "postWhen");
    add(get, "/v1/tenants/{tenant}/who-can", Runs::longer, who_can, "whoCan");
    add(post, "/v1/tenants/{tenant}/who-can", Runs::longer, who_can, "postWhoCan");
    add(get, "/v1/tenants/{tenant}/what-can", Runs::longer, what_can, "whatCan");
    add(post, "/v1/tenants/{tenant}/what-can", Runs::longer, what_can, "postWhatCan");
    add(get, "/v1/tenants/{tenant}/diff", Runs::longer, diff, "diff");
    add(get, "/v1/tenants/{tenant}/me", Runs::longer, me, "me");
    add(get, "/v1/tenants/{tenant}/roles", Runs::longer, roles, "roles");
    add(get, "/v1/tenants/{tenant}/roles/{id}", Runs::longer, role, "role");
    add(get, "/v1/tenants/{tenant}/roles/{id}/holders", Runs::longer, role_holders, "roleHolders");
    add(get, "/v1/tenants/{tenant}/roles/{id}/diff", Runs::longer, role_diff, "roleDiff");
    add(post, "/v1/tenants/{tenant}/least-roles", Runs::longer, least_roles, "leastRoles");
    add(get, "/v1/tenants/{tenant}/roles/{id}/history", Runs::longer, role_history, "roleHistory");
    add(get, "/v1/tenants/{tenant}/principals/{id}", Runs::longer, principal, "principal");
    add(get, "/v1/tenants/{tenant}/principals/{id}/roles", Runs::longer, held_roles, "heldRoles");
    add(get, "/v1/tenants/{tenant}/principals/{id}/history", Runs::longer, principal_history,
        "principalHistory");
    add(get, "/v1/tenants/{tenant}/assignments/{id}", Runs::longer, assignment, "assignment");
    add(get, "/v1/tenants/{tenant}/assignments/{id}/history", Runs::longer, assignment_history,
        "assignmentHistory");
    add(get, "/v1/tenants/{tenant}/denies/{id}/history", Runs::longer, deny_history, "denyHistory");
    add(get, "/v1/tenants/{tenant}/invitations/{id}/history", Runs::longer, invitation_history,
        "invitationHistory");
    add(get, "/v1/tenants/{tenant}/eligibilities/{id}/history", Runs::longer, eligibility_history,
        "eligibilityHistory");
    add(get, "/v1/tenants/{tenant}/scopes/{id}/history", Runs::longer, scope_history,
        "scopeHistory");
    add(get, "/v1/tenants/{tenant}/events", Runs::longer, events, "events");
}

}  // namespace tenure::server
