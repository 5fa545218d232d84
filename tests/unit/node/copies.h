#pragma once
// Stores of one log in one process, with their replicators: real logs and indexes, messages as
// frames, no sockets.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "codec/replication_frames.h"
#include "log/event_log.h"
#include "node/replicator.h"
#include "unit/node/node_fixture.h"

namespace tenure::node {

namespace net = boost::asio;
namespace r = tenure::replication;

// Wakes whoever waits for something to become true.
class Changes {
public:
    void happened() {
        {
            const std::lock_guard guard{mutex_};
            ++count_;
        }
        changed_.notify_all();
    }

    template <class Condition>
    bool await(Condition condition) {
        // Looked at again after a while too: not everything is told.
        for (int tries = 0; tries < 6'000; ++tries) {
            if (condition()) return true;
            std::unique_lock guard{mutex_};
            const auto before = count_;
            changed_.wait_for(guard, std::chrono::milliseconds{5},
                              [&] { return count_ != before; });
        }
        return false;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t count_ = 0;
};

// A store with its replicator.
class Copy {
public:
    Copy(std::string name, std::string path, Changes& changes, ManualClock& clock)
        : name_{std::move(name)}, path_{std::move(path)}, changes_{changes}, clock_{clock} {}

    ~Copy() { close(); }

    void create() {
        const auto made = Node::create(path_, {"acme", "owner"}, clock_, random_, small_options());
        ASSERT_TRUE(made) << made.error().detail;
    }

    void create_copy_of(Copy& other) {
        const LogIdentity identity{other.node().event_log().id(),
                                   other.node().event_log().created_at()};
        const auto made = Node::create_copy(path_, identity, small_options());
        ASSERT_TRUE(made) << made.error().detail;
    }

    // `members`: of a leader; none: it commits alone.
    void open(bool copies, const std::vector<std::string>& members = {},
              Options options = small_options()) {
        options.copies = copies;
        options.replicated = true;
        options.needs_members = !members.empty();
        options.committed = [this](const Committed&) {
            if (replicator_ && replicator_->leads()) replicator_->grown();
            changes_.happened();
        };
        auto opened = Node::open(path_, clock_, random_, options);
        ASSERT_TRUE(opened) << opened.error().detail;
        node_ = std::move(opened.value());
        ReplicatorSettings settings;
        settings.node = name_;
        settings.tick = std::chrono::milliseconds{5};
        settings.silence_ticks = 2'000;
        settings.members = members;
        settings.commit_ticks = 1'000;  // five seconds
        settings.tell = [this](std::string_view event, const std::string& detail) {
            const std::lock_guard guard{told_mutex_};
            told_.emplace_back(event, detail);
        };
        replicator_ = std::make_unique<Replicator>(node_->replicated(), clock_, settings);
        const auto started = replicator_->start();
        ASSERT_TRUE(started) << started.error().detail;
    }

    void close() {
        if (replicator_) replicator_->stop();
        if (node_) node_->stop();
        replicator_.reset();
        node_.reset();
    }

    Node& node() { return *node_; }

    Replicator& replicator() { return *replicator_; }

    const std::string& path() const { return path_; }

    Revision visible() { return node_->session()->head(); }

    void write(const std::string& user, const std::string& id = {}) {
        const auto receipt = node_->submit(batch({create_user(user)}, id));
        ASSERT_TRUE(receipt) << receipt.error().detail;
    }

    bool was_told(const std::string& event, const std::string& detail) {
        const std::lock_guard guard{told_mutex_};
        return std::ranges::find(told_, std::pair{event, detail}) != told_.end();
    }

    std::vector<std::string> all_told() {
        const std::lock_guard guard{told_mutex_};
        std::vector<std::string> events;
        for (const auto& [event, detail] : told_) events.push_back(event);
        return events;
    }

    // The first of them.
    std::string told(const std::string& event) {
        const std::lock_guard guard{told_mutex_};
        for (const auto& [each, detail] : told_)
            if (each == event) return detail;
        return {};
    }

private:
    const std::string name_;
    const std::string path_;
    Changes& changes_;
    ManualClock& clock_;
    SeededRandom random_{std::hash<std::string>{}(name_)};
    std::unique_ptr<Node> node_;
    std::unique_ptr<Replicator> replicator_;
    std::mutex told_mutex_;
    std::vector<std::pair<std::string, std::string>> told_;  // event, detail
};

// A connection: what one end sends comes to the other as a frame.
class Link {
public:
    Link(Copy& copy, Copy& source) {
        auto& at_copy = ends_[0];
        auto& at_source = ends_[1];
        at_copy = std::make_shared<End>(copy.replicator());
        at_source = std::make_shared<End>(source.replicator());
        at_copy->other = at_source;
        at_source->other = at_copy;
        // The source first: the copy speaks at once.
        open(at_source, false);
        open(at_copy, true);
    }

    ~Link() { cut(); }

    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Once it is done neither end refers to the other's replicator.
    void cut() {
        for (const auto& end : ends_) {
            std::promise<void> ended;
            net::post(end->replicator.context(), [&] {
                end->end_now();
                ended.set_value();
            });
            ended.get_future().get();
        }
    }

    bool closed() const { return ends_[0]->closed || ends_[1]->closed; }

private:
    struct End final : ReplicationPeer, std::enable_shared_from_this<End> {
        explicit End(Replicator& at) : replicator{at} {}

        void send(const r::Message& message) override {
            codec::FrameBytes frame;
            codec::encode_message(message, frame);
            const auto to = other.lock();
            if (!to || closed) return;
            net::post(to->replicator.context(), [to, frame = std::move(frame)] {
                const auto came = codec::decode_message(frame);
                ASSERT_TRUE(came) << came.error().detail;
                if (!to->closed) to->replicator.received(to->session, came.value());
            });
        }

        void close(const std::string&) override {
            closed = true;
            if (const auto to = other.lock()) to->end();
        }

        void end() {
            net::post(replicator.context(), [self = shared_from_this()] { self->end_now(); });
        }

        void end_now() {
            if (!closed.exchange(true)) replicator.ended(session);
        }

        Replicator& replicator;
        std::weak_ptr<End> other;
        r::SessionId session;
        std::atomic<bool> closed{false};
    };

    static void open(const std::shared_ptr<End>& end, bool upstream) {
        std::promise<void> done;
        net::post(end->replicator.context(), [&] {
            // Assigned before anything can come: this thread is the one it comes on.
            end->session = end->replicator.opened(end, upstream);
            done.set_value();
        });
        done.get_future().wait();
    }

    std::array<std::shared_ptr<End>, 2> ends_;
};

class Replication : public ::testing::Test {
protected:
    void SetUp() override {
        leader_.create();
        leader_.open(false);
    }

    // All that the leader has is seen at `copy`.
    void expect_caught_up(Copy& copy) {
        const Revision head = leader_.visible();
        EXPECT_TRUE(changes_.await([&] { return copy.visible() == head; }))
            << copy.visible().value << " of " << head.value << copy.told("not_written");
        EXPECT_EQ(copy.node().status().root, leader_.node().status().root);
    }

    const testing::TempDir dir_;
    Changes changes_;
    ManualClock clock_;
    Copy leader_{"a", dir_ / "a", changes_, clock_};
    Copy first_{"b", dir_ / "b", changes_, clock_};
    Copy second_{"c", dir_ / "c", changes_, clock_};
};

}  // namespace tenure::node
