// One replica and what it is told: the cases a cluster of honest replicas does not make.

#include "replication/replica.h"

#include <gtest/gtest.h>

#include "simulation/disk.h"

namespace tenure::replication {
namespace {

using simulation::Disk;

constexpr SessionId session{5};

Settings settings_of(const char* node) {
    Settings settings;
    settings.log = {{1, 2}};
    settings.self = {node, {{3, 4}}};
    settings.term = Term{1};
    return settings;
}

void fill(Disk& disk, std::uint64_t term, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i)
        disk.add({Term{term}, static_cast<std::int64_t>(i), i});
}

Hello hello_of(const Disk& disk) {
    return {{{1, 2}}, 1, {"copy", {{9, 9}}}, Term{1}, disk.last(), disk.terms()};
}

// The first effect of the kind since the last look.
template <class Kind>
std::optional<Kind> first_of(const std::vector<Effect>& effects) {
    for (const Effect& effect : effects)
        if (const auto* found = std::get_if<Kind>(&effect)) return *found;
    return std::nullopt;
}

template <class Kind>
std::optional<Kind> first_sent(const std::vector<Effect>& effects) {
    for (const Effect& effect : effects)
        if (const auto* send = std::get_if<Send>(&effect))
            if (const auto* found = std::get_if<Kind>(&send->message)) return *found;
    return std::nullopt;
}

class Leader : public ::testing::Test {
protected:
    Leader() { fill(disk_, 1, 10); }

    Replica& replica() {
        if (!replica_) {
            replica_.emplace(settings_, disk_);
            replica_->lead(Term{1}, Revision{1});
            replica_->opened_downstream(session);
        }
        return *replica_;
    }

    std::vector<Effect> say(const Message& message) {
        replica().received(session, message);
        return replica().take_effects();
    }

    Settings settings_ = settings_of("leader");
    Disk disk_;
    Disk copy_;
    std::optional<Replica> replica_;
};

TEST_F(Leader, RefusesACopyOfAnotherLog) {
    Hello hello = hello_of(copy_);
    hello.log = {{1, 3}};

    const auto effects = say(hello);

    EXPECT_EQ(first_sent<Refusal>(effects)->why, Refused::stranger);
    EXPECT_TRUE(first_of<Close>(effects));
}

TEST_F(Leader, AStrangersTermMovesNobody) {
    Hello hello = hello_of(copy_);
    hello.log = {{1, 3}};
    hello.term = Term{1'000};

    say(hello);

    EXPECT_TRUE(replica().leading());
    EXPECT_EQ(replica().term(), Term{1});
}

TEST_F(Leader, RefusesAnotherFormat) {
    Hello hello = hello_of(copy_);
    hello.format = 2;

    EXPECT_EQ(first_sent<Refusal>(say(hello))->why, Refused::format);
}

TEST_F(Leader, StepsDownWhenItHearsOfANewerTerm) {
    Hello hello = hello_of(copy_);
    hello.term = Term{2};

    const auto effects = say(hello);

    EXPECT_EQ(first_of<StepDown>(effects)->term, Term{2});
    EXPECT_EQ(first_of<KeepTerm>(effects)->term, Term{2});
    EXPECT_FALSE(replica().leading());
}

// Otherwise it would lead again in the old term when it is started again.
TEST_F(Leader, KeepsTheTermThatDeposedItWhenItCan) {
    Hello hello = hello_of(copy_);
    hello.term = Term{2};
    ASSERT_TRUE(first_of<StepDown>(say(hello)));
    replica().fail("another node leads");
    replica().term_not_kept();
    replica().take_effects();

    replica().tick();

    EXPECT_EQ(first_of<KeepTerm>(replica().take_effects())->term, Term{2});
    replica().term_kept(Term{2});
    replica().tick();
    EXPECT_FALSE(first_of<KeepTerm>(replica().take_effects()));
}

TEST_F(Leader, SendsNoMoreThanTheWindowAheadOfWhatIsAcknowledged) {
    settings_.window_bytes = 0;
    for (std::uint64_t i = 1; i <= 3; ++i)
        settings_.window_bytes += disk_.run(Revision{i}, 1).bytes();
    say(hello_of(copy_));
    auto effects = say(Ack{Term{1}, 0, revision_none, revision_none, {}});
    for (std::uint64_t sent = 0; sent < 3; ++sent) {
        ASSERT_EQ(first_of<Read>(effects)->from, Revision{sent + 1});
        replica().read(session, disk_.run(Revision{sent + 1}, 1));
        effects = replica().take_effects();
        EXPECT_EQ(first_sent<Append>(effects)->run.last, Revision{sent + 1});
    }

    EXPECT_FALSE(first_of<Read>(effects));
    EXPECT_TRUE(first_of<Read>(say(Ack{Term{1}, 0, Revision{1}, revision_none, {}})));
}

TEST_F(Leader, EndsASessionThatAcknowledgesWhatWasNotSent) {
    say(hello_of(copy_));
    say(Ack{Term{1}, 0, revision_none, revision_none, {}});

    EXPECT_TRUE(first_of<Close>(say(Ack{Term{1}, 0, Revision{7}, revision_none, {}})));
    EXPECT_TRUE(replica().peers().empty());
}

TEST_F(Leader, EndsASessionThatSaysWhatOnlyASourceSays) {
    EXPECT_TRUE(first_of<Close>(say(Beat{})));
}

TEST_F(Leader, EndsASilentSession) {
    say(hello_of(copy_));
    for (std::uint64_t i = 0; i <= settings_.silence_ticks; ++i) replica().tick();

    EXPECT_TRUE(first_of<Close>(replica().take_effects()));
}

// A broken link that has not been noticed, or a directory that was copied.
TEST_F(Leader, HasOneSessionWithACopy) {
    say(hello_of(copy_));
    constexpr SessionId another{6};
    replica().opened_downstream(another);
    replica().take_effects();

    Hello stranger = hello_of(copy_);
    stranger.log = {{1, 3}};
    replica().received(another, stranger);
    EXPECT_EQ(first_of<Close>(replica().take_effects())->session, another);

    constexpr SessionId again{7};
    replica().opened_downstream(again);
    replica().received(again, hello_of(copy_));
    EXPECT_TRUE(first_sent<Welcome>(replica().take_effects()));
    ASSERT_EQ(replica().peers().size(), 2U);
    replica().received(again, Ack{Term{1}, 0, revision_none, revision_none, {}});
    const auto effects = replica().take_effects();
    ASSERT_TRUE(first_of<Close>(effects));
    EXPECT_EQ(first_of<Close>(effects)->session, session);
    EXPECT_EQ(first_of<Close>(effects)->reason.find("copy: the same copy has come again"), 0U);
    ASSERT_EQ(replica().peers().size(), 1U);
    EXPECT_EQ(replica().peers().front().session, again);
}

// A directory that was copied some time ago, and is served under the same name.
TEST_F(Leader, AnOlderCopyOfADirectoryEndsNobodysSession) {
    fill(copy_, 1, 10);
    say(hello_of(copy_));
    say(Ack{Term{1}, 0, Revision{10}, Revision{10}, {}});
    Disk older;
    fill(older, 1, 5);
    constexpr SessionId another{6};
    replica().opened_downstream(another);
    replica().received(another, hello_of(older));
    replica().received(another, Ack{Term{1}, 0, Revision{5}, Revision{5}, {}});
    EXPECT_EQ(first_of<Close>(replica().take_effects())->session, another);
    ASSERT_EQ(replica().peers().size(), 1U);
    EXPECT_EQ(replica().peers().front().session, session);
}

TEST_F(Leader, TakesNoCopyBackWhoseDiskWasPutBack) {
    fill(copy_, 1, 10);
    say(hello_of(copy_));
    say(Ack{Term{1}, 0, Revision{10}, {}, {}});
    replica().ended(session);

    copy_.cut(Revision{6});
    replica().opened_downstream(SessionId{6});
    replica().received(SessionId{6}, hello_of(copy_));
    replica().received(SessionId{6}, Ack{Term{1}, 0, Revision{6}, {}, {}});

    EXPECT_EQ(first_of<Close>(replica().take_effects())->reason,
              "copy: has lost what it had made durable");
}

// What a copy of that name and store has made durable, as far as this leader counts it.
TEST_F(Leader, RemembersOnlySoManyCopiesThatAreGone) {
    settings_.copies_known_max = 4;
    fill(copy_, 1, 10);
    const auto come_and_go = [&](std::uint64_t store) {
        const SessionId visit{100 + store};
        Hello hello = hello_of(copy_);
        hello.member.store = {{store, 1}};
        replica().opened_downstream(visit);
        replica().received(visit, hello);
        replica().received(visit, Ack{Term{1}, 0, Revision{10}, {}, {}});
        replica().ended(visit);
        return hello.member;
    };
    const Member first = come_and_go(1);
    EXPECT_TRUE(replica().change_members({first}, 1));
    const Member second = come_and_go(2);
    for (std::uint64_t store = 3; store < 8; ++store) come_and_go(store);

    EXPECT_TRUE(replica().change_members({first}, 1)) << "a member is not forgotten";
    EXPECT_FALSE(replica().change_members({first, second}, 1)) << "another one is";
}

TEST_F(Leader, EndsASessionThatAnswersABeatItHasNotHeard) {
    say(hello_of(copy_));
    say(Ack{Term{1}, 0, revision_none, revision_none, {}});

    EXPECT_TRUE(first_of<Close>(say(Ack{Term{1}, 1, revision_none, revision_none, {}})));
}

TEST_F(Leader, AnswersNobodyWhoHasNotAgreedWithIt) {
    EXPECT_TRUE(first_of<Close>(say(Ask{Term{1}, 1})));
}

TEST_F(Leader, BelievesNoTermFarBeyondItsOwn) {
    Hello hello = hello_of(copy_);
    hello.term = Term{2 + terms_ahead_max};

    EXPECT_EQ(first_sent<Refusal>(say(hello))->why, Refused::term);
    EXPECT_TRUE(replica().leading());
    EXPECT_EQ(replica().term(), Term{1});
}

TEST_F(Leader, TakesOnlySoManyCopies) {
    settings_.sessions_max = 1;
    replica().take_effects();
    replica().opened_downstream(SessionId{6});

    EXPECT_EQ(first_of<Close>(replica().take_effects())->session, SessionId{6});
}

// A leader whose members are still to be named may have been replaced by one of them.
TEST_F(Leader, DoesNotKnowWhatIsNewestWithFewerMembersThanAskedFor) {
    settings_.mode = Mode::sync;
    settings_.members_min = 2;
    settings_.silence_ticks = 3;
    disk_.committed_ = disk_.last();
    replica().take_effects();

    replica().ask(1);

    EXPECT_FALSE(first_of<Answer>(replica().take_effects()));
    for (std::uint64_t i = 0; i <= settings_.silence_ticks; ++i) replica().tick();
    EXPECT_FALSE(first_of<Answer>(replica().take_effects())->known);
}

TEST_F(Leader, AsksItsMembersOnceForAllWhoAskMeanwhile) {
    settings_.mode = Mode::sync;
    settings_.members = {hello_of(disk_).member};
    fill(copy_, 1, 10);
    say(hello_of(copy_));
    say(Ack{Term{1}, 0, Revision{10}, {}, {}});
    const auto rounds = [](const std::vector<Effect>& effects) {
        std::vector<std::uint64_t> all;
        for (const Effect& effect : effects)
            if (const auto* send = std::get_if<Send>(&effect))
                if (const auto* beat = std::get_if<Beat>(&send->message))
                    all.push_back(beat->round);
        return all;
    };
    const auto answers = [](const std::vector<Effect>& effects) {
        return std::ranges::count_if(
            effects, [](const Effect& effect) { return std::holds_alternative<Answer>(effect); });
    };

    for (std::uint64_t id = 1; id <= 100; ++id) replica().ask(id);
    const auto first = replica().take_effects();
    ASSERT_EQ(rounds(first).size(), 1U);
    EXPECT_EQ(answers(first), 0);
    // The first round was begun for the first who asked: the others asked later.
    const auto second = say(Ack{Term{1}, rounds(first)[0], Revision{10}, {}, {}});
    EXPECT_EQ(answers(second), 1);
    ASSERT_EQ(rounds(second).size(), 1U);
    const auto third = say(Ack{Term{1}, rounds(second)[0], Revision{10}, {}, {}});
    EXPECT_EQ(answers(third), 99);
    EXPECT_TRUE(rounds(third).empty());
}

TEST_F(Leader, CommitsNothingWithFewerMembersThanAskedFor) {
    settings_.mode = Mode::sync;
    settings_.members_min = 2;

    EXPECT_FALSE(first_of<Commit>(replica().take_effects()));
    const auto changed = replica().change_members({}, 2);
    EXPECT_EQ(changed.error().field, "members");
}

class Copy : public ::testing::Test {
protected:
    Copy() {
        fill(disk_, 1, 10);
        fill(source_, 1, 10);
    }

    Replica& replica() {
        if (!replica_) {
            replica_.emplace(settings_, disk_);
            replica_->opened_upstream(session);
        }
        return *replica_;
    }

    std::vector<Effect> say(const Message& message) {
        replica().received(session, message);
        return replica().take_effects();
    }

    Welcome welcome(std::uint64_t keep) const {
        return {Term{1}, "leader", 0, Revision{keep}, source_.root(Revision{keep}), revision_none};
    }

    Settings settings_ = settings_of("copy");
    Disk disk_;
    Disk source_;
    std::optional<Replica> replica_;
};

TEST_F(Copy, SaysWhatItHas) {
    const auto hello = first_sent<Hello>((replica(), replica_->take_effects()));

    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->last, Revision{10});
    EXPECT_EQ(hello->terms, disk_.terms());
}

TEST_F(Copy, StopsWhenItsPastIsAnother) {
    source_.cut(Revision{4});
    source_.add({Term{1}, 99, 99});

    const auto halt = first_of<Halt>(say(welcome(5)));

    ASSERT_TRUE(halt);
    EXPECT_NE(halt->reason.find("differ at or before revision 5"), std::string::npos);
    EXPECT_TRUE(replica().halted());
}

TEST_F(Copy, StopsRatherThanDiscardWhatIsCommitted) {
    disk_.committed_ = Revision{8};

    const auto halt = first_of<Halt>(say(welcome(7)));

    ASSERT_TRUE(halt);
    EXPECT_NE(halt->reason.find("those up to 8 are committed here"), std::string::npos);
}

TEST_F(Copy, DiscardsWhatTheSourceDoesNotHave) {
    EXPECT_EQ(first_of<Cut>(say(welcome(7)))->to, Revision{7});

    disk_.cut(Revision{7});
    replica().cut();

    EXPECT_EQ(first_sent<Ack>(replica().take_effects())->durable, Revision{7});
}

TEST_F(Copy, EndsASessionWithAGap) {
    fill(source_, 1, 10);
    say(welcome(10));

    EXPECT_TRUE(first_of<Close>(say(Append{Term{1}, source_.run(Revision{12}, 1), {}})));
}

TEST_F(Copy, EndsASessionThatSendsTheSameTwice) {
    fill(source_, 1, 10);
    say(welcome(10));

    EXPECT_TRUE(first_of<Write>(say(Append{Term{1}, source_.run(Revision{11}, 1), {}})));
    EXPECT_TRUE(first_of<Close>(say(Append{Term{1}, source_.run(Revision{11}, 1), {}})));
}

TEST_F(Copy, TakesNoMoreThanItCanHoldUntilItIsDurable) {
    fill(source_, 1, 10);
    const auto run = source_.run(Revision{11}, 1);
    const auto after = source_.run(Revision{12}, 1);
    settings_.taken_bytes_max = run.bytes();
    say(welcome(10));

    EXPECT_TRUE(first_of<Write>(say(Append{Term{1}, run, {}})));
    disk_.add(source_.entry(Revision{11}));
    replica().written();
    EXPECT_TRUE(first_of<Write>(say(Append{Term{1}, after, {}})));
    EXPECT_TRUE(first_of<Close>(say(Append{Term{1}, source_.run(Revision{13}, 1), {}})));
}

TEST_F(Copy, TakesNothingBeforeBothSidesAgreed) {
    fill(source_, 1, 10);

    EXPECT_TRUE(first_of<Close>(say(Append{Term{1}, source_.run(Revision{11}, 1), {}})));
}

TEST_F(Copy, KeepsANewTermBeforeItDoesAnythingInIt) {
    Welcome newer = welcome(10);
    newer.term = Term{3};

    const auto effects = say(newer);
    EXPECT_EQ(first_of<KeepTerm>(effects)->term, Term{3});
    EXPECT_FALSE(first_sent<Ack>(effects));

    replica().term_kept(Term{3});
    EXPECT_TRUE(first_sent<Ack>(replica().take_effects()));
}

TEST_F(Copy, DoesNothingInATermThatAnEarlierSessionToldOfAndThatIsNotKeptYet) {
    Welcome newer = welcome(10);
    newer.term = Term{3};
    ASSERT_TRUE(first_of<KeepTerm>(say(newer)));
    constexpr SessionId again{6};
    replica().ended(session);
    replica().opened_upstream(again);
    replica().received(again, newer);

    const auto effects = replica().take_effects();
    EXPECT_TRUE(first_sent<Hello>(effects));
    EXPECT_FALSE(first_sent<Ack>(effects));
    EXPECT_FALSE(first_of<KeepTerm>(effects)) << "it is under way";

    replica().term_kept(Term{3});
    EXPECT_TRUE(first_sent<Ack>(replica().take_effects()));
}

TEST_F(Copy, ATermThatCouldNotBeKeptIsKeptLater) {
    Welcome newer = welcome(10);
    newer.term = Term{3};
    say(newer);

    replica().term_not_kept();
    EXPECT_TRUE(first_of<Close>(replica().take_effects()));
    EXPECT_FALSE(replica().halted());
    replica().tick();

    EXPECT_EQ(first_of<KeepTerm>(replica().take_effects())->term, Term{3});
}

TEST_F(Copy, WhatCouldNotBeDiscardedIsDiscardedInTheNextSession) {
    source_.cut(Revision{6});
    ASSERT_EQ(first_of<Cut>(say(welcome(6)))->to, Revision{6});

    replica().cut_failed();
    EXPECT_TRUE(first_of<Close>(replica().take_effects()));
    EXPECT_FALSE(replica().halted());
    constexpr SessionId again{6};
    replica().ended(session);
    replica().opened_upstream(again);
    EXPECT_TRUE(first_sent<Hello>(replica().take_effects()));
    replica().received(again, welcome(6));

    EXPECT_EQ(first_of<Cut>(replica().take_effects())->to, Revision{6});
}

// What an earlier session left may take long to write.
TEST_F(Copy, ASourceThatWasNotGreetedIsNotSilent) {
    source_.cut(Revision{6});
    say(welcome(6));
    constexpr SessionId again{6};
    replica().ended(session);
    replica().opened_upstream(again);
    for (std::uint64_t i = 0; i < 2 * settings_.silence_ticks; ++i) replica().tick();
    EXPECT_FALSE(first_of<Close>(replica().take_effects()));

    disk_.cut(Revision{6});
    replica().cut();

    EXPECT_TRUE(first_sent<Hello>(replica().take_effects()));
    replica().tick();
    EXPECT_FALSE(first_of<Close>(replica().take_effects()));
}

TEST_F(Copy, BelievesNoTermFarBeyondItsOwn) {
    Welcome newer = welcome(10);
    newer.term = Term{2 + terms_ahead_max};

    const auto effects = say(newer);

    EXPECT_TRUE(first_of<Close>(effects));
    EXPECT_FALSE(first_of<KeepTerm>(effects));
    EXPECT_EQ(replica().term(), Term{1});
}

TEST_F(Copy, TakesNoBeatOfAnotherTermThanTheSessions) {
    say(welcome(10));

    EXPECT_TRUE(first_of<Close>(say(Beat{Term{2}, 1, Revision{10}, {}, {}})));
    EXPECT_EQ(replica().committed(), revision_none);
}

TEST_F(Copy, TakesNoTimeClosedBeyondWhatIsReserved) {
    say(welcome(10));

    EXPECT_TRUE(first_of<Close>(say(Beat{Term{1}, 1, Revision{10}, Instant{8}, Instant{7}})));
    EXPECT_EQ(replica().closed(), instant_min);
}

TEST_F(Copy, ReservesOnceForAllThatItHearsMeanwhile) {
    settings_.reserved = Instant{5};
    say(welcome(10));
    const auto beat = [](std::int64_t reserved) {
        return Beat{Term{1}, 1, Revision{10}, Instant{5}, Instant{reserved}};
    };

    EXPECT_EQ(first_of<Reserve>(say(beat(10)))->until, Instant{10});
    for (std::int64_t reserved = 11; reserved < 100; ++reserved)
        EXPECT_FALSE(first_of<Reserve>(say(beat(reserved))));
    replica().reserved(Instant{10});
    EXPECT_EQ(first_of<Reserve>(replica().take_effects())->until, Instant{99});
    // It could not be written down: the next that is heard asks for it again.
    replica().reserved(Instant{10});
    EXPECT_FALSE(first_of<Reserve>(replica().take_effects()));
    EXPECT_EQ(first_of<Reserve>(say(beat(99)))->until, Instant{99});
}

// Whoever leads from a copy of this one must be bound by it.
TEST_F(Copy, PassesOnNoClosedTimeThatItsDiskHasNotReserved) {
    settings_.reserved = Instant{5};
    say(welcome(10));
    replica().opened_downstream(SessionId{6});
    replica().received(SessionId{6}, hello_of(Disk{}));
    replica().received(SessionId{6}, Ack{Term{1}, 0, revision_none, {}, {}});
    say(Beat{Term{1}, 1, Revision{10}, Instant{7}, Instant{8}});
    const auto passed_on = [&] {
        replica().tick();
        return first_sent<Beat>(replica().take_effects())->closed;
    };

    EXPECT_EQ(passed_on(), Instant{5});
    replica().reserved(Instant{8});
    EXPECT_EQ(passed_on(), Instant{7});
}

TEST_F(Copy, RefusesASourceOfAnOlderTerm) {
    settings_.term = Term{2};

    EXPECT_TRUE(first_of<Close>(say(welcome(10))));
}

TEST_F(Copy, CountsTheBeatsOfEachSourceAnew) {
    say(welcome(10));
    EXPECT_EQ(first_sent<Ack>(say(Beat{Term{1}, 900, Revision{10}, {}, {}}))->round, 900U);
    replica().ended(session);
    replica().opened_upstream(SessionId{6});
    replica().received(SessionId{6}, welcome(10));

    EXPECT_EQ(first_sent<Ack>(replica().take_effects())->round, 0U);
}

TEST_F(Copy, ServesOthersOnlyOnceItAgreedItself) {
    replica().opened_downstream(SessionId{6});
    replica().received(SessionId{6}, hello_of(Disk{}));
    EXPECT_EQ(first_sent<Refusal>(replica().take_effects())->why, Refused::not_ready);

    say(welcome(10));
    replica().opened_downstream(SessionId{7});
    replica().received(SessionId{7}, hello_of(Disk{}));

    EXPECT_EQ(first_sent<Welcome>(replica().take_effects())->distance, 1U);
}

}  // namespace
}  // namespace tenure::replication
