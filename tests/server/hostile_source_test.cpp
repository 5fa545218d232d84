// What a source that does not keep to tenure.replication.v1 can do to a follower, over real
// sockets. Wherever it goes, the follower keeps the log it has, goes on answering from it, and
// follows the leader again when it is told to.

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "log/event_log.h"
#include "log/merkle.h"
#include "node/replicated_store.h"
#include "server/embedded_follower.h"
#include "server/follower.h"
#include "server/hostile_peer.h"

namespace tenure::testing {
namespace {

namespace r = tenure::replication;

class HostileSource : public ::testing::Test {
protected:
    struct Lie {
        std::string name;
        FakeSource::Tells tells;
        std::string halts{};  // in the words of /v1/replication; empty: it asks again
        int sessions = 2;     // that show it
    };

    // Changes the words of an entry, header first.
    using Forge = std::function<void(Revision, std::uint64_t* words)>;

    struct Forged {
        r::Append append;  // of what the follower does not have
        r::Root root{};    // of what it has
    };

    HostileSource() {
        for (int i = 0; i < 5; ++i) leader_.record(user("u" + std::to_string(i)));
        away();
    }

    // The follower has all the leader had; now it is stopped and there is more.
    void away() {
        has_ = leader_.node().event_log().last();
        EXPECT_TRUE(follower_.reaches(has_));
        follower_.stop();
        for (int i = 0; i < 3; ++i)
            leader_.record(user("more" + std::to_string(has_.value) + '-' + std::to_string(i)));
        const auto& log = leader_.node().event_log();
        welcome_ = {Term{1}, "a", 0, has_, log.root(has_.value), has_};
        append_ = {Term{1}, leader_.node().replicated().read_run(next(has_)).value(), has_};
    }

    // The leader's log, changed, with the roots that fit it.
    Forged forged(const Forge& change) {
        const auto all = leader_.node().replicated().read_run(Revision{1}).value();
        Forged made{append_, {}};
        auto content = std::make_shared<r::RunContent>(*append_.run.content);
        content->words.clear();
        log::RightEdge tree;
        std::vector<log::TreeBlock> blocks;
        std::vector<std::uint64_t> words = all.content->words;
        for (std::size_t at = 0; at < words.size();) {
            const std::size_t size = 4 + words[at + 3];
            const Revision revision{words[at]};
            change(revision, &words[at]);
            tree.push(log::leaf_hash(std::as_bytes(std::span{words}.subspan(at, size))), blocks);
            if (revision == has_) made.root = tree.root();
            if (revision > has_)
                content->words.insert(content->words.end(), &words[at], &words[at] + size);
            at += size;
        }
        made.append.run.root = tree.root();
        made.append.run.content = std::move(content);
        return made;
    }

    void expect_nothing_taken(const Lie& lie) {
        const auto& log = leader_.node().event_log();
        const node::LogIdentity identity{log.id(), log.created_at()};
        const FakeSource fake{identity, lie.tells};
        source_ = fake.url();
        follower_.start();
        const auto status = [&] { return follower_.ask("/v1/replication").body; };
        if (lie.halts.empty())
            EXPECT_TRUE(follower_.await([&] { return fake.sessions() >= lie.sessions; }));
        else
            EXPECT_TRUE(follower_.await([&] { return status().find(lie.halts) != npos; }));
        EXPECT_EQ(status().find("\"halted\"") == npos, lie.halts.empty()) << status();
        const auto& copy = follower_.node().event_log();
        EXPECT_EQ(copy.last(), has_);
        EXPECT_EQ(copy.committed(), has_);
        EXPECT_EQ(copy.root(has_.value), log.root(has_.value));
        EXPECT_EQ(follower_.ask(question).status, 200U);
        follower_.stop();
    }

    void expect_unmoved(const Lie& lie) {
        SCOPED_TRACE(lie.name);
        expect_nothing_taken(lie);
        source_ = leader_.url();
        follower_.start();
        expect_sound(leader_, follower_);
        away();
    }

    // Once both sides agree, as they honestly would.
    FakeSource::Tells agreed_then(const r::Message& message) {
        return [this, message](Talk& talk) {
            talk.next();
            talk.send(welcome_);
            talk.next();
            talk.send(message);
        };
    }

    // In answer to its hello.
    static FakeSource::Tells answers(const r::Message& message) {
        return [message](Talk& talk) {
            talk.next();
            talk.send(message);
        };
    }

    static constexpr std::size_t npos = std::string::npos;

    RunningServer leader_{leads};
    std::string source_ = leader_.url();
    Follower follower_{"b", leader_.url(), [this](server::Settings& settings) {
                           settings.replication.source = source_;
                       }};
    Revision has_;
    // What an honest source would say.
    r::Welcome welcome_;
    r::Append append_;
};

TEST_F(HostileSource, WhatIsNoFrameIsNotTaken) {
    for (const std::string& bytes : no_frames)
        expect_unmoved({"garbage " + bytes.substr(0, 8), [&](Talk& talk) { talk.send(bytes); }});
    expect_unmoved(
        {"as text", [&](Talk& talk) {
             codec::FrameBytes frame;
             codec::encode_message(welcome_, frame);
             talk.send({reinterpret_cast<const char*>(frame.data()), frame.size()}, false);
         }});
    expect_unmoved({"announced", [](Talk& talk) {
                        talk.send_raw(begin_frame(codec::replication_frame_bytes_max + 1, false));
                    }});
    expect_unmoved({"without end", send_without_end, {}, 1});
    expect_unmoved({"cut off", [](Talk& talk) {
                        talk.next();
                        talk.send_raw(begin_frame(1'000, false));
                        talk.leave();
                    }});
    expect_unmoved({"nothing", [](Talk&) {}, {}, 1});
}

TEST_F(HostileSource, WhatIsOutOfTurnIsNotTaken) {
    for (int why = 0; why < 4; ++why)
        expect_unmoved({"refusal " + std::to_string(why),
                        answers(r::Refusal{static_cast<r::Refused>(why), Term{1}})});
    expect_unmoved({"hello", answers(hello(leader_))});
    expect_unmoved({"ack", answers(ack(has_))});
    expect_unmoved({"ask", answers(r::Ask{Term{1}, 1})});
    expect_unmoved({"append", answers(append_)});
    expect_unmoved({"beat", answers(r::Beat{Term{1}, 1, revision_max, instant_max, instant_max})});
    expect_unmoved({"two welcomes", agreed_then(welcome_)});
    const auto changed = [&](const std::function<void(r::Welcome&)>& change) {
        r::Welcome welcome = welcome_;
        change(welcome);
        return answers(welcome);
    };
    expect_unmoved({"older", changed([](r::Welcome& m) { m.term = Term{0}; })});
    expect_unmoved({"keep more", changed([](r::Welcome& m) { m.keep = next(m.keep); })});
    expect_unmoved({"keep all", changed([](r::Welcome& m) { m.keep = revision_max; })});
    expect_unmoved({"from nobody", changed([](r::Welcome& m) { m.node.clear(); })});
}

TEST_F(HostileSource, EntriesThatDoNotFollowAreNotTaken) {
    const auto expect = [&](const std::string& name,
                            const std::function<void(r::Append&)>& change) {
        r::Append append = append_;
        change(append);
        expect_unmoved({name, agreed_then(append)});
    };
    expect("a gap", [](r::Append& m) { m.run.before.revision = next(m.run.before.revision); });
    expect("again",
           [&](r::Append& m) { m.run = leader_.node().replicated().read_run(has_).value(); });
    expect("after another term", [](r::Append& m) { m.run.before.term = Term{2}; });
    expect("none", [](r::Append& m) { m.run.last = m.run.before.revision; });
    expect("older term", [](r::Append& m) { m.term = Term{0}; });
    expect("newer term", [](r::Append& m) { m.term = Term{2}; });
}

TEST_F(HostileSource, APastThatIsNotTheCopysHaltsItAndChangesNothing) {
    const auto rewritten = [&] {
        return forged([](Revision revision, std::uint64_t* words) {
            if (revision == Revision{3}) words[4] ^= 1U;
        });
    };
    const auto changed = [&](Revision keep, const r::Root& root) {
        r::Welcome welcome = welcome_;
        welcome.keep = keep;
        welcome.root = root;
        return answers(welcome);
    };
    const auto& log = leader_.node().event_log();
    const std::string differs = "differ at or before revision ";
    const std::string lacks = "has other events than this copy after revision ";
    expect_unmoved({"no root", changed(has_, {}), differs + std::to_string(has_.value)});
    expect_unmoved({"rewritten", changed(has_, rewritten().root), differs});
    expect_unmoved({"less", changed(Revision{4}, log.root(4)), lacks + '4'});
    expect_unmoved({"nothing", changed(Revision{0}, log.root(0)), lacks + '0'});
    expect_unmoved({"less, rewritten", changed(Revision{4}, log.root(3)), differs + '4'});
    expect_unmoved({"rewritten before", agreed_then(rewritten().append), "the tree's root is"});
}

TEST_F(HostileSource, EntriesThatAreNotWhatTheirRootSaysHaltItAndChangeNothing) {
    const auto expect = [&](const std::string& halts, const std::function<void(r::Append&)>& change,
                            const std::function<void(r::RunContent&)>& change_content = {}) {
        r::Append append = append_;
        auto content = std::make_shared<r::RunContent>(*append.run.content);
        if (change_content) change_content(*content);
        append.run.content = std::move(content);
        change(append);
        expect_unmoved({halts, agreed_then(append), halts});
    };
    const auto as_it_is = [](r::Append&) {};
    expect("the tree's root is", [](r::Append& m) { m.run.root[31] ^= std::byte{1}; });
    expect("the tree's root is", as_it_is, [](r::RunContent& c) { c.words.back() ^= 1U; });
    expect("its entries end at", [](r::Append& m) { m.run.last = next(m.run.last); });
    expect("its entries end at", as_it_is, [](r::RunContent& c) { c.words.clear(); });
    expect("words of body", as_it_is, [](r::RunContent& c) { c.words.pop_back(); });
    expect("does not belong to its entries", as_it_is, [](r::RunContent& c) {
        c.commands.push_back({{1, 2}, {}, Revision{1}, 1});
    });
    const auto forge = [&](const std::string& halts, std::size_t word, std::uint64_t value) {
        const auto forgery = forged([&](Revision revision, std::uint64_t* words) {
            if (revision > has_) words[word] = value;
        });
        expect_unmoved({halts, agreed_then(forgery.append), halts});
    };
    forge("is older than the one before", 1, 0);
    // Of a body whose tree fits: it would keep the store from ever being opened again.
    forge("the event at revision " + std::to_string(has_.value + 1) + " cannot be read", 4,
          ~std::uint64_t{0});
    forge("is not recorded after the one before", 2, 1);
}

// Or an honest one whose clock is wrong: whoever leads after it would have to record after that.
TEST_F(HostileSource, AClockThatIsFarAheadMovesNobodysTime) {
    expect_nothing_taken(
        {"beat", agreed_then(r::Beat{Term{1}, 1, has_, instant_max, instant_max})});
    source_ = leader_.url();
    follower_.start();
    constexpr std::int64_t year_us = std::int64_t{365} * 24 * 3'600 * 1'000'000;
    EXPECT_LT(follower_.node().event_log().reserved_until(), leader_.clock().now() + year_us);
    expect_sound(leader_, follower_);
}

// The follower knows the newer term from then on, and so does whoever it talks to.
TEST_F(HostileSource, ANewerTermIsKeptAndEndsThatOfTheLeaderItComesBackTo) {
    welcome_.term = Term{7};
    expect_nothing_taken({"newer term", agreed_then(r::Ack{})});
    source_ = leader_.url();
    follower_.start();
    EXPECT_TRUE(follower_.await([&] {
        return leader_.get("/v1/replication", "-").says("another node leads since term 7");
    }));
    const auto& copy = follower_.node().event_log();
    EXPECT_EQ(copy.last(), has_);
    EXPECT_EQ(copy.root(has_.value), leader_.node().event_log().root(has_.value));
    EXPECT_EQ(follower_.ask(question).status, 200U);
    EXPECT_EQ(leader_.get(question).status, 200U);
}

// The term that entries say they are of is the one they are sent in.
TEST_F(HostileSource, EntriesOfATermThatNobodySpokeOfAreNotTaken) {
    auto forgery = forged([&](Revision revision, std::uint64_t* words) {
        if (revision > has_) words[1] = 5;
    });
    forgery.append.committed = forgery.append.run.last;
    expect_nothing_taken({"term 5", agreed_then(forgery.append), R"("halted":)"});
}

// It may be mended over there, by a reload say.
TEST(HostileSources, ASessionWithoutAWordIsForgottenWhenTheSourceSpeaks) {
    RunningServer leader{leads};
    const auto& log = leader.node().event_log();
    const r::Welcome welcome{Term{1}, "a", 0, revision_none, log.root(0), revision_none};
    std::atomic<int> hellos{0};
    const FakeSource fake{{log.id(), log.created_at()}, [&](Talk& talk) {
                              if (!talk.next()) return;  // it only asks which log this is
                              if (hellos++ == 0) return talk.leave();
                              talk.send(welcome);
                          }};
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> events;
    const TempDir files;
    server::FollowerSettings settings{files / "store", "b", fake.url(), {}, {}, {}};
    settings.tell = [&](std::string_view event, const std::string& detail) {
        const std::lock_guard guard{mutex};
        events.push_back(std::string(event) + ' ' + detail);
        changed.notify_all();
    };
    MovingClock clock{server_start};
    SeededRandom random{3};
    const auto follower = server::EmbeddedFollower::open(settings, clock, random, small_options());
    ASSERT_TRUE(follower) << follower.error().detail;
    std::unique_lock guard{mutex};
    EXPECT_TRUE(changed.wait_for(guard, Talk::patience, [&] { return events.size() >= 3; }));
    ASSERT_GE(events.size(), 3U);
    EXPECT_EQ(events[0].find("source_connected"), 0U) << events[0];
    EXPECT_EQ(events[1].find("source_closed the session ended without a word"), 0U) << events[1];
    EXPECT_EQ(events[2].find("source_connected"), 0U) << events[2];
    guard.unlock();
    EXPECT_EQ(follower.value()->problem(), "");
}

}  // namespace
}  // namespace tenure::testing
