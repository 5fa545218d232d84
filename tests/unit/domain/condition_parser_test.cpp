#include "domain/condition_parser.h"

#include <gtest/gtest.h>

#include "domain/limits.h"
#include "unit/domain/condition_asking.h"

namespace tenure::domain::condition {
namespace {

constexpr std::string_view part =
    "a comparison such as @Resource[name] StringEquals 'x', ActionMatches{...}, "
    "SubOperationMatches{...}, Exists @Source[name], NOT or '('";
constexpr std::string_view value =
    "a value: a string, an integer, true, false or a GUID of 32 hexadecimal digits";
constexpr std::string_view quantified_operator =
    "an operator such as StringEquals, StringLike, NumericLessThan, DateTimeGreaterThan, "
    "GuidEquals or BoolEquals";

std::string at(std::size_t line, std::size_t column, std::string_view found,
               std::string_view expected) {
    return "condition, line " + std::to_string(line) + ", column " + std::to_string(column) +
           ": found " + std::string(found) + "; expected " + std::string(expected);
}

std::string at(std::size_t column, std::string_view found, std::string_view expected) {
    return at(1, column, found, expected);
}

TEST(ConditionParser, IgnoresCaseOfWords) {
    EXPECT_EQ(parsed("not EXISTS @rEQUEST[A] and @Resource[HasObotoken] boolequals TRUE"),
              parsed("NOT Exists @Request[A] AND @Resource[HasObotoken] BoolEquals true"));
    EXPECT_EQ(parsed("actionmatches{'a'} or suboperationMATCHES{'b'}"),
              parsed("ActionMatches{'a'} || SubOperationMatches{'b'}"));
    EXPECT_EQ(parsed("1 foranyofanyvalues:NUMERICequals 1"),
              parsed("1 ForAnyOfAnyValues:NumericEquals 1"));
}

TEST(ConditionParser, NeedsNoBlanks) {
    EXPECT_EQ(parsed("@Resource[a]StringEquals'x'&&Exists@Request[b]"),
              parsed("  @Resource [a]\n\tStringEquals 'x' \r\n AND Exists @ Request[b] "));
    EXPECT_EQ(parsed("@Request[a]ForAnyOfAnyValues:GuidEquals{53ca6127db724b80b1b0d745d6d5456d,"
                     "53ca6127-db72-4b80-b1b0-d745d6d5456e}"),
              parsed("@Request[a] ForAnyOfAnyValues : GuidEquals "
                     "{ 53ca6127-db72-4b80-b1b0-d745d6d5456d , "
                     "53CA6127-DB72-4B80-B1B0-D745D6D5456E }"));
}

TEST(ConditionParser, DropsParenthesesThatSayNothing) {
    EXPECT_EQ(parsed("((Exists @Request[a]))"), parsed("Exists @Request[a]"));
    EXPECT_EQ(parsed("(!(ActionMatches{'a'})) OR (Exists @Request[a])"),
              parsed("!ActionMatches{'a'} OR Exists @Request[a]"));
    EXPECT_NE(parsed("(1 NumericEquals 1 AND 1 NumericEquals 2) AND 1 NumericEquals 3"),
              parsed("1 NumericEquals 1 AND 1 NumericEquals 2 AND 1 NumericEquals 3"));
}

TEST(ConditionParser, ReadsNamesToTheBracket) {
    EXPECT_EQ(asked_of("Exists @Resource[N]", true), "true");
    Asked tagged;
    tagged.resource = {{"blobs/tags:Project<$key_case_sensitive$>", Texts{"Cascade"}},
                       {"blobs/tags&$keys$&", Texts{"Project"}}};
    EXPECT_EQ(
        asked("@Resource[Blobs/Tags:Project<$KEY_case_sensitive$>] StringEquals 'Cascade'", tagged),
        "true");
    EXPECT_EQ(asked("Exists @Resource[blobs/tags:project<$key_case_sensitive$>]", tagged), "false");
    EXPECT_EQ(
        asked("@Resource[blobs/TAGS&$keys$&] ForAnyOfAnyValues:StringEquals {'Project'}", tagged),
        "true");
}

TEST(ConditionParser, TakesBackslashesOutOfStrings) {
    EXPECT_EQ(asked_of(R"(@Resource[n] StringEquals 'it\'s')", Texts{"it's"}), "true");
    EXPECT_EQ(asked_of(R"(@Resource[n] StringEquals 'a\\b')", Texts{R"(a\b)"}), "true");
    EXPECT_EQ(asked_of(R"(@Resource[n] StringEquals 'a\*b')", Texts{"a*b"}), "true");
    EXPECT_EQ(asked_of(R"(@Resource[n] StringLike '*\'\\')", Texts{R"(it'\)"}), "true");
    EXPECT_EQ(asked_of("@Resource[n] StringEquals '\xE2\x80\x8B[]{}@ AND'",
                       Texts{"\xE2\x80\x8B[]{}@ AND"}),
              "true");
}

TEST(ConditionParser, SaysWhatIsMissing) {
    EXPECT_EQ(refusal(""), at(1, "the end of the text", part));
    EXPECT_EQ(refusal("(Exists @Request[a]"), at(20, "the end of the text", "AND, OR or ')'"));
    EXPECT_EQ(refusal("Exists @Request[a])"), at(19, "')'", "AND, OR or the end of the text"));
    EXPECT_EQ(refusal("Exists @Request[a] Exists @Request[b]"),
              at(20, "'Exists'", "AND, OR or the end of the text"));
    EXPECT_EQ(refusal("Exists @Request[a] AND"), at(23, "the end of the text", part));
    EXPECT_EQ(refusal("Exists Request[a]"), at(8, "'Request'", "an attribute: @Source[name]"));
    EXPECT_EQ(refusal("Exists @User[a]"),
              at(9, "'User'", "Request, Resource, Principal or Environment"));
    EXPECT_EQ(refusal("Exists @Request"),
              at(16, "the end of the text", "the attribute's name in brackets: [name]"));
    EXPECT_EQ(refusal("Exists @Request[]"),
              at(16, "the name '' in brackets", "the attribute's name in brackets: [name]"));
    EXPECT_EQ(refusal("Resource[a] StringEquals 'x'"), at(1, "'Resource'", "'@' before Resource"));
}

TEST(ConditionParser, SaysWhichOperatorIsNone) {
    const std::string first =
        std::string(quantified_operator) + ", or a quantifier such as ForAnyOfAnyValues:";
    EXPECT_EQ(refusal("@Resource[a] null"), at(14, "'null'", first));
    EXPECT_EQ(refusal("@Resource[a] 'x'"), at(14, "the string 'x'", first));
    EXPECT_EQ(refusal("@Resource[a] IpMatch '10.0.0.0/8'"), at(14, "'IpMatch'", first));
    EXPECT_EQ(refusal("'a' NOT StringEquals 'b'"), at(5, "'NOT'", first));
    EXPECT_EQ(refusal("1 ForAnyOfAnyValues:Equals 1"), at(21, "'Equals'", quantified_operator));
    EXPECT_EQ(refusal("1 ForAnyOfAnyValues:"), at(21, "the end of the text", quantified_operator));
    EXPECT_EQ(refusal("1 ForAny:NumericEquals 1"),
              at(3, "'ForAny'",
                 "ForAnyOfAnyValues, ForAllOfAnyValues, ForAnyOfAllValues or ForAllOfAllValues "
                 "before ':'"));
    EXPECT_EQ(refusal("1 ForAnyOfAnyValues NumericEquals 1"),
              at(21, "'NumericEquals'", "':' and an operator after ForAnyOfAnyValues"));
}

TEST(ConditionParser, SaysWhichValueIsNone) {
    const std::string_view right = "an attribute, a value or a set of values in {}";
    EXPECT_EQ(refusal("1 NumericEquals 1.5"), at(17, "'1.5'", right));
    EXPECT_EQ(refusal("1 NumericEquals +1"),
              at(17, "'+'",
                 "words, strings and signs of the language; other characters stand inside '...' "
                 "and [...] only"));
    EXPECT_EQ(refusal("1 NumericEquals {1, x}"), at(21, "'x'", value));
    EXPECT_EQ(refusal("1 NumericEquals {1, @Request[a]}"), at(21, "'@'", value));
    EXPECT_EQ(refusal("1 NumericEquals {1 2}"), at(20, "'2'", "',' or '}'"));
    EXPECT_EQ(refusal("1 NumericEquals {1,}"), at(20, "'}'", value));
    EXPECT_EQ(refusal("1 NumericEquals {1"), at(19, "the end of the text", "',' or '}'"));
    EXPECT_EQ(refusal("1 NumericEquals 9223372036854775808"),
              at(17, "'9223372036854775808'",
                 "an integer from -9223372036854775808 to 9223372036854775807"));
    EXPECT_EQ(refusal("@Request[a] GuidEquals 53ca6127-db72-4b80-b1b0-d745d6d5456"),
              at(24, "'53ca6127-db72-4b80-b1b0-d745d6d5456'", right));
    EXPECT_EQ(refusal("ActionMatches{}"), at(15, "'}'", "a pattern in ''"));
    EXPECT_EQ(refusal("ActionMatches('a')"), at(14, "'('", "'{' and a list of patterns in ''"));
    EXPECT_EQ(refusal("ActionMatches{'a' 'b'}"), at(19, "the string 'b'", "',' or '}'"));
}

TEST(ConditionParser, ReadsTheSmallestAndTheGreatestInteger) {
    EXPECT_EQ(asked_of("@Resource[n] NumericEquals -9223372036854775808",
                       Numbers{std::numeric_limits<std::int64_t>::min()}),
              "true");
    EXPECT_EQ(asked_of("@Resource[n] NumericEquals 9223372036854775807",
                       Numbers{std::numeric_limits<std::int64_t>::max()}),
              "true");
    EXPECT_EQ(asked_of("@Resource[n] NumericEquals 007", Numbers{7}), "true");
}

TEST(ConditionParser, SaysWhichCharacterIsForeign) {
    const std::string_view outside =
        "words, strings and signs of the language; other characters stand inside '...' and [...] "
        "only";
    EXPECT_EQ(refusal("Exists\xE2\x80\x8B @Request[a]"), at(7, "the character U+200B", outside));
    EXPECT_EQ(refusal("\xF0\x9F\x98\x80"), at(1, "the character U+1F600", outside));
    EXPECT_EQ(refusal(std::string_view{"\0", 1}), at(1, "the character U+0000", outside));
    EXPECT_EQ(refusal("Exists @Request[a] & Exists @Request[b]"), at(20, "'&'", "'&&' or AND"));
    EXPECT_EQ(refusal("Exists @Request[a] | Exists @Request[b]"), at(20, "'|'", "'||' or OR"));
    EXPECT_EQ(refusal("Exists @Request[a] // why"),
              at(20, "'/'", "a part of a condition; the language has no comments"));
    EXPECT_EQ(refusal("@Request[a] StringEquals \"x\""), at(26, "'\"'", "' around a string"));
    EXPECT_EQ(refusal("@Request[a] == 'x'"),
              at(13, "'='", "an operator in letters, such as StringEquals or NumericLessThan"));
    EXPECT_EQ(refusal("@Request[a] StringEquals 'x"),
              at(26, "a string that does not end", "' at its end; a ' inside it is written \\'"));
    EXPECT_EQ(refusal("@Request[a] StringEquals 'x\\"),
              at(26, "a string that does not end", "' at its end; a ' inside it is written \\'"));
    EXPECT_EQ(refusal("@Request[a StringEquals 'x'"),
              at(9, "a name that does not end", "] at its end"));
    EXPECT_EQ(refusal("Exists @Request[a\xFF]"), at(18, "bytes that are no character", "UTF-8"));
}

TEST(ConditionParser, CountsLinesAndCharacters) {
    EXPECT_EQ(refusal("Exists @Request[a]\n  AND\n  nothing"), at(3, 3, "'nothing'", part));
    EXPECT_EQ(
        refusal("'\xC3\xA4\xC3\xB6' null 'x'"),
        at(6, "'null'",
           std::string(quantified_operator) + ", or a quantifier such as ForAnyOfAnyValues:"));
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) result += text;
    return result;
}

TEST(ConditionParser, IsLimitedInDepth) {
    const std::size_t most = limits::condition_depth_max;
    const std::string inside = "Exists @Request[a]";
    EXPECT_EQ(parsed(repeated("(", most) + inside + repeated(")", most)), parsed(inside));
    EXPECT_EQ(asked(repeated("!", most) + inside), "false");
    const auto deeper = Program::parse(repeated("(", most + 1) + inside, "c");
    ASSERT_FALSE(deeper);
    EXPECT_EQ(deeper.error().code, Errc::limit_exceeded);
    EXPECT_EQ(deeper.error().detail,
              "condition, line 1, column 65: more than 64 parentheses and NOTs around one part");
    EXPECT_FALSE(Program::parse(repeated("!(", most / 2) + "!" + inside, "c"));
    EXPECT_FALSE(Program::parse(repeated("NOT ", most + 1) + inside, "c"));
    EXPECT_FALSE(Program::parse(repeated("!", limits::condition_length_max), "c"));
    EXPECT_FALSE(Program::parse(repeated("(", limits::condition_length_max), "c"));
}

TEST(ConditionParser, IsLimitedInSize) {
    const std::string shortest = "Exists @Request[a]";
    const std::string longest =
        shortest + std::string(limits::condition_length_max - shortest.size(), ' ');
    EXPECT_TRUE(Program::parse(longest, "c"));
    const auto longer = Program::parse(longest + " ", "c");
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().code, Errc::limit_exceeded);
    EXPECT_EQ(longer.error().detail, "condition has 8193 bytes; at most 8192 are allowed");
}

TEST(ConditionParser, IsLimitedInParts) {
    const std::string negations = repeated("!", 60) + "{}GuidEquals{}";
    const std::string text = negations + repeated("&&" + negations, 15);
    EXPECT_TRUE(Program::parse(text, "c"));
    const auto more = Program::parse(text + repeated("&&" + negations, 2), "c");
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, Errc::limit_exceeded);
    EXPECT_NE(more.error().detail.find("more than 1024 parts"), std::string::npos)
        << more.error().detail;
}

TEST(ConditionParser, IsLimitedInLists) {
    const std::string numbers = "1 ForAnyOfAnyValues:NumericEquals {1";
    const std::size_t most = limits::condition_list_max;
    EXPECT_EQ(asked(numbers + repeated(",1", most - 1) + "}"), "true");
    const auto more = Program::parse(numbers + repeated(",1", most) + "}", "c");
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, Errc::limit_exceeded);
    EXPECT_EQ(more.error().detail,
              "condition, line 1, column 35: more than 256 values in one list");
    EXPECT_TRUE(Program::parse("ActionMatches{'a'" + repeated(",'a'", most - 1) + "}", "c"));
    EXPECT_FALSE(Program::parse("ActionMatches{'a'" + repeated(",'a'", most) + "}", "c"));
}

}  // namespace
}  // namespace tenure::domain::condition
