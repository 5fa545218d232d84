#pragma once
// How clients reach a server: TCP, or TLS over it with the server's certificate checked. Private to
// the clients; one thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <chrono>
#include <stop_token>
#include <string>

#include "server/server_url.h"

namespace tenure::server {

namespace net = boost::asio;
namespace beast = boost::beast;

// One stream for both, so that what is spoken over it does not care.
class ClientStream : private beast::ssl_stream<beast::tcp_stream> {
public:
    using Tls = beast::ssl_stream<beast::tcp_stream>;
    using next_layer_type = beast::tcp_stream;
    using Tls::executor_type;
    using Tls::get_executor;
    using Tls::next_layer;
    using Tls::Tls;

    Tls& over_tls() { return *this; }

    void use_tls() { tls_ = true; }

    template <class Buffers>
    std::size_t read_some(const Buffers& buffers, boost::system::error_code& failed) {
        return tls_ ? Tls::read_some(buffers, failed) : next_layer().read_some(buffers, failed);
    }

    template <class Buffers>
    std::size_t read_some(const Buffers& buffers) {
        return tls_ ? Tls::read_some(buffers) : next_layer().read_some(buffers);
    }

    template <class Buffers>
    std::size_t write_some(const Buffers& buffers, boost::system::error_code& failed) {
        return tls_ ? Tls::write_some(buffers, failed) : next_layer().write_some(buffers, failed);
    }

    template <class Buffers>
    std::size_t write_some(const Buffers& buffers) {
        return tls_ ? Tls::write_some(buffers) : next_layer().write_some(buffers);
    }

    template <class Buffers, class Handler>
    auto async_read_some(const Buffers& buffers, Handler&& handler) {
        return tls_ ? Tls::async_read_some(buffers, std::forward<Handler>(handler))
                    : next_layer().async_read_some(buffers, std::forward<Handler>(handler));
    }

    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& buffers, Handler&& handler) {
        return tls_ ? Tls::async_write_some(buffers, std::forward<Handler>(handler))
                    : next_layer().async_write_some(buffers, std::forward<Handler>(handler));
    }

    // Found by the WebSocket when it ends.
    friend void teardown(beast::role_type, ClientStream& stream,
                         boost::system::error_code& failed) {
        failed = {};
        stream.next_layer().close();
    }

    template <class Handler>
    friend void async_teardown(beast::role_type role, ClientStream& stream, Handler&& handler) {
        boost::system::error_code failed;
        teardown(role, stream, failed);
        net::post(stream.get_executor(),
                  beast::bind_front_handler(std::forward<Handler>(handler), failed));
    }

private:
    bool tls_ = false;
};

// PEM certificates of authorities; empty: those of the machine.
boost::system::error_code trust_in(net::ssl::context& trust, const std::string& ca_file);

// Before the handshake: the certificate has to be good, and of this host.
void expect_host(ClientStream& stream, const std::string& host);

struct ClientConnection {
    net::io_context context;
    net::ssl::context trust{net::ssl::context::tls_client};
    ClientStream stream{context, trust};
    beast::flat_buffer buffer;
};

// Runs the loop until what was begun is done. False: it is to stop, and the connection can only be
// thrown away.
bool run(ClientConnection& connection, const std::stop_token& stopping);

// `ca_file` as in trust_in().
Result<void> open_connection(ClientConnection& connection, const ServerUrl& url,
                             const std::string& ca_file, std::chrono::milliseconds timeout,
                             const std::stop_token& stopping = {});

// "cannot ask http://127.0.0.1:7400: Connection refused"
Error client_failure(const ServerUrl& url, std::string_view what);

}  // namespace tenure::server
