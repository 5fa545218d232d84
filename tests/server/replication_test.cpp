// Replication over real sockets: a leader and followers as servers in one process.

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <mutex>

#include "server/copy_admission.h"
#include "server/embedded_follower.h"
#include "server/follower.h"
#include "server/hostile_peer.h"
#include "server/http.h"
#include "server/http_client.h"
#include "server/replication_source.h"
#include "support/certificate.h"
#include "support/run_program.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

const std::string base = "/v1/tenants/default";

TEST(Replication, AFollowerOfAFollowerAnswersAsTheLeaderDoes) {
    RunningServer leader{leads};
    Follower first{"b", leader.url()};
    Follower second{"c", first.url()};
    Revision last;
    for (int i = 0; i < 30; ++i) last = leader.record(user("u" + std::to_string(i)));
    ASSERT_TRUE(second.reaches(last));
    EXPECT_EQ(second.node().status().root, leader.node().status().root);
    // About a closed moment the answers are the same bytes.
    const Instant then = leader.clock().now();
    leader.clock().advance_ms(1'000);
    ASSERT_TRUE(second.await([&] { return second.node().status().closed_until > then; }));
    for (const std::string principal : {"owner", "u3", "nobody"}) {
        const std::string question = base + "/check?principal=" + principal +
                                     "&action=Microsoft.Authorization/roleAssignments/write" +
                                     "&scope=/&at=" + format_instant(then);
        const auto here = second.ask(question);
        const auto there = leader.get(question, "-");
        EXPECT_EQ(here.status, 200U) << here.body;
        EXPECT_EQ(here.body, there.body);
        EXPECT_NE(here.body.find(R"("final":true)"), std::string::npos) << here.body;
        EXPECT_EQ(here.header("ETag"), there.header("ETag"));
    }
    const auto status = second.ask("/v1/replication");
    EXPECT_NE(status.body.find(R"("role":"follower")"), std::string::npos) << status.body;
    EXPECT_NE(status.body.find(R"("distance":2,"source":"b")"), std::string::npos) << status.body;
    const auto metrics = second.ask("/metrics");
    for (const char* line : {"tenure_replication_leader 0", "tenure_replication_connected 1",
                             "tenure_replication_halted 0", "tenure_replication_behind_events 0"})
        EXPECT_NE(metrics.body.find(line), std::string::npos) << line;
    const auto of_leader = leader.get("/v1/replication", "-");
    EXPECT_TRUE(of_leader.says(R"("role":"leader")")) << of_leader.body;
    EXPECT_TRUE(of_leader.says(R"("copies":[{"node":"b")")) << of_leader.body;
    const auto leaders = leader.get("/metrics", "-");
    for (const std::string line :
         {"tenure_websockets{protocol=\"replication\"} 1", "tenure_websockets{protocol=\"feed\"} 0",
          "tenure_replication_distance 0", "tenure_replication_copies 1",
          "tenure_replication_copy_applied_revision{node=\"b\"}"})
        EXPECT_TRUE(leaders.says(line)) << line;
    EXPECT_FALSE(leaders.says("node=\"c\"")) << "it copies from another";
    EXPECT_NE(metrics.body.find("tenure_replication_heard_timestamp_seconds "), std::string::npos);
}

// The hexadecimal digits of a member.
std::string digits(const std::string& body, const std::string& member) {
    const std::string name = '"' + member + "\":\"";
    const std::size_t at = body.find(name);
    if (at == std::string::npos) {
        ADD_FAILURE() << "there is no " << member << " in " << body;
        return {};
    }
    return body.substr(at + name.size(), 64);
}

// Roots and digests of a revision are the same at a node that is ahead and one that is not.
TEST(Replication, CopiesHaveOneRootAndOneIndexDigestOfARevision) {
    RunningServer leader{leads};
    Follower follower{"b", leader.url()};
    Revision last;
    for (int i = 0; i < 20; ++i) last = leader.record(user("u" + std::to_string(i)));
    ASSERT_TRUE(follower.reaches(last));
    const std::string as_of = "?revision=" + std::to_string(last.value);
    const auto here = follower.ask("/v1/index/digest" + as_of);
    ASSERT_EQ(here.status, 200U) << here.body;
    EXPECT_EQ(follower.ask("/v1/index/digest").body, here.body) << "the newest is meant";
    for (int i = 0; i < 20; ++i) leader.record(user("w" + std::to_string(i)));
    const auto there = leader.get("/v1/index/digest" + as_of, "-");
    ASSERT_EQ(there.status, 200U) << there.body;
    EXPECT_EQ(digits(here.body, "digest").size(), 64U);
    EXPECT_EQ(digits(here.body, "digest"), digits(there.body, "digest"));
    EXPECT_EQ(digits(here.body, "root"), digits(there.body, "root"));
    EXPECT_NE(digits(leader.get("/v1/index/digest", "-").body, "digest"),
              digits(here.body, "digest"));
    const auto root = leader.get("/v1/log/root" + as_of, "-");
    EXPECT_EQ(digits(root.body, "root"), digits(here.body, "root")) << root.body;
}

// A revision that is on its way is waited for; one that does not come is 503, and says so.
TEST(Replication, ADigestOfARevisionThatIsNotThereIsWaitedFor) {
    RunningServer leader{[](server::Settings& settings) {
        leads(settings);
        settings.limits.wait_max_ms = 50;
    }};
    const Revision last = leader.record(user("one"));
    for (const std::string path : {"/v1/index/digest", "/v1/log/root"}) {
        const auto early =
            leader.get(path + "?revision=" + std::to_string(last.value + 1'000), "-");
        EXPECT_EQ(early.status, 503U) << early.body;
        EXPECT_TRUE(early.says(R"("field":"revision")")) << early.body;
        EXPECT_EQ(leader.get(path + "?revision=one", "-").status, 400U);
        EXPECT_EQ(leader.get(path + "?at_least=1", "-").status, 400U);
    }
    RunningServer hides{[](server::Settings& settings) { settings.public_metrics = false; }};
    EXPECT_EQ(hides.get("/v1/index/digest", "-").status, 403U);
    EXPECT_EQ(hides.get("/v1/log/root", "-").status, 403U);
    // A node that is alone can be compared too: with its backup, say.
    RunningServer alone;
    EXPECT_EQ(alone.get("/v1/index/digest", "-").status, 200U);
}

Ran tenure(const std::string& arguments) { return run_program(TENURE_PROGRAM " " + arguments); }

// All digests of nothing are one.
TEST(Replication, WithANodeThatHasAppliedNothingThereIsNothingToCompare) {
    RunningServer leader{leads};
    const log::EventLog& log = leader.node().event_log();
    const Follower empty{"b", node::LogIdentity{log.id(), log.created_at()}};
    for (const std::string flags : {"", "--json "}) {
        const auto [exit, printed] =
            tenure(flags + "cluster status --digest " + leader.url() + ' ' + empty.url());
        EXPECT_NE(exit, 0) << printed;
        EXPECT_NE(printed.find("there is nothing to compare yet"), std::string::npos) << printed;
    }
    const auto [exit, verified] =
        tenure("replica verify --server " + leader.url() + " --against " + empty.url());
    EXPECT_NE(exit, 0) << verified;
    EXPECT_NE(verified.find("nothing yet that could be compared"), std::string::npos) << verified;
    const auto [well, equal] =
        tenure("cluster status --digest " + leader.url() + ' ' + leader.url());
    EXPECT_EQ(well, 0) << equal;
}

TEST(Replication, NodesThatAreNoClusterAreNotWell) {
    RunningServer leader{leads};
    Follower follower{"b", leader.url()};
    ASSERT_TRUE(follower.reaches(leader.node().status().last));
    const auto status = [](const std::string& arguments, int code, const std::string& says) {
        const auto [exit, said] = tenure("cluster status --table " + arguments);
        EXPECT_EQ(exit, code) << said;
        EXPECT_NE(said.find(says), std::string::npos) << said;
    };
    status(leader.url() + ' ' + follower.url(), 0, "STEPS");
    status("", 2, "takes the URLs of 1 to 256 nodes");
    status("--watch 0 " + leader.url(), 2, "--watch takes 1 to 86400 seconds");
    const RunningServer second{[](server::Settings& settings) {
        leads(settings);
        settings.replication.node = "z";
    }};
    status(leader.url() + ' ' + second.url(), 1, "a and z both lead, in terms 1 and 1");
    node::LogIdentity other{leader.node().event_log().id(), leader.clock().now()};
    ++other.id.words[0];
    const Follower stranger{"s", other};
    status(leader.url() + ' ' + stranger.url(), 1, "s has another log than a");
    status(stranger.url(), 1, "s copies from nobody just now");
    status("http://127.0.0.1:1", 1, "http://127.0.0.1:1");
}

TEST(Replication, WhoHasLessThanAnotherIsNotMadeTheLeaderAmongThem) {
    RunningServer leader{leads};
    Follower ahead{"b", leader.url()};
    Follower behind{"c", leader.url()};
    const Revision both = leader.record(user("kim"));
    ASSERT_TRUE(ahead.reaches(both) && behind.reaches(both));
    behind.stop();
    const Revision more = leader.record(user("lee"));
    ASSERT_TRUE(ahead.reaches(more));
    const auto promoted = [](const Follower& follower, const std::string& among) {
        return tenure("replica promote --store " + follower.directory() + " --among " + among);
    };
    const auto refuses = [&](const std::string& among, const std::string& says) {
        const auto [exit, said] = promoted(behind, among);
        EXPECT_EQ(exit, 3) << said;
        EXPECT_NE(said.find(says), std::string::npos) << said;
    };
    refuses(leader.url() + ' ' + ahead.url(), leader.url() + " leads in term 1: stop it");
    leader.stop();
    refuses(leader.url() + ' ' + ahead.url(), leader.url() + " does not say how far it is");
    refuses(ahead.url(), "has more: its log ends at revision " + std::to_string(more.value) +
                             " of term 1, this one at " + std::to_string(both.value));
    // Refused, it is what it was.
    ahead.stop();
    behind.start();
    const auto [exit, said] = promoted(ahead, behind.url());
    EXPECT_EQ(exit, 0) << said;
    EXPECT_NE(said.find("\"term\":2"), std::string::npos) << said;
}

TEST(Replication, AFollowerSaysWhereChangesAreMade) {
    RunningServer leader{leads};
    Follower follower{"b", leader.url()};
    const auto answer = follower.ask(
        base + "/commands", {},
        R"({"commands":[{"type":"principal.create","data":{"principal":"x","kind":"user"}}]})");
    EXPECT_EQ(answer.status, 307U) << answer.body;
    EXPECT_EQ(answer.header("Location"), leader.url() + base + "/commands");
    EXPECT_NE(answer.body.find("at the leader"), std::string::npos) << answer.body;
}

TEST(Replication, AFollowerThatIsToldToSendsChangesOn) {
    RunningServer leader{leads};
    const auto forwards = [](server::Settings& settings) {
        settings.replication.forward_writes = true;
    };
    Follower first{"b", leader.url(), forwards};
    Follower second{"c", first.url(), forwards};
    const std::string change =
        R"({"commands":[{"type":"principal.create","data":{"principal":"x","kind":"user"}}]})";
    const auto made = second.ask(base + "/commands",
                                 {{"Idempotency-Key", "k1"}, {"X-Request-ID", "asked-1"}}, change);
    EXPECT_EQ(made.status, 200U) << made.body;
    EXPECT_EQ(made.header("X-Request-ID"), "asked-1");
    const Revision last = leader.node().status().last;
    EXPECT_EQ(made.header("Tenure-Revision"), std::to_string(last.value));
    ASSERT_TRUE(second.reaches(last));
    // What the leader says comes back as it is.
    const auto again = second.ask(base + "/commands", {{"Idempotency-Key", "k1"}}, change);
    EXPECT_NE(again.body.find("\"repeated\":true"), std::string::npos) << again.body;
    const auto wrong = second.ask(base + "/commands", {}, R"({"commands":[{"type":"nothing"}]})");
    EXPECT_EQ(wrong.status, 400U) << wrong.body;
    EXPECT_EQ(wrong.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(second.ask(base + "/commands", {}, change).status, 409U);
    // In a circle it ends.
    const auto often = second.ask(base + "/commands", {{"Tenure-Forwarded", "8"}}, change);
    EXPECT_EQ(often.status, 503U);
    EXPECT_NE(often.body.find("in a circle"), std::string::npos) << often.body;

    leader.stop();
    const auto without = second.ask(base + "/commands", {}, change);
    EXPECT_EQ(without.status, 503U) << without.body;
    EXPECT_NE(without.body.find("was not made"), std::string::npos) << without.body;
}

TEST(Replication, AnAnswerAboutNowSaysHowOldItMayBe) {
    RunningServer leader{leads};
    Follower follower{"b", leader.url()};
    leader.record(user("kim"));
    const Instant then = leader.clock().now();
    leader.clock().advance_ms(1'000);
    ASSERT_TRUE(follower.await([&] { return follower.node().status().closed_until > then; }));
    const std::string question = base + "/check?principal=owner&action=a/read&scope=/";
    const auto closed = [&](const std::string& target) {
        return parse_instant(follower.ask(target).header("Tenure-Closed-Until"), "header");
    };
    EXPECT_TRUE(closed(base + "/principals/kim"));
    EXPECT_FALSE(closed(question + "&at=" + format_instant(then))) << "that does not age";
    Asked of_leader;
    of_leader.target = question;
    EXPECT_EQ(leader.ask(of_leader).header("Tenure-Closed-Until"), "");
    // Cut off, it stays where it was while time goes by.
    leader.server().stop();
    ASSERT_TRUE(follower.await([&] {
        const std::string state = follower.ask("/v1/replication").body;
        const std::string said = follower.ask(question).header("Tenure-Closed-Until");
        return state.find("\"source\"") == std::string::npos &&
               state.find("\"closedUntil\":\"" + said + '"') != std::string::npos;
    }));
    const auto last = closed(question);
    ASSERT_TRUE(last);
    EXPECT_GE(last.value(), then);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(closed(question).value(), last.value());
}

// Which is as of the first one's revision, however much has come since.
TEST(Replication, ALaterPageDoesNotSayThatItIsNew) {
    RunningServer leader{leads};
    Follower follower{"b", leader.url()};
    leader.record(user("kim"));
    const Revision before = leader.record(
        R"({"type":"assignment.create","data":{"assignment":"o2","principal":"kim","role":"owner","scope":"/"}})");
    ASSERT_TRUE(follower.reaches(before));
    const std::string question = base + "/who-can?action=a/read&scope=/&limit=1";
    const auto first = follower.ask(question);
    EXPECT_NE(first.header("Tenure-Closed-Until"), "") << first.body;
    const std::string name = "\"next\":\"";
    const std::size_t at = first.body.find(name);
    ASSERT_NE(at, std::string::npos) << first.body;
    const std::size_t begin = at + name.size();
    const std::string cursor = first.body.substr(begin, first.body.find('"', begin) - begin);
    const std::string rest = question + "&cursor=" + server::percent_encoded(cursor);
    EXPECT_NE(follower.ask(rest).header("Tenure-Closed-Until"), "") << "nothing is newer";
    ASSERT_TRUE(follower.reaches(leader.record(user("lee"))));
    const auto second = follower.ask(rest);
    EXPECT_EQ(second.status, 200U) << second.body;
    EXPECT_EQ(second.header("Tenure-Closed-Until"), "");
    const std::string checks = R"({"checks":[{"principal":"kim","action":"a/read","scope":"/")";
    EXPECT_NE(follower.ask(base + "/checks", {}, checks + "}]}").header("Tenure-Closed-Until"), "");
    EXPECT_EQ(follower.ask(base + "/checks", {}, checks + R"(,"revision":3}]})")
                  .header("Tenure-Closed-Until"),
              "");
}

TEST(CopyAdmission, TellsOfEachRefusalOnceUntilItIsChanged) {
    server::CopyAdmission copies{{"b"}};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(copies.is_news("one"), i == 0);
        EXPECT_EQ(copies.is_news("another"), i == 0);
    }
    copies.change({"b", "c"});
    EXPECT_EQ(copies.names(), (std::vector<std::string>{"b", "c"}));
    EXPECT_TRUE(copies.is_news("one"));
}

TEST(Replication, ACopyIsReadyWhenItHasSomethingAndIsNotFarBehind) {
    RunningServer leader{leads};
    const auto& log = leader.node().event_log();
    const node::LogIdentity identity{log.id(), log.created_at()};
    const Follower empty{"b", identity};
    const auto not_yet = empty.ask("/readyz");
    EXPECT_EQ(not_yet.status, 503U);
    EXPECT_NE(not_yet.body.find("has nothing yet"), std::string::npos) << not_yet.body;

    std::string source = leader.url();
    Follower follower{"c", leader.url(),
                      [&](server::Settings& settings) { settings.replication.source = source; }};
    const Revision last = leader.record(user("kim"));
    ASSERT_TRUE(follower.reaches(last));
    EXPECT_EQ(follower.ask("/readyz").status, 200U);
    follower.stop();
    // Far more is said to be there than has come.
    const Revision far{last.value + node::far_behind_events + 1};
    const replication::Welcome welcome{Term{1}, "a", 0, last, log.root(last.value), far};
    const FakeSource slow{identity, [&](Talk& talk) {
                              talk.next();
                              talk.send(welcome);
                          }};
    source = slow.url();
    follower.start();
    std::string said;
    EXPECT_TRUE(follower.await([&] {
        said = follower.ask("/readyz").body;
        return said.find("20001 events behind its source") != std::string::npos;
    })) << said;
    // Without a source it answers as well as anybody can.
    follower.stop();
    source = "http://127.0.0.1:1";
    follower.start();
    EXPECT_EQ(follower.ask("/readyz").status, 200U);
}

TEST(Replication, WhoWantsWhatIsNewestGetsItOrIsTold) {
    RunningServer leader{leads};
    Follower follower{"b", leader.url()};
    ASSERT_TRUE(follower.reaches(leader.node().status().last));
    const std::string question = base + "/check?principal=owner&action=a/read&scope=/";
    for (int i = 0; i < 10; ++i) {
        const Revision last = leader.record(user("u" + std::to_string(i)));
        const auto answer = follower.ask(question, {{"Tenure-Fresh", "leader"}});
        EXPECT_EQ(answer.status, 200U) << answer.body;
        EXPECT_NE(answer.body.find("\"revision\":" + std::to_string(last.value)), std::string::npos)
            << answer.body;
    }
    EXPECT_EQ(follower.ask(question, {{"Tenure-Fresh", "often"}}).status, 400U);
    EXPECT_EQ(follower.ask(question, {{"Tenure-Fresh", ""}}).status, 400U);
    // The leader itself answers as well: alone it knows.
    Asked asked;
    asked.target = question;
    asked.headers = {{"Tenure-Fresh", "leader"}};
    EXPECT_EQ(leader.ask(asked).status, 200U);
    leader.stop();
    ASSERT_TRUE(follower.await([&] {
        return follower.ask("/v1/replication").body.find("\"source\"") == std::string::npos;
    }));
    const auto without = follower.ask(question, {{"Tenure-Fresh", "leader"}});
    EXPECT_EQ(without.status, 503U) << without.body;
    EXPECT_NE(without.header("Retry-After"), "");
    // What it has it goes on answering.
    EXPECT_EQ(follower.ask(question).status, 200U);
}

TEST(Replication, AFollowerGoesOnAfterTheLeaderWasAwayAndAfterARestartOfItsOwn) {
    RunningServer leader{leads};
    Follower follower{"b", leader.url()};
    ASSERT_TRUE(follower.reaches(leader.record(user("one"))));
    leader.restart();
    ASSERT_TRUE(follower.reaches(leader.record(user("two"))));
    follower.stop();
    const Revision last = leader.record(user("three"));
    follower.start();
    ASSERT_TRUE(follower.reaches(last));
    EXPECT_EQ(follower.node().status().root, leader.node().status().root);
    const auto report = follower.node().verify({});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report.value().ok());
}

// The store's writer answers it later than the server ends.
TEST(Replication, AStopLeavesBehindAChangeThatWaitsForAMember) {
    RunningServer leader{[](server::Settings& settings) {
        leads(settings);
        settings.replication.members = {"b"};
        settings.replication.commit_timeout_ms = 3'600'000;
        settings.limits.stop_timeout_ms = 50;
    }};
    leader.restart([](node::Options& options) { options.needs_members = true; });
    Follower follower{"b", leader.url()};
    ASSERT_TRUE(follower.await([&] {
        return leader.post(base + "/commands", R"({"commands":[)" + user("kim") + "]}", "-")
                   .status == 200;
    }));
    follower.stop();
    const Revision last = leader.node().event_log().last();
    auto change = std::async(std::launch::async, [&] {
        server::HttpClient client{server::parse_server_url(leader.url(), "url").value(), {}};
        server::ClientRequest request{"POST", base + "/commands"};
        request.headers = {{"Content-Type", "application/json"}};
        request.body = R"({"commands":[)" + user("lee") + "]}";
        request.repeatable = false;
        return client.ask(request).has_value();
    });
    ASSERT_TRUE(follower.await([&] { return leader.node().event_log().last() > last; }));
    leader.stop();
    EXPECT_FALSE(change.get()) << "nobody knows what becomes of it";
}

// Two nodes' certificates, each its own authority.
class ReplicationByTls : public ::testing::Test {
protected:
    ReplicationByTls() {
        write_certificate(own);
        write_certificate(other);
        std::ofstream{authority} << std::ifstream{own.certificate_file}.rdbuf()
                                 << std::ifstream{other.certificate_file}.rdbuf();
    }

    // A program that follows with the other certificate.
    struct Program {
        Program(const ReplicationByTls& test, std::string node, const std::string& url) {
            server::FollowerSettings settings;
            settings.directory = test.files / "program";
            settings.node = std::move(node);
            settings.source = url;
            settings.ca_file = test.authority;
            settings.certificate_file = test.other.certificate_file;
            settings.key_file = test.other.key_file;
            settings.tell = [this](std::string_view event, const std::string&) {
                // Closed, or not let in again.
                if (event != "source_connected") std::call_once(once, [&] { closed.set_value(); });
            };
            auto opened =
                server::EmbeddedFollower::open(std::move(settings), clock, random, small_options());
            EXPECT_TRUE(opened) << opened.error().detail;
            follower = std::move(opened.value());
        }

        bool is_let_go() {
            return closed.get_future().wait_for(std::chrono::seconds{60}) ==
                   std::future_status::ready;
        }

        MovingClock clock{server_start};
        SeededRandom random{3};
        std::once_flag once;
        std::promise<void> closed;
        std::unique_ptr<server::EmbeddedFollower> follower;
    };

    void leads_two(server::Settings& settings) const {
        settings.tls = {own.certificate_file, own.key_file};
        settings.replication.node = "a";
        settings.replication.ca_file = authority;
        settings.replication.copies = {"node.example", "other.example"};
    }

    static std::string url_of(RunningServer& leader) {
        return "https://127.0.0.1:" + std::to_string(leader.port());
    }

    const TempDir files;
    const CertificateFiles own{files / "a.crt", files / "a.key"};
    const CertificateFiles other{files / "b.crt", files / "b.key"};
    const std::string authority = files / "authority.pem";  // of both
};

TEST_F(ReplicationByTls, CopiesAreLetInByCertificateAndName) {
    RunningServer leader{[&](server::Settings& settings) {
        settings.tls = {own.certificate_file, own.key_file};
        settings.replication.node = "a";
        settings.replication.ca_file = own.certificate_file;
        settings.replication.copies = {"b.example"};
    }};
    const std::string url = url_of(leader);
    const auto refusal = [&](const server::SourcePlace& place) {
        const auto log = server::ask_log_identity(place);
        return log ? std::string("let in") : log.error().detail;
    };
    // Nothing shown; a certificate of another authority; one of ours with another name; and a
    // source that is not of the authority.
    EXPECT_NE(refusal({url, own.certificate_file, {}, {}}).find("cannot copy from"),
              std::string::npos);
    EXPECT_NE(refusal({url, own.certificate_file, other.certificate_file, other.key_file})
                  .find("cannot copy from"),
              std::string::npos);
    EXPECT_NE(refusal({url, own.certificate_file, own.certificate_file, own.key_file})
                  .find("replication.copies"),
              std::string::npos);
    EXPECT_NE(refusal({url, other.certificate_file, {}, {}}).find("certificate verify failed"),
              std::string::npos);
    // Clients without a certificate are served as ever.
    server::HttpClient client{server::parse_server_url(url, "url").value(), own.certificate_file};
    server::ClientRequest request;
    request.target = "/healthz";
    EXPECT_TRUE(client.ask(request));
}

TEST_F(ReplicationByTls, ACopyWithACertificateOfItsNameFollows) {
    RunningServer leader{[&](server::Settings& settings) { leads_two(settings); }};
    Follower follower{"node.example", url_of(leader), [&](server::Settings& settings) {
                          settings.tls = {other.certificate_file, other.key_file};
                          settings.replication.ca_file = authority;
                      }};
    ASSERT_TRUE(follower.reaches(leader.record(user("kim"))));
    EXPECT_EQ(follower.node().status().root, leader.node().status().root);
}

TEST_F(ReplicationByTls, WhoCallsItselfOtherwiseThanItsCertificateIsNotFed) {
    RunningServer leader{[&](server::Settings& settings) { leads_two(settings); }};
    Program liar{*this, "other.example", url_of(leader)};
    EXPECT_TRUE(liar.is_let_go());
    EXPECT_EQ(liar.follower->node().status().last, revision_none);
}

TEST_F(ReplicationByTls, WhoMayCopyIsChangedWithoutARestart) {
    server::ReplicationSettings replication;
    replication.node = "a";
    replication.ca_file = authority;
    // From none, so that at first copies are not even asked for certificates.
    RunningServer leader{[&](server::Settings& settings) {
        settings.tls = {own.certificate_file, own.key_file};
        settings.replication = replication;
    }};
    const auto may_copy = [&] {
        return server::ask_log_identity(
                   {url_of(leader), authority, other.certificate_file, other.key_file})
            .has_value();
    };
    EXPECT_FALSE(may_copy());
    replication.copies = {"node.example"};
    ASSERT_TRUE(leader.server().reload(replication));
    EXPECT_TRUE(may_copy());
    Program copy{*this, "node.example", url_of(leader)};
    ASSERT_TRUE(copy.follower->wait_for(leader.record(user("kim")), std::chrono::seconds{20}));
    replication.copies = {"other.example"};
    ASSERT_TRUE(leader.server().reload(replication));
    EXPECT_FALSE(may_copy());
    // Nor does a session go on that was opened before.
    EXPECT_TRUE(copy.is_let_go());
    // Settings of another node, whoever mixed them up.
    replication.node = "b";
    replication.copies = {"node.example"};
    ASSERT_TRUE(leader.server().reload(replication));
    EXPECT_FALSE(may_copy());
}

TEST(Replication, ANodeThatIsAloneOrAsksForSecretsLetsNobodyCopyWithoutTls) {
    RunningServer alone;
    EXPECT_NE(server::ask_log_identity({alone.url(), {}, {}, {}})
                  .error()
                  .detail.find("this node is alone"),
              std::string::npos);
    EXPECT_EQ(alone.get("/v1/replication", "-").status, 404U);
    RunningServer guarded{[](server::Settings& settings) { settings.replication.node = "a"; }};
    EXPECT_NE(server::ask_log_identity({guarded.url(), {}, {}, {}})
                  .error()
                  .detail.find("copies are let in by TLS"),
              std::string::npos);
}

}  // namespace
}  // namespace tenure::testing
