#include "server/client_connection.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include "base/text.h"

namespace tenure::server {
namespace {

using Failure = boost::system::error_code;

Failure shake_hands(ClientConnection& connection, const ServerUrl& url,
                    const std::stop_token& stopping) {
    expect_host(connection.stream, url.host);
    Failure failed;
    connection.stream.over_tls().async_handshake(net::ssl::stream_base::client,
                                                 [&](Failure ended) { failed = ended; });
    if (!run(connection, stopping)) return net::error::operation_aborted;
    return failed;
}

}  // namespace

Failure trust_in(net::ssl::context& trust, const std::string& ca_file) {
    Failure failed;
    if (ca_file.empty())
        trust.set_default_verify_paths(failed);
    else
        trust.load_verify_file(ca_file, failed);
    return failed;
}

void expect_host(ClientStream& stream, const std::string& host) {
    auto& tls = stream.over_tls();
    // What SSL_set_tlsext_host_name does, without its old cast.
    SSL_ctrl(tls.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
    // Of the stream: it may have been made before, and takes what the context said then.
    tls.set_verify_mode(net::ssl::verify_peer);
    tls.set_verify_callback(net::ssl::host_name_verification{host});
}

bool run(ClientConnection& connection, const std::stop_token& stopping) {
    connection.context.restart();
    const std::stop_callback ends{stopping, [&connection] { connection.context.stop(); }};
    connection.context.run();
    return !stopping.stop_requested();
}

Error client_failure(const ServerUrl& url, std::string_view what) {
    return Error{Errc::unavailable, "cannot ask " + url.text + ": " + std::string(what)};
}

Result<void> open_connection(ClientConnection& connection, const ServerUrl& url,
                             const std::string& ca_file, std::chrono::milliseconds timeout,
                             const std::stop_token& stopping) {
    Failure failed;
    if (url.tls) {
        failed = trust_in(connection.trust, ca_file);
        if (failed)
            return invalid("ca_file", "cannot use certificates of " + quoted(ca_file) + ": " +
                                          failed.message());
    }
    net::ip::tcp::resolver resolver{connection.context};
    const auto endpoints = resolver.resolve(url.host, url.port, failed);
    if (failed) return client_failure(url, failed.message());
    beast::tcp_stream& tcp = connection.stream.next_layer();
    tcp.expires_after(timeout);
    tcp.async_connect(endpoints, [&](Failure ended, const auto&) { failed = ended; });
    if (!run(connection, stopping)) failed = net::error::operation_aborted;
    if (failed) return client_failure(url, failed.message());
    tcp.socket().set_option(net::ip::tcp::no_delay{true}, failed);
    if (url.tls) {
        failed = shake_hands(connection, url, stopping);
        if (failed) return client_failure(url, failed.message());
        connection.stream.use_tls();
    }
    tcp.expires_never();
    return success();
}

}  // namespace tenure::server
