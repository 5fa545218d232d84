#include "bench/taker.h"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <thread>
#include <vector>

#include "base/hex_words.h"
#include "bench/measure.h"
#include "codec/replication_frames.h"
#include "log/format.h"
#include "server/copy_socket.h"
#include "server/server_url.h"

namespace tenure::bench {
namespace {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
namespace r = tenure::replication;

// What is acknowledged of what came; nothing: there is no answer to it.
std::optional<r::Ack> answer_to(const r::Message& message, r::Ack said) {
    if (const auto* welcome = std::get_if<r::Welcome>(&message)) {
        said.term = welcome->term;
    } else if (const auto* append = std::get_if<r::Append>(&message)) {
        said.durable = said.applied = append->run.last;
    } else if (const auto* beat = std::get_if<r::Beat>(&message)) {
        said.round = beat->round;
        said.reserved = beat->reserved;
    } else {
        return std::nullopt;
    }
    return said;
}

void take_one(const server::ServerUrl& url, std::size_t number) {
    net::io_context context;
    net::ip::tcp::resolver resolver{context};
    websocket::stream<net::ip::tcp::socket> wire{context};
    net::connect(wire.next_layer(), resolver.resolve(url.host, url.port));
    wire.next_layer().set_option(net::ip::tcp::no_delay{true});
    wire.set_option(websocket::stream_base::decorator{[](websocket::request_type& request) {
        request.set(boost::beast::http::field::sec_websocket_protocol,
                    std::string(server::replication_protocol));
    }});
    websocket::response_type response;
    wire.handshake(response, url.authority, url.below("/v1/replication"));
    wire.binary(true);
    wire.read_message_max(codec::replication_frame_bytes_max);
    const auto send = [&](const r::Message& message) {
        codec::FrameBytes frame;
        codec::encode_message(message, frame);
        wire.write(net::buffer(frame));
    };
    r::Hello hello;
    hello.log = {words_of_hex(response[server::log_id_header]).value()};
    hello.format = log::format::version;
    hello.member = {"taker-" + std::to_string(number),
                    {{static_cast<std::uint64_t>(::getpid()), number + 1}}};
    send(hello);
    r::Ack said;
    boost::beast::flat_buffer buffer;
    for (;;) {
        buffer.clear();
        wire.read(buffer);
        const auto data = buffer.cdata();
        const auto message =
            must(codec::decode_message({static_cast<const std::byte*>(data.data()), data.size()}));
        const auto answer = answer_to(message, said);
        if (!answer) give_up("a taker is not served");
        said = *answer;
        send(said);
    }
}

}  // namespace

void take(const std::string& url, std::size_t count) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const server::ServerUrl place = must(server::parse_server_url(url, "url"));
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back([&, i] { take_one(place, i); });
    for (std::thread& each : all) each.join();
    ::_exit(1);
}

Takers::Takers(const std::string& url, std::size_t count) {
    std::array<std::string, 4> words{"tenure_bench", take_flag, url, std::to_string(count)};
    std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(),
                                   words[3].data(), nullptr};
    if (::posix_spawn(&process_, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ) !=
        0)
        give_up("no process for takers");
}

Takers::~Takers() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace tenure::bench
