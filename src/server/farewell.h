#pragma once
// Farewell: how a WebSocket is ended from this side: a Close frame with a code and a reason, then
// the peer's answer to it, which whoever reads the socket sees as its end. A peer that does not
// answer in time is closed all the same, by its worker's clock. The worker's thread.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cstdint>
#include <string_view>

#include "server/worker.h"

namespace tenure::server {

// How long a peer has to answer a Close frame.
inline constexpr std::uint32_t close_timeout_ms = 1'000;

template <class Socket>
class Farewell final : public Leaving {
public:
    // All outlive it.
    Farewell(Worker& worker, Watched& watched, Socket& socket)
        : worker_{worker}, watched_{watched}, socket_{socket} {
        watched_.leaving = this;
    }

    ~Farewell() override { watched_.leaving = nullptr; }

    Farewell(const Farewell&) = delete;
    Farewell& operator=(const Farewell&) = delete;

    void leave(CloseCode code, std::string_view reason) override {
        if (left()) return;
        // Not the deadline: what is written or read meanwhile sets that.
        watched_.leave_tick = worker_.tick_after_ms(close_timeout_ms);
        const boost::beast::websocket::close_reason why{
            static_cast<boost::beast::websocket::close_code>(code),
            boost::beast::string_view{reason.data(), reason.size()}};
        // Nobody waits for it: it ends with the socket, and needs nothing of what may be gone.
        socket_.async_close(why, [](const boost::system::error_code&) {});
    }

    bool left() const override { return watched_.leave_tick != 0; }

private:
    Worker& worker_;
    Watched& watched_;
    Socket& socket_;
};

// How a socket that may be left is read.
inline auto until_left(Leaving& leaving) {
    return net::bind_cancellation_slot(leaving.reading(), net::as_tuple(net::use_awaitable));
}

// Reads on until the peer has answered a Close frame, or time is up.
template <class Socket>
net::awaitable<void> closed_by_peer(Socket& socket, Leaving& leaving) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        buffer.clear();
        const auto got = co_await socket.async_read(buffer, until_left(leaving));
        if (std::get<0>(got)) break;
    }
}

}  // namespace tenure::server
