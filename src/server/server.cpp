#include "server/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/ssl.hpp>
#include <mutex>
#include <optional>

#include "server/files.h"
#include "server/http_session.h"
#include "server/key_fetch.h"
#include "server/pool.h"
#include "server/replication_source.h"

namespace tenure::server {
namespace {

namespace ssl = net::ssl;
using Tcp = net::ip::tcp;
// Of the executor that workers have: nothing to look up at each operation.
using TcpSocket = net::basic_stream_socket<Tcp, net::io_context::executor_type>;
using TlsSocket = ssl::stream<TcpSocket>;

// Beyond stop_timeout_ms, for connections that were closed to end.
constexpr std::chrono::seconds forced_stop_timeout{2};

std::string message_of(const boost::system::error_code& failed) { return failed.message(); }

// Reads the address before the socket moves away.
std::string address_of(const TcpSocket& socket) {
    boost::system::error_code failed;
    const auto endpoint = socket.remote_endpoint(failed);
    if (failed) return {};
    const auto address = endpoint.address();
    // One client, whichever way it came (IPv4 mapped into IPv6).
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

net::awaitable<void> serve_tcp(Worker& worker, TcpSocket socket) {
    std::string peer = address_of(socket);
    HttpSession<TcpSocket> session{worker, std::move(socket), std::move(peer)};
    co_await session.run();
    boost::system::error_code ignored;
    session.stream().shutdown(TcpSocket::shutdown_send, ignored);
}

// Watches the handshake, which is a session's first chance to take for ever.
class Handshake final : public Watched {
public:
    Handshake(Worker& worker, TlsSocket& stream) : worker_{worker}, stream_{stream} {
        deadline_tick = worker.tick_after_ms(worker.service.settings.limits.request_timeout_ms);
        between_requests = true;
        worker_.watch(*this);
        ++worker_.service.open_connections;
    }

    ~Handshake() override {
        worker_.unwatch(*this);
        --worker_.service.open_connections;
    }

    Handshake(const Handshake&) = delete;
    Handshake& operator=(const Handshake&) = delete;

    void close() override { beast::close_socket(stream_.lowest_layer()); }

private:
    Worker& worker_;
    TlsSocket& stream_;
};

net::awaitable<bool> shake_hands(Worker& worker, TlsSocket& stream) {
    const Handshake watched{worker, stream};
    const auto shaken = co_await stream.async_handshake(ssl::stream_base::server,
                                                        net::as_tuple(net::use_awaitable));
    co_return !std::get<0>(shaken);
}

// The context is kept by the stream (OpenSSL counts its users), so a reload disturbs nobody.
net::awaitable<void> serve_tls(Worker& worker, TcpSocket socket,
                               std::shared_ptr<ssl::context> context) {
    std::string peer = address_of(socket);
    TlsSocket stream{std::move(socket), *context};
    const bool well = co_await shake_hands(worker, stream);
    if (!well) co_return;
    HttpSession<TlsSocket> session{worker, std::move(stream), std::move(peer)};
    co_await session.run();
    session.begin_farewell();
    const auto ended = co_await session.stream().async_shutdown(net::as_tuple(net::use_awaitable));
    static_cast<void>(ended);
}

}  // namespace

Observer::Observer() : metrics{Router{}.names()} {}

Observer::~Observer() = default;

void Observer::committed(const node::Committed& group) {
    metrics.committed(group);
    heads.reached(group.last);
}

struct Server::State {
    State(Settings given, node::Node& the_node, Observer& the_observer, Clock& the_clock,
          Random& the_random)
        : settings{std::move(given)},
          node{the_node},
          observer{the_observer},
          clock{the_clock},
          random{the_random},
          journal{settings.log_json, settings.log_level},
          clients{settings.limits},
          copies{settings.replication.copies} {}

    Settings settings;
    node::Node& node;
    Observer& observer;
    Clock& clock;
    Random& random;
    Journal journal;
    Router router;
    Clients clients;
    CopyAdmission copies;
    std::atomic<bool> ready{false};
    std::atomic<std::size_t> open_connections{0};
    std::unique_ptr<Authenticator> authenticator;
    std::unique_ptr<DecisionLog> decision_log;
    std::unique_ptr<TokenUses> token_uses;
    DigestMemory digests;
    std::unique_ptr<Pool<node::Session>> long_questions;
    std::unique_ptr<KeyFetch> key_fetch;
    std::unique_ptr<node::Replicator> replicator;
    std::unique_ptr<ReplicationSource> source;
    std::unique_ptr<Forwarder> forwarder;
    std::unique_ptr<Service> service;
    std::vector<std::unique_ptr<Worker>> workers;
    std::mutex tls_mutex;
    std::shared_ptr<ssl::context> tls;  // null: no TLS
    // Accepts, on a thread of its own.
    net::io_context listening{1};
    std::unique_ptr<Tcp::acceptor> acceptor;
    std::thread listener;
    // Has the store promise ahead, on the listener's thread: its disk never holds up an answer.
    net::steady_timer promise{listening};

    void promise_ahead() {
        // Closed while the timer's handler was on its way, which no cancel() calls back.
        if (!acceptor->is_open()) return;
        node.promise_ahead();
        promise.expires_after(std::chrono::milliseconds{200});
        promise.async_wait([this](const boost::system::error_code& ended) {
            if (!ended) promise_ahead();
        });
    }

    std::size_t next_worker = 0;
    std::uint16_t port = 0;
    bool stopped = false;

    std::shared_ptr<ssl::context> current_tls() {
        const std::lock_guard guard{tls_mutex};
        return tls;
    }

    // What is read of files, at the start and again at each reload.
    struct Files {
        std::shared_ptr<ssl::context> tls;
        std::vector<std::optional<KeySet>> keys;  // of the issuers
    };

    // Changes nothing.
    static Result<Files> read_files(const Settings& named_in) {
        Files files;
        TRY(files.tls, read_tls(named_in));
        TRY(files.keys, read_key_sets(named_in));
        return files;
    }

    void use(Files files) {
        for (std::size_t i = 0; i < files.keys.size(); ++i)
            if (files.keys[i])
                authenticator->issuers().keys(i).fetched(std::move(*files.keys[i]), clock.now());
        const std::lock_guard guard{tls_mutex};
        tls = std::move(files.tls);
    }

    void make_replicator() {
        if (!settings.replication.on()) return;
        node::ReplicatorSettings given;
        given.node = settings.replication.node;
        if (settings.replication.needs_members()) given.members = settings.replication.members;
        const auto tick_ms = static_cast<std::uint64_t>(given.tick.count());
        given.commit_ticks = (settings.replication.commit_timeout_ms + tick_ms - 1) / tick_ms;
        given.tell = [this](std::string_view event, const std::string& detail) {
            if (event == "replication_halted" || event == "held_up")
                journal.error(event, {{"error", detail}});
            else if (event == "recording_again")
                journal.info(event);
            else if (event == "members_changed")
                journal.info(event, {{"members", detail}});
            else
                journal.warn(event, {{"reason", detail}});
        };
        replicator = std::make_unique<node::Replicator>(node.replicated(), clock, std::move(given));
        if (!settings.replication.follows() || replicator->leads()) return;
        source = std::make_unique<ReplicationSource>(*replicator, source_place(settings), random,
                                                     journal);
    }

    Result<void> make_forwarder() {
        const ReplicationSettings& wanted = settings.replication;
        if (!source || !wanted.forward_writes) return success();
        TRY(const ServerUrl url, parse_server_url(wanted.source, "replication.source"));
        forwarder = std::make_unique<Forwarder>(
            url, wanted.ca_file, std::chrono::milliseconds{settings.limits.forward_timeout_ms},
            clock);
        return success();
    }

    Result<void> start_replicator() {
        if (!replicator) return success();
        if (replicator->leads()) observer.heads.listen([this] { replicator->grown(); });
        TRY(replicator->start());
        if (source) source->start();
        return success();
    }

    void stop_replicator() {
        if (source) source->stop();
        if (replicator) replicator->stop();
    }

    void spawn(Worker& worker, TcpSocket socket) {
        const auto ended = [this](std::exception_ptr failed) {
            if (failed) journal.error("connection_failed");
        };
        if (auto context = current_tls())
            net::co_spawn(worker.context(),
                          serve_tls(worker, std::move(socket), std::move(context)), ended);
        else
            net::co_spawn(worker.context(), serve_tcp(worker, std::move(socket)), ended);
    }

    void accept() {
        // Closed while the handler of the connection before was on its way.
        if (!acceptor->is_open()) return;
        Worker& worker = *workers[next_worker++ % workers.size()];
        acceptor->async_accept(
            worker.context(),
            [this, &worker](const boost::system::error_code& failed, TcpSocket socket) {
                if (failed == net::error::operation_aborted) return;
                if (failed) {
                    // No descriptors, say: wait until some connection has ended.
                    journal.warn("accept_failed", {{"error", message_of(failed)}});
                    retry.expires_after(std::chrono::milliseconds{100});
                    retry.async_wait([this](const boost::system::error_code& ended) {
                        if (!ended) accept();
                    });
                    return;
                }
                boost::system::error_code ignored;
                socket.set_option(Tcp::no_delay{true}, ignored);
                if (open_connections.load() >= settings.limits.connections_max) {
                    observer.metrics.limit_hit("connections_max");
                    socket.close(ignored);
                } else {
                    spawn(worker, std::move(socket));
                }
                accept();
            });
    }

    net::steady_timer retry{listening};
};

Server::Server(Settings settings, node::Node& node, Observer& observer, Clock& clock,
               Random& random)
    : state_{std::make_unique<State>(std::move(settings), node, observer, clock, random)} {}

Server::~Server() { stop(); }

Journal& Server::journal() { return state_->journal; }

Worker& Server::any_worker() { return *state_->workers.front(); }

std::uint16_t Server::port() const { return state_->port; }

Result<void> Server::start() {
    State& s = *state_;
    TRY(check_settings(s.settings));
    std::vector<JwtIssuer> issuers;
    for (const IssuerSettings& each : s.settings.issuers) issuers.push_back(each.issuer);
    TRY(auto known, JwtIssuers::make(std::move(issuers)));
    s.authenticator = std::make_unique<Authenticator>(std::move(known), s.settings.authentication);
    TRY(auto files, State::read_files(s.settings));
    s.use(std::move(files));
    TRY(s.decision_log, DecisionLog::open(s.settings.decision_log));

    boost::system::error_code failed;
    const Tcp::endpoint endpoint{net::ip::make_address(s.settings.address), s.settings.port};
    s.acceptor = std::make_unique<Tcp::acceptor>(s.listening);
    s.acceptor->open(endpoint.protocol(), failed);
    if (!failed) s.acceptor->set_option(Tcp::acceptor::reuse_address{true}, failed);
    if (!failed) s.acceptor->bind(endpoint, failed);
    if (!failed) s.acceptor->listen(net::socket_base::max_listen_connections, failed);
    if (failed)
        return Error{Errc::unavailable, "cannot listen on " + s.settings.address + " port " +
                                            std::to_string(s.settings.port) + ": " +
                                            message_of(failed)};
    s.port = s.acceptor->local_endpoint().port();
    std::string public_url = s.settings.public_url;
    while (public_url.ends_with('/')) public_url.pop_back();
    if (public_url.empty()) {
        const bool v6 = s.settings.address.find(':') != std::string::npos;
        public_url = std::string(s.settings.tls.on() ? "https://" : "http://") +
                     (v6 ? '[' + s.settings.address + ']' : s.settings.address) + ':' +
                     std::to_string(s.port);
    }

    s.make_replicator();
    TRY(s.make_forwarder());
    s.token_uses = std::make_unique<TokenUses>(s.settings.limits.token_uses_max, s.clock.now());
    s.long_questions = std::make_unique<Pool<node::Session>>(
        s.settings.limits.long_questions_threads, s.settings.limits.long_questions_waiting_max,
        [&node = s.node] { return node.session(); });
    s.service = std::make_unique<Service>(
        Service{s.settings, s.node, s.clock, s.random, *s.authenticator, s.observer.metrics,
                s.observer.heads, *s.long_questions, s.journal, *s.decision_log, *s.token_uses,
                s.digests, std::move(public_url), s.ready, s.open_connections, s.copies,
                s.replicator.get(), s.forwarder.get()});
    s.observer.heads.reached(s.node.status().committed);
    const std::size_t threads = s.settings.threads != 0
                                    ? s.settings.threads
                                    : std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < threads; ++i)
        s.workers.push_back(std::make_unique<Worker>(*s.service, s.router, s.clients));
    for (const auto& worker : s.workers) {
        Worker& each = *worker;
        s.observer.heads.listen([&each] { each.wake_waiting(); });
        each.start();
    }
    s.key_fetch = std::make_unique<KeyFetch>(s.settings.issuers, s.authenticator->issuers(),
                                             s.clock, s.journal, s.observer.metrics);
    s.key_fetch->start();
    TRY(s.start_replicator());
    s.ready = true;
    s.accept();
    net::post(s.listening, [&s] { s.promise_ahead(); });
    s.listener = std::thread{[&s] { s.listening.run(); }};
    s.journal.info("listening", {{"address", s.settings.address},
                                 {"port", std::to_string(s.port)},
                                 {"tls", s.settings.tls.on() ? "on" : "off"},
                                 {"authentication", s.settings.authentication ? "on" : "off"}});
    return success();
}

void Server::stop() {
    State& s = *state_;
    if (s.stopped) return;
    s.stopped = true;
    s.ready = false;
    net::post(s.listening, [&s] {
        boost::system::error_code ignored;
        if (s.acceptor) s.acceptor->close(ignored);
        s.retry.cancel();
        s.promise.cancel();
    });
    if (s.listener.joinable()) s.listener.join();
    s.observer.heads.clear();
    for (const auto& worker : s.workers) worker->drain();
    // A thread of ours that waits may wait: the force comes after the time is up.
    net::io_context waiting;
    net::steady_timer limit{waiting, std::chrono::milliseconds{s.settings.limits.stop_timeout_ms}};
    limit.async_wait([&s, &limit](const boost::system::error_code& cut_short) {
        if (cut_short) return;
        s.journal.warn("stop_forced");
        if (s.forwarder) s.forwarder->give_up();
        for (const auto& worker : s.workers) worker->close_all();
        limit.expires_after(forced_stop_timeout);
        limit.async_wait([&s](const boost::system::error_code& ended) {
            if (ended) return;
            s.journal.error("connections_abandoned");
            for (const auto& worker : s.workers) worker->abandon();
        });
    });
    std::thread force{[&waiting] { waiting.run(); }};
    for (const auto& worker : s.workers) worker->join();
    net::post(waiting, [&limit] { limit.cancel(); });
    force.join();
    // After those that may wait for their answers.
    if (s.forwarder) s.forwarder->stop();
    s.stop_replicator();
    if (s.key_fetch) s.key_fetch->stop();
    if (s.long_questions) s.long_questions->stop();
    s.journal.info("stopped");
}

Result<void> Server::reload(const ReplicationSettings& wanted) {
    State& s = *state_;
    const ReplicationSettings& own = s.settings.replication;
    const bool of_this_node = wanted.node == own.node && wanted.follows() == own.follows();
    Settings now = s.settings;
    now.replication.copies = of_this_node ? wanted.copies : s.copies.names();
    if (of_this_node) now.replication.ca_file = wanted.ca_file;
    TRY(check_settings(now));
    // All of it or nothing: the file that is made comes last.
    TRY(auto files, State::read_files(now));
    TRY(auto decisions, s.decision_log->open_anew());
    s.use(std::move(files));
    s.copies.change(now.replication.copies);
    s.decision_log->go_on_in(std::move(decisions));
    if (!of_this_node)
        s.journal.warn("replication_not_changed",
                       {{"reason",
                         "the settings make this another node, or lead where it follows: "
                         "that takes a restart"}});
    else if (s.replicator != nullptr && s.replicator->leads())
        s.replicator->want_members(wanted.members);
    s.journal.info("reloaded");
    return success();
}

}  // namespace tenure::server
