// A follower inside a program: it needs no port, and answers whether its source is there or not.

#include "server/embedded_follower.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <future>
#include <thread>

#include "domain/limits.h"
#include "server/follower.h"
#include "support/run_program.h"

namespace tenure::testing {
namespace {

constexpr std::chrono::seconds patience{20};
constexpr std::chrono::milliseconds at_once{0};
const node::LogIdentity other_log{{{1, 2}}, server_start};
const std::string action = "Contoso.Build/jobs/write";

domain::CheckQuestion about(const std::string& principal, std::optional<Instant> at = {}) {
    domain::CheckQuestion question{"default", principal, action, domain::Plane::control,
                                   "/projects/vision"};
    question.as_of.at = at;
    return question;
}

bool says(const Error& error, const std::string& text) {
    return error.detail.find(text) != std::string::npos;
}

// A program that follows; each has a directory of its own.
class Embedding {
public:
    explicit Embedding(const std::string& source) { settings.source = source; }

    Result<void> open() {
        auto opened = server::EmbeddedFollower::open(settings, clock_, random_, small_options());
        if (!opened) return opened.error();
        follower_ = std::move(opened.value());
        return success();
    }

    void close() { follower_.reset(); }

    server::EmbeddedFollower* operator->() { return follower_.get(); }

    bool allows(const std::string& principal) {
        const auto answer = follower_->session()->check(about(principal));
        EXPECT_TRUE(answer) << answer.error().detail;
        return answer && answer.value().allowed;
    }

    const TempDir files;
    server::FollowerSettings settings{files / "store", "embedded", {}, {}, {}, {}, {}, patience};

private:
    MovingClock clock_{server_start};
    SeededRandom random_{3};
    std::unique_ptr<server::EmbeddedFollower> follower_;
};

class EmbeddedFollower : public ::testing::Test {
protected:
    // Devi may build from here on.
    Revision grant() {
        return leader_.record(
            R"({"type":"role.define","data":{"role":"builder","name":"Builder","actions":["Contoso.Build/*"],"assignableScopes":["/projects"]}})"
            "\n" +
            user("devi") +
            R"({"type":"assignment.create","data":{"assignment":"a-1","role":"builder","principal":"devi","scope":"/projects/vision"}})"
            "\n");
    }

    Revision revoke() {
        return leader_.record(R"({"type":"assignment.revoke","data":{"assignment":"a-1"}})"
                              "\n");
    }

    // Later than all that was recorded, and past.
    Instant moment() {
        const Instant then = leader_.clock().now();
        leader_.clock().advance_ms(1'000);
        return then;
    }

    RunningServer leader_{leads};
    Embedding program_{leader_.url()};
};

TEST_F(EmbeddedFollower, AnswersAboutAClosedMomentAsTheLeaderDoes) {
    const Instant before = moment();
    grant();
    const Instant between = moment();
    const Revision last = revoke();
    const Instant after = moment();

    const auto opened = program_.open();
    ASSERT_TRUE(opened) << opened.error().detail;
    const auto there = program_->wait_for(last, patience);
    ASSERT_TRUE(there) << there.error().detail;
    const auto closed = program_->wait_for(after, patience);
    ASSERT_TRUE(closed) << closed.error().detail;

    const auto here = program_->session();
    const auto of_leader = leader_.node().session();
    for (const auto& [at, allowed] :
         {std::pair{before, false}, std::pair{between, true}, std::pair{after, false}}) {
        const auto mine = here->check(about("devi", at));
        const auto its = of_leader->check(about("devi", at));
        ASSERT_TRUE(mine && its) << format_instant(at);
        EXPECT_EQ(mine.value().allowed, allowed) << format_instant(at);
        EXPECT_EQ(mine.value().allowed, its.value().allowed);
        EXPECT_EQ(mine.value().basis.revision, its.value().basis.revision);
        EXPECT_EQ(mine.value().basis.clock, its.value().basis.clock);
        EXPECT_TRUE(mine.value().basis.final);
    }
    EXPECT_FALSE(program_.allows("devi"));
    EXPECT_EQ(program_->node().status().root, leader_.node().status().root);
    EXPECT_EQ(program_->status().source, "a");
    EXPECT_EQ(program_->problem(), "");
    domain::Batch batch;
    const auto written = program_->node().submit(std::move(batch));
    ASSERT_FALSE(written);
    EXPECT_TRUE(says(written.error(), "changes are made at the leader")) << written.error().detail;
}

TEST_F(EmbeddedFollower, AnswersWhileTheLeaderIsAwayAndGoesOnWhenItIsBack) {
    const Revision granted = grant();
    const Instant then = moment();
    ASSERT_TRUE(program_.open());
    ASSERT_TRUE(program_->wait_for(granted, patience));
    ASSERT_TRUE(program_->wait_for(then, patience));
    leader_.stop();
    EXPECT_TRUE(program_.allows("devi"));

    // Nobody is there to be asked; the store is.
    program_.close();
    const auto again = program_.open();
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_TRUE(program_.allows("devi"));
    EXPECT_TRUE(says({Errc::unavailable, program_->problem()}, "cannot copy from"))
        << program_->problem();

    leader_.restart();
    const Revision revoked = revoke();
    const auto there = program_->wait_for(revoked, patience);
    ASSERT_TRUE(there) << there.error().detail;
    EXPECT_FALSE(program_.allows("devi"));
    EXPECT_EQ(program_->problem(), "");
    // The past is what it was.
    const auto past = program_->session()->check(about("devi", then));
    ASSERT_TRUE(past);
    EXPECT_TRUE(past.value().allowed);
    const auto report = program_->node().verify({});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report.value().ok());
}

TEST_F(EmbeddedFollower, ADirectoryWithAnotherLogIsRefused) {
    const std::string& directory = program_.settings.directory;
    ASSERT_TRUE(node::Node::create_copy(directory, other_log, small_options()));
    for (int tries = 0; tries < 2; ++tries) {
        const auto opened = program_.open();
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Errc::conflict);
        EXPECT_TRUE(
            says(opened.error(),
                 directory + " is a copy of another log: cannot copy from " + leader_.url()))
            << opened.error().detail;
    }
}

TEST_F(EmbeddedFollower, WhoWaitsIsToldThatTheSourceHasAnotherLog) {
    ASSERT_TRUE(node::Node::create_copy(program_.settings.directory, other_log, small_options()));
    leader_.stop();
    const auto opened = program_.open();
    ASSERT_TRUE(opened) << opened.error().detail;
    leader_.restart();
    const auto there = program_->wait_for(Revision{1}, patience);
    ASSERT_FALSE(there);
    EXPECT_EQ(there.error().code, Errc::conflict);
    EXPECT_TRUE(says(there.error(), "it has another log than this copy")) << there.error().detail;
    EXPECT_EQ(program_->node().status().last, revision_none);
}

TEST_F(EmbeddedFollower, AStoreThatIsNoCopyIsRefusedAndLeftAsItIs) {
    MovingClock clock{server_start};
    SeededRandom random{4};
    const std::string& directory = program_.settings.directory;
    ASSERT_TRUE(
        node::Node::create(directory, {"default", "owner"}, clock, random, small_options()));
    const auto opened = program_.open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::conflict);
    EXPECT_TRUE(says(opened.error(), "copies nobody's")) << opened.error().detail;
    EXPECT_TRUE(node::Node::open(directory, clock, random, small_options()));
}

TEST_F(EmbeddedFollower, ADirectoryWithSomethingElseIsRefused) {
    std::ofstream{program_.files / "letter"} << "Dear ...\n";
    program_.settings.directory = program_.files.path();
    const auto opened = program_.open();
    ASSERT_FALSE(opened);
    EXPECT_TRUE(says(opened.error(), "there is no store in")) << opened.error().detail;
}

TEST_F(EmbeddedFollower, WithoutAStoreTheSourceHasToBeThere) {
    leader_.stop();
    const auto opened = program_.open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::unavailable);
    EXPECT_TRUE(says(opened.error(), "there is no store in " + program_.settings.directory))
        << opened.error().detail;
    EXPECT_TRUE(says(opened.error(), "cannot copy from " + leader_.url())) << opened.error().detail;
    // Nothing is left that would be in the way.
    leader_.restart();
    EXPECT_TRUE(program_.open());
}

TEST_F(EmbeddedFollower, SettingsThatCannotBeRightAreRefused) {
    const auto refusal = [&](auto change) {
        Embedding wrong{leader_.url()};
        change(wrong.settings);
        const auto opened = wrong.open();
        return opened ? std::string("opened") : opened.error().field;
    };
    using Settings = server::FollowerSettings;
    EXPECT_EQ(refusal([](Settings& s) { s.directory.clear(); }), "directory");
    EXPECT_EQ(refusal([](Settings& s) { s.node.clear(); }), "replication.node");
    EXPECT_EQ(refusal([](Settings& s) { s.source.clear(); }), "replication.source");
    EXPECT_EQ(refusal([](Settings& s) { s.source = "leader:7400"; }), "replication.source");
    EXPECT_EQ(refusal([](Settings& s) { s.certificate_file = "b.crt"; }), "tls");
    EXPECT_EQ(refusal([](Settings& s) { s.ca_file = "nowhere.pem"; }), "replication.ca_file");
}

TEST_F(EmbeddedFollower, WaitingEnds) {
    ASSERT_TRUE(program_.open());
    const Revision last = leader_.node().status().last;
    ASSERT_TRUE(program_->wait_for(last, patience));
    EXPECT_TRUE(program_->wait_for(last, at_once));
    const auto early = program_->wait_for(Revision{last.value + 1}, std::chrono::milliseconds{20});
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Errc::unavailable);
    EXPECT_TRUE(says(early.error(), "the newest is " + std::to_string(last.value)))
        << early.error().detail;
    EXPECT_FALSE(program_->wait_for(leader_.clock().now() + 3'600'000'000, at_once));
    // Also for whoever waits when it stops.
    auto waits = std::async(std::launch::async, [&] {
        const auto waited = program_->wait_for(Revision{1'000'000}, std::chrono::hours{1});
        return waited ? std::string() : waited.error().detail;
    });
    program_->stop();
    ASSERT_EQ(waits.wait_for(patience), std::future_status::ready);
    const std::string told = waits.get();
    EXPECT_NE(told.find("the follower has stopped"), std::string::npos) << told;
    program_->stop();
    EXPECT_TRUE(program_->session()->check(about("owner"))) << "what is there can be asked";
}

TEST_F(EmbeddedFollower, ThreadsAskWhileItFollows) {
    ASSERT_TRUE(program_.open());
    std::array<std::thread, 3> askers;
    for (std::size_t i = 0; i < askers.size(); ++i)
        askers[i] = std::thread{[this, i] {
            const auto session = program_->session();
            for (std::uint64_t to = 1; to <= 30; ++to) {
                EXPECT_TRUE(program_->wait_for(Revision{to}, patience));
                EXPECT_GE(session->head(), Revision{to});
                EXPECT_TRUE(program_->status().halted.empty());
                EXPECT_EQ(program_->problem(), "") << i;
            }
        }};
    while (leader_.node().status().last < Revision{30})
        leader_.record(user("u" + std::to_string(leader_.node().status().last.value)));
    for (std::thread& asker : askers) asker.join();
}

std::string text_of(const std::string& path) {
    std::ifstream file{TENURE_SOURCE_DIR "/" + path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// What the page shows in the only block of a kind.
std::string shown(const std::string& kind) {
    const std::string page = text_of("docs/REPLICATION.md");
    const std::string begins = "\n```" + kind + '\n';
    const std::size_t from = page.find(begins);
    if (from == std::string::npos) return "no block of " + kind;
    const std::size_t begin = from + begins.size();
    return page.substr(begin, page.find("```", begin) - begin);
}

TEST(EmbeddedFollowerPage, ShowsTheExampleAsItIs) {
    EXPECT_NE(text_of("docs/examples/follow.cpp").find(shown("cpp")), std::string::npos);
    EXPECT_NE(text_of("docs/examples/CMakeLists.txt").find(shown("cmake")), std::string::npos);
}

TEST_F(EmbeddedFollower, TheExampleOfTheDocumentationRuns) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "its store has maps of the usual size: more address space than there is";
#endif
    const Revision granted = grant();
    const Instant then = moment();
    const Revision revoked = revoke();
    moment();
    const auto run = [&] {
        return run_program(TENURE_FOLLOW_EXAMPLE " " + (program_.files / "example") + ' ' +
                           leader_.url() + ' ' + std::to_string(revoked.value) + " default devi " +
                           action + " /projects/vision " + format_instant(then));
    };
    const auto [exit, printed] = run();
    EXPECT_EQ(exit, 0);
    EXPECT_EQ(printed, "now deny, as of revision " + std::to_string(revoked.value) +
                           "\nthen allow, as of revision " + std::to_string(granted.value) +
                           ", for ever\n");
    // Again in the same directory.
    EXPECT_EQ(run().output, printed);
}

}  // namespace
}  // namespace tenure::testing
