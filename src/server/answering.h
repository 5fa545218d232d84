#pragma once
// Answering: from a request that has been read to the reply. Everything of HTTP but the bytes: who
// asks, what for, on which thread, how often.

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/route.h"
#include "server/worker.h"

namespace tenure::server {

// What a quick route gives, or where it has to go on.
struct Begun {
    std::optional<Reply> reply;  // it is answered
    const Route* route = nullptr;
    std::size_t route_number = 0;
    Target target;
    std::string tenant;
    std::string id;
    Identity identity;
    std::string client;  // in Clients, once it has been let in
    std::string request_id;
    Instant began;
};

// Finds the route and who is asking, and answers at once what can be answered here. `peer` is the
// address the request came from.
Begun begin_answer(Worker& worker, const Request& request, std::string_view peer);

// Of a request whose header alone has been read: its answer, if that does not depend on the body
// because nobody who may is asking, or there is nothing to ask. The body is not read then.
std::optional<Begun> refuse_early(Worker& worker, const Request& request);

// The rest: long questions, writes, waiting. `request` and `begun` outlive it.
boost::asio::awaitable<Reply> finish_answer(Worker& worker, const Request& request, Begun& begun);

// Counts it.
void count_answer(Worker& worker, const Begun& begun, const Reply& reply);

// Who opens a WebSocket; a reply if nobody may.
struct Entered {
    std::optional<Reply> refusal;
    Identity identity;
};

Entered enter_socket(Worker& worker, const Request& request, std::string_view tenant);

// X-Request-ID if it can be given back, else a new one.
std::string request_id_of(Worker& worker, const Request& request);

}  // namespace tenure::server
