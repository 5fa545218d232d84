// What one writer promises to many: order, atomicity, first answers kept for ever, limits.

#include <algorithm>
#include <set>
#include <thread>

#include "unit/node/node_fixture.h"

namespace tenure::node {
namespace {

using Writing = Store;

TEST_F(Writing, AReceiptNamesTheRevisionsOfABatch) {
    const Receipt first = must_submit(batch({create_user("a"), create_user("b")}));
    EXPECT_EQ(first.first, Revision{5});
    EXPECT_EQ(first.last, Revision{6});
    EXPECT_FALSE(first.repeated);
    const Receipt second = must_submit(batch({create_user("c")}));
    EXPECT_EQ(second.first, Revision{7});
    EXPECT_EQ(second.last, Revision{7});
    EXPECT_EQ(node_->event(Revision{7}).value().recorded_at, second.recorded_at);
    EXPECT_EQ(node_->status().applied, Revision{7});
    expect_sound(*node_);
}

TEST_F(Writing, ManyThreadsShareCommitsAndEachGetsItsOwnRevisions) {
    constexpr std::size_t threads = 8;
    constexpr std::size_t each = 40;
    std::vector<std::vector<Receipt>> receipts(threads);
    std::vector<std::thread> clients;
    for (std::size_t t = 0; t < threads; ++t)
        clients.emplace_back([&, t] {
            for (std::size_t i = 0; i < each; ++i) {
                const std::string id = std::to_string(t) + "." + std::to_string(i);
                const auto receipt =
                    node_->submit(batch({create_user(id), assign_owner("a" + id, id)}, id));
                ASSERT_TRUE(receipt.has_value()) << receipt.error().detail;
                receipts[t].push_back(receipt.value());
                const auto session = node_->session();
                const auto answer = session->check(may_write(id));
                ASSERT_TRUE(answer.has_value()) << answer.error().detail;
                EXPECT_TRUE(answer.value().allowed);  // a session sees what its thread wrote
                EXPECT_GE(answer.value().basis.revision, receipt.value().last);
            }
        });
    for (std::thread& client : clients) client.join();

    std::set<std::uint64_t> taken;
    for (std::size_t t = 0; t < threads; ++t)
        for (std::size_t i = 0; i < each; ++i) {
            const Receipt& receipt = receipts[t][i];
            EXPECT_EQ(receipt.last.value, receipt.first.value + 1);
            EXPECT_TRUE(taken.insert(receipt.first.value).second);
            const auto event = node_->event(receipt.first);
            ASSERT_TRUE(event.has_value());
            EXPECT_EQ(event.value().command_id, std::to_string(t) + "." + std::to_string(i));
        }
    EXPECT_EQ(node_->status().committed, Revision{4 + 2 * threads * each});
    expect_sound(*node_);
}

TEST_F(Writing, ABatchRefusedHalfWayLeavesNothing) {
    const Error error = refused(batch({create_user("a"), create_user("b"), create_user("owner")}));
    EXPECT_EQ(error.code, Errc::already_exists);
    EXPECT_TRUE(error.detail.starts_with("command 3: ")) << error.detail;
    EXPECT_EQ(node_->status().last, Revision{4});
    EXPECT_EQ(must_submit(batch({create_user("a")})).first, Revision{5});
    expect_sound(*node_);
}

TEST_F(Writing, ABatchRefusedHalfWayTakesNothingFromItsGroup) {
    Gate gate{*node_};
    Pending before{*node_, batch({create_user("before")})};
    Pending bad{*node_, batch({create_user("x"), create_user("y"), create_user("before")})};
    Pending after{*node_, batch({create_user("x")})};
    Pending other{*node_, batch({create_user("z"), create_user("x")})};
    Pending last{*node_, batch({create_user("z")})};
    gate.open();
    EXPECT_EQ(before.get().value().first, Revision{6});
    EXPECT_EQ(bad.get().error().code, Errc::already_exists);
    EXPECT_EQ(after.get().value().first, Revision{7});
    EXPECT_EQ(other.get().error().code, Errc::already_exists);
    EXPECT_EQ(last.get().value().first, Revision{8});
    EXPECT_FALSE(exists("y"));
    expect_sound(*node_);
}

TEST_F(Writing, ARefusedBatchMayBeTriedAgainUnderItsId) {
    EXPECT_EQ(refused(batch({create_user("a"), create_user("owner")}, "id")).code,
              Errc::already_exists);
    EXPECT_FALSE(must_submit(batch({create_user("a")}, "id")).repeated);
}

TEST_F(Writing, ExpectedRevisionIsTheTenants) {
    domain::Batch stale = batch({create_user("a")});
    stale.expected_revision = Revision{3};
    const Error error = refused(stale);
    EXPECT_EQ(error.code, Errc::conflict);
    EXPECT_EQ(error.field, "expectedRevision");
    domain::Batch fresh = batch({create_user("a")});
    fresh.expected_revision = Revision{4};
    EXPECT_EQ(must_submit(fresh).first, Revision{5});

    // Another tenant's writes do not count.
    must_submit(batch({domain::CreateTenant{"", false, "owner"}}, "", "other"));
    domain::Batch again = batch({create_user("b")});
    again.expected_revision = Revision{5};
    EXPECT_TRUE(node_->submit(again).has_value());

    domain::Batch first = batch({domain::CreateTenant{"", false, "owner"}}, "", "third");
    first.expected_revision = Revision{0};
    EXPECT_TRUE(node_->submit(first).has_value());
}

TEST_F(Writing, OneOfTwoThatExpectTheSameRevisionInAGroupIsRefused) {
    Gate gate{*node_};
    domain::Batch one = batch({create_user("a")});
    one.expected_revision = Revision{5};
    domain::Batch two = batch({create_user("b")});
    two.expected_revision = Revision{5};
    Pending first{*node_, one};
    Pending second{*node_, two};
    gate.open();
    EXPECT_TRUE(first.get().has_value());
    EXPECT_EQ(second.get().error().code, Errc::conflict);
}

TEST_F(Writing, ACommandIdGivesItsFirstAnswerForEver) {
    const Receipt first = must_submit(batch({create_user("a"), create_user("b")}, "id"));
    must_submit(batch({create_user("c")}));
    for (int run = 0; run < 2; ++run) {
        const Receipt again = must_submit(batch({create_user("a"), create_user("b")}, "id"));
        EXPECT_TRUE(again.repeated);
        EXPECT_EQ(again.first, first.first);
        EXPECT_EQ(again.last, first.last);
        EXPECT_EQ(again.recorded_at, first.recorded_at);
        const Error other = refused(batch({create_user("a")}, "id"));
        EXPECT_EQ(other.code, Errc::conflict);
        EXPECT_EQ(other.field, "commandId");
        open();
    }
    EXPECT_EQ(node_->status().last, Revision{7});
}

TEST_F(Writing, ACommandIdBelongsToItsTenant) {
    must_submit(batch({domain::CreateTenant{"", false, "owner"}}, "", "other"));
    EXPECT_FALSE(must_submit(batch({create_user("a")}, "id")).repeated);
    EXPECT_FALSE(must_submit(batch({create_user("a")}, "id", "other")).repeated);
}

TEST_F(Writing, ACommandIdTwiceInOneGroupIsCarriedOutOnce) {
    Gate gate{*node_};
    Pending first{*node_, batch({create_user("a")}, "id")};
    Pending bad{*node_, batch({create_user("b"), create_user("a")})};  // decided again without it
    Pending again{*node_, batch({create_user("a")}, "id")};
    Pending other{*node_, batch({create_user("c")}, "id")};
    gate.open();
    const Receipt one = first.get().value();
    EXPECT_FALSE(one.repeated);
    EXPECT_FALSE(bad.get().has_value());
    const Receipt two = again.get().value();
    EXPECT_TRUE(two.repeated);
    EXPECT_EQ(two.first, one.first);
    EXPECT_EQ(two.last, one.last);
    EXPECT_EQ(two.recorded_at, one.recorded_at);
    EXPECT_EQ(other.get().error().code, Errc::conflict);
    EXPECT_FALSE(exists("c"));
}

TEST_F(Writing, BatchesHaveLimits) {
    EXPECT_EQ(refused({}).code, Errc::invalid_argument);
    EXPECT_EQ(refused(batch({create_user("a")}, std::string(257, 'x'))).code, Errc::limit_exceeded);
    std::vector<domain::CommandBody> bodies;
    for (int i = 0; i < 100'000; ++i) bodies.push_back(domain::SealTenant{});
    EXPECT_EQ(refused(batch(std::move(bodies))).code, Errc::limit_exceeded);
}

TEST_F(Writing, AFullQueueRefusesAtOnce) {
    options_.writer_queue_batches_max = 2;
    open();
    Gate gate{*node_};
    Pending one{*node_, batch({create_user("a")})};
    Pending two{*node_, batch({create_user("b")})};
    const Error full = refused(batch({create_user("c")}));
    EXPECT_EQ(full.code, Errc::unavailable);
    gate.open();
    EXPECT_TRUE(one.get().has_value());
    EXPECT_TRUE(two.get().has_value());
    EXPECT_TRUE(node_->submit(batch({create_user("c")})).has_value());
}

TEST_F(Writing, AGroupHasALimit) {
    options_.group_commit_batches_max = 3;
    open();
    Gate gate{*node_};
    std::vector<std::unique_ptr<Pending>> waiting;
    for (int i = 0; i < 10; ++i)
        waiting.push_back(
            std::make_unique<Pending>(*node_, batch({create_user("u" + std::to_string(i))})));
    gate.open();
    for (std::uint64_t i = 0; i < 10; ++i)
        EXPECT_EQ(waiting[i]->get().value().first, Revision{6 + i});
}

TEST_F(Writing, StopFinishesWhatIsQueuedAndRefusesWhatComesLater) {
    auto gate = std::make_unique<Gate>(*node_);
    Pending one{*node_, batch({create_user("a")}, "one")};
    Pending two{*node_, batch({create_user("b")}, "two")};
    std::thread stopper{[&] { node_->stop(); }};
    // Once the stop has begun, nothing more gets in; what got in before that is carried out.
    std::vector<std::unique_ptr<std::promise<Result<Receipt>>>> late;
    for (;;) {
        late.push_back(std::make_unique<std::promise<Result<Receipt>>>());
        auto* promise = late.back().get();
        const auto submitted = node_->submit_later(
            batch({create_user("late" + std::to_string(late.size()))}),
            [promise](Result<Receipt> receipt) { promise->set_value(std::move(receipt)); });
        if (!submitted) {
            EXPECT_EQ(submitted.error().code, Errc::unavailable);
            late.pop_back();
            break;
        }
        std::this_thread::yield();
    }
    gate->open();
    stopper.join();
    EXPECT_TRUE(one.get().has_value());
    EXPECT_TRUE(two.get().has_value());
    for (const auto& promise : late) EXPECT_TRUE(promise->get_future().get().has_value());
    EXPECT_EQ(refused(batch({create_user("c")})).code, Errc::unavailable);
    EXPECT_EQ(import_error(user_lines(1)).code, Errc::unavailable);
    EXPECT_EQ(node_->rebuild().error().code, Errc::unavailable);
    open();
    EXPECT_TRUE(node_->repairs().empty());
    EXPECT_TRUE(must_submit(batch({create_user("a")}, "one")).repeated);
    EXPECT_TRUE(must_submit(batch({create_user("b")}, "two")).repeated);
}

TEST_F(Writing, AnIndexWithoutRoomIsNotMistakenForAStateWithoutRows) {
    // The group does not fit the index: nobody may be told that their tenant does not exist.
    options_.index_map_bytes = std::uint64_t{640} << 10U;
    open();
    std::uint64_t acknowledged = 0;
    bool full = false;
    for (int round = 0; round < 200 && !full; ++round) {
        Gate gate{*node_, "gate" + std::to_string(round)};
        if (HasFailure()) break;
        std::vector<std::unique_ptr<Pending>> waiting;
        for (int i = 0; i < 50; ++i)
            waiting.push_back(std::make_unique<Pending>(
                *node_,
                batch({create_user("u" + std::to_string(round) + "." + std::to_string(i))})));
        gate.open();
        for (const auto& pending : waiting) {
            const auto receipt = pending->get();
            if (receipt) {
                ++acknowledged;
                continue;
            }
            full = true;
            EXPECT_EQ(receipt.error().code, Errc::storage_full) << receipt.error().detail;
        }
    }
    EXPECT_TRUE(full);
    const Revision last = node_->status().last;
    EXPECT_GE(last.value, acknowledged);
    ASSERT_EQ(node_->writing_broken().has_value(), last > node_->status().applied);
    options_.index_map_bytes = std::uint64_t{256} << 20U;
    open();
    EXPECT_GE(node_->status().last, last);
    expect_sound(*node_);
    must_submit(batch({create_user("room")}));
}

TEST_F(Writing, ALogWithoutRoomKeepsNothingOfTheGroupAndSaysSoToAll) {
    options_.log_map_bytes = std::uint64_t{640} << 10U;
    open();
    std::uint64_t acknowledged = 4;
    bool full = false;
    for (int round = 0; round < 400 && !full; ++round) {
        const std::string name = "p" + std::to_string(round);
        std::vector<std::unique_ptr<Pending>> waiting;
        for (int i = 0; i < 20; ++i)
            waiting.push_back(std::make_unique<Pending>(
                *node_, batch({create_user(name + "." + std::to_string(i))})));
        for (const auto& pending : waiting) {
            const auto receipt = pending->get();
            if (receipt) {
                ++acknowledged;
                EXPECT_EQ(receipt.value().last.value, acknowledged);
                continue;
            }
            full = true;
            EXPECT_EQ(receipt.error().code, Errc::storage_full) << receipt.error().detail;
        }
    }
    EXPECT_TRUE(full);
    EXPECT_EQ(node_->status().last, Revision{acknowledged});
    expect_sound(*node_);
    options_.log_map_bytes = std::uint64_t{64} << 20U;
    open();
    EXPECT_EQ(node_->status().last, Revision{acknowledged});
    must_submit(batch({create_user("room")}));
    expect_sound(*node_);
}

TEST_F(Writing, AFailedCommitRefusesAllThatWasDecidedOnIt) {
    // "Exists already" would be wrong: its first creation is lost with the group.
    options_.disk_free_bytes_min = 0;
    options_.log_map_bytes = std::uint64_t{640} << 10U;
    open();
    const std::string large(2'000, 'x');
    for (int round = 0;; ++round) {
        ASSERT_LT(round, 1'000);
        Pending fill{*node_, batch({create_user("fill" + std::to_string(round))})};
        if (!fill.get()) break;
        std::optional<Gate> gate;
        gate.emplace(*node_, "g" + std::to_string(round));
        if (HasFailure()) GTEST_SKIP() << "the gate did not fit";
        std::vector<std::unique_ptr<Pending>> waiting;
        const std::string name = "twice" + std::to_string(round);
        waiting.push_back(std::make_unique<Pending>(*node_, batch({create_user(name)})));
        waiting.push_back(std::make_unique<Pending>(*node_, batch({create_user(name)})));
        for (int i = 0; i < 60; ++i) {
            domain::Command much = command(create_user(name + "." + std::to_string(i)));
            much.reason = large;
            domain::Batch one;
            one.commands.push_back(much);
            waiting.push_back(std::make_unique<Pending>(*node_, std::move(one)));
        }
        gate->open();
        const auto first = waiting[0]->get();
        const auto second = waiting[1]->get();
        ASSERT_FALSE(second.has_value());
        if (first) {
            EXPECT_EQ(second.error().code, Errc::already_exists);
            continue;
        }
        EXPECT_EQ(first.error().code, Errc::storage_full);
        EXPECT_EQ(second.error().code, Errc::storage_full) << second.error().detail;
        break;
    }
}

TEST_F(Writing, AFullDiskRefusesWritesAndAnswersQuestions) {
    const Receipt kept = must_submit(batch({create_user("a"), assign_owner("x", "a")}));
    options_.disk_free_bytes_min = ~std::uint64_t{0};
    open();
    EXPECT_EQ(refused(batch({create_user("b")})).code, Errc::storage_full);
    EXPECT_EQ(import_error(user_lines(1)).code, Errc::storage_full);
    EXPECT_EQ(node_->rebuild().error().code, Errc::storage_full);
    EXPECT_TRUE(node_->session()->check(may_write("a")).value().allowed);
    EXPECT_EQ(node_->status().last, kept.last);
}

}  // namespace
}  // namespace tenure::node
