#pragma once
// What a connection becomes when it asks to be a WebSocket: a socket for questions
// (/v1/tenants/{tenant}/query, subprotocol tenure.query.v1) or a feed of changes
// (/v1/tenants/{tenant}/feed, subprotocol cloudevents.json).

#include <boost/asio/awaitable.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/answering.h"
#include "server/feed_socket.h"
#include "server/query_socket.h"
#include "server/worker.h"

namespace tenure::server {

// Which WebSocket is asked for, and by whom.
struct SocketPlan {
    std::optional<Reply> refusal;
    bool feed = false;
    std::string tenant;
    Identity identity;
    std::string authorization;
    FeedFilter filter;
};

SocketPlan plan_socket(Worker& worker, const Request& request);

// Counts pings and pongs: a peer that floods us with them is closed.
class ControlFrames {
public:
    ControlFrames(Worker& worker, Watched& watched) : worker_{worker}, watched_{watched} {}

    void came() {
        const std::int64_t second = worker_.service.clock.now().us / 1'000'000;
        if (second != second_) count_ = 0;
        second_ = second;
        if (++count_ > frames_a_second_max) watched_.close();
    }

private:
    static constexpr std::uint32_t frames_a_second_max = 100;

    Worker& worker_;
    Watched& watched_;
    std::int64_t second_ = 0;
    std::uint32_t count_ = 0;
};

// Speaks until the socket closes; a reply instead if it was refused. `stream` and `watched` stay
// the caller's and outlive it.
template <class Stream>
net::awaitable<std::optional<Reply>> run_socket(Worker& worker, Stream& stream, Request request,
                                                Watched& watched) {
    namespace websocket = boost::beast::websocket;
    SocketPlan plan = plan_socket(worker, request);
    if (plan.refusal) co_return std::move(plan.refusal);
    websocket::stream<Stream&> socket{stream};
    const std::string protocol{plan.feed ? feed_protocol : query_protocol};
    const std::string id = request_id_of(worker, request);
    websocket::stream_base::decorator answer{[&](websocket::response_type& response) {
        response.set(http::field::sec_websocket_protocol, protocol);
        response.set("X-Request-ID", id);
    }};
    socket.set_option(std::move(answer));
    // Half-open peers are found by pings that nobody answers.
    websocket::stream_base::timeout timeouts;
    timeouts.handshake_timeout =
        std::chrono::milliseconds{worker.service.settings.limits.request_timeout_ms};
    timeouts.idle_timeout =
        std::chrono::milliseconds{worker.service.settings.limits.idle_timeout_ms};
    timeouts.keep_alive_pings = true;
    socket.set_option(timeouts);
    ControlFrames control{worker, watched};
    socket.control_callback(
        [&control](websocket::frame_type, boost::beast::string_view) { control.came(); });
    socket.read_message_max(plan.feed ? feed_message_bytes_max
                                      : worker.service.settings.limits.frame_bytes_max);
    const auto accepted = co_await socket.async_accept(request, net::as_tuple(net::use_awaitable));
    if (std::get<0>(accepted)) co_return std::nullopt;
    const std::string_view name = plan.feed ? "feed" : "query";
    worker.service.metrics.sockets(name, 1);
    watched.deadline_tick = 0;
    Standing standing{std::move(plan.authorization), std::move(plan.tenant),
                      std::move(plan.identity)};
    if (plan.feed)
        co_await run_feed(worker, socket, standing, std::move(plan.filter), watched);
    else
        co_await run_queries(worker, socket, standing, watched);
    worker.service.metrics.sockets(name, -1);
    co_return std::nullopt;
}

}  // namespace tenure::server
