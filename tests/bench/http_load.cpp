#include "bench/http_load.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <ctime>
#include <thread>

namespace tenure::bench {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using Tcp = net::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

class Connection {
public:
    Connection(net::io_context& context, const LoadPlan& plan, std::size_t number,
               LoadResult& result, Timings& timings)
        : plan_{plan},
          socket_{context},
          timer_{context},
          next_{number * plan.stride},
          result_{result},
          timings_{timings} {
        socket_.connect({net::ip::address_v4::loopback(), plan.port});
        socket_.set_option(Tcp::no_delay{true});
        if (plan.pace > 0) {
            interval_ = std::chrono::nanoseconds{
                static_cast<std::int64_t>(1e9 * plan.connections / plan.pace)};
            due_ = SteadyClock::now() +
                   interval_ * static_cast<int>(number) / static_cast<int>(plan.connections);
        }
    }

    void start() { plan_.pace > 0 ? wait() : send(); }

    void stop() { stopped_ = true; }

private:
    void wait() {
        if (stopped_) return;
        timer_.expires_at(due_);
        timer_.async_wait([this](boost::system::error_code failed) {
            if (!failed) send();
        });
    }

    void send() {
        if (stopped_) return;
        // Late counts: one that had to wait for the answer before it waits since it was due.
        late_ = plan_.pace > 0 ? SteadyClock::now() - due_ : SteadyClock::duration{};
        began_ = ticks();
        const std::string& request = plan_.requests[next_++ % plan_.requests.size()];
        net::async_write(socket_, net::buffer(request),
                         [this](boost::system::error_code failed, std::size_t) {
                             if (!failed) receive();
                         });
    }

    void receive() {
        parser_.emplace();
        http::async_read(
            socket_, buffer_, *parser_, [this](boost::system::error_code failed, std::size_t) {
                if (failed) {
                    ++result_.failed;
                    return;
                }
                const double late_ns = std::chrono::duration<double, std::nano>(late_).count();
                timings_.add(ticks() - began_ +
                             static_cast<std::uint64_t>(late_ns / nanoseconds_per_tick()));
                ++result_.answers;
                if (parser_->get().result() != http::status::ok) ++result_.failed;
                if (plan_.pace > 0) {
                    due_ += interval_;
                    wait();
                } else {
                    send();
                }
            });
    }

    const LoadPlan& plan_;
    Tcp::socket socket_;
    net::steady_timer timer_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::string_body>> parser_;
    std::size_t next_;
    LoadResult& result_;
    Timings& timings_;
    std::uint64_t began_ = 0;
    SteadyClock::time_point due_;
    SteadyClock::duration interval_{};
    SteadyClock::duration late_{};
    bool stopped_ = false;
};

net::awaitable<void> echo(Tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request<http::string_body> request;
        const auto read =
            co_await http::async_read(socket, buffer, request, net::as_tuple(net::use_awaitable));
        if (std::get<0>(read)) co_return;
        http::response<http::string_body> response{http::status::ok, request.version()};
        response.set(http::field::content_type, "application/json");
        response.keep_alive(request.keep_alive());
        response.body() = std::move(request.body());
        response.prepare_payload();
        const auto wrote =
            co_await http::async_write(socket, response, net::as_tuple(net::use_awaitable));
        if (std::get<0>(wrote)) co_return;
    }
}

}  // namespace

double thread_cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

LoadResult load(const LoadPlan& plan) {
    LoadResult result;
    Timings timings;
    net::io_context context{1};
    std::vector<std::unique_ptr<Connection>> connections;
    for (std::size_t i = 0; i < plan.connections; ++i)
        connections.push_back(std::make_unique<Connection>(context, plan, i, result, timings));
    const double cpu = thread_cpu_seconds();
    const Stopwatch watch;
    for (const auto& each : connections) each->start();
    net::steady_timer end{context,
                          std::chrono::microseconds{static_cast<std::int64_t>(plan.seconds * 1e6)}};
    end.async_wait([&](boost::system::error_code) {
        for (const auto& each : connections) each->stop();
        context.stop();
    });
    context.run();
    result.seconds = watch.seconds();
    result.client_cpu_seconds = thread_cpu_seconds() - cpu;
    result.rate = static_cast<double>(result.answers) / result.seconds;
    if (!timings.empty()) {
        result.p50_us = timings.median();
        result.p99_us = timings.quantile(0.99);
    }
    return result;
}

struct EchoServer::State {
    net::io_context context{1};
    Tcp::acceptor acceptor{context, {net::ip::address_v4::loopback(), 0}};
    std::thread thread;

    void accept() {
        acceptor.async_accept([this](boost::system::error_code failed, Tcp::socket socket) {
            if (failed) return;
            socket.set_option(Tcp::no_delay{true});
            net::co_spawn(context, echo(std::move(socket)), [](std::exception_ptr) {});
            accept();
        });
    }
};

EchoServer::EchoServer() : state_{std::make_unique<State>()} {
    state_->accept();
    state_->thread = std::thread{[this] { state_->context.run(); }};
}

EchoServer::~EchoServer() {
    state_->context.stop();
    state_->thread.join();
}

std::uint16_t EchoServer::port() const { return state_->acceptor.local_endpoint().port(); }

}  // namespace tenure::bench
