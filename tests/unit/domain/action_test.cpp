#include "domain/action.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "base/text.h"
#include "domain/limits.h"
#include "support/random_events.h"

namespace tenure::domain {
namespace {

bool matches(std::string_view pattern, std::string_view action) {
    return matches_folded(folded(pattern), folded(action));
}

TEST(ActionPattern, IsAnchoredAndIgnoresCase) {
    EXPECT_TRUE(matches("Microsoft.Compute/virtualMachines/read",
                        "microsoft.compute/VIRTUALMACHINES/Read"));
    EXPECT_FALSE(matches("Microsoft.Compute/virtualMachines/read",
                         "Microsoft.Compute/virtualMachines/read/x"));
    EXPECT_FALSE(matches("virtualMachines/read", "Microsoft.Compute/virtualMachines/read"));
    EXPECT_FALSE(
        matches("Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachines/read"));
}

TEST(ActionPattern, WildcardCrossesSlashes) {
    EXPECT_TRUE(
        matches("Microsoft.CostManagement/exports/*", "Microsoft.CostManagement/exports/action"));
    EXPECT_TRUE(matches("Microsoft.CostManagement/exports/*",
                        "Microsoft.CostManagement/exports/run/action"));
    EXPECT_TRUE(matches("Microsoft.Authorization/*/Write",
                        "Microsoft.Authorization/roleAssignments/write"));
    EXPECT_TRUE(matches("Microsoft.Authorization/*/Write",
                        "Microsoft.Authorization/policyAssignments/sub/write"));
}

TEST(ActionPattern, WildcardStandsAnywhere) {
    EXPECT_TRUE(matches("*", "anything/at/all"));
    EXPECT_TRUE(matches("*/read", "NewRelic.APM/accounts/read"));
    EXPECT_FALSE(matches("*/read", "Microsoft.Storage/storageAccounts/listKeys/action"));
    EXPECT_TRUE(matches("a*c*e", "abcde"));
    EXPECT_TRUE(matches("*b*d*", "abcde"));
    EXPECT_FALSE(matches("*d*b*", "abcde"));
}

TEST(ActionPattern, NeedsSomethingBetweenTwoSlashes) {
    EXPECT_FALSE(matches("X/accounts/*/read", "X/accounts/read"));
    EXPECT_TRUE(matches("X/accounts/*/read", "X/accounts/keys/read"));
}

TEST(ActionPattern, WildcardMayMatchNothing) {
    EXPECT_TRUE(matches("a/*", "a/"));
    EXPECT_TRUE(matches("ab*bc", "abbc"));
    EXPECT_FALSE(matches("ab*bc", "abc"));  // prefix and suffix do not overlap
    EXPECT_TRUE(matches("**", ""));
    EXPECT_TRUE(matches("*", ""));
    EXPECT_TRUE(matches("", ""));
    EXPECT_FALSE(matches("", "a"));
}

TEST(ActionPattern, IsNotTrimmed) {
    EXPECT_FALSE(matches("X/accounts/read ", "X/accounts/read"));
    EXPECT_FALSE(matches("X/accounts/read/", "X/accounts/read"));
}

TEST(ActionPattern, FoldsAsciiOnly) {
    EXPECT_TRUE(matches("X/räume/READ", "x/räume/read"));
    EXPECT_FALSE(matches("X/RÄUME/read", "x/räume/read"));
}

// The definition, letter by letter.
bool naive(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*')
        return naive(pattern.substr(1), text) || (!text.empty() && naive(pattern, text.substr(1)));
    return !text.empty() && pattern.front() == text.front() &&
           naive(pattern.substr(1), text.substr(1));
}

std::string drawn(Random& random, std::string_view alphabet, std::size_t length_max) {
    std::string text;
    for (std::uint64_t n = random.below(length_max + 1); n > 0; --n)
        text += alphabet[random.below(alphabet.size())];
    return text;
}

TEST(ActionPattern, AgreesWithTheDefinitionOnRandomTexts) {
    const std::uint64_t seed = testing::seed_under_test();
    SCOPED_TRACE("TENURE_SEED=" + std::to_string(seed));
    SeededRandom random{seed};
    int matched = 0;
    for (int i = 0; i < 50'000; ++i) {
        const std::string pattern = drawn(random, i % 2 == 0 ? "ab*" : "a/b**", 7);
        const std::string text = drawn(random, i % 2 == 0 ? "ab" : "a/b", 8);
        const bool expected = naive(pattern, text);
        matched += expected ? 1 : 0;
        ASSERT_EQ(matches_folded(pattern, text), expected) << pattern << " on " << text;
        const CompiledPermissions compiled{{{{pattern}, {}, {}, {}, {}}}};
        ASSERT_EQ(compiled.match(text, Plane::control).unconditional, expected)
            << pattern << " on " << text;
    }
    EXPECT_GT(matched, 2'500);
}

TEST(ActionPattern, ManyWildcardsTakeNoLonger) {
    std::string pattern;
    for (std::size_t i = 0; i < limits::action_length_max / 2; ++i) pattern += "*a";
    const std::string text(limits::action_length_max, 'a');
    EXPECT_TRUE(matches_folded(pattern, text));
    EXPECT_FALSE(matches_folded(pattern + "*b", text + "c"));
}

TEST(Action, IsFoldedWhenItIsFine) {
    EXPECT_EQ(parse_action("Microsoft.Compute/virtualMachines/READ", "action").value(),
              "microsoft.compute/virtualmachines/read");
    EXPECT_EQ(parse_action("X/räume/read", "action").value(), "x/räume/read");
}

TEST(Action, IsRefusedWhenItIsNotOneAction) {
    for (const std::string_view text : {"", "*/read", "a\nb", "a\x7f", "\xFF", "a/\xC0\xAF"}) {
        const auto result = parse_action(text, "data.action");
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, Errc::invalid_argument) << text;
        EXPECT_EQ(result.error().field, "data.action") << text;
    }
}

TEST(Action, IsLimitedInLength) {
    const std::string longest(limits::action_length_max, 'a');
    EXPECT_TRUE(parse_action(longest, "action"));
    EXPECT_EQ(parse_action(longest + "a", "action").error().code, Errc::limit_exceeded);
    EXPECT_TRUE(check_pattern(longest, "actions", false));
    EXPECT_EQ(check_pattern(longest + "*", "actions", true).error().code, Errc::limit_exceeded);
}

TEST(ActionPattern, OfACustomRoleHasOneWildcard) {
    EXPECT_TRUE(check_pattern("*", "actions", false));
    EXPECT_TRUE(check_pattern("X/*/read", "actions", false));
    EXPECT_TRUE(check_pattern("X/acc*/read", "actions", false));
    const auto two = check_pattern("*/accounts/*", "data.actions[1]", false);
    ASSERT_FALSE(two);
    EXPECT_EQ(two.error().field, "data.actions[1]");
    EXPECT_TRUE(check_pattern("*/accounts/*", "actions", true));
}

PermissionBlock block(std::vector<std::string> actions, std::vector<std::string> not_actions = {}) {
    PermissionBlock result;
    result.actions = std::move(actions);
    result.not_actions = std::move(not_actions);
    return result;
}

TEST(Permissions, SubtractWithinTheirBlock) {
    const CompiledPermissions contributor{
        {block({"*"}, {"Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"})}};
    EXPECT_TRUE(contributor.match("microsoft.compute/vm/write", Plane::control).unconditional);
    EXPECT_FALSE(contributor.match("microsoft.authorization/roleassignments/write", Plane::control)
                     .unconditional);

    const CompiledPermissions two_blocks{{block({"*"}, {"X/*/write"}), block({"X/keys/write"})}};
    EXPECT_TRUE(two_blocks.match("x/keys/write", Plane::control).unconditional);
    EXPECT_FALSE(two_blocks.match("x/other/write", Plane::control).unconditional);
}

TEST(Permissions, SubtractionWinsOverTheSameText) {
    const CompiledPermissions same{{block({"A/workspaces/write"}, {"A/workspaces/write"})}};
    EXPECT_FALSE(same.match("a/workspaces/write", Plane::control).unconditional);
}

TEST(Permissions, KeepThePlanesApart) {
    PermissionBlock both = block({"*"});
    both.data_actions = {"X/blobs/*"};
    both.not_data_actions = {"X/blobs/delete"};
    const CompiledPermissions compiled{{both}};
    EXPECT_TRUE(compiled.match("x/blobs/delete", Plane::control).unconditional);
    EXPECT_TRUE(compiled.match("x/blobs/read", Plane::data).unconditional);
    EXPECT_FALSE(compiled.match("x/blobs/delete", Plane::data).unconditional);
    EXPECT_FALSE(compiled.match("x/queues/read", Plane::data).unconditional);
}

TEST(Permissions, TellConditionalFromUnconditional) {
    PermissionBlock conditional = block({"X/*"});
    conditional.condition = Condition{"true", "2.0"};
    const CompiledPermissions compiled{{conditional, block({"X/read"})}};
    const auto read = compiled.match("x/read", Plane::control);
    EXPECT_TRUE(read.unconditional);
    EXPECT_TRUE(read.conditional);
    const auto write = compiled.match("x/write", Plane::control);
    EXPECT_FALSE(write.unconditional);
    EXPECT_TRUE(write.conditional);
    const auto other = compiled.match("y/read", Plane::control);
    EXPECT_FALSE(other.unconditional || other.conditional);
}

TEST(Permissions, OfNothingGrantNothing) {
    EXPECT_FALSE(CompiledPermissions{{}}.match("x/read", Plane::control).unconditional);
    EXPECT_FALSE(
        CompiledPermissions{{PermissionBlock{}}}.match("x/read", Plane::data).unconditional);
}

TEST(Permissions, ExplainEveryBlockThatNamesTheAction) {
    const std::vector<PermissionBlock> blocks{block({"Y/*"}), block({"Z/*", "X/*/Read"}),
                                              block({"*"}, {"Q", "X/Keys/*"})};
    const auto matches = CompiledPermissions::explain(blocks, "x/keys/read", Plane::control);
    ASSERT_EQ(matches.size(), 2U);
    EXPECT_EQ(matches[0].block, 1U);
    EXPECT_EQ(matches[0].pattern, "X/*/Read");
    EXPECT_EQ(matches[0].subtracted_by, "");
    EXPECT_EQ(matches[1].block, 2U);
    EXPECT_EQ(matches[1].pattern, "*");
    EXPECT_EQ(matches[1].subtracted_by, "X/Keys/*");
    EXPECT_TRUE(CompiledPermissions::explain(blocks, "x/keys/read", Plane::data).empty());
}

}  // namespace
}  // namespace tenure::domain
