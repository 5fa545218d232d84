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

constexpr std::chrono::seconds fetch_timeout{10};
constexpr std::chrono::seconds look_again{1};

struct Place {
    bool tls = false;
    std::string host;
    std::string port;
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
    place.target = std::string(parsed->encoded_target());
    if (place.target.empty()) place.target = "/";
    return place;
}

Error failure(const std::string& url, std::string_view what) {
    return Error{Errc::unavailable, "cannot fetch " + quoted(url) + ": " + std::string(what)};
}

using Parser = http::response_parser<http::string_body>;
using Asked = http::request<http::empty_body>;

// Sends and receives over a stream that is connected; runs the loop until it is done.
template <class Stream>
boost::system::error_code exchange(net::io_context& context, Stream& stream, const Asked& request,
                                   Parser& parser) {
    beast::flat_buffer buffer;
    boost::system::error_code result;
    http::async_write(stream, request, [&](boost::system::error_code failed, std::size_t) {
        result = failed;
        if (!failed)
            http::async_read(stream, buffer, parser,
                             [&](boost::system::error_code ended, std::size_t) { result = ended; });
    });
    context.restart();
    context.run();
    return result;
}

}  // namespace

Result<std::string> fetch(const std::string& url) {
    TRY(const Place place, place_of(url));
    net::io_context context;
    net::ip::tcp::resolver resolver{context};
    boost::system::error_code failed;
    const auto endpoints = resolver.resolve(place.host, place.port, failed);
    if (failed) return failure(url, failed.message());

    Asked request{http::verb::get, place.target, 11};
    request.set(http::field::host, place.host);
    request.set(http::field::accept, "application/jwk-set+json, application/json");
    Parser parser;
    parser.body_limit(limits::key_set_size_max);

    ssl::context trust{ssl::context::tls_client};
    trust.set_default_verify_paths(failed);
    trust.set_verify_mode(ssl::verify_peer, failed);
    beast::ssl_stream<beast::tcp_stream> stream{context, trust};
    beast::tcp_stream& plain = stream.next_layer();
    plain.expires_after(fetch_timeout);
    plain.async_connect(endpoints,
                        [&](boost::system::error_code ended, const auto&) { failed = ended; });
    context.run();
    if (failed) return failure(url, failed.message());
    if (place.tls) {
        // What SSL_set_tlsext_host_name does, without its old cast.
        SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(place.host.c_str()));
        stream.set_verify_callback(ssl::host_name_verification{place.host}, failed);
        stream.async_handshake(ssl::stream_base::client,
                               [&](boost::system::error_code ended) { failed = ended; });
        context.restart();
        context.run();
        if (failed) return failure(url, failed.message());
        failed = exchange(context, stream, request, parser);
    } else {
        failed = exchange(context, plain, request, parser);
    }
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
                   Clock& clock, Journal& journal)
    : settings_{settings}, issuers_{issuers}, clock_{clock}, journal_{journal} {
    const auto by_url = [](const IssuerSettings& each) { return !each.jwks_url.empty(); };
    if (std::ranges::any_of(settings_, by_url)) thread_ = std::thread{[this] { loop(); }};
}

KeyFetch::~KeyFetch() { stop(); }

void KeyFetch::stop() {
    {
        const std::lock_guard guard{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void KeyFetch::loop() {
    for (;;) {
        for (std::size_t i = 0; i < settings_.size(); ++i) {
            KeyCache& keys = issuers_.keys(i);
            const std::string& url = settings_[i].jwks_url;
            if (url.empty() || !keys.wants_fetch(clock_.now())) continue;
            auto text = fetch(url);
            Result<KeySet> fetched =
                text ? KeySet::parse(text.value()) : Result<KeySet>{text.error()};
            if (!fetched)
                journal_.warn("keys_not_fetched", {{"issuer", settings_[i].issuer.issuer},
                                                   {"error", fetched.error().detail}});
            keys.fetched(std::move(fetched), clock_.now());
        }
        std::unique_lock guard{mutex_};
        if (wake_.wait_for(guard, look_again, [&] { return stopping_; })) return;
    }
}

}  // namespace tenure::server
