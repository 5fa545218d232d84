#pragma once
// How clients open a WebSocket of a server. Private to the clients.

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <string>

#include "base/result.h"

namespace tenure::server {

struct ClientSocket {
    boost::asio::io_context context;
    boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream{context};
    boost::beast::flat_buffer buffer;
};

struct SocketPlace {
    std::string host;
    std::uint16_t port = 0;
    std::string target;
    std::string protocol;
    std::string token;
};

inline Error socket_failure(std::string_view doing, const boost::system::error_code& failed) {
    return Error{Errc::unavailable, std::string(doing) + ": " + failed.message()};
}

// Connects, upgrades, or says what the server said instead.
Result<void> open_socket(ClientSocket& socket, const SocketPlace& place);

}  // namespace tenure::server
