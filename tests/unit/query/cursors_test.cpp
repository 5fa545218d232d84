#include <gtest/gtest.h>

#include "query/questions.h"
#include "unit/query/small_world.h"

namespace tenure::query {
namespace {

class Cursors : public ::testing::Test {
protected:
    Cursors() {
        world_.happen("t", domain::TenantCreated{});
        world_.role("reader", {"*/read"});
        for (const char* id : {"eve", "bob", "dan", "amy", "cat"}) {
            world_.user(id);
            world_.assign(std::string("for ") + id, id, "reader", "/" + std::string(id));
            world_.assign(std::string("all ") + id, id, "reader", "/");
        }
    }

    Result<WhoCanAnswer> who(const Page& page) {
        const domain::WhoCanQuestion question{"t", "a/read", domain::Plane::control, "/", {}};
        auto answer = who_can(world_.engine(), question, false, page, world_.moment());
        world_.engine().end();
        return answer;
    }

    Result<WhatCanAnswer> what(const Page& page, const std::string& action) {
        const domain::WhatCanQuestion question{"t", "bob", action, domain::Plane::control, {}};
        auto answer = what_can(world_.engine(), question, "", page, world_.moment());
        world_.engine().end();
        return answer;
    }

    static std::vector<std::string> ids(const WhoCanAnswer& answer) {
        std::vector<std::string> result;
        for (const WhoCanEntry& entry : answer.principals) result.push_back(entry.principal);
        return result;
    }

    SmallWorld world_;
};

using Texts = std::vector<std::string>;

TEST_F(Cursors, LeadThroughAListPageByPage) {
    const auto first = who({2, ""}).value();
    const auto second = who({2, first.next}).value();
    const auto third = who({2, second.next}).value();

    EXPECT_EQ(ids(first), (Texts{"amy", "bob"}));
    EXPECT_EQ(ids(second), (Texts{"cat", "dan"}));
    EXPECT_EQ(ids(third), Texts{"eve"});
    EXPECT_EQ(third.next, "");
}

TEST_F(Cursors, AreNotGivenWhenThereIsNothingMore) {
    EXPECT_EQ(who({5, ""}).value().next, "");
    EXPECT_EQ(who({0, ""}).value().next, "");
    EXPECT_NE(who({4, ""}).value().next, "");
}

TEST_F(Cursors, StayAtTheBasisOfTheFirstPage) {
    const auto first = who({2, ""}).value();
    world_.happen("t", domain::AssignmentRevoked{"all dan"});
    world_.user("bea");
    world_.assign("all bea", "bea", "reader", "/");

    const auto rest = who({0, first.next}).value();

    EXPECT_EQ(rest.basis.revision, first.basis.revision);
    EXPECT_EQ(rest.basis.clock, first.basis.clock);
    EXPECT_EQ(rest.basis.final, first.basis.final);
    EXPECT_EQ(ids(rest), (Texts{"cat", "dan", "eve"}));
    EXPECT_EQ(ids(who({0, ""}).value()), (Texts{"amy", "bea", "bob", "cat", "eve"}));
}

TEST_F(Cursors, KeepTheClockOfWindows) {
    domain::Assignment assignment;
    assignment.id = "short";
    assignment.principal = "amy";
    assignment.role = "reader";
    assignment.scope = "/";
    assignment.window.end = world_.now() + 10;
    world_.happen("t", domain::AssignmentRevoked{"all amy"});
    world_.happen("t", domain::AssignmentCreated{assignment});
    const auto first = who({1, ""}).value();
    ASSERT_EQ(ids(first), Texts{"amy"});
    world_.wait(100);

    EXPECT_EQ(ids(who({0, ""}).value()), (Texts{"bob", "cat", "dan", "eve"}));
    const auto rest = who({0, first.next}).value();
    EXPECT_EQ(ids(rest), (Texts{"bob", "cat", "dan", "eve"}));
    EXPECT_EQ(rest.basis.clock, first.basis.clock);
}

TEST_F(Cursors, LeadThroughScopesToo) {
    for (const std::string action : {"", "a/read"}) {
        const auto first = what({1, ""}, action).value();
        ASSERT_EQ(first.scopes.size(), 1U);
        EXPECT_EQ(first.scopes.front().scope, "/");
        const auto rest = what({0, first.next}, action).value();
        EXPECT_EQ(rest.next, "");
        EXPECT_EQ(rest.scopes.front().scope, action.empty() ? "/bob" : "/amy");
    }
}

TEST_F(Cursors, OfOthersAreRefused) {
    const std::string good = who({2, ""}).value().next;
    for (const std::string& bad :
         {std::string{"x"}, std::string{":"}, std::string{"1:2"}, std::string{"1:2:f"},
          std::string{"1:2:q:amy"}, std::string{"-1:2:f:amy"},
          "1" + good.substr(good.find(':') + 1), std::string{"99999999999999999999:0:f:amy"}}) {
        const auto answer = who({2, bad});
        ASSERT_FALSE(answer.has_value()) << bad;
        EXPECT_EQ(answer.error().code, Errc::invalid_argument) << bad;
        EXPECT_EQ(answer.error().field, "cursor") << bad;
    }
}

TEST_F(Cursors, OfARevisionThatIsNotHereAreNotAvailable) {
    const auto answer = who({2, "1000000:0:f:amy"});

    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace tenure::query
