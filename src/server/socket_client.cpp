#include "server/socket_client.h"

#include <boost/beast/http/field.hpp>

namespace tenure::server {

namespace websocket = boost::beast::websocket;

namespace {

constexpr std::chrono::seconds connect_timeout{10};

}  // namespace

Result<void> open_socket(ClientSocket& socket, const SocketPlace& place) {
    TRY(const ServerUrl url, parse_server_url(place.server, "--server"));
    if (!place.token.empty()) {
        TRY(check_safe_for_secrets(url, "--server"));
    }
    TRY(open_connection(socket.connection, url, place.ca_file, connect_timeout));
    websocket::stream_base::decorator asking{[&](websocket::request_type& request) {
        request.set(boost::beast::http::field::sec_websocket_protocol, place.protocol);
        if (!place.token.empty())
            request.set(boost::beast::http::field::authorization, "Bearer " + place.token);
    }};
    socket.stream.set_option(std::move(asking));
    socket.stream.read_message_max(0);
    websocket::response_type response;
    boost::system::error_code failed;
    socket.stream.handshake(response, url.authority, url.below(place.path), failed);
    if (!failed) return success();
    const std::string said{response.body()};
    return Error{Errc::unavailable,
                 "the server opens no WebSocket: " + (said.empty() ? failed.message() : said)};
}

}  // namespace tenure::server
