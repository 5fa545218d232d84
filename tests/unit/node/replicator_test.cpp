// Replication between stores, whose leader commits alone.

#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>

#include "codec/event_codec.h"
#include "log/merkle.h"
#include "unit/node/copies.h"

namespace tenure::node {
namespace {

TEST_F(Replication, BringsAllToANewCopyAndWhatIsWrittenFromThenOn) {
    std::istringstream lines{user_lines(3'000, "u", "old")};
    ASSERT_TRUE(leader_.node().import(lines, {}));
    first_.create_copy_of(leader_);
    first_.open(true);
    const Link link{first_, leader_};
    expect_caught_up(first_);
    for (int i = 0; i < 20; ++i) leader_.write("live" + std::to_string(i));
    expect_caught_up(first_);
    expect_sound(first_.node());
    EXPECT_EQ(all_events(first_.node()), all_events(leader_.node()));
}

TEST_F(Replication, AnswersAtClosedMomentsAreThoseOfTheLeader) {
    first_.create_copy_of(leader_);
    first_.open(true);
    const Link link{first_, leader_};
    leader_.write("kim");
    const Instant then = clock_.now();
    clock_.advance(10 * second);
    // The leader closes time by itself, and the copy hears of it.
    EXPECT_TRUE(changes_.await([&] { return first_.node().status().closed_until >= then + 1; }));
    for (const std::string who : {"owner", "kim"}) {
        const auto there = leader_.node().session()->check(may_write(who, at(then)));
        const auto here = first_.node().session()->check(may_write(who, at(then)));
        ASSERT_TRUE(there && here);
        EXPECT_TRUE(here.value().basis.final);
        EXPECT_TRUE(there.value().basis.final);
        EXPECT_EQ(here.value().allowed, there.value().allowed);
        EXPECT_EQ(here.value().basis.revision, there.value().basis.revision);
    }
    // It promises nothing itself.
    const Instant later = clock_.now() + 3'600 * second;
    clock_.set(later);
    EXPECT_TRUE(changes_.await([&] { return first_.node().status().closed_until >= later; }));
}

TEST_F(Replication, ACopyServesCopies) {
    first_.create_copy_of(leader_);
    first_.open(true);
    second_.create_copy_of(leader_);
    second_.open(true);
    const Link link{first_, leader_};
    expect_caught_up(first_);
    const Link farther{second_, first_};
    for (int i = 0; i < 10; ++i) leader_.write("u" + std::to_string(i));
    expect_caught_up(second_);
    EXPECT_EQ(second_.replicator().status().distance, 2U);
    EXPECT_EQ(second_.replicator().status().source, "b");
    // Who wants nothing older than now is told by the leader what to wait for.
    std::promise<std::optional<Revision>> told;
    second_.replicator().ask([&](std::optional<Revision> to) { told.set_value(to); });
    EXPECT_EQ(told.get_future().get(), leader_.visible());
}

TEST_F(Replication, GoesOnWhereItWasAfterAnInterruptionAndARestart) {
    first_.create_copy_of(leader_);
    first_.open(true);
    {
        const Link link{first_, leader_};
        leader_.write("before");
        expect_caught_up(first_);
    }
    leader_.write("during");
    first_.close();
    first_.open(true);
    EXPECT_TRUE(first_.node().repairs().empty());
    Link again{first_, leader_};
    leader_.write("after");
    expect_caught_up(first_);
    // No way to the leader: the newest cannot be found out.
    again.cut();
    EXPECT_TRUE(changes_.await([&] { return first_.replicator().status().source.empty(); }));
    std::promise<std::optional<Revision>> told;
    first_.replicator().ask([&](std::optional<Revision> to) { told.set_value(to); });
    EXPECT_FALSE(told.get_future().get());
}

TEST_F(Replication, ACopyTakesNoChangesAndIsNotOpenedForThem) {
    first_.create_copy_of(leader_);
    first_.open(true);
    const auto refused = first_.node().submit(batch({create_user("kim")}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    std::istringstream lines{user_lines(1)};
    EXPECT_FALSE(first_.node().import(lines, {}));
    first_.close();
    SeededRandom random{9};
    const auto opened = Node::open(first_.path(), clock_, random, small_options());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("copies the log of another node"), std::string::npos);
    // It can be read all the same.
    Options reading = small_options();
    reading.read_only = true;
    EXPECT_TRUE(Node::open(first_.path(), clock_, random, reading));
}

TEST_F(Replication, APromotedCopyLeadsInANewTermAndTheOldLeaderFollowsIt) {
    first_.create_copy_of(leader_);
    first_.open(true);
    {
        const Link link{first_, leader_};
        leader_.write("kim", "once");
        expect_caught_up(first_);
    }
    first_.close();
    const auto term = Node::promote(first_.path());
    ASSERT_TRUE(term) << term.error().detail;
    EXPECT_EQ(term.value(), Term{2});
    EXPECT_FALSE(Node::promote(first_.path()));
    first_.open(false);
    first_.write("lee");
    EXPECT_EQ(first_.node().status().term, Term{2});
    // What was acknowledged before is known to the new leader.
    const auto repeated = first_.node().submit(batch({create_user("kim")}, "once"));
    ASSERT_TRUE(repeated) << repeated.error().detail;
    EXPECT_TRUE(repeated.value().repeated);

    leader_.close();
    leader_.open(true);
    const Link back{leader_, first_};
    EXPECT_TRUE(changes_.await([&] { return leader_.visible() == first_.visible(); }));
    EXPECT_EQ(leader_.node().status().root, first_.node().status().root);
    EXPECT_EQ(leader_.replicator().status().term, Term{2});
    expect_sound(leader_.node());
}

TEST_F(Replication, ADeposedLeaderWithEventsOfItsOwnStopsAndKeepsThem) {
    first_.create_copy_of(leader_);
    first_.open(true);
    {
        const Link link{first_, leader_};
        expect_caught_up(first_);
    }
    leader_.write("never-copied");
    const std::string root = leader_.node().status().root;
    first_.close();
    ASSERT_TRUE(Node::promote(first_.path()));
    first_.open(false);
    first_.write("other");
    leader_.close();
    leader_.open(true);
    const Link back{leader_, first_};
    EXPECT_TRUE(changes_.await([&] { return !leader_.replicator().status().halted.empty(); }));
    EXPECT_NE(leader_.told("replication_halted").find("has other events than this copy"),
              std::string::npos);
    EXPECT_EQ(leader_.node().status().root, root);
}

TEST_F(Replication, ALeaderThatHearsOfANewerTermTakesNoMoreChanges) {
    first_.create_copy_of(leader_);
    first_.open(true);
    {
        const Link link{first_, leader_};
        expect_caught_up(first_);
    }
    first_.close();
    ASSERT_TRUE(Node::promote(first_.path()));
    first_.open(false);
    first_.write("newer");
    second_.create_copy_of(first_);
    second_.open(true);
    {
        const Link link{second_, first_};
        EXPECT_TRUE(changes_.await([&] { return second_.visible() == first_.visible(); }));
    }
    {
        // It asks the one that does not know yet.
        const Link link{second_, leader_};
        EXPECT_TRUE(changes_.await([&] { return !leader_.replicator().status().halted.empty(); }));
    }
    const auto refused = leader_.node().submit(batch({create_user("late")}));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("another node leads since term 2"), std::string::npos);
    // It hears no more: whoever leads by mistake would end one term after the other.
    EXPECT_EQ(leader_.replicator().status().term, Term{2});
    {
        const Link link{second_, leader_};
        EXPECT_TRUE(changes_.await([&] { return link.closed(); }));
    }
    EXPECT_EQ(leader_.replicator().status().term, Term{2});
    EXPECT_EQ(second_.visible(), first_.visible());
    // Nor does it say of any later moment that it knows all of it.
    const Instant closed = leader_.node().status().closed_until;
    clock_.advance(60 * second);
    leader_.node().promise_ahead();
    const auto answer = leader_.node().session()->check(may_write("owner", at(clock_.now())));
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer.value().basis.final);
    EXPECT_EQ(leader_.node().status().closed_until, closed);
    // A restart does not make it forget.
    leader_.close();
    SeededRandom random{9};
    const auto opened = Node::open(leader_.path(), clock_, random, small_options());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("since term 2; this one led in term 1"), std::string::npos)
        << opened.error().detail;
    // Unless it is told to, in a term of its own.
    const auto term = Node::promote(leader_.path());
    ASSERT_TRUE(term) << term.error().detail;
    EXPECT_EQ(term.value(), Term{3});
    leader_.open(false);
    leader_.write("again");
}

// "REVISION TYPE; " of each event.
std::string kept_in(const std::string& path) {
    std::string all;
    const auto read = kept_events(path, {}, [&](const domain::Event& event) {
        all += std::to_string(event.revision.value) + ' ' +
               std::string(domain::type_of(event.body)) + "; ";
        return true;
    });
    EXPECT_TRUE(read) << read.error().detail;
    return all;
}

TEST_F(Replication, WhatACopyDiscardsItKeepsAside) {
    first_.create_copy_of(leader_);
    first_.open(true);
    second_.create_copy_of(leader_);
    second_.open(true);
    {
        const Link link{first_, leader_};
        const Link other{second_, leader_};
        expect_caught_up(first_);
        expect_caught_up(second_);
    }
    // An entry that came and of which nobody said that it is committed.
    leader_.write("lost");
    const auto run = leader_.node().replicated().read_run(Revision{5});
    ASSERT_TRUE(run);
    std::promise<Result<void>> appended;
    second_.node().replicated().append(run.value(),
                                       [&](Result<void> done) { appended.set_value(done); });
    ASSERT_TRUE(appended.get_future().get());
    second_.close();
    first_.close();
    ASSERT_TRUE(Node::promote(first_.path()));
    first_.open(false);
    first_.write("other");
    second_.open(true);
    const Link link{second_, first_};
    EXPECT_TRUE(changes_.await([&] { return second_.visible() == first_.visible(); }));
    EXPECT_EQ(second_.node().status().root, first_.node().status().root);
    EXPECT_EQ(std::filesystem::file_size(second_.path() + "/cut-5-5"),
              run.value().content->words.size() * sizeof(std::uint64_t));
    expect_sound(second_.node());
    EXPECT_NE(second_.told("cut").find("1 events that its source does not have; they are kept in "
                                       "cut-5-5"),
              std::string::npos);
    EXPECT_EQ(kept_in(second_.path() + "/cut-5-5"), "5 principal.created; ");
    // A fault keeps nobody from the entries before it.
    std::ofstream{second_.path() + "/cut-5-5", std::ios::binary | std::ios::app}
        << std::string(16, '\7');
    int seen = 0;
    const auto flawed = kept_events(second_.path() + "/cut-5-5", {},
                                    [&](const domain::Event&) { return ++seen > 0; });
    ASSERT_FALSE(flawed);
    EXPECT_NE(flawed.error().detail.find("after revision 5 is no entry"), std::string::npos);
    EXPECT_EQ(seen, 1);
    EventFilter later;
    later.from = Revision{6};
    EXPECT_FALSE(kept_events(second_.path() + "/cut-5-5", later, [](const domain::Event&) {
        ADD_FAILURE() << "there is none";
        return true;
    })) << "the fault is there all the same";
}

TEST_F(Replication, AFileThatHoldsNoEntriesIsNotTakenForOne) {
    const std::string path = leader_.path() + "/cut-1-1";
    const auto refusal = [&](const std::string& bytes) {
        std::ofstream{path, std::ios::binary} << bytes;
        const auto read = kept_events(path, {}, [](const domain::Event&) { return true; });
        return read ? "read" : read.error().detail;
    };
    EXPECT_NE(refusal("").find("it has 0 bytes"), std::string::npos);
    EXPECT_NE(refusal("1234567").find("it has 7 bytes"), std::string::npos);
    EXPECT_NE(refusal(std::string(64, '\0')).find("no entry has revision 0"), std::string::npos);
    for (const char byte : {'\1', '\x7f', '\xff'})
        EXPECT_NE(refusal(std::string(64, byte)).find("is no file that a copy has kept"),
                  std::string::npos);
    std::filesystem::remove(path);
    EXPECT_FALSE(kept_events(path, {}, [](const domain::Event&) { return true; }));
}

// A source that says what the test has it say.
struct Silent final : ReplicationPeer {
    void send(const r::Message&) override {}

    void close(const std::string&) override {}
};

TEST_F(Replication, EntriesThatAreNotOfTheTreeStopACopy) {
    first_.create_copy_of(leader_);
    first_.open(true);
    {
        const Link link{first_, leader_};
        expect_caught_up(first_);
    }
    const Revision before = first_.node().event_log().last();
    leader_.write("kim");
    auto run = leader_.node().replicated().read_run(next(before));
    ASSERT_TRUE(run);
    run.value().root[0] ^= std::byte{1};
    const r::Welcome welcome{Term{1}, "liar", 0, before, leader_.node().replicated().root(before),
                             before};
    net::post(first_.replicator().context(), [&] {
        Replicator& replicator = first_.replicator();
        const auto session = replicator.opened(std::make_shared<Silent>(), true);
        replicator.received(session, welcome);
        replicator.received(session, r::Append{Term{1}, run.value(), run.value().last});
    });
    EXPECT_TRUE(changes_.await([&] { return !first_.replicator().status().halted.empty(); }));
    EXPECT_NE(first_.told("replication_halted").find("the tree's root is"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(first_.path() + "/refused-5-5"),
              run.value().content->words.size() * sizeof(std::uint64_t))
        << "what came is kept";
    EXPECT_EQ(kept_in(first_.path() + "/refused-5-5"), "5 principal.created; ");
    EXPECT_EQ(first_.node().event_log().last(), before);
    EXPECT_EQ(first_.visible(), before);
}

class Append : public Replication {
protected:
    void SetUp() override {
        Replication::SetUp();
        first_.create_copy_of(leader_);
        first_.open(true);
        const Link link{first_, leader_};
        expect_caught_up(first_);
        before_ = first_.node().event_log().last();
    }

    r::Run run_after(Revision revision) {
        return leader_.node().replicated().read_run(next(revision)).value();
    }

    // To the first copy; of which nobody has said that it is committed.
    Result<void> append(const r::Run& run) {
        std::promise<Result<void>> appended;
        first_.node().replicated().append(run,
                                          [&](Result<void> done) { appended.set_value(done); });
        return appended.get_future().get();
    }

    // One entry with this body, with the root that fits it.
    r::Run forged(const std::vector<std::byte>& body) {
        leader_.write("kim");
        r::Run run = run_after(before_);
        auto content = std::make_shared<r::RunContent>(*run.content);
        std::vector<std::uint64_t>& words = content->words;
        words.resize(4 + body.size() / sizeof(std::uint64_t));
        words[3] = words.size() - 4;
        std::memcpy(&words[4], body.data(), body.size());
        log::RightEdge tree;
        std::vector<log::TreeBlock> blocks;
        const auto entries = leader_.node().event_log().read(Revision{1}, before_.value);
        for (const log::Entry& entry : entries.value())
            tree.push(log::leaf_hash(entry.stored), blocks);
        tree.push(log::leaf_hash(std::as_bytes(std::span{words})), blocks);
        run.root = tree.root();
        run.content = content;
        return run;
    }

    Revision before_;
};

// Behind one that could not be written: the copy asks again, nothing is wrong with its source.
TEST_F(Append, ARunAfterOneThatIsNotHereIsNoReasonToStop) {
    leader_.write("kim");
    const r::Run missing = run_after(before_);
    leader_.write("lee");

    const auto appended = append(run_after(missing.last));

    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, Errc::unavailable);
    EXPECT_EQ(appended.error().field, "");
    EXPECT_FALSE(std::filesystem::exists(first_.path() + "/refused-6-6"));
    EXPECT_TRUE(append(missing));
}

// A leader whose clock is behind must not write into what was answered for good.
TEST_F(Append, WhatWasRecordedInATimeThatWasCalledFinalIsRefused) {
    leader_.write("kim");
    const r::Run run = run_after(before_);
    first_.node().replicated().close_time(clock_.now() + 3'600 * second);
    ASSERT_TRUE(changes_.await(
        [&] { return first_.node().status().closed_until > clock_.now() + second; }));

    const auto appended = append(run);

    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().field, "run");
    EXPECT_NE(appended.error().detail.find("has been called final here"), std::string::npos)
        << appended.error().detail;
    EXPECT_EQ(first_.node().event_log().last(), before_);
}

// The tree fits, but it is none that this program could ever fold.
TEST_F(Append, AnEntryThatCannotBeReadIsRefused) {
    const r::Run run = forged(std::vector<std::byte>(64, std::byte{0xff}));

    const auto appended = append(run);

    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().field, "run");
    EXPECT_NE(appended.error().detail.find("the event at revision 5 cannot be read"),
              std::string::npos)
        << appended.error().detail;
    EXPECT_TRUE(std::filesystem::exists(first_.path() + "/refused-5-5"));
    EXPECT_EQ(first_.node().event_log().last(), before_);
}

// Nobody could have recorded it. What is known goes on being answered, and whoever opens the store
// again is told.
TEST_F(Append, AnEventThatCannotBeIsNotAppliedAndEndsNoProgram) {
    domain::Event event;
    event.tenant = "acme";
    event.actor = "owner";
    event.effective_at = clock_.now();
    event.body = domain::AssignmentRevoked{"nowhere"};
    const r::Run run = forged(codec::encode_event(event));
    ASSERT_TRUE(append(run));
    first_.node().replicated().commit(run.last, false);

    ASSERT_TRUE(changes_.await([&] { return first_.node().writing_broken().has_value(); }));

    const std::string why = "the event at revision 5 cannot be after those before it";
    EXPECT_NE(first_.node().writing_broken()->detail.find(why), std::string::npos)
        << first_.node().writing_broken()->detail;
    EXPECT_EQ(first_.visible(), before_);
    EXPECT_TRUE(first_.node().session()->check(may_write("owner", at(clock_.now()))));
    first_.close();
    Options options = small_options();
    options.copies = true;
    options.replicated = true;
    SeededRandom random{9};
    const auto opened = Node::open(first_.path(), clock_, random, options);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::storage_damaged);
    EXPECT_NE(opened.error().detail.find(why), std::string::npos) << opened.error().detail;
}

// What it had folded it takes for committed, as its source had said.
TEST_F(Append, AfterACrashTheIndexSaysWhatIsCommitted) {
    leader_.write("kim");
    const r::Run run = run_after(before_);
    first_.replicator().stop();  // it would write it down
    ASSERT_TRUE(append(run));
    first_.node().replicated().commit(run.last, false);
    ASSERT_TRUE(changes_.await([&] { return first_.visible() == run.last; }));
    // As a killed program leaves it.
    const std::string crashed = dir_ / "crashed";
    std::filesystem::copy(first_.path(), crashed, std::filesystem::copy_options::recursive);
    {
        log::OpenOptions log_options;
        log_options.map_bytes = small_options().log_map_bytes;
        const auto log = log::EventLog::open(crashed + "/log", log_options);
        ASSERT_TRUE(log);
        ASSERT_EQ(log.value()->committed(), before_);
    }
    Options options = small_options();
    options.copies = true;
    options.replicated = true;
    SeededRandom random{9};

    const auto opened = Node::open(crashed, clock_, random, options);

    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_TRUE(opened.value()->repairs().empty());
    EXPECT_EQ(opened.value()->event_log().committed(), run.last);
    EXPECT_EQ(opened.value()->session()->head(), run.last);
}

TEST_F(Replication, AnotherLogIsRefused) {
    second_.create();
    second_.open(true);
    const Link link{second_, leader_};
    EXPECT_TRUE(changes_.await([&] { return link.closed(); }));
    EXPECT_TRUE(changes_.await(
        [&] { return second_.told("source_closed").find("the source has another log") == 0; }));
    EXPECT_EQ(second_.visible(), Revision{4});
}

TEST_F(Replication, ABackupIsWhatAFollowerMayBeginWith) {
    ASSERT_TRUE(leader_.node().backup(dir_ / "backup", {}));
    const Revision then = leader_.node().event_log().last();
    leader_.write("later");
    const auto restored = restore(dir_ / "backup", first_.path(), RestoreAs::follower);
    ASSERT_TRUE(restored) << restored.error().detail;
    first_.open(true);
    EXPECT_EQ(first_.node().event_log().last(), then);
    const Link link{first_, leader_};
    expect_caught_up(first_);
    EXPECT_EQ(first_.node().status().root, leader_.node().status().root);
    EXPECT_EQ(first_.node().status().term, leader_.node().status().term);
}

TEST_F(Replication, ARestoredBackupOfACopyIsACopyNoMoreAndHasAnIdOfItsOwn) {
    first_.create_copy_of(leader_);
    first_.open(true);
    const Link link{first_, leader_};
    expect_caught_up(first_);
    const auto id = first_.node().replicated().store_id("b");
    ASSERT_TRUE(first_.node().backup(dir_ / "backup", {}));
    const auto restored = restore(dir_ / "backup", dir_ / "c");
    ASSERT_TRUE(restored) << restored.error().detail;
    second_.open(false);
    const auto other = second_.node().replicated().store_id("b");
    ASSERT_TRUE(id && other);
    EXPECT_NE(id.value(), other.value());
    second_.write("free");
    // In a term that no living leader is in.
    EXPECT_EQ(second_.node().status().term, Term{2});
}

}  // namespace
}  // namespace tenure::node
