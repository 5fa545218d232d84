#include "server/feed_client.h"

#include <boost/beast/core/buffers_to_string.hpp>

#include "server/feed_socket.h"
#include "server/http.h"
#include "server/socket_client.h"

namespace tenure::server {

struct FeedClient::State {
    ClientSocket socket;
};

FeedClient::FeedClient(std::unique_ptr<State> state) : state_{std::move(state)} {}

FeedClient::~FeedClient() = default;

Result<std::unique_ptr<FeedClient>> FeedClient::connect(const FeedServer& server) {
    auto state = std::make_unique<State>();
    SocketPlace place{server.url, server.ca_file,
                      "/v1/tenants/" + percent_encoded(server.tenant) + "/feed",
                      std::string(feed_protocol), server.token};
    if (!server.query.empty()) place.path += '?' + server.query;
    TRY(open_socket(state->socket, place));
    return std::unique_ptr<FeedClient>{new FeedClient{std::move(state)}};
}

Result<std::optional<std::string>> FeedClient::next() {
    ClientSocket& socket = state_->socket;
    socket.buffer.clear();
    boost::system::error_code failed;
    socket.stream.read(socket.buffer, failed);
    std::optional<std::string> event;
    if (failed == boost::beast::websocket::error::closed || failed == boost::asio::error::eof)
        return event;
    if (failed) return socket_failure("the feed ended", failed);
    event = boost::beast::buffers_to_string(socket.buffer.data());
    return event;
}

}  // namespace tenure::server
