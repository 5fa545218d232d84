// Everything at once, by a fixed number of operations: writers, readers of now and of the past by
// both doors, a feed and waiting reads. What was acknowledged is in the feed once and in order, and
// what was said of a closed moment is said again, byte for byte.

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>

#include "codec/query_frames.h"
#include "server/feed_client.h"
#include "server/query_client.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

const std::string base = "/v1/tenants/default";
constexpr int writers = 2;
constexpr int writes_of_each = 20;
constexpr int reads_of_each = 30;
constexpr std::uint64_t wait_every = 5;  // revisions between two that are waited for

std::string text_between(const std::string& text, const std::string& before,
                         const std::string& after) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + before.size();
    return text.substr(begin, text.find(after, begin) - begin);
}

// "ana" may read at the scope of each write.
std::string scope_of(int writer, int write) {
    return "/s/" + std::to_string(writer) + '-' + std::to_string(write);
}

// A write that was acknowledged.
struct Written {
    std::uint64_t revision = 0;
    std::string recorded_at;
    std::string scope;
};

class Load : public ::testing::Test {
protected:
    Load() {
        server_.record(R"({"type":"principal.create","data":{"principal":"ana","kind":"user"}}
{"type":"role.define","data":{"role":"reader","name":"Reader","permissions":[{"actions":["*/read"]}],"assignableScopes":["/s"]}})");
        first_ = server_.node().status().committed.value + 1;
    }

    // Revisions of the writes: there are no others while they go on.
    std::uint64_t last() const { return first_ + writers * writes_of_each - 1; }

    void write(int writer) {
        for (int i = 0; i < writes_of_each; ++i) {
            const std::string id = std::to_string(writer) + '-' + std::to_string(i);
            const std::string scope = scope_of(writer, i);
            const Answered answer = server_.post(
                base + "/commands",
                R"({"commands":[{"type":"assignment.create","data":{"assignment":")" + id +
                    R"(","principal":"ana","role":"reader","scope":")" + scope + R"("}}]})");
            ASSERT_EQ(answer.status, 200U) << answer.body;
            const std::lock_guard guard{mutex_};
            written_.push_back({std::stoull(answer.header("Tenure-Revision")),
                                text_between(answer.body, R"("recordedAt":")", "\""), scope});
            some_written_.notify_all();
        }
    }

    // One of those there are so far; waits for the first.
    Written some_write(std::size_t which) {
        std::unique_lock guard{mutex_};
        some_written_.wait(guard, [&] { return !written_.empty(); });
        return written_[which % written_.size()];
    }

    // At the instant of a write that was acknowledged, at its revision, and now.
    void read(std::size_t reader) {
        for (std::size_t i = 0; i < reads_of_each; ++i) {
            const Written write = some_write(i * (reader + 3));
            const std::string target =
                base + "/check?principal=ana&action=T/read&scope=" + write.scope;
            const Answered now = server_.get(target);
            EXPECT_EQ(now.status, 200U) << now.body;
            EXPECT_TRUE(now.says(R"("allow")")) << now.body;
            for (const std::string& past :
                 {target + "&at=" + write.recorded_at,
                  target + "&revision=" + std::to_string(write.revision - 1)}) {
                const Answered then = server_.get(past);
                EXPECT_EQ(then.status, 200U) << then.body;
                if (!then.says(R"("final":true)")) continue;
                const std::lock_guard guard{mutex_};
                const auto [known, fresh] = closed_.emplace(past, then.body);
                EXPECT_EQ(known->second, then.body) << past;
            }
        }
    }

    // What a frame says that is about the revision, and the one before, as soon as it is there.
    std::string frame_about(server::QueryClient& client, std::uint64_t revision) const {
        codec::QuestionFrame frame;
        frame.at_least = Revision{revision};
        for (const std::uint64_t at : {revision - 1, revision}) {
            domain::CheckQuestion question{"default", "ana", "T/read"};
            question.scope = scope_of(0, static_cast<int>((revision - first_) % writes_of_each));
            question.as_of.revision = Revision{at};
            frame.checks.push_back(std::move(question));
        }
        frame.size = frame.checks.size();
        EXPECT_TRUE(client.send(frame).has_value());
        const auto answers = client.receive();
        EXPECT_TRUE(answers.has_value() && answers.value().answers.size() == frame.size);
        if (!answers) return {};
        for (const codec::FrameAnswer& answer : answers.value().answers)
            EXPECT_TRUE(answer.final && !answer.problem);
        codec::FrameBytes bytes;
        codec::encode_answers(answers.value(), bytes);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    std::unique_ptr<server::QueryClient> query_client() const {
        return std::move(
            server::QueryClient::connect({server_.url(), "default", server_.owner_token()})
                .value());
    }

    void read_frames() {
        const auto client = query_client();
        for (std::uint64_t revision = first_; revision <= last(); ++revision)
            closed_frames_.push_back(frame_about(*client, revision));
    }

    void wait_for_revisions() {
        for (std::uint64_t revision = first_; revision <= last(); revision += wait_every) {
            const Answered answer =
                server_.get(base + "/check?principal=ana&action=T/read&scope=/s&at_least=" +
                            std::to_string(revision));
            EXPECT_EQ(answer.status, 200U) << answer.body;
            EXPECT_GE(std::stoull("0" + answer.header("Tenure-Revision")), revision);
        }
    }

    // Revision and assignment of each event, as they come.
    void follow(std::vector<std::pair<std::uint64_t, std::string>>& events) const {
        server::FeedServer place{server_.url(), "default", server_.owner_token()};
        place.query = "from=" + std::to_string(first_);
        const auto feed = server::FeedClient::connect(place);
        ASSERT_TRUE(feed.has_value()) << feed.error().detail;
        while (events.size() < writers * writes_of_each) {
            const auto event = feed.value()->next();
            ASSERT_TRUE(event.has_value() && event.value());
            events.emplace_back(std::stoull("0" + text_between(*event.value(), R"("id":")", "\"")),
                                text_between(*event.value(), R"("scope":")", "\""));
        }
    }

    RunningServer server_{[](server::Settings& settings) { settings.limits.wait_max_ms = 60'000; }};
    std::uint64_t first_ = 0;
    std::mutex mutex_;
    std::condition_variable some_written_;
    std::vector<Written> written_;
    std::map<std::string, std::string> closed_;  // by target
    std::vector<std::string> closed_frames_;     // by revision, from first_
};

TEST_F(Load, OfAllKindsAtOnceLosesNothingAndContradictsNothing) {
    std::vector<std::pair<std::uint64_t, std::string>> events;
    {
        std::vector<std::future<void>> running;
        // Ended where they go out of scope.
        const auto begin = [&](auto work) {
            running.push_back(std::async(std::launch::async, work));
        };
        begin([&] { follow(events); });
        begin([&] { wait_for_revisions(); });
        for (int writer = 0; writer < writers; ++writer) begin([this, writer] { write(writer); });
        for (std::size_t reader = 0; reader < 2; ++reader) begin([this, reader] { read(reader); });
        begin([&] { read_frames(); });
    }

    std::vector<std::pair<std::uint64_t, std::string>> acknowledged;
    for (const Written& each : written_) acknowledged.emplace_back(each.revision, each.scope);
    std::ranges::sort(acknowledged);
    EXPECT_EQ(acknowledged.size(), writers * writes_of_each);
    EXPECT_EQ(events, acknowledged);

    EXPECT_FALSE(closed_.empty());
    for (const auto& [target, said] : closed_) EXPECT_EQ(server_.get(target).body, said) << target;
    const auto client = query_client();
    for (std::size_t i = 0; i < closed_frames_.size(); ++i)
        EXPECT_EQ(frame_about(*client, first_ + i), closed_frames_[i]) << first_ + i;
}

}  // namespace
}  // namespace tenure::testing
