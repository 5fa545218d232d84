#pragma once
// RunningServer: a whole server in the test's own process, on loopback and a free port, over a new
// store with tenant "default" and its owner. Its clock moves by a microsecond whenever it is read,
// and by what the test says.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "domain/command.h"
#include "node/node.h"
#include "server/server.h"
#include "support/temp_store.h"

namespace tenure::testing {

class MovingClock final : public Clock {
public:
    explicit MovingClock(Instant start) : us_{start.us} {}

    Instant now() override { return Instant{us_.fetch_add(step_us_)}; }

    void advance_ms(std::int64_t ms) { us_ += ms * 1000; }

    // What it moves by from now on whenever it is read.
    void set_step_us(std::int64_t us) { step_us_ = us; }

private:
    std::atomic<std::int64_t> us_;
    std::atomic<std::int64_t> step_us_{1};
};

// 2025-06-01T00:00:00Z
inline constexpr Instant server_start{1'748'736'000'000'000};

struct Asked {
    std::string method = "GET";
    std::string target;
    std::string body{};
    // Left out: the owner's; "-": none.
    std::string token{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

struct Answered {
    unsigned status = 0;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;

    // Empty if there is none; names without regard to case.
    std::string header(const std::string& name) const;

    bool says(const std::string& text) const { return body.find(text) != std::string::npos; }
};

// A port of loopback that is given to nobody else while this lives, whether a server listens on it
// or not: bound, and not listening.
class HeldPort {
public:
    HeldPort();

    std::uint16_t number() const { return socket_.local_endpoint().port(); }

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor socket_{context_};
};

class RunningServer {
public:
    using Change = std::function<void(server::Settings&)>;

    // `change` sets what a test needs otherwise than usual.
    explicit RunningServer(Change change = {});
    ~RunningServer();
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    // On a connection of its own. A body goes as application/json unless headers say otherwise.
    Answered ask(const Asked& asked) const;
    Answered get(const std::string& target, const std::string& token = {}) const;
    Answered post(const std::string& target, const std::string& body,
                  const std::string& token = {}) const;
    // Sends bytes as they are and returns what comes until the server closes (or `ends` is there).
    std::string exchange(const std::string& bytes, const std::string& ends = {}) const;

    // Carries out commands (JSON Lines without tenant and actor) as the operator; must succeed.
    Revision record(const std::string& lines);
    // A token for a principal.
    std::string token_of(const std::string& principal, std::vector<std::string> actions = {});

    // Ends the server and the store and starts both anew on the same directory and port. `change`
    // sets what the store needs otherwise than usual.
    void restart(const std::function<void(node::Options&)>& change = {});
    void stop();

    server::Server& server() { return *server_; }

    node::Node& node() { return *node_; }

    MovingClock& clock() { return clock_; }

    server::Observer& observer() { return *observer_; }

    std::uint16_t port() const { return port_; }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    const std::string& owner_token() const { return owner_token_; }

    const std::string& directory() const { return store_; }

    const TempDir& files() const { return files_; }

private:
    void start(const std::function<void(node::Options&)>& change);
    std::string issue(const std::string& principal, std::vector<std::string> actions);

    const TempDir files_;
    const std::string store_ = files_ / "store";
    const Change change_;
    MovingClock clock_{server_start};
    SeededRandom random_{1};
    std::unique_ptr<server::Observer> observer_;
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<server::Server> server_;
    const HeldPort held_;
    std::uint16_t port_ = held_.number();
    std::string owner_token_;
};

}  // namespace tenure::testing
