#pragma once
// Peers that do not keep to the protocol, and what must hold whatever they do. Two ends of
// tenure.replication.v1 that say whatever a test wants: bytes, frames or messages, in any order.
// Blocking; what takes longer than `patience` has failed.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/hex_words.h"
#include "codec/replication_frames.h"
#include "log/event_log.h"
#include "log/format.h"
#include "node/node.h"
#include "server/copy_socket.h"
#include "server/follower.h"

namespace tenure::testing {

// One conversation.
class Talk {
public:
    static constexpr std::chrono::seconds patience{20};

    // With a leader, as a copy. `receives`: bytes that are taken in without being read; 0: as
    // usual.
    bool connect(std::uint16_t port, int receives = 0) {
        namespace net = boost::asio;
        socket().open(net::ip::tcp::v4());
        if (receives != 0) socket().set_option(net::ip::tcp::socket::receive_buffer_size{receives});
        socket().connect({net::ip::address_v4::loopback(), port});
        boost::beast::websocket::stream_base::decorator asking{[](auto& request) {
            request.set(boost::beast::http::field::sec_websocket_protocol,
                        std::string(server::replication_protocol));
        }};
        wire_.set_option(std::move(asking));
        return waited([&](auto done) {
            wire_.async_handshake("localhost", "/v1/replication", std::move(done));
        });
    }

    // With a copy, as a source of this log.
    bool accept(const node::LogIdentity& log) {
        boost::beast::websocket::stream_base::decorator answer{[log](auto& response) {
            response.set(boost::beast::http::field::sec_websocket_protocol,
                         std::string(server::replication_protocol));
            response.set(std::string(server::log_id_header), hex_of(log.id.words));
            response.set(std::string(server::log_created_header),
                         std::to_string(log.created_at.us));
        }};
        wire_.set_option(std::move(answer));
        return waited([&](auto done) { wire_.async_accept(std::move(done)); });
    }

    bool send(const replication::Message& message) {
        codec::FrameBytes frame;
        codec::encode_message(message, frame);
        return send(std::string(reinterpret_cast<const char*>(frame.data()), frame.size()));
    }

    // A frame; with `last` false a part of one.
    bool send(const std::string& bytes, bool binary = true, bool last = true) {
        wire_.binary(binary);
        return waited([&](auto done) {
            wire_.async_write_some(last, boost::asio::buffer(bytes), std::move(done));
        });
    }

    // Below the frames.
    bool send_raw(const std::string& bytes) {
        return waited([&](auto done) {
            boost::asio::async_write(wire_.next_layer(), boost::asio::buffer(bytes),
                                     std::move(done));
        });
    }

    // Nothing: the peer has closed, or said what is no message.
    std::optional<replication::Message> next() {
        boost::beast::flat_buffer buffer;
        if (!waited([&](auto done) { wire_.async_read(buffer, std::move(done)); })) return {};
        const auto data = buffer.cdata();
        auto message =
            codec::decode_message({static_cast<const std::byte*>(data.data()), data.size()});
        if (!message) return {};
        return std::move(message.value());
    }

    // Reads until the peer closes. False: it did not.
    bool peer_closes() {
        while (next()) {
        }
        return failed_ && failed_ != boost::beast::error::timeout;
    }

    void leave() { socket().close(); }

    boost::asio::ip::tcp::socket& socket() { return wire_.next_layer().socket(); }

private:
    // Begins something and waits for its end. True: it went well.
    template <class Begin>
    bool waited(Begin begin) {
        bool ended = false;
        wire_.next_layer().expires_after(patience);
        bool well = true;
        begin([&](const boost::system::error_code& failed, auto...) {
            well = !failed;
            if (!failed_) failed_ = failed;
            ended = true;
        });
        context_.restart();
        while (!ended) context_.run_one();
        return well;
    }

    boost::asio::io_context context_;
    boost::beast::websocket::stream<boost::beast::tcp_stream> wire_{context_};
    boost::system::error_code failed_;  // the first
};

// A source that has each copy that comes hear the same.
class FakeSource {
public:
    using Tells = std::function<void(Talk&)>;

    FakeSource(node::LogIdentity log, Tells tells)
        : log_{log}, tells_{std::move(tells)}, thread_{[this] { serve(); }} {}

    ~FakeSource() {
        stopping_ = true;
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket caller{context};
        boost::system::error_code failed;
        caller.connect(acceptor_.local_endpoint(), failed);
        thread_.join();
    }

    FakeSource(const FakeSource&) = delete;
    FakeSource& operator=(const FakeSource&) = delete;

    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

    // How many have ended, by the copy's doing or by what was told.
    int sessions() const { return sessions_; }

private:
    void serve() {
        for (;;) {
            Talk talk;
            boost::system::error_code failed;
            acceptor_.accept(talk.socket(), failed);
            if (failed || stopping_) return;
            if (!talk.accept(log_)) continue;
            tells_(talk);
            if (talk.peer_closes()) ++sessions_;
        }
    }

    const node::LogIdentity log_;
    const Tells tells_;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_{context_,
                                             {boost::asio::ip::address_v4::loopback(), 0}};
    std::atomic<bool> stopping_{false};
    std::atomic<int> sessions_{0};
    std::thread thread_;
};

inline const std::string question =
    "/v1/tenants/default/check?principal=owner&action=Microsoft.Authorization/read&scope=/";

inline const std::string no_frames[] = {"garbage!", std::string(4'096, '\xff'),
                                        std::string(64, '\0'), "thirteen byte", ""};

// The beginning of a frame that announces so many bytes. A client's has a mask, here of zeros.
inline std::string begin_frame(std::uint64_t announced, bool masked) {
    std::string frame{"\x82"};
    frame += static_cast<char>(masked ? 0xff : 0x7f);
    for (unsigned shift = 64; shift > 0; shift -= 8)
        frame += static_cast<char>(announced >> (shift - 8) & 0xffU);
    return frame + std::string(masked ? 4 : 0, '\0') + "a part of it";
}

// Parts of one message.
inline void send_without_end(Talk& talk) {
    const std::string part(std::size_t{1} << 20U, '\0');
    for (int i = 0; i < 80 && talk.send(part, true, false); ++i) {
    }
}

inline replication::Hello hello(RunningServer& leader) {
    const log::EventLog& log = leader.node().event_log();
    return {{log.id().words}, log::format::version, {"h", {{6, 6}}},
            Term{1},          log.last(),           {{Term{1}, Revision{1}}}};
}

inline replication::Ack ack(Revision durable) {
    return {Term{1}, 0, durable, durable, instant_min};
}

// The leader records, the follower follows, and what was there before is there still.
inline void expect_sound(RunningServer& leader, Follower& follower) {
    const log::EventLog& log = leader.node().event_log();
    const Revision before = log.last();
    const auto level = [&] { return follower.node().event_log().last() == before; };
    ASSERT_TRUE(follower.await(level));
    const log::Digest root = follower.node().event_log().root(before.value);
    const Revision last = leader.record(user("u" + std::to_string(before.value)));
    EXPECT_EQ(last, next(before));
    ASSERT_TRUE(follower.reaches(last));
    EXPECT_EQ(log.root(before.value), root);
    EXPECT_EQ(log.root(last.value), follower.node().event_log().root(last.value));
    EXPECT_FALSE(leader.get("/v1/replication", "-").says("\"halted\""));
}

}  // namespace tenure::testing
