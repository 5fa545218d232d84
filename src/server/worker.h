#pragma once
// Worker: one thread that carries connections. It has an event loop, a session with the store and
// nothing it shares with other workers but the Service, so its connections need no strand and no
// lock. Everything here belongs to its thread unless it says otherwise.

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "server/clients.h"
#include "server/feed_part.h"
#include "server/route.h"
#include "server/service.h"

namespace tenure::server {

namespace net = boost::asio;

// Why a WebSocket is closed from this side (RFC 6455, 7.4.1).
enum class CloseCode : std::uint16_t { going_away = 1001, policy_violated = 1008, failed = 1011 };

// How a connection can be ended politely.
class Leaving {
public:
    virtual ~Leaving() = default;
    // Ends it soon, whether the peer answers or not; once is enough. At most 123 bytes of `reason`.
    virtual void leave(CloseCode code, std::string_view reason) = 0;
    virtual bool left() const = 0;

    // Of whoever reads the socket.
    net::cancellation_slot reading() { return reading_.slot(); }

    // The socket is closed: ends a read that does not end with it, because it waits for the Close
    // frame's writer, who waits for it (boostorg/beast 2999). The connection may be gone then.
    void give_up() { reading_.emit(net::cancellation_type::terminal); }

private:
    net::cancellation_signal reading_;
};

// A connection as far as its worker watches it: closed when it takes too long.
class Watched {
public:
    virtual ~Watched() = default;
    // Closes the socket: whatever its coroutine waits for ends with an error.
    virtual void close() = 0;

    // Whether its time is up.
    bool is_late(std::uint64_t tick) const {
        const auto past = [&](std::uint64_t end) { return end != 0 && end <= tick; };
        return past(deadline_tick) || past(leave_tick);
    }

    std::uint64_t deadline_tick = 0;  // of what it waits for just now; 0: none
    std::uint64_t leave_tick = 0;     // of all of it, once it is being left; for Leaving alone
    bool between_requests = false;    // nothing is lost if it is closed
    Leaving* leaving = nullptr;       // of a WebSocket
};

class Worker {
public:
    Worker(Service& shared, const Router& routes, Clients& all_clients)
        : service{shared}, router{routes}, clients{all_clients} {}

    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Any thread.
    void start();
    void wake_waiting();  // the store has come further
    void drain();         // no new requests; ends when its connections have
    void close_all();     // what is left
    void abandon();       // what does not end even so
    void join();

    net::io_context& context() { return *context_; }

    node::Session& session() { return *session_; }

    // As Authenticator::sign_in, remembering what was found while nothing has changed since.
    SignIn sign_in(std::string_view authorization, std::string_view tenant, Instant now);

    // As TokenUses::place_of; counts where it has none.
    TokenUses::Place* place_of_use(std::string_view tenant, std::string_view token);

    void watch(Watched& connection) { watched_.insert(&connection); }

    void unwatch(Watched& connection) { watched_.erase(&connection); }

    // A moment from now, for Watched::deadline_tick; never the present one.
    std::uint64_t tick_after_ms(std::uint32_t ms) const { return tick_ + 1 + ms / tick_ms; }

    FeedMemory& feed_memory() { return feed_memory_; }

    bool draining() const { return draining_; }

    const std::string& date() const { return date_; }

    std::string next_request_id();

    // Waits until the store has the revision, at most so long. True: it has.
    net::awaitable<bool> reached(Revision revision, std::uint32_t timeout_ms);

    Service& service;
    const Router& router;
    Clients& clients;

private:
    static constexpr std::uint32_t tick_ms = 250;
    static constexpr std::size_t remembered_max = 4'096;
    // An issuer may take its keys back.
    static constexpr std::int64_t remembered_us_max = 10'000'000;

    struct Remembered {
        Identity identity;
        Revision head;  // the store when it was found
        Instant found_at;
        TokenUses::Place* use;  // of a store token; null: of none, or not kept
    };

    void run();
    void tick();

    // Ends before all the rest of this: what is abandoned in it refers to that.
    std::optional<net::io_context> context_{std::in_place, 1};
    net::executor_work_guard<net::io_context::executor_type> work_{context_->get_executor()};
    std::optional<net::steady_timer> ticker_{std::in_place, *context_};
    std::unique_ptr<node::Session> session_;

    // By tenant and token under two secret keys; tokens themselves are not kept.
    struct TokenKey {
        std::array<std::uint64_t, 2> words{};
        bool operator==(const TokenKey&) const = default;
    };

    struct TokenKeyHash {
        std::size_t operator()(const TokenKey& key) const { return key.words[0]; }
    };

    TokenKey key_of(std::string_view authorization, std::string_view tenant);

    std::array<SipKey, 2> token_keys_{};
    std::string token_text_;  // its memory is used again
    std::unordered_map<TokenKey, Remembered, TokenKeyHash> remembered_;
    FeedMemory feed_memory_;
    std::unordered_set<Watched*> watched_;
    std::unordered_set<net::steady_timer*> waiting_;
    std::atomic<bool> wake_posted_{false};
    std::uint64_t tick_ = 0;
    std::string date_;
    std::string id_prefix_;
    std::uint64_t id_count_ = 0;
    bool draining_ = false;
    std::thread thread_;
};

}  // namespace tenure::server
