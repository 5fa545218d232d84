#pragma once
// How clients open a WebSocket of a server. Private to the clients.

#include <boost/beast/websocket/stream.hpp>
#include <string>

#include "server/client_connection.h"

namespace tenure::server {

struct ClientSocket {
    ClientConnection connection;
    boost::beast::websocket::stream<ClientStream&> stream{connection.stream};
    boost::beast::flat_buffer buffer;
};

// Where a WebSocket is, and who opens it.
struct SocketPlace {
    std::string server;  // URL
    std::string ca_file;
    std::string path;  // and query, below the URL
    std::string protocol;
    std::string token;
};

inline Error socket_failure(std::string_view doing, const boost::system::error_code& failed) {
    return Error{Errc::unavailable, std::string(doing) + ": " + failed.message()};
}

// Connects, upgrades, or says what the server said instead.
Result<void> open_socket(ClientSocket& socket, const SocketPlace& place);

}  // namespace tenure::server
