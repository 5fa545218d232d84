#pragma once
// What a connection becomes when it asks to be a WebSocket: a socket for questions
// (tenure.query.v1) or a feed of changes (cloudevents.json), by path and subprotocol.

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "server/answering.h"
#include "server/worker.h"

namespace tenure::server {

// Speaks until the socket closes; a reply instead if it was refused. `stream` stays the caller's.
template <class Stream>
net::awaitable<std::optional<Reply>> run_socket(Worker& worker, Stream& stream, Request request,
                                                Watched& watched) {
    static_cast<void>(worker);
    static_cast<void>(stream);
    static_cast<void>(watched);
    static_cast<void>(request);
    co_return problem(Error{Errc::not_found, "there is no WebSocket at this path"});
}

}  // namespace tenure::server
