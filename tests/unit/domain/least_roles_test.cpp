#include "domain/least_roles.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "base/text.h"

namespace tenure::domain {
namespace {

Role role(std::string id, std::vector<std::string> actions, std::vector<std::string> without = {}) {
    Role result;
    result.id = std::move(id);
    result.permissions.emplace_back().actions = std::move(actions);
    result.permissions.back().not_actions = std::move(without);
    return result;
}

std::vector<Operation> control(const std::vector<std::string>& names) {
    std::vector<Operation> result;
    for (const std::string& name : names) result.push_back(operation(name, Plane::control));
    return result;
}

// "a+b/2,1": the ids of each choice, and what it grants beyond the need: changes, reads.
std::vector<std::string> chosen(const std::vector<Role>& roles,
                                const std::vector<Operation>& needed, Operations known = {},
                                std::size_t choices_max = 10) {
    for (const Role& each : roles) add_operations_of(each, known);
    std::vector<std::string> result;
    for (const RoleChoice& choice : least_roles(roles, needed, known, choices_max).choices) {
        const std::string ids =
            joined(choice.roles, "+", [&](std::size_t role) { return roles[role].id; });
        result.push_back(ids + "/" + std::to_string(choice.unneeded_changes) + ',' +
                         std::to_string(choice.unneeded_reads) + (choice.conditional ? "?" : ""));
    }
    return result;
}

using Texts = std::vector<std::string>;

TEST(LeastRoles, PrefersTheSingleRoleWithTheLeastBeyondTheNeed) {
    const std::vector<Role> roles{role("owner", {"*"}),
                                  role("contributor", {"*"}, {"auth/*/write"}),
                                  role("reader", {"*/read"}), role("keys", {"keys/*"})};

    EXPECT_EQ(chosen(roles, control({"keys/read"})),
              (Texts{"reader/0,1", "keys/1,0", "contributor/2,1", "owner/3,1"}));
    EXPECT_EQ(chosen(roles, control({"keys/list"})),
              (Texts{"keys/1,0", "contributor/2,1", "owner/3,1"}));
    EXPECT_EQ(chosen(roles, control({"auth/roles/write"})), (Texts{"owner/3,1"}));
    EXPECT_EQ(chosen(roles, control({"keys/read"}), {}, 2), (Texts{"reader/0,1", "keys/1,0"}));
}

TEST(LeastRoles, KnownOperationsCount) {
    const std::vector<Role> roles{role("a", {"x/read", "y/*"}), role("b", {"x/*"})};
    Operations known;
    for (const char* name : {"y/1", "y/2", "y/3"}) known.insert(operation(name, Plane::control));
    EXPECT_EQ(chosen(roles, control({"x/read"})), (Texts{"a/1,0", "b/1,0"}));
    EXPECT_EQ(chosen(roles, control({"x/read"}), known), (Texts{"b/1,0", "a/4,0"}));
}

TEST(LeastRoles, ANeededPatternMustBeGrantedWhole) {
    const std::vector<Role> roles{role("all", {"s/*"}), role("most", {"s/*"}, {"s/t/delete"}),
                                  role("some", {"s/t/read", "s/t/write"})};
    EXPECT_EQ(chosen(roles, control({"S/*"})), Texts{"all/0,0"});
    EXPECT_EQ(chosen(roles, control({"s/t/read"})), (Texts{"some/1,0", "most/2,0", "all/3,0"}));
}

TEST(LeastRoles, CombinesAsFewRolesAsAreEnough) {
    const std::vector<Role> roles{role("a", {"a"}), role("ab", {"a", "b"}), role("b", {"b"}),
                                  role("c", {"c"}), role("cx", {"c", "x"})};
    EXPECT_EQ(chosen(roles, control({"a", "b", "c"})), Texts{"ab+c/0,0"});
    EXPECT_EQ(chosen({roles[0], roles[2], roles[4]}, control({"a", "b", "c"})),
              Texts{"a+b+cx/1,0"});
}

TEST(LeastRoles, NoRoleOfAChoiceIsWiderThanItMustBe) {
    const std::vector<Role> roles{role("read", {"p/read"}), role("write", {"p/read", "c/write"}),
                                  role("numbers", {"n/read", "n/write", "c/write"})};
    EXPECT_EQ(chosen(roles, control({"p/read", "n/read", "n/write", "c/write"})),
              (Texts{"numbers+read/0,0", "numbers+write/0,0"}));
}

TEST(LeastRoles, SaysWhatNoRoleGrants) {
    const std::vector<Role> roles{role("a", {"a"})};
    const LeastRoles least = least_roles(roles, control({"a", "b"}), {}, 10);
    EXPECT_TRUE(least.choices.empty());
    EXPECT_EQ(least.missing, control({"b"}));
    EXPECT_TRUE(least_roles(roles, {}, {}, 10).choices.empty());
}

TEST(LeastRoles, MarksWhatIsGrantedUnderAConditionOnly) {
    Role conditional = role("c", {"a"});
    conditional.permissions.front().condition = Condition{"@Resource[x] StringEquals 'y'", "2.0"};
    EXPECT_EQ(chosen({conditional, role("d", {"a"})}, control({"a"})), (Texts{"d/0,0", "c/0,0?"}));
    Role both = conditional;
    both.permissions.emplace_back().actions = {"a"};
    EXPECT_EQ(chosen({both}, control({"a"})), Texts{"c/0,0"});
}

TEST(LeastRoles, KeepsThePlanesApart) {
    Role data = role("d", {});
    data.permissions.front().data_actions = {"a"};
    EXPECT_EQ(chosen({data, role("o", {"*"})}, {operation("a", Plane::data)}), Texts{"d/0,0"});
}

TEST(LeastRoles, GivesUpAfterANumberOfSteps) {
    // Every pair of needs has roles of its own, none of which stands in for another.
    std::vector<Role> roles;
    std::vector<std::string> needs;
    for (int i = 0; i < 24; ++i) needs.push_back("n" + std::to_string(i));
    for (int i = 0; i < 24; ++i)
        for (int j = i + 1; j < 24; ++j)
            roles.push_back(role("r" + std::to_string(i * 100 + j),
                                 {"n" + std::to_string(i), "n" + std::to_string(j)}));
    const LeastRoles least = least_roles(roles, control(needs), {}, 10);
    EXPECT_FALSE(least.complete);
    EXPECT_TRUE(least.choices.empty());  // it takes 12 roles
}

// All sets of roles, tried one by one.
std::vector<std::string> naive(const std::vector<Role>& roles, const std::vector<Operation>& needed,
                               const Operations& known) {
    std::vector<GrantedOperations> grants;
    for (const Role& each : roles) grants.emplace_back(each);
    for (int size = 1; size <= static_cast<int>(roles_together_max); ++size) {
        std::size_t least = known.size() + 1;
        for (unsigned set = 1; set < 1U << roles.size(); ++set) {
            if (__builtin_popcount(set) != size) continue;
            const auto granted = [&](const auto& ask) {
                for (std::size_t i = 0; i < roles.size(); ++i)
                    if ((set >> i & 1U) != 0 && ask(grants[i])) return true;
                return false;
            };
            if (!std::ranges::all_of(needed, [&](const Operation& need) {
                    return granted(
                        [&](const GrantedOperations& g) { return g.all_of(need) != Granted::no; });
                }))
                continue;
            std::size_t unneeded = 0;
            for (const Operation& each : known)
                if (std::ranges::find(needed, each) == needed.end() &&
                    granted([&](const GrantedOperations& g) { return g.some_of(each); }))
                    ++unneeded;
            least = std::min(least, unneeded);
        }
        if (least <= known.size())
            return {std::to_string(size) + " roles, " + std::to_string(least)};
    }
    return {};
}

TEST(LeastRoles, AgreesWithTryingEverySet) {
    SeededRandom random{7};
    for (int round = 0; round < 200; ++round) {
        const auto some = [&](std::size_t count) {
            std::vector<std::string> names;
            for (std::size_t i = 0; i < count; ++i)
                names.push_back("o" + std::to_string(random.below(8)));
            return names;
        };
        std::vector<Role> roles;
        for (std::size_t i = 0; i < 8; ++i)
            roles.push_back(
                role("r" + std::to_string(i), some(1 + random.below(4)), some(random.below(2))));
        std::vector<Operation> needed = control(some(1 + random.below(5)));
        std::ranges::sort(needed);
        needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
        Operations known;
        for (int i = 0; i < 8; ++i)
            known.insert(operation("o" + std::to_string(i), Plane::control));

        const LeastRoles least = least_roles(roles, needed, known, 10);

        std::vector<std::string> found;
        if (!least.choices.empty())
            found = {std::to_string(least.choices.front().roles.size()) + " roles, " +
                     std::to_string(least.choices.front().unneeded_changes)};
        EXPECT_EQ(found, naive(roles, needed, known)) << "round " << round;
    }
}

}  // namespace
}  // namespace tenure::domain
