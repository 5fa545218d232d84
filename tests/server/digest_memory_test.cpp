// What is remembered of digests of the index: the last one, as long as it says the same, and how
// long another has to wait.

#include "server/digest_memory.h"

#include <gtest/gtest.h>

#include "support/running_server.h"

namespace tenure::testing {
namespace {

constexpr std::int64_t second_us = 1'000'000;

node::IndexDigest digest_of(Revision revision, const std::string& root) {
    node::IndexDigest index;
    index.log.revision = revision;
    index.log.root = root;
    index.digest = "d";
    return index;
}

TEST(DigestMemory, AnswersTheSameAgainAndNothingElse) {
    server::DigestMemory memory;
    node::LogRoot root = digest_of(Revision{7}, "r").log;
    EXPECT_FALSE(memory.known(1, root));
    memory.remember(1, digest_of(Revision{7}, "r"), Instant{0}, Instant{1});
    root.applied = Revision{9};
    const auto known = memory.known(1, root);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->digest, "d");
    EXPECT_EQ(known->log.applied, Revision{9}) << "of the log it says what is so now";

    EXPECT_FALSE(memory.known(2, root)) << "another index";
    root.root = "s";
    EXPECT_FALSE(memory.known(1, root)) << "another log";
    EXPECT_FALSE(memory.known(1, digest_of(Revision{8}, "r").log)) << "another revision";
}

TEST(DigestMemory, AnotherWaitsSeveralTimesAsLongAsTheLastTook) {
    server::DigestMemory memory;
    EXPECT_EQ(memory.wait_s(Instant{0}), 0);
    memory.remember(1, digest_of(Revision{7}, "r"), Instant{10 * second_us},
                    Instant{12 * second_us});
    EXPECT_EQ(memory.wait_s(Instant{12 * second_us}), 8);
    EXPECT_EQ(memory.wait_s(Instant{12 * second_us + 1}), 8);
    EXPECT_EQ(memory.wait_s(Instant{20 * second_us - 1}), 1);
    EXPECT_EQ(memory.wait_s(Instant{20 * second_us}), 0);
    EXPECT_EQ(memory.wait_s(Instant{5 * second_us}), 0) << "the clock was set back";
    memory.remember(1, digest_of(Revision{8}, "r"), Instant{0}, Instant{9'999});
    EXPECT_EQ(memory.wait_s(Instant{10'000}), 0) << "it was cheap";
}

// By its clock whatever it does takes ten seconds or more at first.
TEST(DigestMemory, TheServerAnswersFromItAndTellsOthersToWait) {
    RunningServer server;
    const std::string path = "/v1/index/digest?revision=";
    const std::string made = "1";
    const std::string not_made = "2";
    Answered other;
    // Others look at the clock as well: now and then all the pause goes by before it goes slowly.
    // Then the other one is made, so that the first has to be made anew.
    for (int tries = 0; tries < 20 && other.status != 503; ++tries) {
        server.clock().set_step_us(10 * second_us);
        const Answered first = server.get(path + made, "-");
        server.clock().set_step_us(1);
        ASSERT_EQ(first.status, 200U) << first.body;
        const Answered again = server.get(path + made, "-");
        EXPECT_EQ(again.status, 200U);
        EXPECT_EQ(again.body, first.body);
        other = server.get(path + not_made, "-");
    }
    EXPECT_EQ(other.status, 503U) << other.body;
    EXPECT_TRUE(other.says("was made a moment ago")) << other.body;
    const std::int64_t wait_s = std::stoll("0" + other.header("Retry-After"));
    EXPECT_GE(wait_s, 2);
    server.clock().advance_ms(wait_s * 1'000);
    EXPECT_EQ(server.get(path + not_made, "-").status, 200U);
}

}  // namespace
}  // namespace tenure::testing
