#include "server/reading.h"

#include <algorithm>

#include "base/text.h"
#include "domain/scope.h"
#include "log/merkle.h"

namespace tenure::server {

Result<void> no_parameters(const Call& call) {
    if (call.target.query.empty()) return success();
    const std::string& name = call.target.query.front().first;
    return invalid(name, quoted(name) + " is not a parameter of this request: none is taken");
}

Result<codec::Asked> read_asked(const Call& call, const codec::Takes& takes) {
    if (call.request.method() == http::verb::post) {
        TRY(no_parameters(call));
        return codec::parse_asked(call.request.body(), takes, call.now);
    }
    return codec::parse_asked(codec::Parameters{call.target.query}, takes, call.now);
}

Result<query::Page> page_of(const Call& call, const std::optional<std::uint64_t>& asked_limit,
                            const std::string& cursor) {
    const Limits& limits = call.service.settings.limits;
    const std::uint64_t limit = asked_limit.value_or(limits.page_entries);
    if (limit == 0 || limit > limits.page_entries_max)
        return Error{Errc::invalid_argument,
                     "limit " + std::to_string(limit) + " is not from 1 to " +
                         std::to_string(limits.page_entries_max),
                     "limit"};
    return query::Page{static_cast<std::size_t>(limit), cursor};
}

std::optional<Reply> too_early(const Call& call, const std::optional<Revision>& at_least) {
    if (!at_least || call.service.heads.newest() >= *at_least) return std::nullopt;
    if (!call.waited) {
        Reply wait;
        wait.wait_for = *at_least;
        return wait;
    }
    return problem(Error{Errc::unavailable,
                         "the store is at revision " +
                             std::to_string(call.service.heads.newest().value) + ", not yet at " +
                             std::to_string(at_least->value),
                         "at_least"});
}

std::optional<Reply> unless_may(const Call& call, node::Session& session, std::string_view action,
                                std::string_view scope) {
    if (action == action::decisions_read &&
        call.identity.reads_all_decisions_at == call.service.heads.newest())
        return std::nullopt;
    if (may(session, call.identity, call.tenant, action, scope)) return std::nullopt;
    // What is no scope is nobody's: who may ask everywhere hears from the question what is wrong.
    if (!domain::parse_scope(scope, "scope") &&
        may(session, call.identity, call.tenant, action, "/"))
        return std::nullopt;
    return problem(Error{Errc::forbidden, quoted(call.identity.principal) + " needs " +
                                              std::string(action) + " at " + std::string(scope)});
}

std::optional<Reply> unless_self_or_may(const Call& call, node::Session& session,
                                        std::string_view principal, std::string_view action,
                                        std::string_view scope) {
    if (principal == call.identity.principal) return std::nullopt;
    return unless_may(call, session, action, scope);
}

Result<NoneMatch> parse_none_match(std::string_view header) {
    NoneMatch parsed;
    const auto skip_spaces = [&] {
        while (header.starts_with(' ') || header.starts_with('\t')) header.remove_prefix(1);
    };
    const auto wrong = [&] {
        return invalid("If-None-Match", quoted(header.substr(0, header.find(','))) +
                                            " is not the entity tag of one object, such as \"42\"");
    };
    parsed.any = header == "*";
    while (!parsed.any) {
        skip_spaces();
        if (header.starts_with("W/")) header.remove_prefix(2);
        const std::size_t end = header.starts_with('"') ? header.find('"', 1) : header.npos;
        if (end == header.npos) return wrong();
        parsed.tags.push_back(header.substr(0, end + 1));
        header.remove_prefix(end + 1);
        skip_spaces();
        if (header.empty()) break;
        if (!header.starts_with(',')) return wrong();
        header.remove_prefix(1);
    }
    return parsed;
}

void give_body(const Call& call, std::string_view tag, std::string body, Reply& reply) {
    // What cannot be read is no reason to keep the body back.
    const auto held = parse_none_match(call.header(http::field::if_none_match));
    if (held &&
        (held.value().any || std::ranges::find(held.value().tags, tag) != held.value().tags.end()))
        reply.status = 304;
    else
        reply.body = std::move(body);
}

Form form_of(const Call& call) {
    const std::string_view accepted = call.header(http::field::accept);
    if (accepted.starts_with("text/plain")) return Form::text;
    if (accepted.starts_with("application/jsonl")) return Form::lines;
    return Form::json;
}

api::Paint paint_of(const Call& call) {
    return api::Paint{call.header(http::field::accept).find("color=always") !=
                      std::string_view::npos};
}

void say_age(const Call& call, const query::Basis& basis, bool dated, Reply& reply) {
    reply.headers.emplace_back("Tenure-Revision", std::to_string(basis.revision.value));
    // An answer as of an older revision, by whatever was asked, does not age.
    if (!dated && basis.revision >= call.head) say_closed(call, reply);
}

void say_closed(const Call& call, Reply& reply) {
    if (!call.closed_until) return;
    reply.headers.emplace_back("Tenure-Closed-Until", *call.closed_until == instant_min
                                                          ? "never"
                                                          : format_instant(*call.closed_until));
}

bool names_no_moment(const domain::AsOf& as_of) {
    return !as_of.at && !as_of.revision && !as_of.known_at;
}

Reply answered(const Call& call, std::string body, const query::Basis& basis, bool dated) {
    Reply reply;
    say_age(call, basis, dated, reply);
    const Form form = form_of(call);
    if (form == Form::text) reply.content_type = "text/plain; charset=utf-8";
    if (form == Form::lines) reply.content_type = "application/jsonl";
    // An unfinished answer must be asked for again; one about now is about a moment that has gone.
    if (form != Form::json || !dated || !basis.final || call.request.method() == http::verb::post) {
        reply.headers.emplace_back("Cache-Control", "no-store");
        reply.body = std::move(body);
        return reply;
    }
    const std::string tag = tag_of(body);
    reply.headers.emplace_back("ETag", tag);
    reply.headers.emplace_back("Cache-Control", "private, max-age=31536000, immutable");
    reply.headers.emplace_back("Vary", "Accept, Authorization");
    give_body(call, tag, std::move(body), reply);
    return reply;
}

bool is_dated(const codec::Asked& asked) {
    const auto dated = [](const domain::AsOf& as_of) { return as_of.at || as_of.revision; };
    return !asked.says_now && (dated(asked.as_of) || (dated(asked.from) && dated(asked.to)));
}

std::string tag_of(std::string_view bytes) {
    constexpr std::size_t digits = 24;
    const log::Digest digest = log::sha256(std::as_bytes(std::span{bytes}));
    return '"' + log::hex(digest).substr(0, digits) + '"';
}

}  // namespace tenure::server
