#pragma once
// Routes: what can be asked at which path. A route is a plain function from a Call to a Reply (or,
// of a write, to the commands it stands for); http_session.h brings it the Call and takes the Reply
// away, and sees to who is asking, threads, waiting and limits.

#include <boost/beast/http/verb.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/command.h"
#include "node/node.h"
#include "server/http.h"
#include "server/identity.h"
#include "server/service.h"

namespace tenure::server {

struct Call {
    Service& service;
    const Request& request;
    const Target& target;
    const std::string& request_id;
    Instant now;
    // Of a node that copies: all that was recorded up to then it has, and is in an answer as of
    // `head` or later.
    std::optional<Instant> closed_until;
    Revision head;
    // Filled in by the router: what stands for "{tenant}", "{id}" and so on in the path.
    const std::string& tenant;
    const std::string& id;
    const Identity& identity;
    // `at_least` is not waited for any longer.
    bool waited = false;
    // This thread is for long questions.
    bool may_take_long = false;
    // What the request asks for first. Where it does not hold, the change is still sent, to be
    // refused: whether it may be known what there is, is decided with whether the change may be
    // made.
    node::Guard guard{};
    // Of a request that is another change when there was none of the object yet (or was one): that
    // one. A repeat may stand for it.
    std::optional<domain::Batch> before{};
    // A secret made for this call, told in its answer only.
    std::string secret{};

    std::string_view header(http::field field) const {
        const auto value = request[field];
        return {value.data(), value.size()};
    }

    bool has_body() const { return !request.body().empty(); }
};

enum class Runs {
    here,    // quick: on the thread that read the request
    longer,  // on a thread for long questions
    write,   // gives commands; answered when they are durable
};

struct Route {
    // Names the route in metrics and in the OpenAPI document: a path with {tenant}, {id}.
    std::string_view path;
    http::verb verb{};
    Runs runs{};
    // Also for a principal that has not accepted its invitation.
    bool for_the_invited = false;
    // Without a token; such a route has no identity.
    bool open = false;
    // What becomes of a body that is not JSON.
    unsigned status_of_other_media = 415;
    // Of `here` and `longer`.
    Reply (*answer)(Call& call, node::Session& session) = nullptr;
    // Of `write`.
    Result<domain::Batch> (*batch)(Call& call, node::Session& session) = nullptr;
    // What a write answers; null: the receipt.
    Reply (*receipt)(Call& call, const node::Receipt& receipt) = nullptr;
    std::string_view operation{};  // operationId
};

class Router {
public:
    // All routes of the server.
    Router();

    struct Found {
        const Route* route = nullptr;
        std::size_t number = 0;     // of the route, for the metrics
        std::string_view tenant{};  // of the target's segments
        std::string_view id{};
        std::string allow{};  // without a route: the methods there are for the path
    };

    Found find(http::verb verb, const Target& target) const;

    const std::vector<Route>& routes() const { return routes_; }

    // By number; the last one stands for what is not a route.
    std::vector<std::string> names() const;

private:
    struct Shape {
        std::vector<std::string_view> segments;  // "{tenant}", "{id}" or a literal
    };

    std::vector<Route> routes_;
    std::vector<Shape> shapes_;
};

// Routes by subject, each in a file of its own.
void add_question_routes(std::vector<Route>& routes);
void add_command_routes(std::vector<Route>& routes);
void add_token_routes(std::vector<Route>& routes);
void add_authzen_routes(std::vector<Route>& routes);
void add_store_routes(std::vector<Route>& routes);

}  // namespace tenure::server
