#include "domain/operations.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "domain/action.h"

namespace tenure::domain {
namespace {

TEST(Operations, AreAllThatARoleSpeaksOf) {
    Role role;
    role.permissions.emplace_back().actions = {"A/*", "a/*"};
    role.permissions.back().not_actions = {"A/Write"};
    role.permissions.emplace_back().data_actions = {"A/*"};
    Operations operations;
    add_operations_of(role, operations);
    EXPECT_EQ(
        operations,
        (Operations{{"a/*", Plane::control}, {"a/write", Plane::control}, {"a/*", Plane::data}}));
    EXPECT_TRUE(operations.begin()->is_pattern());
}

TEST(GrantedOperations, GrantAPatternWholeOrInPart) {
    Role role;
    role.permissions.emplace_back().actions = {"App/*"};
    role.permissions.back().not_actions = {"App/Keys/*"};
    const GrantedOperations granted{role};
    const auto all = [&](const char* name) {
        return granted.all_of(operation(name, Plane::control));
    };
    const auto some = [&](const char* name) {
        return granted.some_of(operation(name, Plane::control));
    };

    EXPECT_EQ(all("app/read"), Granted::yes);
    EXPECT_EQ(all("app/keys/read"), Granted::no);
    EXPECT_EQ(all("app/*"), Granted::no);  // keys are taken out
    EXPECT_TRUE(some("app/*"));
    EXPECT_EQ(all("app/blobs/*"), Granted::yes);
    EXPECT_EQ(all("*"), Granted::no);
    EXPECT_FALSE(some("*"));
    EXPECT_FALSE(some("app/keys/*"));
    EXPECT_EQ(granted.all_of(operation("app/read", Plane::data)), Granted::no);
}

TEST(GrantedOperations, AConditionOnOtherActionsIsNone) {
    const auto granted = [](const char* condition, const char* name) {
        Role role;
        role.permissions.emplace_back().actions = {"*"};
        role.permissions.back().condition = Condition{condition, "2.0"};
        return GrantedOperations{role}.all_of(operation(name, Plane::control));
    };
    constexpr const char* delegation =
        "!(ActionMatches{'Auth/write'}) OR @Request[role] StringEquals 'reader'";

    EXPECT_EQ(granted(delegation, "Files/write"), Granted::yes);
    EXPECT_EQ(granted(delegation, "Auth/write"), Granted::conditionally);
    EXPECT_EQ(granted(delegation, "Files/*"), Granted::conditionally);  // not looked at one by one
    EXPECT_EQ(granted("NOT Exists @Request[role]", "Files/write"), Granted::conditionally);
    EXPECT_EQ(granted("@Environment[UtcNow] DateTimeLessThan '2030-01-01T00:00:00Z'", "a"),
              Granted::conditionally);
    EXPECT_EQ(granted("this is no condition", "a"), Granted::no);
}

TEST(Patterns, OverlapIfSomeTextIsMatchedByBoth) {
    EXPECT_TRUE(patterns_overlap("a/*", "*/read"));
    EXPECT_TRUE(patterns_overlap("*", ""));
    EXPECT_TRUE(patterns_overlap("a*c", "ab*"));
    EXPECT_FALSE(patterns_overlap("a/*", "b/*"));
    EXPECT_FALSE(patterns_overlap("*/read", "*/write"));
    EXPECT_FALSE(patterns_overlap("a", "ab"));
}

TEST(Patterns, OverlapAsTryingAllShortTextsSays) {
    SeededRandom random{3};
    std::vector<std::string> texts{""};
    for (std::size_t i = 0; texts[i].size() < 7; ++i)
        for (const char c : {'a', 'b'}) texts.push_back(texts[i] + c);
    const auto pattern = [&] {
        std::string text;
        for (std::uint64_t n = random.below(4); n > 0; --n) text += "ab*"[random.below(3)];
        return text;
    };
    for (int round = 0; round < 500; ++round) {
        const std::string a = pattern();
        const std::string b = pattern();
        bool both = false;
        for (const std::string& text : texts)
            both = both || (matches_folded(a, text) && matches_folded(b, text));
        EXPECT_EQ(patterns_overlap(a, b), both) << '"' << a << "\" \"" << b << '"';
    }
}

}  // namespace
}  // namespace tenure::domain
