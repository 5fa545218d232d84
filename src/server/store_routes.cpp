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

// It would answer questions.
Reply readyz(Call& call, node::Session&) {
    if (call.service.ready.load()) return text("text/plain; charset=utf-8", "ready\n");
    return problem(Error{Errc::unavailable, "the server is stopping"});
}

Reply hidden() {
    return problem(Error{Errc::forbidden,
                         "metrics and status are not public here; ask on the machine itself "
                         "(tenure status), or set public_metrics"});
}

Reply metrics(Call& call, node::Session&) {
    if (!call.service.settings.public_metrics) return hidden();
    return text("text/plain; version=0.0.4; charset=utf-8",
                call.service.metrics.text(call.service.node.status()));
}

Reply status(Call& call, node::Session&) {
    if (!call.service.settings.public_metrics) return hidden();
    Service& service = call.service;
    const api::ServerState server{service.open_connections.load(), service.long_questions.waiting(),
                                  service.metrics.limits_hit()};
    return text(form_of(call) == Form::text ? "text/plain; charset=utf-8" : "application/json",
                body_of(call, service.node.status(), server));
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
    add("/openapi.json", Runs::here, openapi, "openapi");
}

}  // namespace tenure::server
