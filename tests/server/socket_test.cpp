// The WebSockets: questions by tenure.query.v1, the feed as CloudEvents.

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <condition_variable>
#include <future>
#include <mutex>

#include "domain/command.h"
#include "server/farewell.h"
#include "server/query_client.h"
#include "server/store_token.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
using namespace std::chrono_literals;

const std::string base = "/v1/tenants/default";

class Sockets : public ::testing::Test {
protected:
    Sockets() {
        server_.record(R"({"type":"principal.create","data":{"principal":"ana","kind":"user"}}
{"type":"principal.create","data":{"principal":"bo","kind":"user"}}
{"type":"role.define","data":{"role":"reader","name":"Reader","permissions":[{"actions":["*/read"]}],"assignableScopes":["/s"]}}
{"type":"assignment.create","data":{"assignment":"a1","principal":"ana","role":"reader","scope":"/s"}})");
    }

    std::unique_ptr<server::QueryClient> client(const std::string& token) {
        auto connected = server::QueryClient::connect({server_.url(), "default", token});
        EXPECT_TRUE(connected.has_value()) << connected.error().detail;
        return std::move(connected.value());
    }

    static domain::CheckQuestion check(const std::string& principal, const std::string& action) {
        return {"default", principal, action, domain::Plane::control, "/s", {}, {}};
    }

    RunningServer server_;
};

using Decision = codec::FrameAnswer::Decision;

TEST_F(Sockets, AnswerManyChecksInAFrameAndManyFramesAhead) {
    const auto asker = client(server_.owner_token());
    constexpr std::uint64_t frames = 50;
    codec::QuestionFrame frame;
    frame.checks = {check("ana", "Things/read"), check("bo", "Things/read"),
                    check("ana", "Things/*")};
    frame.size = frame.checks.size();
    for (frame.id = 1; frame.id <= frames; ++frame.id) ASSERT_TRUE(asker->send(frame).has_value());
    for (std::uint64_t id = 1; id <= frames; ++id) {
        const auto got = asker->receive();
        ASSERT_TRUE(got.has_value()) << got.error().detail;
        EXPECT_EQ(got.value().id, id);
        ASSERT_EQ(got.value().answers.size(), 3U);
        EXPECT_EQ(got.value().answers[0].decision, Decision::allow);
        EXPECT_EQ(got.value().answers[1].decision, Decision::deny);
        EXPECT_EQ(got.value().answers[2].decision, Decision::none);
        EXPECT_EQ(got.value().answers[2].problem->code, Errc::invalid_argument);
    }
}

TEST_F(Sockets, AnswerFramesOfThousandsOfChecks) {
    const auto asker = client(server_.owner_token());
    const auto got =
        asker->ask(std::vector<domain::CheckQuestion>(5'000, check("ana", "Things/read")));
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_EQ(got.value().answers.size(), 5'000U);
}

TEST_F(Sockets, AnswerTheSameAsHttpAtAnyMoment) {
    const Instant then = server_.clock().now();
    server_.clock().advance_ms(1000);
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"a1"}})");
    const auto asker = client(server_.owner_token());
    domain::CheckQuestion past = check("ana", "Things/read");
    past.as_of.at = then;
    domain::CheckQuestion by_revision = check("ana", "Things/read");
    by_revision.as_of.revision = Revision{9};
    const auto got = asker->ask({past, by_revision, check("ana", "Things/read")});
    ASSERT_TRUE(got.has_value());
    ASSERT_FALSE(got.value().problem) << got.value().problem->detail;
    const std::string target = base + "/check?principal=ana&action=Things/read&scope=/s";
    const std::vector<std::string> targets{target + "&at=" + format_instant(then),
                                           target + "&revision=9", target};
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const codec::FrameAnswer& answer = got.value().answers[i];
        const Answered http = server_.get(targets[i]);
        EXPECT_EQ(answer.decision == Decision::allow, http.says("\"allow\"")) << http.body;
        EXPECT_TRUE(http.says("\"revision\":" + std::to_string(answer.revision.value)));
        EXPECT_EQ(answer.final, http.says("\"final\":true"));
    }
}

TEST_F(Sockets, ARevokedTokenIsOverHoweverOftenItAsks) {
    const std::string token = server_.token_of("owner");
    const auto asker = client(token);
    ASSERT_FALSE(asker->ask({check("ana", "Things/read")}).value().problem);
    server_.record(R"({"type":"token.revoke","data":{"token":")" +
                   domain::token_id_of(server::hash_of(token)) + "\"}}");
    server_.clock().advance_ms(1'100);

    codec::QuestionFrame frame;
    frame.checks = {check("ana", "Things/read")};
    frame.size = 1;
    frame.id = 77;
    ASSERT_TRUE(asker->send(frame).has_value());
    ASSERT_TRUE(asker->send(frame).has_value());
    const auto refused = asker->receive();
    ASSERT_TRUE(refused.has_value());
    EXPECT_TRUE(refused.value().problem);
    EXPECT_EQ(refused.value().id, 77U);
    EXPECT_FALSE(asker->receive().has_value());
}

TEST_F(Sockets, AreUsesOfTheirToken) {
    const auto asker = client(server_.token_of("ana"));
    server_.clock().advance_ms(5'000);
    ASSERT_TRUE(asker->ask({check("ana", "Things/read")}).has_value());
    const Answered listed = server_.get(base + "/tokens?principal=ana");
    EXPECT_TRUE(listed.says(R"("lastUsed":"2025-06-01T00:00:05Z")")) << listed.body;
}

TEST_F(Sockets, ConditionsReadWhatComesWithTheQuestion) {
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"c","principal":"bo","role":"reader","scope":"/s","condition":"@Resource[colour] StringEquals 'red'","conditionVersion":"2.0"}})");
    const auto asker = client(server_.owner_token());
    domain::CheckQuestion red = check("bo", "Things/read");
    red.attributes.resource =
        domain::condition::AttributeSet{{{"colour", std::vector<std::string>{"red"}}}};
    domain::CheckQuestion blue = check("bo", "Things/read");
    blue.attributes.resource =
        domain::condition::AttributeSet{{{"colour", std::vector<std::string>{"blue"}}}};
    const auto got = asker->ask({red, blue, check("bo", "Things/read")});
    ASSERT_TRUE(got.has_value());
    ASSERT_EQ(got.value().answers.size(), 3U);
    EXPECT_EQ(got.value().answers[0].decision, Decision::allow);
    EXPECT_EQ(got.value().answers[1].decision, Decision::deny);
    EXPECT_EQ(got.value().answers[2].decision, Decision::deny);
}

TEST_F(Sockets, WhoMayNotAskIsToldAndAnswersNothingOfTheFrame) {
    const auto asker = client(server_.token_of("bo"));
    const auto own = asker->ask({check("bo", "Things/read")});
    ASSERT_TRUE(own.has_value());
    EXPECT_FALSE(own.value().problem);
    const auto others = asker->ask({check("bo", "Things/read"), check("ana", "Things/read")});
    ASSERT_TRUE(others.has_value());
    ASSERT_TRUE(others.value().problem.has_value());
    EXPECT_EQ(others.value().problem->code, Errc::forbidden);
    EXPECT_TRUE(others.value().answers.empty());
}

TEST_F(Sockets, ATokenThatEndsEndsItsSockets) {
    const std::string token = server_.token_of("ana");
    const auto asker = client(token);
    ASSERT_FALSE(asker->ask({check("ana", "Things/read")}).value().problem);
    server_.record(R"({"type":"principal.disable","data":{"principal":"ana"}})");
    server_.clock().advance_ms(1001);
    const auto late = asker->ask({check("ana", "Things/read")});
    ASSERT_TRUE(late.has_value());
    ASSERT_TRUE(late.value().problem.has_value());
    EXPECT_EQ(late.value().problem->code, Errc::forbidden);
}

TEST_F(Sockets, AFrameMayWaitForARevision) {
    const auto asker = client(server_.owner_token());
    codec::QuestionFrame frame;
    frame.id = 7;
    frame.checks = {check("ana", "Things/read")};
    frame.size = 1;
    frame.at_least = Revision{10'000};
    ASSERT_TRUE(asker->send(frame).has_value());
    const auto late = asker->receive();
    ASSERT_TRUE(late.has_value());
    EXPECT_EQ(late.value().id, 7U);
    EXPECT_EQ(late.value().problem->code, Errc::unavailable);
}

TEST_F(Sockets, TooManyChecksAreRefusedWithTheLimit) {
    RunningServer small{[](server::Settings& s) { s.limits.frame_questions_max = 2; }};
    auto asker = server::QueryClient::connect({small.url(), "default", small.owner_token()});
    const auto got = asker.value()->ask({check("a", "x/y"), check("a", "x/y"), check("a", "x/y")});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got.value().problem->code, Errc::limit_exceeded);
    EXPECT_EQ(got.value().problem->field, "checks");
    EXPECT_FALSE(asker.value()->ask({check("owner", "x/y")}).value().problem);
}

TEST_F(Sockets, NobodyConnectsWithoutATokenOrItsSubprotocol) {
    EXPECT_FALSE(server::QueryClient::connect({server_.url(), "default", ""}));
    const Asked plain{"GET",
                      base + "/query",
                      {},
                      {},
                      {{"Upgrade", "websocket"},
                       {"Connection", "Upgrade"},
                       {"Sec-WebSocket-Version", "13"},
                       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
    const Answered refused = server_.ask(plain);
    EXPECT_EQ(refused.status, 400U);
    EXPECT_TRUE(refused.says("tenure.query.v1")) << refused.body;
}

// A subscriber of the feed.
class Subscriber {
public:
    Subscriber(const RunningServer& server, const std::string& query, const std::string& token,
               const std::string& door = "feed") {
        socket_.next_layer().connect({net::ip::address_v4::loopback(), server.port()});
        websocket::stream_base::decorator asking{[&](websocket::request_type& request) {
            request.set(boost::beast::http::field::sec_websocket_protocol,
                        door == "feed" ? "cloudevents.json" : "tenure.query.v1");
            request.set(boost::beast::http::field::authorization, "Bearer " + token);
        }};
        socket_.set_option(std::move(asking));
        socket_.handshake("localhost", base + '/' + door + query, failed);
    }

    // The next message; empty when the server has closed.
    std::string next() {
        boost::beast::flat_buffer buffer;
        socket_.read(buffer, failed);
        return failed ? std::string{} : boost::beast::buffers_to_string(buffer.data());
    }

    websocket::stream<net::ip::tcp::socket>& socket() { return socket_; }

    boost::system::error_code failed;

private:
    net::io_context context_;
    websocket::stream<net::ip::tcp::socket> socket_{context_};
};

TEST_F(Sockets, TheFeedHasEveryEventFromARevisionOnInOrder) {
    Subscriber reader{server_, "?from=1", server_.owner_token()};
    const std::uint64_t known = server_.node().status().committed.value;
    for (std::uint64_t revision = 1; revision <= known; ++revision) {
        const std::string event = reader.next();
        EXPECT_NE(event.find("\"id\":\"" + std::to_string(revision) + '"'), std::string::npos)
            << event;
        EXPECT_NE(event.find("\"specversion\":\"1.0\""), std::string::npos);
    }
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"a1"}})");
    const std::string live = reader.next();
    EXPECT_NE(live.find("\"type\":\"tenure.assignment.revoked\""), std::string::npos) << live;
}

TEST_F(Sockets, TheFeedSaysWhatAnEventChangedInAccess) {
    Subscriber reader{server_, "?effects=true&principal=ana", server_.owner_token()};
    server_.record(R"({"type":"principal.create","data":{"principal":"kim","kind":"user"}}
{"type":"assignment.revoke","data":{"assignment":"a1"}})");
    const std::string event = reader.next();
    EXPECT_NE(
        event.find(
            R"("effects":{"gained":[],"lost":[{"principal":"ana","role":"reader","scope":"/s"}])"),
        std::string::npos)
        << event;
}

TEST_F(Sockets, TheFeedIsFilteredByTypeAndScope) {
    Subscriber types{server_, "?from=1&type=assignment", server_.owner_token()};
    EXPECT_NE(types.next().find("tenure.assignment.created"), std::string::npos);
    EXPECT_NE(types.next().find("\"assignment\":\"a1\""), std::string::npos);
    Subscriber scopes{server_, "?from=1&scope=/S", server_.owner_token()};
    EXPECT_NE(scopes.next().find("\"assignment\":\"a1\""), std::string::npos);
    Subscriber slash{server_, "?from=1&scope=/s/", server_.owner_token()};
    EXPECT_NE(slash.next().find("\"assignment\":\"a1\""), std::string::npos);
    for (const char* none : {"/a/../b", "/a//b", "s", "", "/*"}) {
        const Subscriber refused{server_, std::string("?scope=") + none, server_.owner_token()};
        EXPECT_TRUE(refused.failed) << none;
    }
}

TEST_F(Sockets, TheFeedEndsWhenItsReaderMayNoLongerRead) {
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"o","principal":"bo","role":"owner","scope":"/"}})");
    Subscriber reader{server_, "", server_.token_of("bo")};
    ASSERT_FALSE(reader.failed) << reader.failed.message();
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"o"}})");
    EXPECT_EQ(reader.next(), "");
}

TEST_F(Sockets, WhoMayNotReadEventsGetsNoFeed) {
    Subscriber refused{server_, "", server_.token_of("ana")};
    EXPECT_TRUE(refused.failed);
    Subscriber wrong{server_, "?colour=red", server_.owner_token()};
    EXPECT_TRUE(wrong.failed);
}

TEST_F(Sockets, AFloodOfPingsIsClosed) {
    Subscriber noisy{server_, "", server_.owner_token()};
    for (int i = 0; i < 110 && !noisy.failed; ++i) noisy.socket().ping({}, noisy.failed);
    EXPECT_EQ(noisy.next(), "");
    EXPECT_EQ(noisy.socket().reason().code, websocket::close_code::policy_error);
}

TEST_F(Sockets, StoppingClosesThemAtOnceAndSaysWhy) {
    RunningServer patient{[](server::Settings& settings) {
        // Would be waited for, were it not for the Close frame.
        settings.limits.wait_max_ms = 60'000;
        settings.limits.stop_timeout_ms = 60'000;
    }};
    Subscriber feed{patient, "", patient.owner_token()};
    Subscriber queries{patient, "", patient.owner_token(), "query"};
    auto stopping = std::async(std::launch::async, [&] { patient.server().stop(); });
    for (Subscriber* each : {&feed, &queries}) {
        EXPECT_EQ(each->next(), "");
        EXPECT_EQ(each->socket().reason().code, websocket::close_code::going_away);
        EXPECT_EQ(each->socket().reason().reason, "the server stops");
    }
    ASSERT_EQ(stopping.wait_for(30s), std::future_status::ready);
}

TEST_F(Sockets, StoppingDoesNotWaitForAPeerThatDoesNotAnswer) {
    for (const std::string door : {"feed", "query"}) {
        RunningServer patient{[](server::Settings& settings) {
            settings.limits.stop_timeout_ms = 60'000;
            settings.limits.request_timeout_ms = 60'000;
        }};
        const Subscriber silent{patient, "", patient.owner_token(), door};
        auto stopping = std::async(std::launch::async, [&] { patient.server().stop(); });
        ASSERT_EQ(stopping.wait_for(30s), std::future_status::ready) << door;
        EXPECT_FALSE(silent.failed);
    }
}

// Beast's read and its close would wait for each other, and the connection stay for ever.
TEST_F(Sockets, APeerThatBreaksTheProtocolWhileItIsLeftIsForgotten) {
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"o","principal":"bo","role":"owner","scope":"/"}})");
    Subscriber reader{server_, "", server_.token_of("bo")};
    ASSERT_FALSE(reader.failed) << reader.failed.message();
    net::ip::tcp::socket& raw = reader.socket().next_layer();
    // The first half of a text of eight bytes, under a mask of zeros.
    net::write(raw, net::buffer(std::string("\x81\x88\0\0\0\0half", 10)));
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"o"}})");
    std::string came;
    net::read(raw, net::dynamic_buffer(came), net::transfer_at_least(2), reader.failed);
    ASSERT_EQ(came.substr(0, 1), "\x88") << "a Close frame";

    // The other half is no UTF-8.
    net::write(raw, net::buffer(std::string("\xff\xff\xff\xff")), reader.failed);

    net::read(raw, net::dynamic_buffer(came), reader.failed);
    std::mutex mutex;
    std::condition_variable changed;
    const auto forgotten = [&] {
        return server_.get("/metrics").says("tenure_websockets{protocol=\"feed\"} 0");
    };
    bool is_forgotten = false;
    for (int tries = 0; tries < 2'000 && !is_forgotten; ++tries) {
        std::unique_lock guard{mutex};
        changed.wait_for(guard, std::chrono::milliseconds{10});
        is_forgotten = forgotten();
    }
    EXPECT_TRUE(is_forgotten);
}

// A connection that is being left, and whose deadline is set anew all the while, as by writes.
class Busy final : public server::Watched {
public:
    void close() override {
        if (!closed_) closed.set_value();
        closed_ = true;
    }

    // Of a socket, what Farewell needs of one.
    template <class Done>
    void async_close(const websocket::close_reason&, Done) {}

    std::promise<void> closed;

private:
    bool closed_ = false;
};

TEST_F(Sockets, WhatIsWrittenMeanwhileDoesNotMakeTheTimeToAnswerACloseLonger) {
    server::Worker& worker = server_.server().any_worker();
    Busy busy;
    std::optional<server::Farewell<Busy>> farewell;
    net::post(worker.context(), [&] {
        worker.watch(busy);
        farewell.emplace(worker, busy, busy);
        farewell->leave(server::CloseCode::going_away, "the server stops");
        busy.deadline_tick = worker.tick_after_ms(60'000);
    });
    EXPECT_EQ(busy.closed.get_future().wait_for(30s), std::future_status::ready);
    std::promise<void> forgotten;
    net::post(worker.context(), [&] {
        worker.unwatch(busy);
        farewell.reset();
        forgotten.set_value();
    });
    forgotten.get_future().get();
}

TEST_F(Sockets, SayWhyTheyAreClosed) {
    server_.record(
        R"({"type":"assignment.create","data":{"assignment":"o","principal":"bo","role":"owner","scope":"/"}})");
    const std::string token = server_.token_of("bo");
    Subscriber feed{server_, "", token};
    Subscriber queries{server_, "", token, "query"};
    server_.clock().advance_ms(1'100);
    server_.record(R"({"type":"assignment.revoke","data":{"assignment":"o"}}
{"type":"principal.disable","data":{"principal":"bo"}})");
    EXPECT_EQ(feed.next(), "");
    EXPECT_EQ(feed.socket().reason().code, websocket::close_code::policy_error);
    EXPECT_EQ(feed.socket().reason().reason, "the token may no longer read events");

    queries.socket().binary(true);
    queries.socket().write(net::buffer(std::string(8, '\0')));
    EXPECT_NE(queries.next(), "") << "told in a frame first";
    EXPECT_EQ(queries.next(), "");
    EXPECT_EQ(queries.socket().reason().code, websocket::close_code::policy_error);
    EXPECT_EQ(queries.socket().reason().reason, "the token is no longer good");

    Subscriber large{server_, "", server_.owner_token()};
    large.socket().write(net::buffer(std::string(2'000, 'x')));
    EXPECT_EQ(large.next(), "");
    EXPECT_EQ(large.socket().reason().code, websocket::close_code::too_big);

    Subscriber broken{server_, "", server_.owner_token()};
    // Not masked, as a client's frames have to be.
    net::write(broken.socket().next_layer(), net::buffer(std::string("\x81\x01x")));
    EXPECT_EQ(broken.next(), "");
    EXPECT_EQ(broken.socket().reason().code, websocket::close_code::protocol_error);
}

}  // namespace
}  // namespace tenure::testing
