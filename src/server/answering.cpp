#include "server/answering.h"

#include <algorithm>
#include <iterator>

#include "api/store_json.h"
#include "base/text.h"
#include "server/later.h"
#include "server/wire.h"

namespace tenure::server {
namespace {

constexpr std::string_view fresh_header = "Tenure-Fresh";

std::string_view value_of(const Request& request, http::field field) {
    const auto value = request[field];
    return {value.data(), value.size()};
}

Reply unauthorized(const NotSignedIn& why) {
    using Why = NotSignedIn::Why;
    if (why.why == Why::unavailable) return problem(Error{Errc::unavailable, why.detail});
    if (why.why == Why::elsewhere) return problem(Error{Errc::forbidden, why.detail});
    if (why.why == Why::malformed)
        return problem(400, "invalid_request", Error{Errc::forbidden, why.detail});
    Reply reply = problem(401, why.why == Why::missing ? "unauthenticated" : "invalid_token",
                          Error{Errc::forbidden, why.detail});
    reply.headers.emplace_back("WWW-Authenticate",
                               why.why == Why::missing
                                   ? R"(Bearer realm="tenure")"
                                   : R"(Bearer realm="tenure", error="invalid_token")");
    return reply;
}

Reply too_much(unsigned status, std::string_view limit, std::string detail) {
    Reply reply = problem(status, "limit_exceeded", Error{Errc::limit_exceeded, std::move(detail)});
    reply.limit = limit;
    return reply;
}

const NotSignedIn not_yet_accepted{NotSignedIn::Why::refused,
                                   "the token's principal has not accepted its invitation"};

bool takes_json(const Request& request) {
    const std::string_view given = value_of(request, http::field::content_type);
    if (given == "application/json") return true;
    const std::string type = folded(given);
    const std::string_view media = std::string_view{type}.substr(0, type.find(';'));
    return media == "application/json" || media == "application/json " ||
           (media.starts_with("application/") && media.ends_with("+json"));
}

// Who asks; a reply if it is nobody who may. `counted`: also those who are let in.
Entered enter(Worker& worker, const Request& request, std::string_view tenant, bool for_the_invited,
              Instant now, bool counted = true) {
    Entered entered;
    const auto lines = request.equal_range(http::field::authorization);
    std::string_view authorization;
    if (lines.first != lines.second) {
        const auto value = lines.first->value();
        authorization = {value.data(), value.size()};
        if (std::next(lines.first) != lines.second) {
            entered.refusal = problem(
                400, "invalid_request",
                Error{Errc::forbidden, "Authorization is given more than once; one is taken",
                      "Authorization"});
            return entered;
        }
    }
    auto identity = worker.sign_in(authorization, tenant, now);
    if (worker.service.authenticator.required() && (counted || !identity.has_value()))
        worker.service.metrics.signed_in(identity.has_value());
    if (!identity)
        entered.refusal = unauthorized(identity.error());
    else if (identity.value().pending && !for_the_invited)
        entered.refusal = unauthorized(not_yet_accepted);
    else
        entered.identity = std::move(identity.value());
    return entered;
}

// `begun` outlives it.
Call call_of(Worker& worker, const Request& request, const Begun& begun, Instant now) {
    Service& service = worker.service;
    std::optional<Instant> closed_until;
    if (service.settings.replication.follows()) closed_until = service.node.replicated().closed();
    // After it: what is closed is there.
    const Revision head = service.heads.newest();
    return {service,      request, begun.target, begun.request_id, now,
            closed_until, head,    begun.tenant, begun.id,         begun.identity};
}

// As above, at this moment.
Call call_of(Worker& worker, const Request& request, const Begun& begun) {
    return call_of(worker, request, begun, worker.service.clock.now());
}

// A change that met something it did not expect is 412 if the request had named it.
Reply refusal_of(const Error& error) {
    if (error.code == Errc::conflict &&
        (error.field == "If-Match" || error.field == "If-None-Match"))
        return problem(412, name_of(error.code), error);
    return problem(error);
}

}  // namespace

std::string request_id_of(Worker& worker, const Request& request) {
    constexpr std::size_t length_max = 128;
    const auto given = request["X-Request-ID"];
    const bool plain =
        !given.empty() && given.size() <= length_max &&
        std::all_of(given.begin(), given.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    return plain ? std::string(given.data(), given.size()) : worker.next_request_id();
}

namespace {

// Which route it is of; a reply if it is of none.
Begun find_route(Worker& worker, const Request& request) {
    Service& service = worker.service;
    Begun begun;
    begun.began = service.clock.now();
    begun.request_id = request_id_of(worker, request);
    begun.route_number = worker.router.routes().size();
    const std::string_view target{request.target().data(), request.target().size()};
    if (target.size() > service.settings.limits.target_bytes_max) {
        begun.reply = too_much(414, "target_bytes_max", "the URL is too long");
        return begun;
    }
    auto parsed = parse_target(target);
    if (!parsed) {
        begun.reply = problem(parsed.error());
        return begun;
    }
    begun.target = std::move(parsed.value());
    const Router::Found found = worker.router.find(request.method(), begun.target);
    if (found.route == nullptr) {
        if (found.allow.empty()) {
            begun.reply = problem(Error{Errc::not_found, "there is nothing at " + quoted(target)});
        } else {
            begun.reply = problem(405, "method_not_allowed",
                                  Error{Errc::invalid_argument, "this path takes " + found.allow});
            begun.reply->headers.emplace_back("Allow", found.allow);
        }
        return begun;
    }
    begun.route = found.route;
    begun.route_number = found.number;
    begun.tenant = found.tenant;
    begun.id = found.id;
    return begun;
}

}  // namespace

std::optional<Begun> refuse_early(Worker& worker, const Request& request) {
    Begun begun = find_route(worker, request);
    if (!begun.reply && !begun.route->open) {
        // Who is let in is looked at again, and counted, with the whole request.
        Entered entered =
            enter(worker, request, begun.tenant, begun.route->for_the_invited, begun.began, false);
        begun.reply = std::move(entered.refusal);
    }
    if (!begun.reply) return std::nullopt;
    return begun;
}

Begun begin_answer(Worker& worker, const Request& request, std::string_view peer) {
    Begun begun = find_route(worker, request);
    if (begun.reply) return begun;
    const Route& route = *begun.route;
    std::string client{peer};
    if (!route.open) {
        Entered entered = enter(worker, request, begun.tenant, route.for_the_invited, begun.began);
        if (entered.refusal) {
            begun.reply = std::move(entered.refusal);
            return begun;
        }
        begun.identity = std::move(entered.identity);
        if (!begun.identity.is_operator) client = begun.tenant + '\n' + begun.identity.principal;
    }
    if (!worker.clients.admit(client, begun.began)) {
        begun.reply = too_much(429, "client_requests_per_second_max",
                               "this client asks too often; wait a little");
        return begun;
    }
    if (!request.body().empty() && !takes_json(request)) {
        begun.reply = problem(
            route.status_of_other_media, "unsupported_media_type",
            Error{Errc::invalid_argument, "the body must be application/json", "Content-Type"});
        return begun;
    }
    if (route.runs == Runs::here && request.count(fresh_header) == 0) {
        Call call = call_of(worker, request, begun, begun.began);
        Reply reply = route.answer(call, worker.session());
        if (!reply.wait_for && !reply.takes_long) {
            begun.reply = std::move(reply);
            return begun;
        }
    }
    if (!worker.clients.enter(client)) {
        begun.reply =
            too_much(429, "client_concurrent_max", "this client has too many requests under way");
        return begun;
    }
    begun.client = std::move(client);
    return begun;
}

namespace {

net::awaitable<Reply> ask_longer(Worker& worker, const Request& request, const Begun& begun,
                                 bool waited) {
    Service& service = worker.service;
    Call call = call_of(worker, request, begun);
    call.waited = waited;
    call.may_take_long = true;
    const std::string accepted{value_of(request, http::field::accept_encoding)};
    bool taken = true;
    std::function<void(std::function<void(Reply)>)> start = [&](std::function<void(Reply)> done) {
        // The coroutine waits for `done`, so what it refers to is there.
        taken = service.long_questions.submit([&, done](node::Session& session) {
            Reply reply = begun.route->answer(call, session);
            compress(reply, accepted);
            done(std::move(reply));
        });
        if (!taken)
            done(too_much(503, "long_questions_waiting_max",
                          "too many long questions wait already; try again"));
    };
    service.metrics.long_questions_waiting(service.long_questions.waiting());
    Reply reply = co_await later<Reply>(std::move(start));
    co_return reply;
}

// "Tenure-Fresh: leader": nothing older than what anybody was told before this was asked. Waits for
// it; a reply where it cannot be had.
net::awaitable<std::optional<Reply>> become_fresh(Worker& worker) {
    Service& service = worker.service;
    if (service.replicator == nullptr) co_return std::nullopt;
    std::function<void(std::function<void(std::optional<Revision>)>)> start =
        [&](std::function<void(std::optional<Revision>)> done) { service.replicator->ask(done); };
    const std::optional<Revision> to = co_await later<std::optional<Revision>>(std::move(start));
    bool there = to.has_value();
    if (there && service.heads.newest() < *to)
        there = co_await worker.reached(*to, service.settings.limits.wait_max_ms);
    if (there) co_return std::nullopt;
    co_return problem(Error{Errc::unavailable,
                            to ? "this copy of the log is behind the leader and did not catch up "
                                 "in time"
                               : "the leader cannot be asked what is newest; ask without "
                                 "Tenure-Fresh for what this node has",
                            "Tenure-Fresh"});
}

net::awaitable<Reply> answer_read(Worker& worker, const Request& request, const Begun& begun) {
    const auto fresh = request[fresh_header];
    const bool asks_fresh = request.count(fresh_header) > 0;
    if (asks_fresh && fresh != "leader")
        co_return problem(invalid("Tenure-Fresh", "'leader' is all it can say"));
    if (asks_fresh) {
        auto refusal = co_await become_fresh(worker);
        if (refusal) co_return std::move(*refusal);
    }
    bool here = begun.route->runs == Runs::here;
    bool waited = false;
    for (;;) {
        Reply reply;
        if (here) {
            Call call = call_of(worker, request, begun);
            call.waited = waited;
            reply = begun.route->answer(call, worker.session());
        } else {
            reply = co_await ask_longer(worker, request, begun, waited);
        }
        if (reply.takes_long) {
            here = false;
            continue;
        }
        if (!reply.wait_for) co_return reply;
        const std::uint32_t timeout_ms = worker.service.settings.limits.wait_max_ms;
        co_await worker.reached(*reply.wait_for, timeout_ms);
        waited = true;
    }
}

Reply receipt_of(Call& call, const Route& route, const node::Receipt& receipt) {
    Reply reply;
    if (route.receipt != nullptr) {
        reply = route.receipt(call, receipt);
    } else {
        reply.body = api::to_json(0, receipt);
    }
    reply.headers.emplace_back("Tenure-Revision", std::to_string(receipt.last.value));
    return reply;
}

// A copy takes no changes: they are for its source, or for whom that names in turn.
Reply at_the_leader(Worker& worker, const Request& request) {
    std::string url = worker.service.settings.replication.source;
    while (url.ends_with('/')) url.pop_back();
    Reply reply = problem(307, "unavailable",
                          Error{Errc::unavailable,
                                "this node copies the log of another: changes are made at the "
                                "leader; send this one to " +
                                    url + ", which is it or knows the way"});
    reply.headers.emplace_back("Location",
                               url.append(request.target().data(), request.target().size()));
    return reply;
}

// Made at the leader, for whom this node only passes it on.
net::awaitable<Reply> send_on(Worker& worker, const Request& request, const Begun& begun) {
    auto copy = forwarded(request, begun.request_id);
    if (!copy) co_return problem(copy.error());
    const bool repeatable = copy.value().repeatable;
    Forwarder& forwarder = *worker.service.forwarder;
    bool taken = true;
    std::function<void(Forwarder::Done)> start = [&](Forwarder::Done done) {
        taken = forwarder.submit(std::move(copy.value()), done);
        if (!taken) done({Error{Errc::unavailable, "too many wait"}, false});
    };
    Forwarded outcome = co_await later<Forwarded>(std::move(start));
    if (!taken)
        co_return too_much(503, "forwards_waiting_max",
                           "too many changes wait to be sent on to the leader; try again");
    co_return reply_of(std::move(outcome), repeatable);
}

net::awaitable<Result<node::Receipt>> written(Worker& worker, domain::Batch& batch,
                                              const node::Guard& guard) {
    std::function<void(std::function<void(Result<node::Receipt>)>)> start =
        [&](std::function<void(Result<node::Receipt>)> done) {
            const auto sent = worker.service.node.submit_later(std::move(batch), done, guard);
            if (!sent) done(sent.error());
        };
    co_return co_await later<Result<node::Receipt>>(std::move(start));
}

net::awaitable<Reply> answer_write(Worker& worker, const Request& request, const Begun& begun) {
    // Others may write between our look and our change: then look again, a few times.
    constexpr int tries_max = 8;
    for (int tries = 1;; ++tries) {
        Call call = call_of(worker, request, begun);
        auto batch = begun.route->batch(call, worker.session());
        if (!batch) co_return refusal_of(batch.error());
        Result<node::Receipt> receipt = co_await written(worker, batch.value(), call.guard);
        if (!receipt && receipt.error().field == "commandId" && call.before) {
            // Not written: it is a repeat, or refused as the change itself was.
            const node::Guard only_repeat{{}, receipt.error()};
            receipt = co_await written(worker, *call.before, only_repeat);
        }
        if (receipt) co_return receipt_of(call, *begun.route, receipt.value());
        if (receipt.error().field == "guard" && tries < tries_max) continue;
        Error error = receipt.error();
        if (error.field == "guard") error.field.clear();
        // It came by this header and by no other way.
        if (error.field == "commandId") error.field = "Idempotency-Key";
        co_return refusal_of(error);
    }
}

}  // namespace

net::awaitable<Reply> finish_answer(Worker& worker, const Request& request, Begun& begun) {
    Reply reply;
    const bool elsewhere =
        begun.route->runs == Runs::write && worker.service.settings.replication.follows();
    if (elsewhere && worker.service.forwarder != nullptr)
        reply = co_await send_on(worker, request, begun);
    else if (elsewhere)
        reply = at_the_leader(worker, request);
    else if (begun.route->runs == Runs::write)
        reply = co_await answer_write(worker, request, begun);
    else
        reply = co_await answer_read(worker, request, begun);
    worker.clients.leave(begun.client);
    co_return reply;
}

void count_answer(Worker& worker, const Begun& begun, const Reply& reply) {
    Service& service = worker.service;
    const std::int64_t us = service.clock.now().us - begun.began.us;
    service.metrics.request(begun.route_number, reply.status, us);
    if (!reply.limit.empty()) service.metrics.limit_hit(reply.limit);
    if (reply.status >= 500 || service.journal.writes_debug()) {
        const Journal::Facts facts{
            {"request", begun.request_id},
            {"route",
             begun.route != nullptr ? std::string(begun.route->operation) : std::string("none")},
            {"status", std::to_string(reply.status)},
            {"us", std::to_string(us)}};
        if (reply.status >= 500 && reply.status != 503)
            service.journal.error("request", facts);
        else
            service.journal.debug("request", facts);
    }
}

Entered enter_socket(Worker& worker, const Request& request, std::string_view tenant) {
    return enter(worker, request, tenant, false, worker.service.clock.now());
}

}  // namespace tenure::server
