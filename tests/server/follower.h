#pragma once
// A leader's settings and a follower in the test's own process, over real sockets.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/http_client.h"
#include "server/replication_source.h"
#include "support/running_server.h"
#include "support/small_options.h"

namespace tenure::testing {

// Of the leader; followers are let in without certificates.
inline void leads(server::Settings& settings) {
    settings.authentication = false;
    settings.replication.node = "a";
}

// A server that copies from another.
class Follower {
public:
    using Change = std::function<void(server::Settings&)>;

    static constexpr std::chrono::seconds usual_patience{20};

    Follower(std::string name, std::string source, Change change = {})
        : name_{std::move(name)}, source_{std::move(source)}, change_{std::move(change)} {
        start();
    }

    // Of a log whose source it cannot reach: it has nothing of it.
    Follower(std::string name, const node::LogIdentity& of)
        : name_{std::move(name)}, source_{"http://127.0.0.1:1"}, made_{true} {
        EXPECT_TRUE(node::Node::create_copy(store_, of, small_options()));
        start();
    }

    ~Follower() { stop(); }

    void start() {
        server::Settings settings;
        settings.port = 0;
        settings.threads = 1;
        settings.log_level = "error";
        settings.authentication = false;
        settings.replication.node = name_;
        settings.replication.source = source_;
        if (change_) change_(settings);
        if (!made_) {
            const auto log = server::ask_log_identity(server::source_place(settings));
            ASSERT_TRUE(log) << log.error().detail;
            const auto made = node::Node::create_copy(store_, log.value(), small_options());
            ASSERT_TRUE(made) << made.error().detail;
            made_ = true;
        }
        observer_ = std::make_unique<server::Observer>();
        observer_->heads.listen([this] { changed_.notify_all(); });
        node::Options options = small_options();
        options.copies = true;
        options.committed = [this](const node::Committed& group) { observer_->committed(group); };
        auto opened = node::Node::open(store_, clock_, random_, options);
        ASSERT_TRUE(opened) << opened.error().detail;
        node_ = std::move(opened.value());
        server_ = std::make_unique<server::Server>(settings, *node_, *observer_, clock_, random_);
        const auto started = server_->start();
        ASSERT_TRUE(started) << started.error().detail;
    }

    void stop() {
        if (server_) server_->stop();
        if (node_) node_->stop();
        server_.reset();
        node_.reset();
    }

    node::Node& node() { return *node_; }

    const std::string& directory() const { return store_; }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

    // Waits until it shows the revision.
    bool reaches(Revision revision, std::chrono::seconds patience = usual_patience) {
        return await([&] { return observer_->heads.newest() >= revision; }, patience);
    }

    template <class Condition>
    bool await(Condition condition, std::chrono::seconds patience = usual_patience) {
        // Looked at again after a while too: not everything is told. What is told takes no time.
        constexpr std::chrono::milliseconds a_while{10};
        for (std::chrono::milliseconds waited{0}; waited < patience;) {
            if (condition()) return true;
            std::unique_lock guard{mutex_};
            if (changed_.wait_for(guard, a_while) == std::cv_status::timeout) waited += a_while;
        }
        return false;
    }

    server::ClientAnswer ask(const std::string& target,
                             std::vector<std::pair<std::string, std::string>> headers = {},
                             const std::string& body = {}) const {
        server::HttpClient client{server::parse_server_url(url(), "url").value(), {}};
        server::ClientRequest request;
        request.target = target;
        request.headers = std::move(headers);
        if (!body.empty()) {
            request.method = "POST";
            request.body = body;
            request.headers.emplace_back("Content-Type", "application/json");
        }
        auto answer = client.ask(request);
        if (!answer) return {0, answer.error().detail, {}};
        return std::move(answer.value());
    }

private:
    const TempDir files_;
    const std::string store_ = files_ / "store";
    const std::string name_;
    const std::string source_;
    const Change change_;
    bool made_ = false;
    MovingClock clock_{server_start};
    SeededRandom random_{2};
    std::unique_ptr<server::Observer> observer_;
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<server::Server> server_;
    std::mutex mutex_;
    std::condition_variable changed_;
};

// A command that makes a user.
inline std::string user(const std::string& name) {
    return R"({"type":"principal.create","data":{"principal":")" + name + R"(","kind":"user"}})" +
           "\n";
}

}  // namespace tenure::testing
