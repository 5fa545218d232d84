#pragma once
// tenure.replication.v1, the source's end: a copy of the log connects, and is fed by the replicator
// (schema/replication.capnp, docs/REPLICATION.md). The socket belongs to its worker's thread, the
// session to the replicator's; frames go from one to the other by posting.

#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/replication_frames.h"
#include "node/replicator.h"
#include "server/worker.h"

namespace tenure::server {

inline constexpr std::string_view replication_protocol = "tenure.replication.v1";
// Of what a copy says: the terms of its log are most of it.
inline constexpr std::size_t copy_message_bytes_max = std::size_t{1} << 20U;
// Of the answer that opens the socket: what a new copy needs to make its store. 32 hex digits, and
// microseconds.
inline constexpr std::string_view log_id_header = "Tenure-Log";
inline constexpr std::string_view log_created_header = "Tenure-Log-Created";

// Which of `names` the certificate is good for that the peer has shown, and that was verified; by
// its alternative names alone, each spelt out.
std::vector<std::string> shown_names(SSL* tls, const std::vector<std::string>& names);

// All names it is good for, quoted; empty: it has shown none that was verified.
std::string all_shown_names(SSL* tls);

// In the journal, once.
void tell_of_refused_copy(const Service& service, const std::string& why);

// One session's way from the replicator to the socket.
class CopyPeer final : public node::ReplicationPeer, public std::enable_shared_from_this<CopyPeer> {
public:
    // `names`: whom its certificate is of; nothing: it showed none.
    CopyPeer(net::io_context& worker, node::Replicator& replicator,
             std::optional<std::vector<std::string>> names)
        : worker_{worker}, replicator_{replicator}, names_{std::move(names)} {}

    // The replicator's thread.
    void send(const replication::Message& message) override;
    void close(const std::string& reason) override;

    // The worker's thread, as all below.
    void open();
    // Both: why the session is over.
    Result<void> received(Bytes bytes);
    // Other nodes may copy than when it was opened.
    Result<void> admit(const std::vector<std::string>& names);
    void ended();

    bool closed() const { return closed_; }

    const std::deque<codec::FrameBytes>& frames() const { return frames_; }

    codec::FrameBytes take_frame();

    // Woken when there are frames or it is closed; null when nobody waits.
    void wait_with(net::steady_timer* timer) { timer_ = timer; }

private:
    void wake() {
        if (timer_ != nullptr) timer_->cancel();
    }

    // On their way to the replicator: more is sent by nobody who keeps to the protocol.
    static constexpr std::size_t received_bytes_max = std::size_t{4} << 20U;
    // On their way to the copy: a few times the window, which nobody fills who acknowledges only
    // what came.
    static constexpr std::size_t waiting_bytes_max = std::size_t{32} << 20U;

    net::io_context& worker_;
    node::Replicator& replicator_;
    std::optional<std::vector<std::string>> names_;
    std::string node_;  // as it calls itself; empty: it has not said so yet
    std::atomic<std::size_t> received_bytes_{0};
    std::deque<codec::FrameBytes> frames_;
    std::size_t waiting_bytes_ = 0;  // of frames_
    bool closed_ = false;
    net::steady_timer* timer_ = nullptr;
    replication::SessionId session_;  // the replicator's thread
};

template <class Socket>
net::awaitable<void> read_copy(const Service& service, Socket& socket, CopyPeer& peer,
                               Watched& watched) {
    boost::beast::flat_buffer buffer;
    std::uint64_t admissions = 0;
    for (;;) {
        buffer.clear();
        const auto got = co_await socket.async_read(buffer, net::as_tuple(net::use_awaitable));
        if (std::get<0>(got) || !socket.got_binary()) break;
        const auto data = buffer.cdata();
        auto taken = peer.received({static_cast<const std::byte*>(data.data()), data.size()});
        // It says something with every beat.
        if (const std::uint64_t now = service.copies.changes(); taken && now != admissions) {
            admissions = now;
            taken = peer.admit(service.copies.names());
        }
        if (taken) continue;
        tell_of_refused_copy(service, taken.error().detail);
        break;
    }
    peer.ended();
    watched.close();
}

template <class Socket>
net::awaitable<void> feed_copy(Worker& worker, Socket& socket, CopyPeer& peer, Watched& watched) {
    const std::uint32_t timeout_ms = worker.service.settings.limits.write_timeout_ms;
    net::steady_timer more{worker.context()};
    peer.wait_with(&more);
    for (;;) {
        if (peer.frames().empty()) {
            if (peer.closed()) break;
            more.expires_at(net::steady_timer::time_point::max());
            co_await more.async_wait(net::as_tuple(net::use_awaitable));
            continue;
        }
        const codec::FrameBytes frame = peer.take_frame();
        watched.deadline_tick = worker.tick_after_ms(timeout_ms);
        const auto wrote =
            co_await socket.async_write(net::buffer(frame), net::as_tuple(net::use_awaitable));
        watched.deadline_tick = 0;
        if (std::get<0>(wrote)) break;
    }
    peer.wait_with(nullptr);
    watched.close();
}

template <class Socket>
net::awaitable<void> run_copy(Worker& worker, Socket& socket,
                              const std::optional<std::vector<std::string>>& names,
                              Watched& watched) {
    using net::experimental::awaitable_operators::operator&&;
    socket.binary(true);
    watched.between_requests = true;  // a copy goes on elsewhere
    // And has nothing to be told: it is not waited for.
    watched.leaving = nullptr;
    const auto peer =
        std::make_shared<CopyPeer>(worker.context(), *worker.service.replicator, names);
    peer->open();
    co_await (read_copy(worker.service, socket, *peer, watched) &&
              feed_copy(worker, socket, *peer, watched));
}

}  // namespace tenure::server
