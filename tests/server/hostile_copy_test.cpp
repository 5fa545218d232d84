// What copies that do not keep to tenure.replication.v1 can do to a leader, over real sockets.
// Wherever it goes, the log stays what it was, and who keeps to the protocol is served.

#include <gtest/gtest.h>

#include "node/replicated_store.h"
#include "server/follower.h"
#include "server/hostile_peer.h"

namespace tenure::testing {
namespace {

namespace r = tenure::replication;

// So many of them as one copy sends them, in one piece.
std::string frames_of(const r::Message& message, std::size_t count) {
    codec::FrameBytes bytes;
    codec::encode_message(message, bytes);
    std::string frame{"\x82"};
    frame += static_cast<char>(0x80U | bytes.size());
    frame += std::string(4, '\0');
    frame.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    EXPECT_LT(bytes.size(), 126U);
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += frame;
    return all;
}

// Of about a megabyte.
std::string large_role(const std::string& name) {
    std::string actions;
    for (int i = 0; i < 2'000; ++i)
        actions += (i == 0 ? "\"" : ",\"") + std::to_string(i) + std::string(400, 'x') + "/read\"";
    return R"({"type":"role.define","data":{"role":")" + name + R"(","name":")" + name +
           R"(","permissions":[{"actions":[)" + actions + R"(]}],"assignableScopes":["/s"]}})";
}

class HostileCopy : public ::testing::Test {
protected:
    struct Attack {
        std::string name;
        std::function<void(Talk&)> says;
        std::string hears{};  // before it is closed
    };

    // What it is told until it is closed, beats apart.
    static std::string heard(Talk& talk) {
        std::string all;
        while (const auto message = talk.next()) {
            if (std::holds_alternative<r::Welcome>(*message)) all += "welcome";
            if (std::holds_alternative<r::Append>(*message)) all += "append";
            if (const auto* refusal = std::get_if<r::Refusal>(&*message))
                all += "refusal " + std::to_string(static_cast<int>(refusal->why));
        }
        return all;
    }

    void expect_closed(const Attack& attack) {
        SCOPED_TRACE(attack.name);
        Talk talk;
        ASSERT_TRUE(talk.connect(leader_.port()));
        attack.says(talk);
        EXPECT_EQ(heard(talk), attack.hears);
        EXPECT_TRUE(talk.peer_closes());
        expect_sound(leader_, follower_);
    }

    r::Hello hello() { return testing::hello(leader_); }

    Revision last() { return leader_.node().event_log().last(); }

    // Says hello, and what comes after it.
    Attack after_hello(std::string name, std::vector<r::Message> messages) {
        return {std::move(name),
                [this, messages = std::move(messages)](Talk& talk) {
                    talk.send(hello());
                    for (const r::Message& message : messages) talk.send(message);
                },
                "welcome"};
    }

    RunningServer leader_{[](server::Settings& settings) {
        leads(settings);
        settings.limits.write_timeout_ms = 60'000;
    }};
    Follower follower_{"b", leader_.url()};
};

TEST_F(HostileCopy, WhatIsNoFrameClosesItsSession) {
    for (const std::string& bytes : no_frames) {
        expect_closed({"first: " + bytes.substr(0, 8), [&](Talk& talk) { talk.send(bytes); }});
        expect_closed({"later: " + bytes.substr(0, 8), [&](Talk& talk) {
                           talk.send(hello());
                           EXPECT_TRUE(talk.next());
                           talk.send(bytes);
                       }});
    }
    codec::FrameBytes frame;
    codec::encode_message(ack(Revision{1}), frame);
    const std::string text(reinterpret_cast<const char*>(frame.data()), frame.size());
    expect_closed({"text", [&](Talk& talk) { talk.send(text, false); }});
    expect_closed({"large", [](Talk& talk) {
                       talk.send(std::string(server::copy_message_bytes_max + 8, '\0'));
                   }});
    expect_closed({"announced",
                   [](Talk& talk) { talk.send_raw(begin_frame(std::uint64_t{1} << 62U, true)); }});
    expect_closed({"without end", send_without_end});
    expect_closed({"cut off", [](Talk& talk) {
                       talk.send_raw(begin_frame(1'000, true));
                       talk.leave();
                   }});
}

TEST_F(HostileCopy, WhatOnlyASourceSaysClosesItsSession) {
    const std::vector<std::pair<std::string, r::Message>> of_a_source{
        {"append", r::Append{Term{1}, {{Term{1}, last()}, next(last()), {}, {}, {}}, last()}},
        {"beat", r::Beat{Term{1}, 1, last(), instant_min, instant_min}},
        {"welcome", r::Welcome{Term{9}, "h", 0, Revision{1}, {}, Revision{1}}},
        {"told", r::Told{Term{1}, 1, true, Revision{1}}},
        {"refusal", r::Refusal{r::Refused::term, Term{9}}}};
    for (const auto& [name, message] : of_a_source) {
        expect_closed({name, [&message = message](Talk& talk) { talk.send(message); }});
        expect_closed(after_hello("then " + name, {message}));
    }
}

TEST_F(HostileCopy, AcknowledgementsOfWhatWasNotSentCloseItsSession) {
    expect_closed({"before hello", [&](Talk& talk) { talk.send(ack(last())); }});
    r::Ack other = ack(last());
    other.term = Term{2};
    expect_closed(after_hello("of another term", {other}));
    expect_closed(after_hello("of less than was to be kept", {ack(Revision{1})}));
    expect_closed(after_hello("of more", {ack(Revision{last().value + 100})}));
    expect_closed(after_hello("of all", {ack(revision_max)}));
    expect_closed(after_hello("beyond the log", {ack(last()), ack(revision_max)}));
    expect_closed(after_hello("taken back", {ack(last()), ack(Revision{1})}));
}

TEST_F(HostileCopy, HellosThatCannotBeAreRefused) {
    const auto says = [&](const std::string& name, const std::string& hears,
                          const std::function<void(r::Hello&)>& change) {
        r::Hello changed = hello();
        change(changed);
        expect_closed({name, [&](Talk& talk) { talk.send(changed); }, hears});
    };
    says("stranger", "refusal 0", [](r::Hello& m) {
        m.log.words[1] ^= 1U;
        m.term = Term{9};  // of a log that is not this one
    });
    says("format", "refusal 1", [](r::Hello& m) { m.format = 2; });
    says("term", "", [](r::Hello& m) { m.term = Term{r::term_max.value + 1}; });
    says("far term", "refusal 2", [](r::Hello& m) { m.term = Term{2 + r::terms_ahead_max}; });
    says("order", "", [](r::Hello& m) {
        m.terms = {{Term{2}, Revision{3}}, {Term{1}, Revision{4}}};
    });
    says("twice", "", [](r::Hello& m) { m.terms.push_back(m.terms.back()); });
    says("beyond its end", "", [](r::Hello& m) { m.terms[0].first = next(m.last); });
    says("term 0", "", [](r::Hello& m) { m.terms[0].term = Term{0}; });
    says("nobody", "", [](r::Hello& m) { m.member.node.clear(); });
    says("long name", "", [](r::Hello& m) { m.member.node = std::string(256, 'h'); });
    expect_closed(after_hello("two", {hello()}));
    expect_closed({"none", [](Talk& talk) { talk.send(r::Ask{Term{1}, 1}); }});
}

// It is told to keep what is surely the leader's, and no more.
TEST_F(HostileCopy, AHelloOfAnInventedLogIsAnsweredFromTheLeadersOwn) {
    r::Hello endless = hello();
    endless.last = revision_max;
    r::Hello unknown = endless;
    unknown.terms.clear();
    r::Hello elsewhere = endless;
    elsewhere.terms = {{Term{1}, Revision{2}}};
    r::Hello many = endless;
    for (std::uint64_t i = 2; i < 60'000; ++i) many.terms.push_back({Term{i}, Revision{i}});
    const log::EventLog& log = leader_.node().event_log();
    const std::vector<std::pair<r::Hello, Revision>> invented{
        {endless, last()}, {unknown, {}}, {elsewhere, {}}, {many, Revision{1}}};
    for (const auto& [said, keep] : invented) {
        Talk talk;
        ASSERT_TRUE(talk.connect(leader_.port()));
        talk.send(said);
        const auto answer = talk.next();
        ASSERT_TRUE(answer && std::holds_alternative<r::Welcome>(*answer));
        EXPECT_EQ(std::get<r::Welcome>(*answer).keep, keep);
        EXPECT_EQ(std::get<r::Welcome>(*answer).root, log.root(keep.value));
    }
    expect_sound(leader_, follower_);
}

TEST_F(HostileCopy, ThousandsOfMessagesWithoutPauseDisturbNobody) {
    Talk acks;
    ASSERT_TRUE(acks.connect(leader_.port()));
    acks.send(hello());
    acks.send(ack(last()));
    Talk asks;
    ASSERT_TRUE(asks.connect(leader_.port()));
    r::Hello another = hello();
    another.member = {"i", {{7, 7}}};
    asks.send(another);
    asks.send(ack(last()));
    for (int i = 0; i < 5; ++i) {
        acks.send_raw(frames_of(ack(last()), 4'000));
        asks.send_raw(frames_of(r::Ask{Term{1}, 1}, 4'000));
        expect_sound(leader_, follower_);
    }
    std::optional<r::Message> told = asks.next();
    while (told && !std::holds_alternative<r::Told>(*told)) told = asks.next();
    EXPECT_TRUE(told);
}

// What is kept for a copy is bounded, also where it acknowledges what it has not read.
TEST_F(HostileCopy, FramesThatNobodyReadsDoNotPileUp) {
    boost::asio::io_context worker;
    node::Replicator replicator{leader_.node().replicated(), leader_.clock(), {}};
    const auto peer = std::make_shared<server::CopyPeer>(worker, replicator, std::nullopt);
    r::Append large{Term{1}, {{Term{1}, last()}, next(last()), {}, {}, {}}, last()};
    auto content = std::make_shared<r::RunContent>();
    content->words.resize(std::size_t{1} << 17U);
    large.run.content = std::move(content);
    for (int i = 0; i < 100; ++i) peer->send(large);
    worker.poll();
    EXPECT_TRUE(peer->closed());
    EXPECT_LT(peer->frames().size(), 64U);
}

TEST(HostileCopies, ACopyThatReadsNothingIsLetGoWhileOthersFollow) {
    RunningServer leader{[](server::Settings& settings) {
        leads(settings);
        settings.limits.write_timeout_ms = 1'500;
    }};
    Follower follower{"b", leader.url()};
    const r::Ack nothing_new = ack(leader.node().event_log().last());
    Talk talk;
    ASSERT_TRUE(talk.connect(leader.port(), 4'096));
    talk.send(hello(leader));
    talk.send(nothing_new);
    const auto fed = [&] { return leader.get("/v1/replication", "-").says(R"("node":"h")"); };
    ASSERT_TRUE(follower.await(fed));
    // More than the system takes in for it.
    for (int i = 0; i < 10; ++i) leader.record(large_role("large" + std::to_string(i)));
    // It is not silent.
    EXPECT_TRUE(follower.await([&] { return talk.send(nothing_new), !fed(); }));
    EXPECT_FALSE(talk.send_raw(frames_of(nothing_new, 1'000)) && !talk.peer_closes());
    expect_sound(leader, follower);
}

TEST_F(HostileCopy, SilentCopiesKeepOthersOutForAMomentOnly) {
    std::vector<std::unique_ptr<Talk>> silent(100);
    for (auto& talk : silent) {
        talk = std::make_unique<Talk>();
        ASSERT_TRUE(talk->connect(leader_.port()));
    }
    expect_sound(leader_, follower_);
    follower_.stop();
    follower_.start();
    expect_sound(leader_, follower_);
    for (auto& talk : silent) EXPECT_TRUE(talk->peer_closes());
}

// Terms are believed, if they are not far off: who is let in at all can end a leader's.
TEST_F(HostileCopy, ALeaderThatHearsOfANewerTermRecordsNoMoreAndSaysSo) {
    const Revision before = last();
    ASSERT_TRUE(follower_.reaches(before));
    Talk talk;
    ASSERT_TRUE(talk.connect(leader_.port()));
    r::Hello newer = hello();
    newer.term = Term{5};
    talk.send(newer);
    EXPECT_EQ(heard(talk), "refusal 3");
    EXPECT_TRUE(follower_.await([&] {
        return leader_.get("/v1/replication", "-")
            .says(R"("halted":"another node leads since term 5)");
    }));
    EXPECT_EQ(
        leader_.post("/v1/tenants/default/commands", R"({"commands":[)" + user("x") + "]}").status,
        503U);
    EXPECT_EQ(leader_.get(question).status, 200U);
    EXPECT_EQ(follower_.ask(question).status, 200U);
    EXPECT_EQ(last(), before);
    // Somebody says who leads.
    leader_.stop();
    ASSERT_EQ(node::Node::promote(leader_.directory()).value(), Term{6});
    leader_.restart();
    expect_sound(leader_, follower_);
}

}  // namespace
}  // namespace tenure::testing
