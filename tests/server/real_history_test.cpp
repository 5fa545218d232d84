// A real history of eight years, if TENURE_SHARED_DATA names a folder that has one: its questions
// through every door of the server.

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "api/json_text.h"
#include "codec/json_lines.h"
#include "server/follower.h"
#include "server/query_client.h"
#include "support/running_server.h"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

const std::string tenant = "default";

struct Check {
    domain::CheckQuestion question;
    bool expected = false;
};

struct List {
    std::string target;  // of the native API
    std::string member;  // of the entries, that names them
    std::vector<std::string> expected;
};

std::string encoded(const std::string& text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

// The texts of all members of that name, in order.
std::vector<std::string> members(const std::string& json, const std::string& name) {
    std::vector<std::string> found;
    const std::string begin = '"' + name + "\":\"";
    for (std::size_t at = json.find(begin); at != std::string::npos; at = json.find(begin, at)) {
        at += begin.size();
        found.push_back(json.substr(at, json.find('"', at) - at));
    }
    return found;
}

class RealHistoryOverTheNetwork : public ::testing::Test {
protected:
    void SetUp() override {
        const char* shared = std::getenv("TENURE_SHARED_DATA");
        if (shared == nullptr) GTEST_SKIP() << "TENURE_SHARED_DATA is not set";
        const std::string data = std::string(shared) + "/kubernetes-org";
        if (!fs::exists(data + "/queries.jsonl")) GTEST_SKIP() << data << " is not there";
        server_ = std::make_unique<RunningServer>([](server::Settings& settings) {
            leads(settings);
            long_pages(settings);
        });
        // Only what has happened is imported.
        constexpr std::int64_t day_ms = 86'400'000;
        server_->clock().advance_ms(3'650 * day_ms);
        std::ifstream history{data + "/commands.jsonl"};
        node::ImportOptions options;
        options.tenant = "kubernetes";
        const auto imported = server_->node().import(history, options);
        ASSERT_TRUE(imported.has_value()) << imported.error().detail;
        std::ifstream questions{data + "/queries.jsonl"};
        std::string line;
        while (std::getline(questions, line)) take(line);
        ASSERT_EQ(checks_.size() + lists_.size(), 40'800U);
    }

    void take(const std::string& line) {
        const auto asked = codec::parse_ask_line(line, "kubernetes");
        ASSERT_TRUE(asked.has_value()) << asked.error().detail;
        const domain::AskLine& ask = asked.value();
        if (const auto* check = std::get_if<domain::CheckQuestion>(&ask.question)) {
            checks_.push_back({*check, ask.expected_allow.value()});
        } else if (const auto* who = std::get_if<domain::WhoCanQuestion>(&ask.question)) {
            lists_.push_back({path(who->tenant) + "/who-can?action=" + encoded(who->action) +
                                  "&scope=" + encoded(who->scope) + rest(who->plane, who->as_of),
                              "principal", *ask.expected_list});
        } else {
            const auto& what = std::get<domain::WhatCanQuestion>(ask.question);
            lists_.push_back({path(what.tenant) + "/what-can?principal=" + encoded(what.principal) +
                                  "&action=" + encoded(what.action) + "&within=" +
                                  encoded("/orgs/*/repos/*") + rest(what.plane, what.as_of),
                              "scope", *ask.expected_list});
        }
    }

    static void long_pages(server::Settings& settings) {
        settings.limits.page_entries_max = 1'000'000;
    }

    static std::string path(const std::string& of) { return "/v1/tenants/" + of; }

    static std::string rest(domain::Plane plane, const domain::AsOf& as_of) {
        return "&plane=" + std::string(domain::name_of(plane)) +
               "&at=" + encoded(format_instant(as_of.at.value())) + "&limit=1000000";
    }

    // AuthZEN names a subject with its type.
    std::string kind_of(const std::string& principal) {
        const auto found = kinds_.find(principal);
        if (found != kinds_.end()) return found->second;
        const auto answer = server_->node().session()->principal("kubernetes", principal, {});
        const auto& known = answer.value().principal;
        return kinds_[principal] =
                   known ? std::string(domain::name_of(known->principal.kind)) : "user";
    }

    // Checks by frames, lists by HTTP.
    void expect_answers_of(const std::string& url) const {
        auto asks = server::QueryClient::connect({url, "kubernetes", ""});
        ASSERT_TRUE(asks.has_value()) << asks.error().detail;
        std::size_t mismatches_checks = 0;
        for (std::size_t begin = 0; begin < checks_.size(); begin += together) {
            const std::size_t end = std::min(checks_.size(), begin + together);
            std::vector<domain::CheckQuestion> frame;
            for (std::size_t i = begin; i < end; ++i) frame.push_back(checks_[i].question);
            const auto answered = asks.value()->ask(std::move(frame));
            ASSERT_TRUE(answered.has_value()) << answered.error().detail;
            using enum codec::FrameAnswer::Decision;
            for (std::size_t i = begin; i < end; ++i)
                if (answered.value().answers[i - begin].decision !=
                    (checks_[i].expected ? allow : deny))
                    ++mismatches_checks;
        }
        std::size_t mismatches_lists = 0;
        server::HttpClient client{server::parse_server_url(url, "url").value(), {}};
        for (const List& list : lists_) {
            const auto answer = client.ask({"GET", list.target});
            ASSERT_TRUE(answer.has_value()) << answer.error().detail;
            ASSERT_EQ(answer.value().status, 200U) << answer.value().body;
            if (members(answer.value().body, list.member) != list.expected) ++mismatches_lists;
        }
        EXPECT_EQ(mismatches_checks, 0U);
        EXPECT_EQ(mismatches_lists, 0U);
    }

    static constexpr std::size_t together = 400;

    std::map<std::string, std::string> kinds_;
    std::unique_ptr<RunningServer> server_;
    std::vector<Check> checks_;
    std::vector<List> lists_;
};

TEST_F(RealHistoryOverTheNetwork, IsAnsweredAsItsSourceSaysByEveryDoor) {
    std::size_t mismatches_http = 0;
    std::size_t mismatches_authzen = 0;
    for (std::size_t begin = 0; begin < checks_.size(); begin += together) {
        const std::size_t end = std::min(checks_.size(), begin + together);
        api::JsonText batch;
        batch.begin_object();
        batch.name("checks");
        batch.begin_array();
        api::JsonText evaluations;
        evaluations.begin_object();
        evaluations.name("evaluations");
        evaluations.begin_array();
        for (std::size_t i = begin; i < end; ++i) {
            const domain::CheckQuestion& q = checks_[i].question;
            batch.begin_object();
            batch.member("principal", std::string_view{q.principal});
            batch.member("action", std::string_view{q.action});
            batch.member("plane", domain::name_of(q.plane));
            batch.member("scope", std::string_view{q.scope});
            batch.member("at", q.as_of.at);
            batch.end_object();
            evaluations.begin_object();
            evaluations.name("subject");
            evaluations.begin_object();
            evaluations.member("type", std::string_view{kind_of(q.principal)});
            evaluations.member("id", std::string_view{q.principal});
            evaluations.end_object();
            evaluations.name("action");
            evaluations.begin_object();
            evaluations.member("name", std::string_view{q.action});
            evaluations.name("properties");
            evaluations.begin_object();
            evaluations.member("plane", domain::name_of(q.plane));
            evaluations.end_object();
            evaluations.end_object();
            evaluations.name("resource");
            evaluations.begin_object();
            evaluations.member("type", "scope");
            evaluations.member("id", std::string_view{q.scope});
            evaluations.end_object();
            evaluations.name("context");
            evaluations.begin_object();
            evaluations.member("at", q.as_of.at);
            evaluations.end_object();
            evaluations.end_object();
        }
        batch.end_array();
        batch.end_object();
        evaluations.end_array();
        evaluations.end_object();

        const auto by_http = members(
            server_->post(path("kubernetes") + "/checks", batch.take(), "-").body, "decision");
        ASSERT_EQ(by_http.size(), end - begin);
        const std::string authzen =
            server_->post("/tenants/kubernetes/access/v1/evaluations", evaluations.take(), "-")
                .body;
        std::size_t at = 0;
        for (std::size_t i = begin; i < end; ++i) {
            const bool expected = checks_[i].expected;
            if (by_http[i - begin] != (expected ? "allow" : "deny")) ++mismatches_http;
            at = authzen.find("\"decision\":", at);
            ASSERT_NE(at, std::string::npos) << authzen.substr(0, 300);
            at += 11;
            if ((authzen.compare(at, 4, "true") == 0) != expected) ++mismatches_authzen;
        }
    }
    EXPECT_EQ(mismatches_http, 0U);
    EXPECT_EQ(mismatches_authzen, 0U);
    expect_answers_of(server_->url());
    std::printf("%zu checks by query, HTTP and AuthZEN, %zu lists by HTTP\n", checks_.size(),
                lists_.size());
}

TEST_F(RealHistoryOverTheNetwork, IsAnsweredAsItsSourceSaysByAFollowerOfAFollower) {
    Follower first{"b", server_->url()};
    Follower second{"c", first.url(), long_pages};
    const Revision last = server_->node().status().last;
    ASSERT_TRUE(second.reaches(last, std::chrono::minutes{5}));
    EXPECT_EQ(second.node().status().root, server_->node().status().root);
    const auto here = second.node().index_digest(last, {});
    const auto there = server_->node().index_digest(last, {});
    ASSERT_TRUE(here && there);
    EXPECT_EQ(here.value().digest, there.value().digest);
    // It is asked alone.
    server_.reset();
    first.stop();
    expect_answers_of(second.url());
}

}  // namespace
}  // namespace tenure::testing
