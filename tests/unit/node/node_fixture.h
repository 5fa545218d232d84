#pragma once
// A store in a directory of its own, driven by a clock that only the test moves.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "node/node.h"
#include "support/small_options.h"
#include "support/temp_store.h"

namespace tenure::node {

class ManualClock final : public Clock {
public:
    // 2024-01-01T00:00:00Z
    static constexpr std::int64_t start_us = 1'704'067'200'000'000;

    Instant now() override { return Instant{us_.load()}; }

    void set(Instant t) { us_ = t.us; }

    void advance(std::int64_t us) { us_ += us; }

private:
    std::atomic<std::int64_t> us_{start_us};
};

inline constexpr std::int64_t second = 1'000'000;

using testing::small_options;

// By the owner of the tenant, where there is one to do it.
inline domain::Command command(domain::CommandBody body, const std::string& tenant = "acme") {
    const bool owned = tenant != "default" && !std::holds_alternative<domain::CreateTenant>(body);
    domain::Command made;
    made.tenant = tenant;
    made.actor = owned ? "owner" : domain::system_actor;
    made.body = std::move(body);
    return made;
}

inline domain::CommandBody create_user(const std::string& id) {
    domain::CreatePrincipal create;
    create.principal.id = id;
    return create;
}

inline domain::CommandBody assign_owner(const std::string& id, const std::string& principal) {
    domain::CreateAssignment create;
    create.assignment.id = id;
    create.assignment.principal = principal;
    create.assignment.role = "owner";
    create.assignment.scope = "/";
    return create;
}

inline domain::Batch batch(std::vector<domain::CommandBody> bodies, const std::string& id = {},
                           const std::string& tenant = "acme") {
    domain::Batch made;
    made.command_id = id;
    for (domain::CommandBody& body : bodies)
        made.commands.push_back(command(std::move(body), tenant));
    return made;
}

inline domain::CheckQuestion may_write(const std::string& principal, domain::AsOf as_of = {},
                                       const std::string& tenant = "acme") {
    return {tenant, principal, "Acme.Files/write", domain::Plane::control, "/", as_of};
}

inline domain::AsOf at(Instant t) {
    domain::AsOf as_of;
    as_of.at = t;
    return as_of;
}

inline std::string user_line(const std::string& time, const std::string& id,
                             const std::string& tenant = {}) {
    return R"({"time":")" + time + R"(",)" +
           (tenant.empty() ? std::string{} : R"("tenant":")" + tenant + R"(",)") +
           R"("actor":"hr","type":"principal.create","data":{"principal":")" + id +
           R"(","kind":"user"}})"
           "\n";
}

// "2020-01-01T00:00:00Z" and `n` seconds.
inline std::string old_time(std::int64_t n) {
    return format_instant(Instant{1'577'836'800'000'000 + n * second});
}

inline std::string user_lines(std::size_t count, const std::string& prefix = "u",
                              const std::string& tenant = {}) {
    std::string lines;
    for (std::size_t i = 0; i < count; ++i)
        lines +=
            user_line(old_time(static_cast<std::int64_t>(i)), prefix + std::to_string(i), tenant);
    return lines;
}

inline std::vector<domain::Event> all_events(const Node& node, const EventFilter& filter = {}) {
    std::vector<domain::Event> found;
    const auto read = node.events(filter, [&](const domain::Event& event) {
        found.push_back(event);
        return true;
    });
    EXPECT_TRUE(read.has_value());
    return found;
}

inline void expect_sound(const Node& node) {
    const auto report = node.verify({});
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_EQ(report.value().log_problem, "");
    EXPECT_EQ(report.value().index_problem, "");
    EXPECT_TRUE(report.value().ok());
}

class Store : public ::testing::Test {
protected:
    testing::TempDir dir_;
    std::string path_ = dir_ / "store";
    ManualClock clock_;
    SeededRandom random_{1};
    Options options_ = small_options();
    std::unique_ptr<Node> node_;

    // A store with the tenant acme and its owner: 4 events.
    void SetUp() override {
        create("acme");
        open();
    }

    void create(const std::string& tenant) {
        const auto made =
            Node::create(path_, {tenant, tenant.empty() ? "" : "owner"}, clock_, random_, options_);
        ASSERT_TRUE(made.has_value()) << made.error().detail;
    }

    void open() {
        node_.reset();
        auto opened = Node::open(path_, clock_, random_, options_);
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        node_ = std::move(opened.value());
    }

    Receipt must_submit(domain::Batch what) {
        const auto receipt = node_->submit(std::move(what));
        EXPECT_TRUE(receipt.has_value()) << receipt.error().detail;
        return receipt.has_value() ? receipt.value() : Receipt{};
    }

    Error refused(domain::Batch what) {
        const auto receipt = node_->submit(std::move(what));
        EXPECT_FALSE(receipt.has_value());
        return receipt.has_value() ? Error{} : receipt.error();
    }

    ImportReport must_import(const std::string& lines, const ImportOptions& import_options = {}) {
        std::istringstream input{lines};
        auto report = node_->import(input, import_options);
        EXPECT_TRUE(report.has_value()) << report.error().detail;
        return report.has_value() ? std::move(report.value()) : ImportReport{};
    }

    Error import_error(const std::string& lines, const ImportOptions& import_options = {}) {
        std::istringstream input{lines};
        const auto report = node_->import(input, import_options);
        EXPECT_FALSE(report.has_value());
        return report.has_value() ? Error{} : report.error();
    }

    bool exists(const std::string& principal, const std::string& tenant = "acme") {
        for (const domain::Event& event : all_events(*node_)) {
            const auto* created = std::get_if<domain::PrincipalCreated>(&event.body);
            if (created && created->principal.id == principal && event.tenant == tenant)
                return true;
        }
        return false;
    }
};

// Holds the writer thread until it is opened: what is submitted meanwhile stands in one group.
class Gate {
public:
    explicit Gate(Node& node, const std::string& name = "gate") {
        std::promise<void> closed;
        auto is_closed = closed.get_future();
        const auto submitted = node.submit_later(
            batch({create_user(name)}), [this, &closed](const Result<Receipt>& receipt) {
                EXPECT_TRUE(receipt.has_value()) << receipt.error().detail;
                closed.set_value();
                opened_.get_future().wait();
            });
        EXPECT_TRUE(submitted.has_value());
        is_closed.wait();
    }

    ~Gate() { open(); }

    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void open() {
        if (!std::exchange(is_open_, true)) opened_.set_value();
    }

private:
    std::promise<void> opened_;
    bool is_open_ = false;
};

// An answer that is still to come.
class Pending {
public:
    Pending(Node& node, domain::Batch what) {
        auto promise = std::make_shared<std::promise<Result<Receipt>>>();
        future_ = promise->get_future();
        const auto submitted = node.submit_later(
            std::move(what),
            [promise](Result<Receipt> receipt) { promise->set_value(std::move(receipt)); });
        EXPECT_TRUE(submitted.has_value());
    }

    Result<Receipt> get() { return future_.get(); }

private:
    std::future<Result<Receipt>> future_;
};

}  // namespace tenure::node
