// About the store and the server themselves: health, status, metrics, the API's description.

#include <schema/openapi.h>

#include "api/store_json.h"
#include "api/store_text.h"
#include "server/reading.h"

namespace tenure::server {
namespace {

Reply text(std::string_view content_type, std::string body) {
    Reply reply;
    reply.content_type = content_type;
    reply.body = std::move(body);
    reply.headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

// The process answers.
Reply healthz(Call&, node::Session&) { return text("text/plain; charset=utf-8", "ok\n"); }

// Why a copy would answer as its source has long ceased to; empty: it would not. One whose source
// is away answers as well as anybody can.
std::string not_level(const node::ReplicaStatus& replica, Revision applied) {
    if (replica.leads) return {};
    if (applied == revision_none) return "this copy has nothing yet";
    const std::uint64_t newest = std::max(replica.source_committed, applied).value;
    const std::uint64_t behind = newest - applied.value;
    if (replica.source.empty() || behind <= node::far_behind_events) return {};
    return "this copy is " + std::to_string(behind) + " events behind its source";
}

// It would answer questions and, if it leads, carry out changes.
Reply readyz(Call& call, node::Session&) {
    const Service& service = call.service;
    if (!service.ready.load()) return problem(Error{Errc::unavailable, "the server is stopping"});
    if (const auto broken = service.node.writing_broken())
        return problem(Error{Errc::unavailable, broken->detail});
    if (service.replicator != nullptr) {
        const auto why = not_level(service.replicator->status(), service.heads.newest());
        if (!why.empty()) return problem(Error{Errc::unavailable, why});
    }
    return text("text/plain; charset=utf-8", "ready\n");
}

Reply hidden() {
    return problem(Error{Errc::forbidden,
                         "what the server says without a token of its store and of itself "
                         "(/metrics, /v1/status, /v1/replication, /v1/log/root, "
                         "/v1/index/digest) is not public here; ask on the machine itself "
                         "(tenure status), or set public_metrics"});
}

Reply metrics(Call& call, node::Session&) {
    if (!call.service.settings.public_metrics) return hidden();
    return text("text/plain; version=0.0.4; charset=utf-8",
                call.service.metrics.text(call.service.node.status(),
                                          call.service.replicator != nullptr
                                              ? std::optional{call.service.replicator->status()}
                                              : std::nullopt,
                                          call.service.decision_log.dropped()));
}

std::string to_json(const std::string& name, Instant started_at, const node::ReplicaStatus& replica,
                    const node::Status& store) {
    api::JsonText json;
    json.begin_object();
    json.member("node", std::string_view{name});
    json.member("role", std::string_view{replica.leads ? "leader" : "follower"});
    json.member("log", std::string_view{store.log_id});
    json.member("term", replica.term.value);
    if (replica.distance) json.member("distance", std::uint64_t{*replica.distance});
    json.text_member("source", replica.source);
    json.member("last", replica.last);
    json.member("lastTerm", replica.last_term.value);
    json.member("committed", replica.committed);
    json.member("applied", store.applied);
    json.member("sourceCommitted", replica.source_committed);
    json.member("logBytes", store.log_bytes);
    json.member("startedAt", started_at);
    if (replica.closed != instant_min) json.member("closedUntil", replica.closed);
    if (replica.heard_at != instant_min) json.member("heardAt", replica.heard_at);
    json.member("root", std::string_view{store.root});
    json.text_member("halted", replica.halted);
    if (replica.needs_members) {
        json.text_member("heldUp", replica.held_up);
        json.name("members");
        json.begin_array();
        for (const node::ReplicaMemberStatus& member : replica.members) {
            json.begin_object();
            json.text_member("node", member.node);
            json.member("here", member.here);
            json.member("durable", member.durable);
            json.end_object();
        }
        json.end_array();
    }
    json.name("copies");
    json.begin_array();
    for (const node::ReplicaPeerStatus& copy : replica.copies) {
        json.begin_object();
        json.text_member("node", copy.node);
        json.member("sent", copy.sent);
        json.member("durable", copy.durable);
        json.member("applied", copy.applied);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.take();
}

Reply status(Call& call, node::Session&) {
    if (!call.service.settings.public_metrics) return hidden();
    Service& service = call.service;
    const api::ServerState server{service.open_connections.load(), service.long_questions.waiting(),
                                  service.metrics.limits_hit()};
    return text(form_of(call) == Form::text ? "text/plain; charset=utf-8" : "application/json",
                body_of(call, service.node.status(), server));
}

Reply replication(Call& call, node::Session&) {
    if (!call.service.settings.public_metrics) return hidden();
    if (call.service.replicator == nullptr)
        return problem(Error{Errc::not_found, "this node is alone: replication.node is not set"});
    return text("application/json",
                to_json(call.service.settings.replication.node, call.service.token_uses.since(),
                        call.service.replicator->status(), call.service.node.status()));
}

void add_root(api::JsonText& json, const node::LogRoot& log) {
    json.member("log", std::string_view{log.log_id});
    json.member("revision", log.revision);
    json.member("root", std::string_view{log.root});
    json.member("committed", log.committed);
    json.member("applied", log.applied);
}

std::string to_json(const node::LogRoot& log) {
    api::JsonText json;
    json.begin_object();
    add_root(json, log);
    json.end_object();
    return json.take();
}

std::string to_json(const node::IndexDigest& index) {
    api::JsonText json;
    json.begin_object();
    add_root(json, index.log);
    json.member("indexVersion", index.index_version);
    json.member("digest", std::string_view{index.digest});
    json.member("rows", index.rows);
    json.member("bytes", index.bytes);
    json.end_object();
    return json.take();
}

// What copies of a log are compared by, as of a revision, which is waited for a little.
template <class Find>
Reply as_of_revision(Call& call, Find&& find) {
    if (!call.service.settings.public_metrics) return hidden();
    const auto at = codec::parse_asked_revision(call.target.query);
    if (!at) return problem(at.error());
    if (at.value() && !call.waited && call.service.heads.newest() < *at.value()) {
        Reply wait;
        wait.wait_for = *at.value();
        return wait;
    }
    const auto found = find(at.value());
    if (!found) return problem(found.error());
    return text("application/json", to_json(found.value()));
}

Reply log_root(Call& call, node::Session&) {
    return as_of_revision(
        call, [&](std::optional<Revision> at) { return call.service.node.log_root(at); });
}

// Of a digest that is not remembered. Reads the whole index: it is given up when the server stops.
Result<node::IndexDigest> make_digest(Service& service, Revision at,
                                      std::uint64_t index_generation) {
    const Instant began = service.clock.now();
    TRY(const node::IndexDigest made,
        service.node.index_digest(at, [&](std::uint64_t) { return service.ready.load(); }));
    service.digests.remember(index_generation, made, began, service.clock.now());
    return made;
}

Reply index_digest(Call& call, node::Session&) {
    Service& service = call.service;
    std::int64_t wait_s = 0;
    const auto find = [&](std::optional<Revision> asked) -> Result<node::IndexDigest> {
        const Revision at = asked.value_or(service.heads.newest());
        TRY(const node::LogRoot root, service.node.log_root(at));
        const std::uint64_t index_generation = service.node.index_generation();
        if (auto known = service.digests.known(index_generation, root)) return std::move(*known);
        wait_s = service.digests.wait_s(service.clock.now());
        if (wait_s == 0) return make_digest(service, at, index_generation);
        return Error{Errc::unavailable,
                     "a digest as of another revision was made a moment ago, for which the whole "
                     "index was read; ask again in " +
                         std::to_string(wait_s) + " s"};
    };
    Reply reply = as_of_revision(call, find);
    for (auto& [name, value] : reply.headers)
        if (wait_s != 0 && name == "Retry-After") value = std::to_string(wait_s);
    return reply;
}

Reply openapi(Call&, node::Session&) {
    Reply reply;
    reply.body = schema::openapi;
    reply.headers.emplace_back("Cache-Control", "no-cache");
    return reply;
}

}  // namespace

void add_store_routes(std::vector<Route>& routes) {
    const auto add = [&](std::string_view path, Runs runs, Reply (*answer)(Call&, node::Session&),
                         std::string_view operation) {
        Route route;
        route.path = path;
        route.verb = http::verb::get;
        route.runs = runs;
        route.open = true;
        route.answer = answer;
        route.operation = operation;
        routes.push_back(route);
    };
    add("/healthz", Runs::here, healthz, "healthz");
    add("/readyz", Runs::here, readyz, "readyz");
    add("/metrics", Runs::longer, metrics, "metrics");
    add("/v1/status", Runs::longer, status, "status");
    add("/v1/replication", Runs::longer, replication, "replication");
    add("/v1/log/root", Runs::longer, log_root, "logRoot");
    add("/v1/index/digest", Runs::longer, index_digest, "indexDigest");
    add("/openapi.json", Runs::here, openapi, "openapi");
}

}  // namespace tenure::server
