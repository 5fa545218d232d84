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

// Whether who opened the connection may copy the log.
void plan_copy(Worker& worker, SSL* tls, SocketPlan& plan) {
    const Service& service = worker.service;
    if (service.replicator == nullptr) {
        plan.refusal =
            problem(Error{Errc::not_found, "this node is alone: replication.node is not set"});
        return;
    }
    if (tls != nullptr) {
        plan.names = shown_names(tls, service.copies.names());
        if (!plan.names->empty()) return;
        plan.refusal = problem(Error{Errc::forbidden,
                                     "a copy shows a certificate of the cluster's authority with "
                                     "one of the names in replication.copies"});
        // Strangers are no news.
        if (const std::string names = all_shown_names(tls); !names.empty())
            tell_of_refused_copy(service, "its certificate is of " + names +
                                              ": none of them is in replication.copies");
    } else if (service.settings.authentication) {
        plan.refusal = problem(Error{Errc::forbidden,
                                     "copies are let in by TLS; without it only where "
                                     "authentication is off"});
    }
}

}  // namespace

std::size_t message_bytes_max(const Worker& worker, SocketPlan::Speaks speaks) {
    switch (speaks) {
        case SocketPlan::Speaks::feed:
            return feed_message_bytes_max;
        case SocketPlan::Speaks::copy:
            return copy_message_bytes_max;
        case SocketPlan::Speaks::queries:
            break;
    }
    return worker.service.settings.limits.frame_bytes_max;
}

std::string_view name_of(SocketPlan::Speaks speaks) {
    switch (speaks) {
        case SocketPlan::Speaks::feed:
            return "feed";
        case SocketPlan::Speaks::copy:
            return "replication";
        case SocketPlan::Speaks::queries:
            break;
    }
    return "query";
}

SocketPlan plan_socket(Worker& worker, const Request& request, SSL* tls) {
    SocketPlan plan;
    auto target = parse_target({request.target().data(), request.target().size()});
    if (!target) {
        plan.refusal = problem(target.error());
        return plan;
    }
    const auto& path = target.value().segments;
    if (path.size() == 2 && path[0] == "v1" && path[1] == "replication") {
        plan.speaks = SocketPlan::Speaks::copy;
        plan.protocol = replication_protocol;
        if (!offers(request, plan.protocol))
            plan.refusal = problem(invalid("Sec-WebSocket-Protocol",
                                           "this WebSocket speaks " + std::string(plan.protocol)));
        else
            plan_copy(worker, tls, plan);
        return plan;
    }
    const bool known = path.size() == 4 && path[0] == "v1" && path[1] == "tenants" &&
                       (path[3] == "query" || path[3] == "feed");
    if (!known) {
        plan.refusal = problem(Error{Errc::not_found, "there is no WebSocket at this path"});
        return plan;
    }
    plan.tenant = path[2];
    const bool feed = path[3] == "feed";
    plan.speaks = feed ? SocketPlan::Speaks::feed : SocketPlan::Speaks::queries;
    plan.protocol = feed ? feed_protocol : query_protocol;
    if (!offers(request, plan.protocol)) {
        plan.refusal = problem(invalid("Sec-WebSocket-Protocol",
                                       "this WebSocket speaks " + std::string(plan.protocol)));
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
    if (!feed) return plan;
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
