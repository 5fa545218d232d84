#pragma once
// Later: the result of work on another thread, awaited by a coroutine.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace tenure::server {

// Calls start(done) and waits until somebody, on any thread, calls done(value), once. The value is
// dropped if nobody waits any more. What the coroutine runs on outlives `done`, which may live on
// when the coroutine has ended.
template <class T>
boost::asio::awaitable<T> later(std::function<void(std::function<void(T)>)> start) {
    namespace net = boost::asio;
    using Channel =
        net::experimental::concurrent_channel<void(boost::system::error_code, std::shared_ptr<T>)>;
    const auto executor = co_await net::this_coro::executor;
    const auto channel = std::make_shared<Channel>(executor, 1);
    // Shared, because done() may come when the coroutine has gone.
    std::function<void(T)> done = [channel](T value) {
        channel->try_send(boost::system::error_code{}, std::make_shared<T>(std::move(value)));
    };
    start(std::move(done));
    auto received = co_await channel->async_receive(net::as_tuple(net::use_awaitable));
    co_return std::move(*std::get<1>(received));
}

}  // namespace tenure::server
