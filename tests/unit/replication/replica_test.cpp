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

TEST_F(Leader, SendsNoMoreThanTheWindowAheadOfWhatIsAcknowledged) {
    settings_.window_bytes = 3 * sizeof(simulation::Stored);
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
              "has lost what it had made durable");
}

TEST_F(Leader, TakesOnlySoManyCopies) {
    settings_.sessions_max = 1;
    replica().take_effects();
    replica().opened_downstream(SessionId{6});

    EXPECT_EQ(first_of<Close>(replica().take_effects())->session, SessionId{6});
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
