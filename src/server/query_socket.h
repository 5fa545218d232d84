#pragma once
// tenure.query.v1: frames of checks in, frames of answers out (schema/query.capnp). Frames are
// answered in the order they came; a client may have as many under way as it likes, what is not yet
// read waits in its own machine.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <string>

#include "codec/query_frames.h"
#include "server/farewell.h"
#include "server/standing.h"
#include "server/worker.h"

namespace tenure::server {

inline constexpr std::string_view query_protocol = "tenure.query.v1";

// What a socket for questions does between reading and writing; owns the memory that frames use.
class QueryFrames {
public:
    // Both outlive it.
    QueryFrames(Worker& worker, const Standing& standing) : worker_{worker}, standing_{standing} {}

    // Reads a frame. Nothing to answer yet means: next() until done().
    void begin(Bytes bytes);

    const std::optional<Revision>& waits_for() const { return question_.at_least; }

    // Answers some more checks. They are cut into parts so that other connections get a turn.
    void next();

    bool done() const { return answered_ == question_.size; }

    // Answers nothing of the frame, but says why.
    void refuse(Error error);

    // The answer frame, once it is done; until the next begin().
    const codec::FrameBytes& bytes();

private:
    static constexpr std::size_t part_checks = 256;

    Worker& worker_;
    const Standing& standing_;
    codec::QuestionFrame question_;
    codec::AnswerFrame answer_;
    codec::FrameBytes bytes_;
    std::vector<domain::CheckQuestion> part_;
    std::size_t answered_ = 0;
};

template <class Socket>
net::awaitable<void> run_queries(Worker& worker, Socket& socket, Standing& standing,
                                 Watched& watched, Leaving& leaving) {
    const Limits& limits = worker.service.settings.limits;
    const std::string client = standing.client();
    QueryFrames frames{worker, standing};
    boost::beast::flat_buffer buffer;
    socket.binary(true);
    for (;;) {
        buffer.clear();
        watched.between_requests = true;
        watched.deadline_tick = 0;
        if (worker.draining() || leaving.left()) {
            leaving.leave(CloseCode::going_away, "the server stops");
            co_await closed_by_peer(socket, leaving);
            break;
        }
        const auto got = co_await socket.async_read(buffer, until_left(leaving));
        watched.between_requests = false;
        if (std::get<0>(got)) break;
        // What came before the peer has seen the Close frame is not answered.
        if (leaving.left()) continue;
        const auto data = buffer.cdata();
        const Bytes bytes{static_cast<const std::byte*>(data.data()), data.size()};
        // Read first: a refusal carries the frame's id.
        frames.begin(socket.got_binary() ? bytes : Bytes{});
        bool last = false;
        if (!socket.got_binary()) {
            frames.refuse(invalid("", "frames are binary messages"));
        } else if (!standing.holds(worker)) {
            frames.refuse(Error{Errc::forbidden, "the token is no longer good; connect anew"});
            last = true;
        } else if (!worker.clients.admit(client, worker.service.clock.now())) {
            worker.service.metrics.limit_hit("client_requests_per_second_max");
            frames.refuse(Error{Errc::limit_exceeded, "this client asks too often; wait a little"});
        } else {
            if (frames.waits_for() && worker.service.heads.newest() < *frames.waits_for()) {
                const bool there = co_await worker.reached(*frames.waits_for(), limits.wait_max_ms);
                if (!there)
                    frames.refuse(
                        Error{Errc::unavailable, "the store is not there yet", "atLeast"});
            }
            while (!frames.done()) {
                frames.next();
                if (!frames.done()) co_await net::post(net::use_awaitable);
            }
        }
        const codec::FrameBytes& answer = frames.bytes();
        watched.deadline_tick = worker.tick_after_ms(limits.write_timeout_ms);
        const auto wrote =
            co_await socket.async_write(net::buffer(answer), net::as_tuple(net::use_awaitable));
        if (std::get<0>(wrote)) break;
        if (last) {
            leaving.leave(CloseCode::policy_violated, "the token is no longer good");
            co_await closed_by_peer(socket, leaving);
            break;
        }
    }
}

}  // namespace tenure::server
