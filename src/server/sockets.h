#pragma once
// What a connection becomes when it asks to be a WebSocket: a socket for questions
// (/v1/tenants/{tenant}/query, subprotocol tenure.query.v1), a feed of changes
// (/v1/tenants/{tenant}/feed, subprotocol cloudevents.json) or the way to a copy of the log
// (/v1/replication, subprotocol tenure.replication.v1).

#include <boost/asio/awaitable.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex_words.h"
#include "server/answering.h"
#include "server/copy_socket.h"
#include "server/farewell.h"
#include "server/feed_socket.h"
#include "server/query_socket.h"
#include "server/worker.h"

namespace tenure::server {

// Which WebSocket is asked for, and by whom.
struct SocketPlan {
    enum class Speaks { queries, feed, copy };

    std::optional<Reply> refusal;
    Speaks speaks{};
    std::string_view protocol;
    // Of a copy: the names its certificate is good for; nothing: none was needed.
    std::optional<std::vector<std::string>> names;
    std::string tenant;
    Identity identity;
    std::string authorization;
    FeedFilter filter;
};

// `tls` is null for a connection without.
SocketPlan plan_socket(Worker& worker, const Request& request, SSL* tls);

template <class Stream>
SSL* tls_of(Stream& stream) {
    if constexpr (requires {
                      { stream.native_handle() } -> std::same_as<SSL*>;
                  })
        return stream.native_handle();
    else
        return nullptr;
}

// How many bytes a message of the peer may have.
std::size_t message_bytes_max(const Worker& worker, SocketPlan::Speaks speaks);
// Of metrics.
std::string_view name_of(SocketPlan::Speaks speaks);

// Counts pings and pongs: a peer that floods us with them is closed.
class ControlFrames {
public:
    ControlFrames(Worker& worker, Leaving& leaving) : worker_{worker}, leaving_{leaving} {}

    void came() {
        const std::int64_t second = worker_.service.clock.now().us / 1'000'000;
        if (second != second_) count_ = 0;
        second_ = second;
        if (++count_ > frames_a_second_max)
            leaving_.leave(CloseCode::policy_violated, "too many pings and pongs");
    }

private:
    static constexpr std::uint32_t frames_a_second_max = 100;

    Worker& worker_;
    Leaving& leaving_;
    std::int64_t second_ = 0;
    std::uint32_t count_ = 0;
};

// Speaks until the socket closes; a reply instead if it was refused. `stream` and `watched` stay
// the caller's and outlive it.
template <class Stream>
net::awaitable<std::optional<Reply>> run_socket(Worker& worker, Stream& stream, Request request,
                                                Watched& watched) {
    namespace websocket = boost::beast::websocket;
    SocketPlan plan = plan_socket(worker, request, tls_of(stream));
    if (plan.refusal) co_return std::move(plan.refusal);
    websocket::stream<Stream&> socket{stream};
    const std::string protocol{plan.protocol};
    const std::string id = request_id_of(worker, request);
    websocket::stream_base::decorator answer{[&](websocket::response_type& response) {
        response.set(http::field::sec_websocket_protocol, protocol);
        response.set("X-Request-ID", id);
        if (plan.speaks != SocketPlan::Speaks::copy) return;
        const log::EventLog& log = worker.service.node.event_log();
        response.set(log_id_header, hex_of(log.id().words));
        response.set(log_created_header, std::to_string(log.created_at().us));
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
    Farewell<websocket::stream<Stream&>> farewell{worker, watched, socket};
    ControlFrames control{worker, farewell};
    socket.control_callback(
        [&control](websocket::frame_type, boost::beast::string_view) { control.came(); });
    // A message is one frame, however long: Beast would make one, and a write, of each 4 KiB.
    socket.auto_fragment(false);
    socket.read_message_max(message_bytes_max(worker, plan.speaks));
    const auto accepted = co_await socket.async_accept(request, net::as_tuple(net::use_awaitable));
    if (std::get<0>(accepted)) co_return std::nullopt;
    if (worker.draining()) {
        // The others have been told; this one came too late to hear it.
        if (plan.speaks != SocketPlan::Speaks::copy) {
            farewell.leave(CloseCode::going_away, "the server stops");
            co_await closed_by_peer(socket, farewell);
        }
        co_return std::nullopt;
    }
    const std::string_view name = name_of(plan.speaks);
    worker.service.metrics.sockets(name, 1);
    watched.deadline_tick = 0;
    Standing standing{std::move(plan.authorization), std::move(plan.tenant),
                      std::move(plan.identity)};
    if (plan.speaks == SocketPlan::Speaks::copy)
        co_await run_copy(worker, socket, plan.names, watched);
    else if (plan.speaks == SocketPlan::Speaks::feed)
        co_await run_feed(worker, socket, standing, std::move(plan.filter), watched, farewell);
    else
        co_await run_queries(worker, socket, standing, watched, farewell);
    worker.service.metrics.sockets(name, -1);
    co_return std::nullopt;
}

}  // namespace tenure::server
