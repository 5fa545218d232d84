#include "domain/condition.h"

#include <gtest/gtest.h>

#include "domain/limits.h"
#include "unit/domain/condition_asking.h"

// Published examples first, then what the language says of each part besides.

namespace tenure::domain::condition {
namespace {

constexpr std::string_view guid_a = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
constexpr std::string_view guid_b = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
constexpr std::string_view guid_c = "b24988ac-6180-42a0-ab88-20f7382dd24c";

Asked acting(std::string action, std::string sub_operation = {}) {
    Asked result;
    result.action = std::move(action);
    result.sub_operation = std::move(sub_operation);
    return result;
}

Asked requesting(std::string name, AttributeValues values) {
    Asked result;
    result.request = {{std::move(name), std::move(values)}};
    return result;
}

TEST(Condition, MatchesActions) {
    const Asked write = acting("Microsoft.Authorization/roleAssignments/write");
    EXPECT_EQ(asked("ActionMatches{'Microsoft.Authorization/roleAssignments/*'}", write), "true");
    EXPECT_EQ(asked("ActionMatches{'Microsoft.Authorization/roleDefinitions/*'}", write), "false");
    EXPECT_EQ(asked("ActionMatches{'X/*', 'microsoft.AUTHORIZATION/*/WRITE'}", write), "true");
    EXPECT_EQ(asked("ActionMatches{'roleAssignments/write'}", write), "false");
}

TEST(Condition, StringLike) {
    EXPECT_EQ(asked_of("@Resource[n] StringLike 'a*c?'", Texts{"abcd"}), "true");
    EXPECT_EQ(asked_of("@Resource[n] StringLike 'A*C?'", Texts{"abcd"}), "false");
    EXPECT_EQ(asked_of("@Resource[n] StringLike 'a*c'", Texts{"abcd"}), "false");
    EXPECT_EQ(asked_of("@Resource[n] StringLike 'logs*'", Texts{"logs/AlpineFile.txt"}), "true");
    EXPECT_EQ(asked_of(R"(@Resource[n] StringLike 'a\*b')", Texts{"a*b"}), "true");
    EXPECT_EQ(asked_of(R"(@Resource[n] StringLike 'a\*b')", Texts{"axxb"}), "false");
}

TEST(Condition, QuantifiersOverConstants) {
    EXPECT_EQ(asked("{'red','blue'} ForAnyOfAnyValues:StringEquals {'blue','green'}"), "true");
    EXPECT_EQ(asked("{'red','blue'} ForAnyOfAnyValues:StringEquals {'orange','green'}"), "false");
    EXPECT_EQ(asked("{'red','blue'} ForAllOfAnyValues:StringEquals {'orange','red','blue'}"),
              "true");
    EXPECT_EQ(asked("{'red','blue'} ForAllOfAnyValues:StringEquals {'red','green'}"), "false");
    EXPECT_EQ(asked("{10,20} ForAnyOfAllValues:NumericLessThan {15,18}"), "true");
    EXPECT_EQ(asked("{10,20} ForAllOfAllValues:NumericLessThan {5,15,18}"), "false");
    EXPECT_EQ(asked("{10,20} ForAllOfAllValues:NumericLessThan {25,30}"), "true");
    EXPECT_EQ(asked("{10,20} ForAllOfAllValues:NumericLessThan {15,25,30}"), "false");
}

TEST(Condition, ListsOfForbiddenGuids) {
    const std::string set = "{" + std::string(guid_a) + ", " + std::string(guid_b) + "}";
    const auto asked_for = [&](std::string_view quantifier, std::string_view guid) {
        return asked("@Request[g] " + std::string(quantifier) + ":GuidNotEquals " + set,
                     requesting("g", Texts{std::string(guid)}));
    };
    EXPECT_EQ(asked_for("ForAnyOfAnyValues", guid_a), "true");
    EXPECT_EQ(asked_for("ForAnyOfAllValues", guid_a), "false");
    EXPECT_EQ(asked_for("ForAnyOfAllValues", guid_c), "true");
}

TEST(Condition, SubOperations) {
    constexpr std::string_view text =
        "!(ActionMatches{'R'} AND NOT SubOperationMatches{'Blob.List'})";
    EXPECT_EQ(asked(text, acting("R")), "false");
    EXPECT_EQ(asked(text, acting("R", "Blob.List")), "true");
    EXPECT_EQ(asked(text, acting("W")), "true");
    EXPECT_EQ(asked("SubOperationMatches{'*'}", acting("R")), "false");
    EXPECT_EQ(asked("SubOperationMatches{'blob.*'}", acting("R", "Blob.List")), "true");
}

TEST(Condition, MissingDoesNotPoisonOr) {
    constexpr std::string_view text =
        "@Request[v] DateTimeEquals '2022-06-01T00:00:00.0Z' OR NOT Exists @Request[v]";
    EXPECT_EQ(asked(text), "true");
    EXPECT_EQ(asked(text, requesting("v", Texts{"2022-06-01T00:00:00.0000000Z"})), "true");
    EXPECT_EQ(asked(text, requesting("v", Texts{"2022-06-01T00:00:00.0000001Z"})), "false");

    constexpr std::string_view versions =
        "@Request[versionId] DateTimeEquals '2022-06-01T00:00:00.0Z' "
        "OR @Resource[isCurrentVersion] BoolEquals true";
    Asked current;
    current.resource = {{"isCurrentVersion", true}};
    EXPECT_EQ(asked(versions, current), "true");
    current.resource = {{"isCurrentVersion", false}};
    EXPECT_EQ(asked(versions, current), "unknown");
}

TEST(Condition, ComparisonWithMissingIsUnknown) {
    EXPECT_EQ(asked_of("@Resource[n] StringEquals 'Cascade'", Texts{"cascade"}), "false");
    EXPECT_EQ(asked("@Resource[n] StringEquals 'Cascade'"), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] StringNotEquals 'high'", Texts{"low"}), "true");
    EXPECT_EQ(asked("@Resource[n] StringNotEquals 'high'"), "unknown");
    EXPECT_EQ(asked("NOT @Resource[n] StringEquals 'high'"), "unknown");
}

TEST(Condition, UtcNowIsTheInstantAskedAbout) {
    constexpr std::string_view text =
        "@Environment[UtcNow] DateTimeGreaterThan '2023-04-01T13:00:00.000Z'";
    Asked at;
    at.now = "2023-04-01T13:00:00Z";
    EXPECT_EQ(asked(text, at), "false");
    at.now = "2023-04-01T13:00:01Z";
    EXPECT_EQ(asked(text, at), "true");
    at.environment = {{"UtcNow", Texts{"1999-01-01T00:00:00Z"}}};
    EXPECT_EQ(asked(text, at), "true");
    EXPECT_EQ(asked("Exists @environment[utcNOW]"), "true");
    EXPECT_EQ(asked("@Environment[UtcNow] StringEquals 'x'"), "unknown");
    EXPECT_EQ(asked("@Request[UtcNow] DateTimeGreaterThan '2023-04-01T13:00:00Z'"), "unknown");
}

TEST(Condition, AndOrDoNotMix) {
    EXPECT_EQ(refusal("Exists @Request[a] AND Exists @Request[b] OR Exists @Request[c]"),
              "condition, line 1, column 43: found 'OR'; expected AND, or parentheses: AND and OR "
              "do not mix without them");
    EXPECT_EQ(refusal("Exists @Request[a]||Exists @Request[b]&&Exists @Request[c]"),
              "condition, line 1, column 39: found '&&'; expected OR, or parentheses: AND and OR "
              "do not mix without them");
}

TEST(Condition, HasThreeTruths) {
    const std::string no = "ActionMatches{'none'}";
    const std::string unknown = "@Request[none] BoolEquals true";
    const std::string yes = "ActionMatches{'*'}";
    const std::vector<std::pair<std::string, std::string>> all{
        {no, "false"}, {unknown, "unknown"}, {yes, "true"}};
    for (std::size_t a = 0; a < all.size(); ++a) {
        EXPECT_EQ(asked(all[a].first), all[a].second);
        EXPECT_EQ(asked("NOT " + all[a].first), all[2 - a].second);
        for (std::size_t b = 0; b < all.size(); ++b) {
            EXPECT_EQ(asked(all[a].first + " AND " + all[b].first), all[std::min(a, b)].second);
            EXPECT_EQ(asked(all[a].first + " OR " + all[b].first), all[std::max(a, b)].second);
        }
    }
}

TEST(Condition, NotBindsTighterThanAnd) {
    EXPECT_EQ(asked("NOT ActionMatches{'*'} AND ActionMatches{'none'}"), "false");
    EXPECT_EQ(asked("NOT (ActionMatches{'*'} AND ActionMatches{'none'})"), "true");
    EXPECT_EQ(asked("NOT 1 NumericEquals 2 AND 1 NumericEquals 1"), "true");
    EXPECT_EQ(asked("!!ActionMatches{'*'}"), "true");
    EXPECT_EQ(asked("NOT ! NOT ActionMatches{'*'}"), "false");
}

TEST(Condition, SourcesAreSeparate) {
    Asked some;
    some.principal = {{"a", Texts{"x"}}};
    EXPECT_EQ(asked("Exists @Principal[a]", some), "true");
    EXPECT_EQ(asked("Exists @Request[a]", some), "false");
    EXPECT_EQ(asked("Exists @Resource[a]", some), "false");
    EXPECT_EQ(asked("Exists @Environment[a]", some), "false");
    some.resource = {{"b", Texts{"x"}}};
    EXPECT_EQ(asked("@Principal[a] StringEquals @Resource[b]", some), "true");
    some.resource = {{"b", Texts{"y"}}};
    EXPECT_EQ(asked("@Principal[a] StringEquals @Resource[b]", some), "false");
}

TEST(Condition, SourcesMayBeAbsent) {
    const Program program = parsed(
        "Exists @Request[a] OR Exists @Resource[a] OR Exists @Principal[a] OR "
        "Exists @Environment[a]");
    EXPECT_EQ(program.evaluate({"x/read", {}, {}, {}, {}, {}, {}}), Truth::no);
    EXPECT_EQ(parsed("@Principal[a] StringEquals 'x'").evaluate({"x", {}, {}, {}, {}, {}, {}}),
              Truth::unknown);
}

TEST(Condition, AnEmptyTextIsAValueAnEmptyListIsNot) {
    constexpr std::string_view text = "@Resource[n] StringStartsWith 'readonly/'";
    EXPECT_EQ(asked_of(text, Texts{""}), "false");
    EXPECT_EQ(asked_of(text, Texts{}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] ForAllOfAllValues:StringEquals {'a'}", Texts{}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] ForAllOfAllValues:StringEquals {}", Texts{"a"}), "unknown");
    EXPECT_EQ(asked_of("Exists @Resource[n]", Texts{}), "true");
}

TEST(Condition, ReadsTextsAsTheOperatorNeedsThem) {
    const std::string hyphens{guid_a};
    const std::string digits = "53CA6127db724b80b1b0d745d6d5456d";
    EXPECT_EQ(asked_of("@Resource[n] GuidEquals " + digits, Texts{hyphens}), "true");
    EXPECT_EQ(asked_of("@Resource[n] GuidEquals " + hyphens, Texts{digits}), "true");
    EXPECT_EQ(asked_of("@Resource[n] GuidEquals '" + hyphens + "'", Texts{digits}), "true");
    EXPECT_EQ(asked_of("@Resource[n] GuidEquals " + hyphens, Texts{"x"}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] GuidEquals 'x'", Texts{hyphens}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] StringEquals " + hyphens, Texts{hyphens}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] NumericEquals 5", Texts{"5"}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] NumericEquals '5'", Numbers{5}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] BoolEquals true", Texts{"true"}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] BoolEquals 1", true), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] DateTimeEquals '2024-05-01'", Texts{"2024-05-01T00:00:00Z"}),
              "unknown");
    EXPECT_EQ(asked_of("@Resource[n] StringLike 5", Texts{"5"}), "unknown");
}

TEST(Condition, OneValueOfAnotherKindMakesTheListUnknown) {
    constexpr std::string_view text = "@Resource[n] ForAnyOfAnyValues:GuidEquals {'x', ";
    EXPECT_EQ(asked_of(std::string(text) + std::string(guid_a) + "}", Texts{std::string(guid_a)}),
              "unknown");
    EXPECT_EQ(asked_of("@Resource[n] ForAnyOfAnyValues:GuidEquals {" + std::string(guid_a) + "}",
                       Texts{std::string(guid_a), "x"}),
              "unknown");
}

TEST(Condition, PlainOperatorsCompareOneValueWithOne) {
    EXPECT_EQ(asked("{'a'} StringEquals {'a'}"), "true");
    EXPECT_EQ(asked("{'a', 'a'} StringEquals 'a'"), "unknown");
    EXPECT_EQ(asked("'a' StringEquals {'a', 'a'}"), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] NumericLessThan 9", Numbers{1, 2}), "unknown");
    EXPECT_EQ(asked_of("@Resource[n] ForAllOfAnyValues:NumericLessThan 9", Numbers{1, 2}), "true");
}

TEST(Condition, DelegatesOneRoleForWriteAndDelete) {
    const std::string name = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
    const std::string text =
        "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[" +
        name + "] ForAnyOfAnyValues:GuidEquals{" + std::string(guid_a) +
        "})) AND ((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR "
        "(@Resource[" +
        name + "] ForAnyOfAnyValues:GuidEquals{" + std::string(guid_a) + "}))";
    const auto about = [&](std::string_view action, std::string_view request,
                           std::string_view resource) {
        Asked result = acting("Microsoft.Authorization/roleAssignments/" + std::string(action));
        if (!request.empty()) result.request = {{name, Texts{std::string(request)}}};
        if (!resource.empty()) result.resource = {{name, Texts{std::string(resource)}}};
        return asked(text, result);
    };
    EXPECT_EQ(about("write", guid_a, ""), "true");
    EXPECT_EQ(about("write", guid_b, ""), "false");
    EXPECT_EQ(about("write", "", guid_a), "unknown");
    EXPECT_EQ(about("delete", "", guid_a), "true");
    EXPECT_EQ(about("delete", "", guid_b), "false");
    EXPECT_EQ(about("delete", guid_a, ""), "unknown");
    EXPECT_EQ(about("read", "", ""), "true");
}

TEST(Condition, IsTheSameLanguageInBothVersions) {
    const std::string text = "Exists @Request[a]";
    EXPECT_EQ(Program::compile({text, "1.0"}, "data").value(), parsed(text));
    EXPECT_EQ(Program::compile({text, "2.0"}, "data").value(), parsed(text));
    const auto other = Program::compile({text, "3.0"}, "data");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().detail, "condition version '3.0' is neither '2.0' nor '1.0'");
}

TEST(Condition, TellsWhichSourcesItReads) {
    const Program program = parsed(
        "Exists @Principal[a] OR @Environment[UtcNow] DateTimeLessThan '2024-05-01T00:00:00Z'");
    EXPECT_TRUE(program.reads(Source::principal));
    EXPECT_FALSE(program.reads(Source::request));
    EXPECT_FALSE(program.reads(Source::resource));
    EXPECT_FALSE(program.reads(Source::environment));
    EXPECT_TRUE(parsed("@Environment[isPrivateLink] BoolEquals true").reads(Source::environment));
}

TEST(Condition, TellsWhetherItReadsTheClock) {
    EXPECT_TRUE(
        parsed("@Environment[utcnow] DateTimeLessThan '2024-05-01T00:00:00Z'").reads_clock());
    EXPECT_FALSE(parsed("@Request[UtcNow] DateTimeLessThan '2024-05-01T00:00:00Z'").reads_clock());
}

std::vector<std::string> turning_points(std::string_view text, const Asked& asked = {}) {
    return with_circumstances(asked, [&](const CircumstancesView& circumstances) {
        std::vector<std::string> points;
        for (const Instant point : parsed(text).turning_points(circumstances))
            points.push_back(format_instant(point));
        return points;
    });
}

TEST(Condition, KnowsWhenItsTruthCanChange) {
    const std::vector<std::string> both{"2024-05-01T00:00:00Z", "2024-05-01T00:00:00.000001Z"};
    EXPECT_EQ(turning_points("@Environment[UtcNow] DateTimeEquals '2024-05-01T00:00:00Z'"), both);
    EXPECT_EQ(turning_points("'2024-05-01T00:00:00Z' DateTimeLessThan @Environment[UtcNow]"), both);
    EXPECT_EQ(turning_points("@Environment[UtcNow] DateTimeLessThan '2024-05-01T00:00:00.0000005Z'"
                             " OR 1 NumericEquals 1"),
              (std::vector<std::string>{"2024-05-01T00:00:00.000001Z"}));
    Asked until;
    until.principal = {{"until", Texts{"2024-05-01T00:00:00Z", "some day"}}};
    EXPECT_EQ(turning_points("@Environment[UtcNow] DateTimeLessThan @Principal[until]", until),
              both);
    EXPECT_TRUE(turning_points("@Environment[UtcNow] DateTimeLessThan @Principal[until]").empty());
    EXPECT_TRUE(
        turning_points("@Environment[UtcNow] DateTimeLessThan @Environment[UtcNow]").empty());
    EXPECT_TRUE(
        turning_points("@Principal[until] DateTimeLessThan '2024-05-01T00:00:00Z'").empty());
    EXPECT_TRUE(turning_points("@Environment[UtcNow] StringEquals '2024-05-01T00:00:00Z'").empty());
}

TEST(Condition, ExplainsEveryPart) {
    Asked asked;
    asked.action = "x/write";
    asked.request = {{"a", Texts{"it's", "b"}}};
    asked.principal = {{"n", Numbers{-5}}};
    const Program program = parsed(
        "(!actionmatches{'x/write'}) or (@Request[A] StringEquals @Resource[b] && Exists "
        "@principal[n] && @Environment[UtcNow] DateTimeGreaterThan '2024-01-01T00:00:00Z')");
    const Trace trace = with_circumstances(asked, [&](const CircumstancesView& circumstances) {
        return program.explain(circumstances);
    });

    const Trace action{"ActionMatches{'x/write'}", Truth::yes, {}, {}, {}};
    const Trace negation{"NOT", Truth::no, {}, {}, {action}};
    const Trace equals{"@Request[A] StringEquals @Resource[b]",
                       Truth::unknown,
                       Doubt::several_values,
                       {{"@Request[A]", "{'it\\'s', 'b'}"}, {"@Resource[b]", std::nullopt}},
                       {}};
    const Trace exists{"Exists @Principal[n]", Truth::yes, {}, {{"@Principal[n]", "-5"}}, {}};
    const Trace later{"@Environment[UtcNow] DateTimeGreaterThan '2024-01-01T00:00:00Z'",
                      Truth::yes,
                      {},
                      {{"@Environment[UtcNow]", "'2024-05-01T00:00:00Z'"}},
                      {}};
    const Trace all{"AND", Truth::unknown, {}, {}, {equals, exists, later}};
    EXPECT_EQ(trace, (Trace{"OR", Truth::unknown, {}, {}, {negation, all}}));
}

TEST(Condition, SaysWhyAComparisonIsUnknown) {
    const auto doubt = [](std::string_view text, AttributeValues n) {
        Asked asked;
        asked.resource = {{"n", std::move(n)}};
        return with_circumstances(asked, [&](const CircumstancesView& circumstances) {
            return text_of(parsed(text).explain(circumstances).doubt);
        });
    };
    EXPECT_EQ(doubt("@Resource[n] StringEquals 'a'", Texts{"a"}), "");
    EXPECT_EQ(doubt("@Resource[m] StringEquals 'a'", Texts{"a"}), "an attribute is missing");
    EXPECT_EQ(doubt("@Resource[n] StringEquals 'a'", Texts{}), "a list is empty");
    EXPECT_EQ(doubt("@Resource[n] StringEquals 'a'", Numbers{1}),
              "a value is not of the operator's kind");
    EXPECT_EQ(doubt("@Resource[n] StringEquals 'a'", Texts{"a", "b"}),
              "several values without a quantifier");
}

TEST(Condition, TellsWhichPartsNoAttributesCanDecide) {
    EXPECT_TRUE(parsed("@Resource[a] StringEquals 'x' AND @Resource[b] "
                       "ForAnyOfAnyValues:NumericLessThan {1, 2}")
                    .never_decided()
                    .empty());
    EXPECT_EQ(
        parsed("@Resource[a] BoolEquals 'true' OR NOT (@Resource[b] NumericLessThan {1, 2} AND {} "
               "ForAllOfAnyValues:GuidEquals @Resource[c] AND @Resource[d] DateTimeLessThan "
               "'2026-01-01')")
            .never_decided(),
        (std::vector<std::string>{
            "@Resource[a] BoolEquals 'true': a value is not of the operator's kind",
            "@Resource[b] NumericLessThan {1, 2}: several values without a quantifier",
            "{} ForAllOfAnyValues:GuidEquals @Resource[c]: a list is empty",
            "@Resource[d] DateTimeLessThan '2026-01-01': a value is not of the operator's kind"}));
}

TEST(Condition, WritesItselfInTheUsualSpelling) {
    const auto written = [](std::string_view text) {
        const Program program = parsed(text);
        EXPECT_EQ(parsed(program.text()), program) << text;
        return program.text();
    };
    EXPECT_EQ(
        written("@resource[HasObotoken]boolequals true&&(exists@request[a]||!(exists@request[b]))"),
        "@Resource[HasObotoken] BoolEquals true AND (Exists @Request[a] OR NOT Exists "
        "@Request[b])");
    EXPECT_EQ(
        written("@Request[a]foranyofanyvalues:guidequals{53CA6127db724b80b1b0d745d6d5456d,'x'}"),
        "@Request[a] ForAnyOfAnyValues:GuidEquals {53ca6127-db72-4b80-b1b0-d745d6d5456d, 'x'}");
    EXPECT_EQ(written(R"('it\'s' stringLIKE 'a\*\'b')"), R"('it\'s' StringLike 'a\*\'b')");
    EXPECT_EQ(
        written("not(not(1 NumericEquals 007 AND {} DateTimeEquals '2024-05-01T00:00:00.0Z'))"),
        "NOT NOT (1 NumericEquals 7 AND {} DateTimeEquals '2024-05-01T00:00:00.0Z')");
    EXPECT_EQ(written("ActionMatches{'A/*','b'} OR SubOperationMatches { 'Blob.List' }"),
              "ActionMatches{'A/*', 'b'} OR SubOperationMatches{'Blob.List'}");
}

TEST(Condition, ComparingTooLongIsUnknown) {
    // Every value differs from every pattern at its last letter only.
    const std::string letters(limits::attribute_value_length_max, 'a');
    std::string text =
        "@Resource[n] ForAnyOfAnyValues:StringLike {'*" + std::string(400, 'a') + "b*'";
    for (int i = 0; i < 15; ++i) text += ", '*" + std::string(400, 'a') + "b*'";
    EXPECT_EQ(asked_of(text + "}", Texts(limits::attribute_values_max, letters)), "unknown");
    EXPECT_EQ(asked_of("NOT " + text + "}", Texts(limits::attribute_values_max, letters)),
              "unknown");
    // All the usual ones are far from it.
    Texts guids(limits::attribute_values_max, std::string(guid_b));
    text = "@Resource[n] ForAnyOfAnyValues:GuidEquals {" + std::string(guid_a);
    for (int i = 0; i < 200; ++i) text += "," + std::string(guid_a);
    EXPECT_EQ(asked_of(text + "}", guids), "false");
}

TEST(Condition, ComparisonsShareTheirSteps) {
    Asked lists;
    lists.request = {{"a", Texts(limits::attribute_values_max, std::string(guid_a))}};
    lists.resource = {{"b", Texts(limits::attribute_values_max, std::string(guid_b))}};
    const std::string one = "@Request[a] ForAnyOfAnyValues:GuidEquals @Resource[b]";
    EXPECT_EQ(asked(one, lists), "false");
    std::string many = one;
    for (int i = 0; i < 100; ++i) many += " OR " + one;
    EXPECT_EQ(asked(many, lists), "unknown");
}

}  // namespace
}  // namespace tenure::domain::condition
