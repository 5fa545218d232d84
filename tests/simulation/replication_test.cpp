// The promises of replication/replica.h, kept by a cluster under random faults; and that each rule
// is needed: without it the same worlds break a promise.
//
// TENURE_SEED and TENURE_SEEDS as in support/seeds.h.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "simulation/cluster.h"
#include "support/seeds.h"

namespace tenure::simulation {
namespace {

constexpr std::size_t worlds = 100;

World world_of(std::uint64_t seed) {
    World world;
    world.seed = seed;
    world.nodes = 2 + seed % 4;
    world.steps = 1'500;
    return world;
}

void run_and_settle(const World& world, Cluster& cluster) {
    cluster.run();
    ASSERT_FALSE(cluster.broken) << *cluster.broken;
    cluster.settle();
    ASSERT_FALSE(cluster.broken) << *cluster.broken << ", of " << world.nodes << ", settling";
}

TEST(Replication, KeepsItsPromisesUnderFaults) {
    std::uint64_t commits = 0;
    std::uint64_t promotions = 0;
    std::uint64_t cuts = 0;
    std::uint64_t answers = 0;
    std::uint64_t writes_refused = 0;
    std::uint64_t seeds = 0;
    testing::for_each_seed(worlds, [&](std::uint64_t seed) {
        const World world = world_of(seed);
        Cluster cluster{world};
        run_and_settle(world, cluster);
        ++seeds;
        commits += cluster.commits;
        promotions += cluster.promotions;
        cuts += cluster.cuts;
        answers += cluster.answers;
        writes_refused += cluster.writes_refused;
    });
    // Worlds in which nothing happens prove nothing.
    if (seeds < worlds) return;
    EXPECT_GT(commits, seeds * 5);
    EXPECT_GT(promotions, seeds);
    EXPECT_GT(cuts, seeds / 100);
    EXPECT_GT(answers, seeds * 5);
    EXPECT_GT(writes_refused, seeds / 20);
}

TEST(Replication, WithoutWaitingForMembersCopiesStillBecomeEqual) {
    std::uint64_t promotions = 0;
    std::uint64_t seeds = 0;
    testing::for_each_seed(worlds, [&](std::uint64_t seed) {
        World world = world_of(seed);
        world.mode = replication::Mode::async;
        Cluster cluster{world};
        run_and_settle(world, cluster);
        ++seeds;
        promotions += cluster.promotions;
    });
    if (seeds < worlds) return;
    EXPECT_GT(promotions, seeds);
}

struct LeftOut {
    const char* name;
    std::function<void(World&)> leave_out;
    std::uint64_t first_seed = 1;  // later for what takes a rare chain of events
};

class EachRule : public ::testing::TestWithParam<LeftOut> {};

TEST_P(EachRule, IsNeeded) {
    constexpr std::uint64_t tries = 20'000;
    for (std::uint64_t seed = GetParam().first_seed; seed < GetParam().first_seed + tries; ++seed) {
        World world = world_of(seed);
        GetParam().leave_out(world);
        Cluster cluster{world};
        cluster.run();
        if (cluster.broken) {
            RecordProperty("seed", std::to_string(seed));
            RecordProperty("broken", *cluster.broken);
            return;
        }
    }
    FAIL() << "no promise was broken in " << tries << " worlds";
}

INSTANTIATE_TEST_SUITE_P(
    Replication, EachRule,
    ::testing::Values(
        LeftOut{"reject_older_terms", [](World& w) { w.rules.reject_older_terms = false; }, 2'733},
        LeftOut{"keep_terms", [](World& w) { w.rules.keep_terms = false; }, 11'563},
        LeftOut{"cut_where_logs_part", [](World& w) { w.rules.cut_where_logs_part = false; }},
        LeftOut{"commit_after_agreement", [](World& w) { w.rules.commit_after_agreement = false; }},
        LeftOut{"acknowledge_when_durable",
                [](World& w) { w.rules.acknowledge_when_durable = false; }},
        LeftOut{"commit_needs_all_members",
                [](World& w) { w.rules.commit_needs_all_members = false; }},
        LeftOut{"members_are_copies", [](World& w) { w.rules.members_are_copies = false; }},
        LeftOut{"members_join_caught_up", [](World& w) { w.rules.members_join_caught_up = false; }},
        LeftOut{"reads_ask_members", [](World& w) { w.rules.reads_ask_members = false; }},
        LeftOut{"relays_wait", [](World& w) { w.rules.relays_wait = false; }},
        LeftOut{"time_closes_with_commit",
                [](World& w) { w.rules.time_closes_with_commit = false; }},
        LeftOut{"time_closes_when_reserved",
                [](World& w) { w.rules.time_closes_when_reserved = false; }, 4'545},
        LeftOut{"promote_only_the_newest", [](World& w) { w.promote_only_the_newest = false; }}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace tenure::simulation
