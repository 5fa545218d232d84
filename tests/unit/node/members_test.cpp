// A leader with members: nothing is committed or answered before they have it.

#include <filesystem>
#include <optional>

#include "node/copy_notes.h"
#include "unit/node/copies.h"

namespace tenure::node {
namespace {

class Members : public Replication {
protected:
    // Leader a, members b and c, which copy from it.
    void SetUp() override {
        leader_.create();
        leader_.open(false, {"b", "c"});
        for (Copy* copy : {&first_, &second_}) {
            copy->create_copy_of(leader_);
            copy->open(true);
        }
    }

    void TearDown() override {
        links_[0].reset();
        links_[1].reset();
    }

    void join(std::size_t copy) { links_[copy].emplace(copy == 0 ? first_ : second_, leader_); }

    void part(std::size_t copy) { links_[copy].reset(); }

    // Whoever is gone has no links.
    void close_leader() {
        part(0);
        part(1);
        leader_.close();
    }

    void join_all() {
        join(0);
        join(1);
        ASSERT_TRUE(await_members(2));
    }

    bool await_members(std::size_t count) {
        return changes_.await([&] {
            const ReplicaStatus status = leader_.replicator().status();
            return status.members.size() == count && status.held_up.empty();
        });
    }

    bool await_held_up(const std::string& why) {
        return changes_.await(
            [&] { return leader_.replicator().status().held_up.find(why) != std::string::npos; });
    }

    Error refused(const std::string& user, const std::string& id = {}) {
        const auto receipt = leader_.node().submit(batch({create_user(user)}, id));
        EXPECT_FALSE(receipt);
        return receipt ? Error{} : receipt.error();
    }

    std::optional<Link> links_[2];
};

TEST_F(Members, HaveWhatIsAnsweredBeforeItIsAnswered) {
    join_all();
    for (int i = 0; i < 30; ++i) {
        const auto receipt = leader_.node().submit(
            batch({create_user("u" + std::to_string(i))}, "c" + std::to_string(i)));
        ASSERT_TRUE(receipt) << receipt.error().detail;
        EXPECT_GE(first_.node().event_log().last(), receipt.value().last);
        EXPECT_GE(second_.node().event_log().last(), receipt.value().last);
        EXPECT_GE(leader_.visible(), receipt.value().last);
    }
    // They hear that it is committed without anything else being written.
    expect_caught_up(first_);
    expect_caught_up(second_);
    expect_sound(leader_.node());
}

TEST_F(Members, UntilAllHaveJoinedNothingIsRecorded) {
    const Revision before = leader_.node().event_log().last();
    clock_.advance(3'600'000'000);
    join(0);
    EXPECT_TRUE(await_held_up("members are being taken in: not here, or far behind: c"));
    // Another may lead by now: no moment is closed by one who does not know.
    domain::CheckQuestion question;
    question.tenant = "acme";
    question.principal = "owner";
    question.action = "a/read";
    question.scope = "/";
    question.as_of.at = clock_.now() + -1'800'000'000;
    const auto answer = leader_.node().session()->check(question);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer.value().basis.final);
    const Error error = refused("early");
    EXPECT_EQ(error.code, Errc::unavailable);
    EXPECT_NE(error.detail.find("nothing can be recorded now: "), std::string::npos)
        << error.detail;
    EXPECT_EQ(leader_.node().event_log().last(), before);
    join(1);
    ASSERT_TRUE(await_members(2));
    leader_.write("kim");
}

TEST_F(Members, OneThatIsAwayHoldsUpWhatIsInFlightAndRefusesWhatComesAfter) {
    join_all();
    part(1);
    Pending waits{leader_.node(), batch({create_user("kim")}, "once")};
    // Neither failed nor done: it says so, and shows nothing of it.
    const auto unknown = waits.get();
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::unavailable);
    EXPECT_NE(unknown.error().detail.find("whether it stands is not known yet"), std::string::npos);
    EXPECT_NE(unknown.error().detail.find("members are away: 'c' since"), std::string::npos)
        << unknown.error().detail;
    const Revision in_flight = leader_.node().event_log().last();
    EXPECT_LT(leader_.visible(), in_flight);
    EXPECT_LT(leader_.node().event_log().committed(), in_flight);
    EXPECT_NE(refused("later").detail.find("'c' since"), std::string::npos);
    EXPECT_EQ(leader_.node().event_log().last(), in_flight);
    // Nor do the copies show it.
    EXPECT_LT(first_.visible(), in_flight);
    join(1);
    EXPECT_TRUE(changes_.await([&] { return leader_.visible() == in_flight; }));
    ASSERT_TRUE(await_members(2));
    const auto repeated = leader_.node().submit(batch({create_user("kim")}, "once"));
    ASSERT_TRUE(repeated) << repeated.error().detail;
    EXPECT_TRUE(repeated.value().repeated);
    EXPECT_EQ(repeated.value().last, in_flight);
    expect_caught_up(second_);
    expect_sound(leader_.node());
}

TEST_F(Members, WhatWasInFlightAtAnEndIsConfirmedAfterIt) {
    join_all();
    leader_.write("lee", "before");
    part(1);
    Pending waits{leader_.node(), batch({create_user("kim")}, "once")};
    EXPECT_TRUE(changes_.await([&] {
        return first_.node().event_log().last() == leader_.node().event_log().last() &&
               first_.node().event_log().last() > leader_.visible();
    }));
    const Revision in_flight = leader_.node().event_log().last();
    close_leader();
    EXPECT_NE(waits.get().error().detail.find("not known yet"), std::string::npos);
    // The members are those that were written down.
    leader_.open(false, {"b", "c"});
    EXPECT_EQ(leader_.node().event_log().last(), in_flight);
    EXPECT_LT(leader_.visible(), in_flight);
    // No moment is closed that it may belong to.
    clock_.advance(10 * second);
    const auto answer = leader_.node().session()->check(may_write("owner", at(clock_.now())));
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer.value().basis.final);
    join(0);
    ASSERT_TRUE(await_held_up("'c'"));
    EXPECT_LT(leader_.visible(), in_flight);
    // Who repeats it is told what it is, and of what has stood for long the answer.
    EXPECT_NE(refused("kim", "once").detail.find("not known yet"), std::string::npos);
    EXPECT_TRUE(leader_.node().submit(batch({create_user("lee")}, "before")).value().repeated);
    join(1);
    EXPECT_TRUE(changes_.await([&] { return leader_.visible() == in_flight; }));
    expect_caught_up(first_);
    expect_caught_up(second_);
    expect_sound(leader_.node());
    ASSERT_TRUE(await_members(2));
    EXPECT_TRUE(leader_.node().submit(batch({create_user("kim")}, "once")).value().repeated);
}

TEST_F(Members, AfterARestartChangesAreTakenOnceTheyWereLookedFor) {
    join_all();
    leader_.write("kim");
    close_leader();
    leader_.open(false, {"b", "c"});
    join(0);
    join(1);
    // Before the first look it is held up; nothing has to happen to end that.
    EXPECT_TRUE(
        changes_.await([&] { return leader_.node().submit(batch({create_user("lee")}, "lee")); }));
    links_[0].reset();
    links_[1].reset();
    leader_.replicator().stop();
    EXPECT_NE(refused("late").detail.find("replicates no more"), std::string::npos);
}

TEST_F(Members, AStoreThatNeedsThemIsNotWrittenToWithoutThem) {
    join_all();
    std::istringstream lines{user_lines(1)};
    const auto import = leader_.node().import(lines, {});
    ASSERT_FALSE(import);
    EXPECT_NE(import.error().detail.find("take the members out"), std::string::npos);
    leader_.write("kim");
    close_leader();
    SeededRandom random{9};
    const auto opened = Node::open(leader_.path(), clock_, random, small_options());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("must come to other nodes as well (b, c)"),
              std::string::npos)
        << opened.error().detail;
    Options reading = small_options();
    reading.read_only = true;
    EXPECT_TRUE(Node::open(leader_.path(), clock_, random, reading));
}

TEST_F(Members, ALeaderThatCommitsAloneTakesThemInWhileItIsWrittenTo) {
    close_leader();
    leader_.open(false);
    join(0);
    join(1);
    const std::size_t told_before = leader_.all_told().size();
    std::atomic<bool> enough{false};
    std::thread writer{[&] {
        for (int i = 0; !enough; ++i) {
            const auto receipt =
                leader_.node().submit(batch({create_user("u" + std::to_string(i))}));
            if (!receipt) {
                EXPECT_EQ(receipt.error().code, Errc::unavailable);
            }
        }
    }};
    leader_.replicator().want_members({"b", "c", "d"});
    EXPECT_TRUE(changes_.await(
        [&] { return leader_.was_told("members_not_changed", "not here, or far behind: d"); }));
    leader_.replicator().want_members({"b", "c"});
    EXPECT_TRUE(await_members(2));
    enough = true;
    writer.join();
    // From the first moment on: what is recorded in between a restart would discard.
    auto told = leader_.all_told();
    told.erase(told.begin(), told.begin() + static_cast<std::ptrdiff_t>(told_before));
    const auto held_up = std::ranges::find(told, "held_up");
    const auto settled = std::ranges::find(told, "members_changed");
    ASSERT_LT(held_up, settled);
    ASSERT_NE(settled, told.end());
    EXPECT_EQ(std::find(held_up, settled, "recording_again"), settled);
    const auto receipt = leader_.node().submit(batch({create_user("last")}));
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_EQ(first_.node().event_log().last(), receipt.value().last);
    EXPECT_EQ(second_.node().event_log().last(), receipt.value().last);
    expect_sound(leader_.node());
}

TEST_F(Members, ALeaderThatIsDeposedCannotSayWhatBecameOfWhatIsInFlight) {
    join_all();
    part(1);
    Pending waits{leader_.node(), batch({create_user("kim")}, "once")};
    EXPECT_TRUE(changes_.await([&] {
        return leader_.node().event_log().last() > leader_.node().event_log().committed();
    }));
    // A copy that has heard of a newer term.
    second_.close();
    ASSERT_TRUE(Node::promote(second_.path()));
    second_.open(true);
    const Link link{second_, leader_};
    const auto unknown = waits.get();
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().detail.find("whether it stands is not known yet"), std::string::npos)
        << unknown.error().detail;
}

TEST_F(Members, AreTakenOutByAnotherSetOfThem) {
    join_all();
    part(1);
    ASSERT_TRUE(await_held_up("'c'"));
    leader_.replicator().want_members({"b"});
    ASSERT_TRUE(await_members(1));
    leader_.write("kim");
    leader_.replicator().want_members({});
    EXPECT_TRUE(changes_.await([&] { return !leader_.replicator().status().needs_members; }));
    part(0);
    leader_.write("lee");
    leader_.close();
    leader_.open(false);
    leader_.write("alone");
}

TEST_F(Members, TakingThemOutCommitsWhatWasInFlight) {
    join_all();
    part(1);
    Pending waits{leader_.node(), batch({create_user("kim")})};
    EXPECT_TRUE(changes_.await([&] {
        return leader_.node().event_log().last() > leader_.node().event_log().committed();
    }));
    leader_.replicator().want_members({"b"});
    EXPECT_TRUE(changes_.await([&] {
        return leader_.visible() == leader_.node().event_log().last() &&
               leader_.replicator().status().held_up.empty();
    }));
    part(0);
    Pending other{leader_.node(), batch({create_user("lee")})};
    EXPECT_TRUE(changes_.await([&] {
        return leader_.node().event_log().last() > leader_.node().event_log().committed();
    }));
    leader_.replicator().want_members({});
    EXPECT_TRUE(changes_.await([&] {
        return leader_.visible() == leader_.node().event_log().last() &&
               !leader_.replicator().status().needs_members;
    }));
    leader_.write("alone");
    expect_sound(leader_.node());
}

TEST_F(Members, ANewCopyTakesTheOldOnesPlaceOnceItHasEverything) {
    join_all();
    leader_.write("kim");
    part(1);
    second_.close();
    std::filesystem::remove_all(second_.path());
    ASSERT_TRUE(await_held_up("'c'"));
    second_.create_copy_of(leader_);
    second_.open(true);
    join(1);
    ASSERT_TRUE(await_members(2));
    leader_.write("lee");
    EXPECT_EQ(second_.node().event_log().last(), leader_.node().event_log().last());
}

// Who could not become a member is not waited for any more when it has gone.
TEST_F(Members, TheOldCopyCountsAgainIfTheNewOneTookNothing) {
    join_all();
    leader_.write("kim");
    part(1);
    second_.close();
    const std::string old = dir_ / "old";
    std::filesystem::rename(second_.path(), old);
    second_.create_copy_of(leader_);
    Options full_disk = small_options();
    full_disk.disk_free_bytes_min = ~std::uint64_t{0};
    second_.open(true, {}, full_disk);
    const std::string why = "'c' does not have all that is committed yet";
    // It goes as soon as it is sent something.
    ASSERT_TRUE(changes_.await([&] {
        part(1);
        join(1);
        return leader_.was_told("members_not_changed", why);
    }));
    part(1);
    second_.close();
    std::filesystem::remove_all(second_.path());
    std::filesystem::rename(old, second_.path());

    second_.open(true);
    join(1);

    ASSERT_TRUE(await_members(2));
    leader_.write("lee");
    EXPECT_EQ(second_.node().event_log().last(), leader_.node().event_log().last());
}

TEST_F(Members, OneOfThemLeadsWithoutLossAndTheOldLeaderFollows) {
    join_all();
    leader_.write("kim", "once");
    part(1);
    // Comes to b and not to c, so nobody was told that it stands.
    Pending waits{leader_.node(), batch({create_user("lee")}, "open")};
    EXPECT_TRUE(changes_.await([&] {
        return first_.node().event_log().last() == leader_.node().event_log().last() &&
               first_.node().event_log().last() > leader_.visible();
    }));
    close_leader();
    EXPECT_FALSE(waits.get());

    second_.close();
    ASSERT_TRUE(Node::promote(second_.path()));
    second_.open(false);
    const auto repeated = second_.node().submit(batch({create_user("kim")}, "once"));
    ASSERT_TRUE(repeated) << repeated.error().detail;
    EXPECT_TRUE(repeated.value().repeated);
    // What was open is not known there: it is carried out now, once.
    const auto carried_out = second_.node().submit(batch({create_user("lee")}, "open"));
    ASSERT_TRUE(carried_out) << carried_out.error().detail;
    EXPECT_FALSE(carried_out.value().repeated);

    leader_.open(true);
    const Link back{leader_, second_};
    const Link over{first_, second_};
    for (Copy* copy : {&leader_, &first_}) {
        EXPECT_TRUE(changes_.await([&] { return copy->visible() == second_.visible(); }));
        EXPECT_EQ(copy->node().status().root, second_.node().status().root);
        expect_sound(copy->node());
    }
    // As a follower it hears of closed moments from the new leader.
    clock_.advance(10 * second);
    EXPECT_TRUE(changes_.await(
        [&] { return leader_.node().status().closed_until + second >= clock_.now(); }));
}

TEST_F(Members, AMomentIsClosedOnlyAsFarAsTheyAreBound) {
    join_all();
    leader_.write("kim");
    const Instant then = clock_.now();
    clock_.advance(10 * second);
    EXPECT_TRUE(changes_.await([&] { return leader_.node().status().closed_until >= then; }));
    part(0);
    EXPECT_TRUE(changes_.await([&] { return leader_.replicator().status().copies.size() == 1; }));
    clock_.advance(60 * second);
    leader_.node().promise_ahead();
    const auto answer = leader_.node().session()->check(may_write("owner", at(clock_.now())));
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer.value().basis.final);
    join(0);
    EXPECT_TRUE(changes_.await(
        [&] { return leader_.node().status().closed_until + second >= clock_.now(); }));
}

// Whoever leads next may not know what this node has promised alone.
TEST_F(Members, NoMomentAfterWhatIsRecordedIsClosedBeforeTheyHaveJoined) {
    close_leader();
    leader_.open(false);
    leader_.write("kim");
    clock_.advance(second / 10);
    leader_.node().promise_ahead();
    const auto is_final = [&] {
        const auto answer = leader_.node().session()->check(may_write("owner", at(clock_.now())));
        return answer && answer.value().basis.final;
    };
    EXPECT_TRUE(is_final());
    leader_.close();

    leader_.open(false, {"b", "c"});
    EXPECT_FALSE(is_final());
    join_all();

    EXPECT_TRUE(changes_.await(is_final));
}

TEST_F(Members, SetsThatCannotBeReadStopAStore) {
    leader_.close();
    {
        log::OpenOptions options;
        options.map_bytes = small_options().log_map_bytes;
        const auto log = log::EventLog::open(leader_.path() + "/log", options);
        ASSERT_TRUE(log);
        for (const char* text : {"b", "0123456789abcdef0000000000000007 b", " \n",
                                 "0123456789abcdef0000000000000007\n"}) {
            ASSERT_TRUE(log.value()->set_note("replication.members", text));
            const auto read = members(*log.value());
            ASSERT_FALSE(read) << text;
            EXPECT_EQ(read.error().code, Errc::storage_damaged);
        }
    }
    SeededRandom random{9};
    EXPECT_FALSE(Node::open(leader_.path(), clock_, random, small_options()));
}

}  // namespace
}  // namespace tenure::node
