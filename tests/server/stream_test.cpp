// The session over a stream in memory: any bytes, in any pieces, end in answers or in silence,
// never in a crash or a hang. TENURE_SEED and TENURE_SEEDS as everywhere.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <cstdlib>
#include <future>

#include "server/http_session.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

namespace net = boost::asio;
using Stream = boost::beast::test::stream;

net::awaitable<void> serve(server::Worker& worker, Stream stream) {
    server::HttpSession<Stream> session{worker, std::move(stream), "memory"};
    co_await session.run();
}

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::stoull(text) : otherwise;
}

// What a client may say, more or less.
const std::vector<std::string>& seeds() {
    static const std::vector<std::string> all{
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/tenants/default/check?principal=owner&action=a/b&scope=/ HTTP/1.1\r\nHost: "
        "x\r\n\r\n",
        "POST /v1/tenants/default/checks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 67\r\n\r\n{\"checks\":[{\"principal\":\"owner\",\"action\":\"a/"
        "b\",\"scope\":\"/s\",\"at\":\"x\"}]}",
        "POST /v1/tenants/default/commands HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"commands\":[{\"t\r\n5\r\nype\":\r\n0\r\n\r\n",
        "POST /tenants/default/access/v1/evaluation HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/json\r\nContent-Length: "
        "103\r\n\r\n{\"subject\":{\"type\":\"user\",\"id\":\"owner\"},"
        "\"action\":{\"name\":\"a/b\"},\"resource\":{\"type\":\"s\",\"id\":\"1\"},\"x\":1}",
        "GET /v1/tenants/default/query HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: tenure.query.v1\r\n\r\n\x82\x84\x01\x02\x03\x04\x05\x06\x07\x08",
        "GET /v1/tenants/default/feed?from=1 HTTP/1.1\r\nHost: x\r\nUpgrade: "
        "websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: cloudevents.json\r\n\r\n\x89\x80\x01\x02\x03\x04\x88\x80\x01\x02"
        "\x03\x04",
        "PUT /v1/tenants/default/roles/x HTTP/1.1\r\nHost: x\r\nIf-Match: \"1\"\r\nContent-Type: "
        "application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"};
    return all;
}

std::string mutated(Random& random) {
    std::string bytes;
    const std::uint64_t requests = 1 + random.below(3);
    for (std::uint64_t i = 0; i < requests; ++i) bytes += seeds()[random.below(seeds().size())];
    const std::uint64_t changes = random.below(8);
    for (std::uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
        const std::size_t at = random.below(bytes.size());
        switch (random.below(5)) {
            case 0:
                bytes[at] = static_cast<char>(random.below(256));
                break;
            case 1:
                bytes.erase(at, random.below(16));
                break;
            case 2:
                bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(64)));
                break;
            case 3:
                bytes.resize(at);
                break;
            default:
                bytes.insert(at, random.below(2'000), static_cast<char>(random.below(256)));
        }
    }
    return bytes;
}

// What a session answers to bytes that are all there, and that it reads so many at a time.
std::string answers_to(RunningServer& running, const std::string& bytes, std::size_t at_a_time) {
    server::Worker& worker = running.server().any_worker();
    net::io_context client_context;
    Stream client{client_context};
    Stream stream{worker.context()};
    client.connect(stream);
    client.write_some(net::buffer(bytes));
    stream.read_size(at_a_time);
    std::promise<void> ended;
    net::co_spawn(worker.context(), serve(worker, std::move(stream)),
                  [&](std::exception_ptr failed) {
                      EXPECT_FALSE(failed);
                      ended.set_value();
                  });
    client.close();
    ended.get_future().get();
    return std::string{client.str()};
}

// Beast takes each field that is whole, so that what it has at hand never gets long if each read
// ends just after the beginning of the next field.
TEST(StreamInMemory, AHeaderHasAnEndInWhateverPiecesItComes) {
    RunningServer running;
    constexpr std::size_t piece = 128;
    std::string bytes = "GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: ";
    bytes.append(piece - bytes.size() - 3, 'x').append("\r\n");
    const auto with_fields = [&](std::size_t count) {
        std::string all = bytes;
        for (std::size_t each = 0; each < count; ++each)
            all.append("X: ").append(piece - 5, 'x').append("\r\n");
        return all + "\r\n";
    };
    ASSERT_EQ(bytes.size(), piece - 1);
    const std::string refused = answers_to(running, with_fields(200), piece);
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 431 ")) << refused;
    const std::string taken = answers_to(running, with_fields(100), piece);
    EXPECT_TRUE(taken.starts_with("HTTP/1.1 200 ")) << taken;
}

TEST(StreamInMemory, AHeaderHasOnlySoManyFields) {
    RunningServer running;
    for (const std::size_t more : {0U, 1U}) {
        std::string bytes = "GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: x\r\n";
        for (std::size_t each = 2; each < server::header_fields_max + more; ++each)
            bytes += "X:\r\n";
        const std::string got = answers_to(running, bytes + "\r\n", 1'000);
        EXPECT_TRUE(got.starts_with(more == 0 ? "HTTP/1.1 200 " : "HTTP/1.1 431 ")) << got;
    }
}

TEST(StreamInMemory, AnyBytesEndTheSessionOrAreAnswered) {
    RunningServer running{[](server::Settings& settings) {
        settings.authentication = false;
        settings.limits.wait_max_ms = 1;
    }};
    const std::uint64_t seed = number_of("TENURE_SEED", 1);
    const std::uint64_t count = 20 * number_of("TENURE_SEEDS", 100);
    server::Worker& worker = running.server().any_worker();
    net::io_context client_context;
    for (std::uint64_t i = 0; i < count; ++i) {
        SCOPED_TRACE("TENURE_SEED=" + std::to_string(seed + i));
        SeededRandom random{seed + i};
        const std::string bytes = mutated(random);
        Stream client{client_context};
        Stream stream{worker.context()};
        client.connect(stream);
        std::promise<void> ended;
        auto done = ended.get_future();
        net::co_spawn(worker.context(), serve(worker, std::move(stream)),
                      [&](std::exception_ptr failed) {
                          EXPECT_FALSE(failed);
                          ended.set_value();
                      });
        // In pieces of any size; then the client has nothing more to say.
        std::size_t sent = 0;
        boost::system::error_code failed;
        while (sent < bytes.size() && !failed) {
            const std::size_t piece = std::min(bytes.size() - sent, 1 + random.below(400));
            client.write_some(net::buffer(bytes.data() + sent, piece), failed);
            sent += piece;
        }
        client.close();
        done.get();
    }
    EXPECT_EQ(running.get("/healthz", "-").status, 200U);
}

}  // namespace
}  // namespace tenure::testing
