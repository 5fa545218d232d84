// Conditions against a plain reading of the grammar, TENURE_SEEDS times conditions_per_seed of
// them.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "domain/condition.h"
#include "support/naive_condition.h"
#include "support/random_conditions.h"
#include "support/seeds.h"

namespace tenure::testing {
namespace {

namespace condition = domain::condition;

constexpr std::size_t conditions_per_seed = 100;
constexpr std::size_t seeds_usual = 20;

// Facts as the program under test takes them.
class Circumstances {
public:
    explicit Circumstances(const ConditionFacts& facts)
        : action_{folded(facts.action)},
          sub_operation_{folded(facts.sub_operation)},
          now_{facts.now} {
        for (const auto& [source, attributes] : facts.sources)
            sets_.emplace(source, condition::AttributeSet{attributes});
    }

    condition::CircumstancesView view() const {
        return {action_,          sub_operation_,    now_, set("request"), set("resource"),
                set("principal"), set("environment")};
    }

private:
    const condition::AttributeSet* set(const std::string& source) const {
        const auto found = sets_.find(source);
        return found == sets_.end() ? nullptr : &found->second;
    }

    std::string action_;
    std::string sub_operation_;
    Instant now_;
    std::map<std::string, condition::AttributeSet> sets_;
};

std::string truth_of(const condition::Program& program, const ConditionFacts& facts) {
    const Circumstances circumstances{facts};
    const condition::Truth truth = program.evaluate(circumstances.view());
    EXPECT_EQ(program.explain(circumstances.view()).truth, truth);
    return std::string(condition::name_of(truth));
}

TEST(Conditions, AreAsTrueAsTheGrammarSays) {
    for_each_seed(seeds_usual, [](std::uint64_t seed) {
        SeededRandom random{seed};
        ConditionMaker make{random};
        for (std::size_t i = 0; i < conditions_per_seed && !::testing::Test::HasFailure(); ++i) {
            const std::string text = make.condition();
            SCOPED_TRACE(text);
            const auto program = condition::Program::parse(text, "condition");
            ASSERT_TRUE(program) << program.error().detail;
            for (int asked = 0; asked < 4; ++asked) {
                const ConditionFacts facts = make.facts();
                EXPECT_EQ(truth_of(program.value(), facts), naive_condition(text, facts));
            }
        }
    });
}

TEST(Conditions, AreTheSameInTheUsualSpelling) {
    for_each_seed(seeds_usual, [](std::uint64_t seed) {
        SeededRandom random{seed};
        ConditionMaker make{random};
        for (std::size_t i = 0; i < conditions_per_seed && !::testing::Test::HasFailure(); ++i) {
            const std::string text = make.condition();
            SCOPED_TRACE(text);
            const auto program = condition::Program::parse(text, "condition");
            ASSERT_TRUE(program) << program.error().detail;
            const std::string usual = program.value().text();
            const auto again = condition::Program::parse(usual, "condition");
            ASSERT_TRUE(again) << usual << "\n" << again.error().detail;
            EXPECT_EQ(again.value(), program.value()) << usual;
            EXPECT_EQ(again.value().text(), usual);
            const ConditionFacts facts = make.facts();
            EXPECT_EQ(naive_condition(usual, facts), naive_condition(text, facts)) << usual;
        }
    });
}

TEST(Conditions, AreRefusedWhenTheGrammarDoesNotKnowThem) {
    std::size_t refused = 0;
    for_each_seed(seeds_usual, [&](std::uint64_t seed) {
        SeededRandom random{seed};
        ConditionMaker make{random};
        for (std::size_t i = 0; i < conditions_per_seed && !::testing::Test::HasFailure(); ++i) {
            const std::string text = make.damaged(make.condition());
            SCOPED_TRACE(text);
            const ConditionFacts facts = make.facts();
            const auto expected = naive_condition(text, facts);
            const auto program = condition::Program::parse(text, "condition");
            ASSERT_EQ(program.has_value(), expected.has_value())
                << (program ? "" : program.error().detail);
            if (program) {
                EXPECT_EQ(truth_of(program.value(), facts), expected);
                continue;
            }
            ++refused;
            const std::string& detail = program.error().detail;
            EXPECT_TRUE(detail.starts_with("condition, line ")) << detail;
            EXPECT_NE(detail.find(", column "), std::string::npos) << detail;
            EXPECT_NE(detail.find("; expected "), std::string::npos) << detail;
            EXPECT_TRUE(valid_utf8(detail)) << detail;
        }
    });
    EXPECT_GT(refused, 0U);
}

TEST(Conditions, ChangeAtTheirTurningPointsOnly) {
    for_each_seed(seeds_usual, [](std::uint64_t seed) {
        SeededRandom random{seed};
        ConditionMaker make{random};
        for (std::size_t i = 0; i < conditions_per_seed && !::testing::Test::HasFailure(); ++i) {
            const std::string text = make.condition();
            SCOPED_TRACE(text);
            const auto program = condition::Program::parse(text, "condition");
            ASSERT_TRUE(program) << program.error().detail;
            ConditionFacts facts = make.facts();
            const Circumstances circumstances{facts};
            const auto points = program.value().turning_points(circumstances.view());
            if (!program.value().reads_clock()) {
                EXPECT_TRUE(points.empty());
            }
            for (int asked = 0; asked < 3; ++asked) {
                facts.now = make.instant();
                const std::string truth = truth_of(program.value(), facts);
                const auto next = std::ranges::upper_bound(points, facts.now);
                facts.now = next == points.begin() ? instant_min : *std::prev(next);
                EXPECT_EQ(truth_of(program.value(), facts), truth);
            }
        }
    });
}

}  // namespace
}  // namespace tenure::testing
