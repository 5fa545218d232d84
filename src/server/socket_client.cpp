#include "server/socket_client.h"

#include <boost/beast/http/field.hpp>

namespace tenure::server {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;

Result<void> open_socket(ClientSocket& socket, const SocketPlace& place) {
    boost::system::error_code failed;
    net::ip::tcp::resolver resolver{socket.context};
    const auto endpoints = resolver.resolve(place.host, std::to_string(place.port), failed);
    if (failed) return socket_failure("cannot find " + place.host, failed);
    net::connect(socket.stream.next_layer(), endpoints, failed);
    if (failed)
        return socket_failure(
            "cannot connect to " + place.host + " port " + std::to_string(place.port), failed);
    socket.stream.next_layer().set_option(net::ip::tcp::no_delay{true}, failed);
    websocket::stream_base::decorator asking{[&](websocket::request_type& request) {
        request.set(boost::beast::http::field::sec_websocket_protocol, place.protocol);
        if (!place.token.empty())
            request.set(boost::beast::http::field::authorization, "Bearer " + place.token);
    }};
    socket.stream.set_option(std::move(asking));
    socket.stream.read_message_max(0);
    websocket::response_type response;
    socket.stream.handshake(response, place.host, place.target, failed);
    if (!failed) return success();
    const std::string said{response.body()};
    return Error{Errc::unavailable,
                 "the server opens no WebSocket: " + (said.empty() ? failed.message() : said)};
}

}  // namespace tenure::server
