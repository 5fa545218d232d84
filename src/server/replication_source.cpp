#include "server/replication_source.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <charconv>
#include <deque>
#include <exception>
#include <filesystem>

#include "base/hex_words.h"
#include "base/text.h"
#include "codec/replication_frames.h"
#include "server/client_connection.h"
#include "server/copy_socket.h"

namespace tenure::server {
namespace {

namespace websocket = boost::beast::websocket;
using Failure = boost::system::error_code;

constexpr std::chrono::seconds connect_timeout{10};
constexpr std::chrono::milliseconds pause_min{50};
constexpr std::chrono::milliseconds pause_max{5'000};
// Beats alone are ten a second.
constexpr std::size_t messages_of_a_good_session = 50;
// A source that reads has a few at most.
constexpr std::size_t frames_waiting_max = 10'000;

// A socket on its way to be open, and then open.
struct Socket {
    Socket(net::io_context& context, net::ssl::context& trust)
        : resolver{context}, stream{context, trust} {}

    beast::tcp_stream& tcp() { return stream.next_layer().next_layer(); }

    net::ip::tcp::resolver resolver;
    websocket::stream<ClientStream> stream;
    websocket::response_type response;
    beast::flat_buffer buffer;
    bool given_up = false;  // what it is doing just now may be done all the same
};

Error cannot_reach(const ServerUrl& url, std::string_view what) {
    return Error{Errc::unavailable, "cannot copy from " + url.text + ": " + std::string(what)};
}

Result<std::unique_ptr<net::ssl::context>> trust_of(const SourcePlace& place) {
    auto trust = std::make_unique<net::ssl::context>(net::ssl::context::tls_client);
    Failure failed = trust_in(*trust, place.ca_file);
    if (failed)
        return invalid("replication.ca_file", "cannot use certificates of " +
                                                  tenure::quoted(place.ca_file) + ": " +
                                                  failed.message());
    if (place.certificate_file.empty()) return trust;
    trust->set_password_callback(
        [](std::size_t, net::ssl::context::password_purpose) { return std::string{}; }, failed);
    trust->use_certificate_chain_file(place.certificate_file, failed);
    if (!failed) trust->use_private_key_file(place.key_file, net::ssl::context::pem, failed);
    if (failed)
        return invalid("tls", "cannot show " + tenure::quoted(place.certificate_file) +
                                  " to the source: " + failed.message());
    return trust;
}

net::awaitable<Result<void>> connect(Socket& socket, const ServerUrl& url) {
    const auto found = co_await socket.resolver.async_resolve(url.host, url.port,
                                                              net::as_tuple(net::use_awaitable));
    const auto& [not_found, endpoints] = found;
    if (not_found) co_return cannot_reach(url, not_found.message());
    if (socket.given_up) co_return cannot_reach(url, "this node stops");
    socket.tcp().expires_after(connect_timeout);
    const auto reached =
        co_await socket.tcp().async_connect(endpoints, net::as_tuple(net::use_awaitable));
    Failure failed = std::get<0>(reached);
    if (failed) co_return cannot_reach(url, failed.message());
    socket.tcp().socket().set_option(net::ip::tcp::no_delay{true}, failed);
    ClientStream& stream = socket.stream.next_layer();
    if (url.tls) {
        expect_host(stream, url.host);
        const auto shaken = co_await stream.over_tls().async_handshake(
            net::ssl::stream_base::client, net::as_tuple(net::use_awaitable));
        if (std::get<0>(shaken)) co_return cannot_reach(url, std::get<0>(shaken).message());
        stream.use_tls();
    }
    // From here on the WebSocket's own timeouts hold.
    socket.tcp().expires_never();
    websocket::stream_base::timeout timeouts =
        websocket::stream_base::timeout::suggested(beast::role_type::client);
    timeouts.handshake_timeout = connect_timeout;
    socket.stream.set_option(timeouts);
    websocket::stream_base::decorator asking{[](websocket::request_type& request) {
        request.set(boost::beast::http::field::sec_websocket_protocol,
                    std::string(replication_protocol));
    }};
    socket.stream.set_option(std::move(asking));
    socket.stream.read_message_max(codec::replication_frame_bytes_max);
    const std::string target = url.below("/v1/replication");
    const auto opened = co_await socket.stream.async_handshake(
        socket.response, url.authority, target, net::as_tuple(net::use_awaitable));
    if (std::get<0>(opened)) {
        const std::string said{socket.response.body()};
        co_return cannot_reach(url, said.empty() ? std::get<0>(opened).message() : said);
    }
    socket.stream.binary(true);
    co_return success();
}

net::awaitable<void> connect_once(net::io_context& context, Socket& socket, const ServerUrl& url,
                                  Result<void>& result) {
    result = co_await connect(socket, url);
    // Timers that would still run are of no use.
    context.stop();
}

Result<node::LogIdentity> identity_of(const ServerUrl& url, const websocket::response_type& said) {
    const auto id = said[log_id_header];
    const auto created = said[log_created_header];
    node::LogIdentity identity;
    identity.id.words = words_of_hex(id).value_or(WordPair{});
    const auto at =
        std::from_chars(created.data(), created.data() + created.size(), identity.created_at.us);
    if (identity.id == log::LogId{} || at.ec != std::errc{} || identity.created_at < instant_min ||
        identity.created_at > instant_max)
        return cannot_reach(url, "it does not say which log it has");
    return identity;
}

// What is sent to the source, on the replicator's thread as all of this.
class SourcePeer final : public node::ReplicationPeer,
                         public std::enable_shared_from_this<SourcePeer> {
public:
    explicit SourcePeer(std::shared_ptr<Socket> socket) : socket_{std::move(socket)} {}

    void send(const replication::Message& message) override {
        if (closed_) return;
        if (frames_.size() >= frames_waiting_max) return close("the source reads nothing");
        codec::encode_message(message, frames_.emplace_back());
        if (!writing_) write();
    }

    void close(const std::string&) override {
        closed_ = true;
        socket_->tcp().close();
    }

    bool closed() const { return closed_; }

private:
    void write() {
        writing_ = true;
        socket_->stream.async_write(
            net::buffer(frames_.front()),
            [self = shared_from_this()](const Failure& failed, std::size_t) {
                self->writing_ = false;
                self->frames_.pop_front();
                // The reader finds out as well.
                if (failed || self->closed_ || self->frames_.empty()) return;
                self->write();
            });
    }

    std::shared_ptr<Socket> socket_;
    std::deque<codec::FrameBytes> frames_;
    bool writing_ = false;
    bool closed_ = false;
};

}  // namespace

struct ReplicationSource::State : std::enable_shared_from_this<State> {
    State(node::Replicator& the_replicator, SourcePlace the_place, Random& the_random,
          Journal& the_journal)
        : replicator{the_replicator},
          place{std::move(the_place)},
          random{the_random},
          journal{the_journal},
          pausing{replicator.context()} {}

    net::awaitable<void> run() {
        const auto self = shared_from_this();
        const auto url = parse_server_url(place.url, "replication.source");
        if (!url) co_return journal.error("source_unusable", {{"error", url.error().detail}});
        std::chrono::milliseconds pause = pause_min;
        while (!stopping) {
            // Somebody has to look; until then there is nothing to talk about.
            if (!replicator.halted().empty()) co_return;
            auto trust = trust_of(place);  // anew: certificates change
            Result<void> connected = success();
            if (!trust) {
                connected = trust.error();
            } else {
                socket = std::make_shared<Socket>(replicator.context(), *trust.value());
                connected = co_await connect(*socket, url.value());
            }
            if (stopping) break;
            const bool foreign = connected && has_another_log();
            if (foreign) {
                socket->tcp().close();
                connected = cannot_reach(
                    url.value(), "it has another log than this copy, which is of " + own_log());
            }
            if (connected) {
                if (told != said_nothing) journal.info("source_connected", {{"source", place.url}});
                const Spoken spoken = co_await speak(socket);
                // One that ends at once is not to be tried again at once.
                if (spoken.messages >= messages_of_a_good_session) pause = pause_min;
                if (spoken.messages > 0)
                    told.clear();
                else if (!stopping && spoken.cut_off)
                    tell(std::string(said_nothing));
            } else if (connected.error().detail != told) {
                // Once, not each time it is tried.
                told = connected.error().detail;
                journal.warn(foreign ? "source_has_another_log" : "source_not_reached",
                             {{"error", told}});
            }
            if (stopping) break;
            const auto part =
                static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(pause.count())));
            pausing.expires_after(pause / 2 + std::chrono::milliseconds{part / 2});
            co_await pausing.async_wait(net::as_tuple(net::use_awaitable));
            pause = std::min(pause * 2, pause_max);
        }
        socket.reset();
    }

    std::string own_log() const { return hex_of(replicator.log_id().words); }

    // Known before the first word; one that does not say is found out by the session.
    bool has_another_log() const {
        const auto said = words_of_hex(socket->response[log_id_header]);
        return said && *said != replicator.log_id().words;
    }

    struct Spoken {
        std::size_t messages = 0;
        bool cut_off = false;  // the session was ended over there, or on the way
    };

    // Once, not each time.
    void tell(const std::string& why) {
        if (std::exchange(told, why) != why) journal.warn("source_closed", {{"reason", why}});
    }

    // Until the session ends.
    net::awaitable<Spoken> speak(std::shared_ptr<Socket> open) {
        const auto peer = std::make_shared<SourcePeer>(open);
        const replication::SessionId session = replicator.opened(peer, true);
        Spoken spoken;
        for (;; ++spoken.messages) {
            open->buffer.clear();
            const auto got =
                co_await open->stream.async_read(open->buffer, net::as_tuple(net::use_awaitable));
            if (std::get<0>(got)) {
                spoken.cut_off = !peer->closed();
                break;
            }
            if (!open->stream.got_binary()) {
                journal.warn("source_not_understood", {{"error", "frames are binary messages"}});
                break;
            }
            const auto data = open->buffer.cdata();
            const auto message =
                codec::decode_message({static_cast<const std::byte*>(data.data()), data.size()});
            if (!message) {
                journal.warn("source_not_understood", {{"error", message.error().detail}});
                break;
            }
            if (told == said_nothing) {
                told.clear();
                journal.info("source_connected", {{"source", place.url}});
            }
            replicator.received(session, message.value());
        }
        peer->close("the session ended");
        replicator.ended(session);
        co_return spoken;
    }

    node::Replicator& replicator;
    const SourcePlace place;
    Random& random;
    Journal& journal;
    net::steady_timer pausing;
    static constexpr std::string_view said_nothing =
        "the session ended without a word of the source: its journal says why, if it ended it "
        "(copy_refused, copy_closed)";

    std::shared_ptr<Socket> socket;
    std::string told;  // what is wrong, as it was said last
    bool stopping = false;
};

SourcePlace source_place(const Settings& settings) {
    return {settings.replication.source, settings.replication.ca_file,
            settings.tls.certificate_file, settings.tls.key_file};
}

Result<node::LogIdentity> ask_log_identity(const SourcePlace& place) {
    TRY(const ServerUrl url, parse_server_url(place.url, "replication.source"));
    TRY(const auto trust, trust_of(place));
    net::io_context context{1};
    Socket socket{context, *trust};
    Result<void> connected = cannot_reach(url, "nothing came");
    net::co_spawn(context, connect_once(context, socket, url, connected),
                  [](const std::exception_ptr& failed) {
                      if (failed) std::rethrow_exception(failed);
                  });
    context.run();
    if (!connected) return connected.error();
    socket.tcp().close();
    return identity_of(url, socket.response);
}

Result<bool> make_copy_if_none(const std::string& directory, const SourcePlace& place,
                               const node::Options& options) {
    std::error_code ignored;
    if (std::filesystem::exists(directory, ignored) &&
        !std::filesystem::is_empty(directory, ignored))
        return false;
    const auto log = ask_log_identity(place);
    if (!log) {
        Error error = log.error();
        error.detail = "there is no store in " + directory + " yet: " + error.detail;
        return error;
    }
    TRY(node::Node::create_copy(directory, log.value(), options));
    return true;
}

ReplicationSource::ReplicationSource(node::Replicator& replicator, SourcePlace place,
                                     Random& random, Journal& journal)
    : state_{std::make_shared<State>(replicator, std::move(place), random, journal)} {}

ReplicationSource::~ReplicationSource() = default;

void ReplicationSource::start() {
    net::co_spawn(state_->replicator.context(), state_->run(),
                  [state = state_](const std::exception_ptr& failed) {
                      if (failed) state->journal.error("source_failed");
                  });
}

void ReplicationSource::stop() {
    net::post(state_->replicator.context(), [state = state_] {
        state->stopping = true;
        state->pausing.cancel();
        if (!state->socket) return;
        state->socket->given_up = true;
        state->socket->resolver.cancel();
        state->socket->tcp().close();
    });
}

}  // namespace tenure::server
