// What a follower sends on to its leader (replication.forward_writes): as whom, how often, for how
// long, and what is said when it is not known what became of it.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <deque>
#include <future>

#include "node/node.h"
#include "server/forwarder.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

namespace net = boost::asio;
using server::Forwarded;
using server::Forwarder;
using server::Reply;

const std::string commands = "/v1/tenants/default/commands";

std::string new_user(const std::string& name) {
    return R"({"commands":[{"type":"principal.create","data":{"principal":")" + name +
           R"(","kind":"user"}}]})";
}

// As a client asked this node.
server::Request change(const std::string& body, const std::string& token = {}) {
    server::Request request{boost::beast::http::verb::post, commands, 11};
    request.set("Content-Type", "application/json");
    request.set("Host", "follower.example");
    if (!token.empty()) request.set("Authorization", "Bearer " + token);
    request.body() = body;
    request.prepare_payload();
    return request;
}

// A leader that takes connections and says nothing.
class Mute {
public:
    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

    // Waits for so many, each with a request; the first line of the last.
    std::string take(std::size_t count) {
        std::string request;
        while (sockets_.size() < count) {
            sockets_.push_back(acceptor_.accept());
            request.clear();
            net::read_until(sockets_.back(), net::dynamic_buffer(request), "\r\n\r\n");
        }
        return request.substr(0, request.find("\r\n"));
    }

    void hang_up() { sockets_.clear(); }

private:
    net::io_context context_;
    net::ip::tcp::acceptor acceptor_{context_, {net::ip::address_v4::loopback(), 0}};
    std::deque<net::ip::tcp::socket> sockets_;
};

class Forwarding : public ::testing::Test {
protected:
    Forwarder& to(const std::string& url, std::chrono::milliseconds timeout = patience) {
        forwarder_ = std::make_unique<Forwarder>(server::parse_server_url(url, "url").value(), "",
                                                 timeout, clock_);
        return *forwarder_;
    }

    std::future<Reply> begin(Forwarder& forwarder, const server::Request& request) {
        auto copy = server::forwarded(request, "asked-1").value();
        const bool repeatable = copy.repeatable;
        auto reply = std::make_shared<std::promise<Reply>>();
        EXPECT_TRUE(forwarder.submit(std::move(copy), [reply, repeatable](Forwarded outcome) {
            reply->set_value(server::reply_of(std::move(outcome), repeatable));
        }));
        return reply->get_future();
    }

    Reply send(Forwarder& forwarder, const server::Request& request) {
        return begin(forwarder, request).get();
    }

    // All that can be under way at a time, at a leader that says nothing.
    std::vector<std::future<Reply>> occupy(Forwarder& forwarder, Mute& leader) {
        std::vector<std::future<Reply>> under_way;
        for (std::size_t i = 0; i < server::forward_threads; ++i)
            under_way.push_back(begin(forwarder, change(new_user("x"))));
        leader.take(server::forward_threads);
        return under_way;
    }

    static bool retries(const Reply& reply) {
        return std::ranges::any_of(reply.headers,
                                   [](const auto& each) { return each.first == "Retry-After"; });
    }

    static constexpr std::chrono::seconds patience{20};

    MovingClock clock_{server_start};
    std::unique_ptr<Forwarder> forwarder_;
};

TEST_F(Forwarding, TheLeaderDecidesForWhomeverAsked) {
    RunningServer leader;
    Forwarder& forwarder = to(leader.url());
    leader.record(R"({"type":"principal.create","data":{"principal":"ana","kind":"user"}})");

    EXPECT_EQ(send(forwarder, change(new_user("x"))).status, 401U);
    EXPECT_EQ(send(forwarder, change(new_user("x"), leader.token_of("ana"))).status, 403U);
    EXPECT_EQ(send(forwarder, change(new_user("x"), "tenure_wrong")).status, 401U);
    const Revision before = leader.node().status().last;
    const Reply made = send(forwarder, change(new_user("x"), leader.owner_token()));
    EXPECT_EQ(made.status, 200U) << made.body;
    const auto event = leader.node().event(next(before));
    ASSERT_TRUE(event);
    EXPECT_EQ(event.value().actor, "owner");
}

TEST_F(Forwarding, WhatIsSaidTwiceIsSentOnTwice) {
    RunningServer leader;
    server::Request request = change(new_user("x"), leader.owner_token());
    request.insert("Idempotency-Key", "one");
    request.insert("Idempotency-Key", "two");

    const Reply reply = send(to(leader.url()), request);

    EXPECT_EQ(reply.status, 400U);
    EXPECT_NE(reply.body.find("Idempotency-Key"), std::string::npos) << reply.body;
}

TEST_F(Forwarding, WhatIsOfTheConnectionIsNotSentOn) {
    server::Request request = change("{}");
    request.set("Connection", "close, X-Hop");
    request.set("X-Hop", "1");
    request.set("X-Other", "2");
    request.set("Transfer-Encoding", "chunked");

    const auto copy = server::forwarded(request, "asked-1");

    ASSERT_TRUE(copy);
    std::string names;
    for (const auto& [name, value] : copy.value().headers) names += name + ' ';
    EXPECT_EQ(names, "Content-Type X-Other Tenure-Forwarded X-Request-ID ");
}

TEST_F(Forwarding, GoesBelowThePathOfTheSourcesUrl) {
    Mute leader;
    Forwarder& forwarder = to(leader.url() + "/a/store/");
    auto reply = begin(forwarder, change(new_user("x")));
    EXPECT_EQ(leader.take(1), "POST /a/store/v1/tenants/default/commands HTTP/1.1");
    leader.hang_up();
    EXPECT_EQ(reply.get().status, 503U);
}

// A change without a key cannot be sent again, so it must not be lost on a connection that ended
// while nothing was asked.
TEST_F(Forwarding, AConnectionThatTheLeaderClosedIsNotUsedAgain) {
    RunningServer leader;
    Forwarder& forwarder = to(leader.url());
    for (int i = 0; i < 4; ++i) {
        // Each of the forwarder's threads has one.
        std::vector<std::future<Reply>> all;
        for (std::size_t k = 0; k < 2 * server::forward_threads; ++k)
            all.push_back(
                begin(forwarder, change(new_user('u' + std::to_string(i) + '-' + std::to_string(k)),
                                        leader.owner_token())));
        for (auto& each : all) {
            const Reply reply = each.get();
            EXPECT_EQ(reply.status, 200U) << reply.body;
        }
        leader.restart();
    }
}

TEST_F(Forwarding, WhatCouldNotBeSentWasNotMade) {
    std::string nobody;
    {
        const Mute closed;
        nobody = closed.url();
    }
    const Reply reply = send(to(nobody), change(new_user("x")));
    EXPECT_EQ(reply.status, 503U);
    EXPECT_NE(reply.body.find("was not made"), std::string::npos) << reply.body;
    EXPECT_TRUE(retries(reply));
}

TEST_F(Forwarding, WhatMayHaveBeenMadeIsCalledNotKnown) {
    for (const bool with_key : {false, true}) {
        Mute leader;
        Forwarder& forwarder = to(leader.url());
        server::Request request = change(new_user("x"));
        if (with_key) request.set("Idempotency-Key", "one");
        auto reply = begin(forwarder, request);
        // With a key it tries again, twice.
        for (int tries = with_key ? 3 : 1; tries > 0; --tries) {
            leader.take(1);
            leader.hang_up();
        }
        const Reply said = reply.get();
        EXPECT_EQ(said.status, 503U);
        EXPECT_NE(said.body.find("is not known"), std::string::npos) << said.body;
        EXPECT_EQ(retries(said), with_key) << "nothing repeats by itself what may be there twice";
    }
}

// Whoever asked may have decided anew.
TEST_F(Forwarding, WhatWaitedTooLongIsNotMadeAnyMore) {
    Mute leader;
    Forwarder& forwarder = to(leader.url());
    auto under_way = occupy(forwarder, leader);
    auto waits = begin(forwarder, change(new_user("late")));
    clock_.advance_ms(std::chrono::milliseconds{2 * patience}.count());

    leader.hang_up();

    const Reply late = waits.get();
    EXPECT_EQ(late.status, 503U);
    EXPECT_NE(late.body.find("was not made"), std::string::npos) << late.body;
    for (auto& each : under_way) EXPECT_NE(each.get().body.find("is not known"), std::string::npos);
}

TEST_F(Forwarding, GivingUpEndsAllOfIt) {
    Mute leader;
    Forwarder& forwarder = to(leader.url(), std::chrono::hours{1});
    auto under_way = occupy(forwarder, leader);
    auto waits = begin(forwarder, change(new_user("y")));

    forwarder.give_up();

    EXPECT_NE(waits.get().body.find("was not made"), std::string::npos);
    for (auto& each : under_way) EXPECT_NE(each.get().body.find("is not known"), std::string::npos);
}

TEST_F(Forwarding, TakesOnlySoMany) {
    Mute leader;
    Forwarder& forwarder = to(leader.url(), std::chrono::hours{1});
    auto taken = occupy(forwarder, leader);
    for (std::size_t i = 0; i < server::forwards_waiting_max; ++i)
        taken.push_back(begin(forwarder, change(new_user("x"))));

    EXPECT_FALSE(forwarder.submit({}, [](Forwarded) { FAIL(); }));
    forwarder.give_up();
}

}  // namespace
}  // namespace tenure::testing
