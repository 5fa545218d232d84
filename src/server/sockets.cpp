#include "server/sockets.h"

#include <algorithm>

#include "base/text.h"

namespace tenure::server {
namespace {

// The client's list of subprotocols.
bool offers(const Request& request, std::string_view protocol) {
    const auto header = request[http::field::sec_websocket_protocol];
    std::string_view rest{header.data(), header.size()};
    while (!rest.empty()) {
        std::string_view each = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), each.size() + 1));
        while (!each.empty() && each.front() == ' ') each.remove_prefix(1);
        while (!each.empty() && each.back() == ' ') each.remove_suffix(1);
        if (each == protocol) return true;
    }
    return false;
}

}  // namespace

SocketPlan plan_socket(Worker& worker, const Request& request) {
    SocketPlan plan;
    auto target = parse_target({request.target().data(), request.target().size()});
    if (!target) {
        plan.refusal = problem(target.error());
        return plan;
    }
    const auto& path = target.value().segments;
    const bool known = path.size() == 4 && path[0] == "v1" && path[1] == "tenants" &&
                       (path[3] == "query" || path[3] == "feed");
    if (!known) {
        plan.refusal = problem(Error{Errc::not_found, "there is no WebSocket at this path"});
        return plan;
    }
    plan.tenant = path[2];
    plan.feed = path[3] == "feed";
    const std::string_view protocol = plan.feed ? feed_protocol : query_protocol;
    if (!offers(request, protocol)) {
        plan.refusal = problem(
            invalid("Sec-WebSocket-Protocol", "this WebSocket speaks " + std::string(protocol)));
        return plan;
    }
    Entered entered = enter_socket(worker, request, plan.tenant);
    if (entered.refusal) {
        plan.refusal = std::move(entered.refusal);
        return plan;
    }
    plan.identity = std::move(entered.identity);
    const auto header = request[http::field::authorization];
    plan.authorization.assign(header.data(), header.size());
    if (!plan.feed) return plan;
    if (!may(worker.session(), plan.identity, plan.tenant, action::events_read, "/")) {
        plan.refusal =
            problem(Error{Errc::forbidden, quoted(plan.identity.principal) + " needs " +
                                               std::string(action::events_read) + " at /"});
        return plan;
    }
    auto filter = parse_feed_filter(target.value(), worker.service.heads.newest());
    if (!filter)
        plan.refusal = problem(filter.error());
    else
        plan.filter = std::move(filter.value());
    return plan;
}

}  // namespace tenure::server
