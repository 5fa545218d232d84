#include "server/key_fetch.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.h"

namespace tenure::server {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = net::ssl;

constexpr std::chrono::seconds look_again{1};

struct Place {
    bool tls = false;
    std::string host;
    std::string port;
    std::string host_header;  // as the URL has it
    std::string target;
};

Result<Place> place_of(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->host().empty())
        return invalid("issuers.jwks_url", quoted(url) + " is not a URL such as https://host/keys");
    Place place;
    place.tls = parsed->scheme_id() == boost::urls::scheme::https;
    place.host = parsed->host_address();
    if (!place.tls && (parsed->scheme_id() != boost::urls::scheme::http ||
                       !(is_loopback(place.host) || place.host == "localhost")))
        return invalid("issuers.jwks_url",
                       quoted(url) + ": keys are fetched by https; by http on loopback only");
    place.port = parsed->has_port() ? std::string(parsed->port()) : place.tls ? "443" : "80";
    place.host_header = std::string(parsed->encoded_host_and_port());
    place.target = std::string(parsed->encoded_target());
    if (place.target.empty()) place.target = "/";
    return place;
}

Error failure(const std::string& url, std::string_view what) {
    return Error{Errc::unavailable, "cannot fetch " + quoted(url) + ": " + std::string(what)};
}

using Parser = http::response_parser<http::string_body>;
using Asked = http::request<http::empty_body>;

// Runs the loop until what was begun is done; false: it is to stop.
bool run(net::io_context& context, const std::stop_token& stopping) {
    context.restart();
    const std::stop_callback ends{stopping, [&context] { context.stop(); }};
    context.run();
    return !stopping.stop_requested();
}

// Begins to send and receive over a stream that is connected.
template <class Stream>
void begin_exchange(Stream& stream, const Asked& request, beast::flat_buffer& buffer,
                    Parser& parser, boost::system::error_code& result) {
    http::async_write(stream, request, [&](const boost::system::error_code& failed, std::size_t) {
        result = failed;
        if (failed) return;
        http::async_read(
            stream, buffer, parser,
            [&](const boost::system::error_code& ended, std::size_t) { result = ended; });
    });
}

}  // namespace

Result<std::string> fetch(const std::string& url, std::chrono::milliseconds timeout,
                          const std::stop_token& stopping) {
    TRY(const Place place, place_of(url));
    const Error stopped = failure(url, "the server is stopping");
    net::io_context context;
    net::ip::tcp::resolver resolver{context};
    boost::system::error_code failed;
    const auto endpoints = resolver.resolve(place.host, place.port, failed);
    if (failed) return failure(url, failed.message());

    Asked request{http::verb::get, place.target, 11};
    request.set(http::field::host, place.host_header);
    request.set(http::field::accept, "application/jwk-set+json, application/json");
    request.set(http::field::connection, "close");
    beast::flat_buffer buffer;
    Parser parser;
    parser.body_limit(limits::key_set_size_max);

    ssl::context trust{ssl::context::tls_client};
    trust.set_default_verify_paths(failed);
    trust.set_verify_mode(ssl::verify_peer, failed);
    beast::ssl_stream<beast::tcp_stream> stream{context, trust};
    beast::tcp_stream& plain = stream.next_layer();
    const auto keep = [&](const boost::system::error_code& ended) { failed = ended; };
    // Of all that follows together.
    plain.expires_after(timeout);
    plain.async_connect(endpoints,
                        [&](const boost::system::error_code& ended, const auto&) { keep(ended); });
    if (!run(context, stopping)) return stopped;
    if (failed) return failure(url, failed.message());
    if (place.tls) {
        // What SSL_set_tlsext_host_name does, without its old cast.
        SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(place.host.c_str()));
        stream.set_verify_callback(ssl::host_name_verification{place.host}, failed);
        stream.async_handshake(ssl::stream_base::client, keep);
        if (!run(context, stopping)) return stopped;
        if (failed) return failure(url, failed.message());
        begin_exchange(stream, request, buffer, parser, failed);
    } else {
        begin_exchange(plain, request, buffer, parser, failed);
    }
    if (!run(context, stopping)) return stopped;
    if (failed) return failure(url, failed.message());
    if (parser.get().result() != http::status::ok)
        return failure(url, "the answer is " + std::to_string(parser.get().result_int()));
    return parser.release().body();
}

Result<void> check_url(const std::string& url) {
    TRY(place_of(url));
    return success();
}

KeyFetch::KeyFetch(const std::vector<IssuerSettings>& settings, const JwtIssuers& issuers,
                   Clock& clock, Journal& journal, Metrics& metrics,
                   std::chrono::milliseconds timeout)
    : settings_{settings},
      issuers_{issuers},
      clock_{clock},
      journal_{journal},
      metrics_{metrics},
      timeout_{timeout} {}

KeyFetch::~KeyFetch() { stop(); }

void KeyFetch::start() {
    const auto by_url = [](const IssuerSettings& each) { return !each.jwks_url.empty(); };
    if (std::ranges::any_of(settings_, by_url))
        thread_ = std::jthread{[this](const std::stop_token& stopping) { loop(stopping); }};
}

void KeyFetch::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void KeyFetch::fetch_due(const std::stop_token& stopping) {
    for (std::size_t i = 0; i < settings_.size(); ++i) {
        KeyCache& keys = issuers_.keys(i);
        const std::string& url = settings_[i].jwks_url;
        if (url.empty() || !keys.wants_fetch(clock_.now())) continue;
        auto text = fetch(url, timeout_, stopping);
        if (stopping.stop_requested()) return;
        Result<KeySet> fetched =
            text ? KeySet::parse(text.value()) : Result<KeySet>{std::move(text.error())};
        metrics_.keys_fetched(fetched.has_value());
        if (!fetched)
            journal_.warn("keys_not_fetched", {{"issuer", settings_[i].issuer.issuer},
                                               {"error", fetched.error().detail}});
        keys.fetched(std::move(fetched), clock_.now());
    }
}

void KeyFetch::loop(const std::stop_token& stopping) {
    while (!stopping.stop_requested()) {
        fetch_due(stopping);
        std::unique_lock guard{mutex_};
        wake_.wait_for(guard, stopping, look_again, [] { return false; });
    }
}

}  // namespace tenure::server
