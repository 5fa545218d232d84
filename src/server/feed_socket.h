#pragma once
// The feed of changes: every event of a tenant from a revision on, each as a CloudEvent 1.0 in JSON
// (WebSocket subprotocol cloudevents.json), in order, without gaps. Resume by asking from the last
// `sequence` + 1. Only committed events are sent.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <string>

#include "node/node.h"
#include "server/farewell.h"
#include "server/feed_part.h"
#include "server/http.h"
#include "server/standing.h"
#include "server/worker.h"

namespace tenure::server {

inline constexpr std::string_view feed_protocol = "cloudevents.json";
// Of what a subscriber says; it has nothing to say but control frames.
inline constexpr std::size_t feed_message_bytes_max = 1024;

struct FeedFilter {
    Revision from{1};
    std::string type;       // "assignment.created", or "assignment." for all of that noun
    std::string principal;  // an event names it, or (with effects) changes its access
    std::string scope;      // likewise
    bool effects = false;   // say what each event changed in effective access
    bool operator==(const FeedFilter&) const = default;
};

// Errors name the parameter.
Result<FeedFilter> parse_feed_filter(const Target& target, Revision head);

// Reads on from `from` as far as is worth one turn.
net::awaitable<FeedPart> read_feed(Worker& worker, const Standing& standing,
                                   const FeedFilter& filter, Revision from);

// Reads what the peer says, which is nothing, so that pings are answered and a close is seen.
template <class Socket>
net::awaitable<void> listen_to_peer(Socket& socket, Watched& watched, bool& open,
                                    Leaving& leaving) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        buffer.clear();
        const auto got = co_await socket.async_read(buffer, until_left(leaving));
        if (std::get<0>(got)) break;
    }
    open = false;
    watched.close();
}

template <class Socket>
net::awaitable<void> send_feed(Worker& worker, Socket& socket, Standing& standing,
                               FeedFilter filter, Watched& watched, const bool& open,
                               Leaving& leaving) {
    const Limits& limits = worker.service.settings.limits;
    Revision next = filter.from;
    bool well = true;
    CloseCode code = CloseCode::going_away;
    std::string_view reason = "the server stops";
    while (well && open && !worker.draining()) {
        if (worker.service.heads.newest() < next) {
            co_await worker.reached(next, limits.wait_max_ms);
            continue;
        }
        if (!standing.holds(worker) || !may(worker.session(), standing.identity(),
                                            standing.tenant(), action::events_read, "/")) {
            code = CloseCode::policy_violated;
            reason = "the token may no longer read events";
            break;
        }
        FeedPart part = co_await read_feed(worker, standing, filter, next);
        if (part.failed) {
            code = CloseCode::failed;
            reason = "the log could not be read";
            break;
        }
        for (const std::string& message : part.messages) {
            if (worker.draining()) break;
            watched.deadline_tick = worker.tick_after_ms(limits.write_timeout_ms);
            const auto wrote = co_await socket.async_write(net::buffer(message),
                                                           net::as_tuple(net::use_awaitable));
            well = !std::get<0>(wrote);
            if (!well) break;
        }
        watched.deadline_tick = 0;
        next = part.next;
    }
    if (well && open)
        leaving.leave(code, reason);
    else
        watched.close();
}

template <class Socket>
net::awaitable<void> run_feed(Worker& worker, Socket& socket, Standing& standing, FeedFilter filter,
                              Watched& watched, Leaving& leaving) {
    using net::experimental::awaitable_operators::operator&&;
    socket.text(true);
    watched.between_requests = true;  // a subscriber goes on elsewhere
    bool open = true;
    co_await (listen_to_peer(socket, watched, open, leaving) &&
              send_feed(worker, socket, standing, std::move(filter), watched, open, leaving));
}

}  // namespace tenure::server
