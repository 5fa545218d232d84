#include "support/random_conditions.h"

#include <array>
#include <limits>

namespace tenure::testing {
namespace {

using Names = std::vector<std::string>;

// By kind of value, text first, as Kind lists them. A name is used for another kind now and then.
const std::array<Names, 5> names{
    Names{"n", "N", "Id:Team_Project", "blobs/tags:Project<$key_case_sensitive$>",
          "blobs/tags:project<$KEY_case_sensitive$>", "blobs/tags&$keys$&"},
    Names{"size", "Microsoft.Storage/blobs:size"}, Names{"versionId", "since", "UtcNow", "utcnow"},
    Names{"Microsoft.Authorization/roleAssignments:RoleDefinitionId", "id"},
    Names{"isCurrentVersion", "isPrivateLink"}};

const Names texts{"",
                  "a",
                  "A",
                  "abc",
                  "aBc",
                  "a/b/c",
                  "logs/x.txt",
                  "it's",
                  "a*b",
                  "axxb",
                  "a\\b",
                  "\xC3\xA4",
                  "x\xF0\x9F\x98\x80y",
                  "high"};
const Names likes{"*",    "a*",     "?",       "a?c",      "*b*", R"(a\*b)", "??",
                  "log*", R"(*\')", R"(a\\*)", "\xC3\xA4", "x?y", "**",      ""};
const Names date_times{"2024-05-01T12:00:00Z",         "2024-05-01T12:00:00.0Z",
                       "2024-05-01T12:00:00.0000000Z", "2024-05-01T12:00:00.0000001Z",
                       "2024-05-01T11:59:59.9999999Z", "2024-05-01T12:00:00.000001Z",
                       "1969-12-31T23:59:59.5Z",       "2024-02-29T00:00:00Z",
                       "2023-02-29T00:00:00Z",         "2024-05-01"};
const Names guids{"53ca6127-db72-4b80-b1b0-d745d6d5456d", "53CA6127-db72-4b80-b1b0-d745d6d5456D",
                  "53ca6127db724b80b1b0d745d6d5456d",     "acdd72a7-3385-48ef-bd42-f606fba81ae7",
                  "12345678901234567890123456789012",     "acdd72a7338548efbd42f606fba81ae7"};
const std::vector<std::int64_t> numbers{std::numeric_limits<std::int64_t>::min(), -5, 0, 1, 10, 11,
                                        std::numeric_limits<std::int64_t>::max()};
const Names instants{"2024-05-01T12:00:00Z",        "2024-05-01T12:00:00.000001Z",
                     "2024-05-01T11:59:59.999999Z", "1969-12-31T23:59:59.5Z",
                     "1969-12-31T23:59:59.499999Z", "2024-02-29T00:00:00.000001Z"};

const Names sources{"Request", "Resource", "Principal", "Environment"};
const Names actions{"x/things/read", "X/Things/Write", "y/others/delete"};
const Names action_patterns{"*",        "x/*",    "*/read",        "X/THINGS/*", "x/things/read",
                            "x/*/rea*", "y/*/x*", "x/things/re?d", "",           "it's"};
const Names sub_operations{"", "Blob.List", "Blob.Write.Tier"};
const Names sub_operation_patterns{"Blob.List", "blob.*", "Blob.Read"};
const Names quantifiers{"ForAnyOfAnyValues", "ForAllOfAnyValues", "ForAnyOfAllValues",
                        "ForAllOfAllValues"};
const Names damages{"(",
                    ")",
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "@",
                    "!",
                    "&&",
                    "||",
                    "&",
                    "|",
                    "'",
                    "\\",
                    "-",
                    "1",
                    "x",
                    " ",
                    "/",
                    "*",
                    "true",
                    " AND ",
                    " OR ",
                    " NOT ",
                    "null",
                    "\n",
                    "\xE2\x80\x8B",
                    "\xC3"};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

}  // namespace

std::string ConditionMaker::condition() {
    text_.clear();
    expression(2);
    return std::move(text_);
}

ConditionFacts ConditionMaker::facts() {
    ConditionFacts facts;
    facts.action = one_of(actions);
    facts.sub_operation = one_of(sub_operations);
    facts.now = instant();
    for (const char* source : {"request", "resource", "principal", "environment"}) {
        if (random_.one_in(8)) continue;
        auto& attributes = facts.sources[source];
        for (std::size_t i = 0; i < names.size(); ++i)
            for (const std::string& name : names[i])
                if (!random_.one_in(4))
                    attributes.push_back(
                        {name, values(random_.one_in(8) ? kind() : static_cast<Kind>(i))});
    }
    return facts;
}

Instant ConditionMaker::instant() { return parse_instant(one_of(instants), "").value(); }

std::string ConditionMaker::damaged(std::string text) {
    for (std::uint64_t times = 1 + random_.below(3); times > 0; --times) {
        const std::size_t at = random_.below(text.size() + 1);
        if (random_.one_in(2)) text.erase(at, random_.below(4));
        if (random_.one_in(2)) text.insert(at, one_of(damages));
        if (random_.one_in(8)) text.insert(at, text.substr(random_.below(text.size() + 1), 20));
    }
    return text;
}

void ConditionMaker::expression(std::size_t depth) {
    if (depth == 0 || random_.one_in(4)) return unary(depth);
    const bool all = random_.one_in(2);
    for (std::uint64_t more = random_.below(4);; --more) {
        unary(depth - 1);
        if (more == 0) return;
        if (random_.one_in(3))
            add(all ? "&&" : "||");
        else
            word(all ? "AND" : "OR");
    }
}

void ConditionMaker::unary(std::size_t depth) {
    while (random_.one_in(5))
        if (random_.one_in(2))
            add("!");
        else
            word("NOT");
    if (depth == 0 && !random_.one_in(8)) return leaf();
    add("(");
    expression(depth == 0 ? 0 : depth - 1);
    add(")");
}

void ConditionMaker::leaf() {
    switch (random_.below(8)) {
        case 0:
            word("ActionMatches");
            return patterns();
        case 1:
            word("SubOperationMatches");
            return patterns();
        case 2:
            word("Exists");
            return attribute(kind());
        default:
            return comparison();
    }
}

void ConditionMaker::patterns() {
    add("{");
    for (std::uint64_t more = random_.below(3);; --more) {
        add(in_quotes(one_of(random_.one_in(2) ? action_patterns : sub_operation_patterns), false));
        if (more == 0) break;
        add(",");
    }
    add("}");
}

void ConditionMaker::comparison() {
    const Kind of = kind();
    const std::string name = operator_of(of);
    const bool like = name.find("Like") != std::string::npos;
    operand(of, false);
    if (random_.one_in(2)) {
        word(one_of(quantifiers));
        add(":");
    }
    word(name);
    operand(of, like);
}

void ConditionMaker::operand(Kind of, bool pattern) {
    const Kind used = random_.one_in(12) ? kind() : of;
    switch (random_.below(4)) {
        case 0:
            return literal(used, pattern);
        case 1: {
            add("{");
            for (std::uint64_t left = random_.below(4); left > 0; --left) {
                literal(random_.one_in(24) ? kind() : used, pattern);
                if (left > 1) add(",");
            }
            return add("}");
        }
        default:
            return attribute(used);
    }
}

void ConditionMaker::literal(Kind of, bool pattern) {
    switch (of) {
        case Kind::text:
            return add(pattern ? in_quotes(one_of(likes), true) : in_quotes(one_of(texts), false));
        case Kind::number: {
            const std::int64_t number = one_of(numbers);
            return add((number >= 0 && random_.one_in(8) ? "00" : "") + std::to_string(number));
        }
        case Kind::date_time:
            return add(in_quotes(one_of(date_times), false));
        case Kind::guid:
            return add(random_.one_in(3) ? in_quotes(one_of(guids), false) : one_of(guids));
        case Kind::boolean:
            return word(random_.one_in(2) ? "true" : "false");
    }
}

void ConditionMaker::attribute(Kind of) {
    add("@");
    const std::string& name = one_of(names[static_cast<std::size_t>(of)]);
    const bool now = of == Kind::date_time && random_.one_in(2);
    word(now ? "Environment" : one_of(sources));
    add("[" + name + "]");
}

std::string ConditionMaker::operator_of(Kind of) {
    const std::string negation = random_.one_in(3) ? "Not" : "";
    switch (of) {
        case Kind::text: {
            const Names relations{"Equals", "StartsWith", "Like", "EndsWith", "Contains"};
            return "String" + negation + one_of(relations) +
                   (random_.one_in(3) ? "IgnoreCase" : "");
        }
        case Kind::number:
        case Kind::date_time: {
            const Names relations{"GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals"};
            const std::string family = of == Kind::number ? "Numeric" : "DateTime";
            return family + (random_.one_in(3) ? negation + "Equals" : one_of(relations));
        }
        case Kind::guid:
            return "Guid" + negation + "Equals";
        case Kind::boolean:
            return "Bool" + negation + "Equals";
    }
    return {};
}

domain::AttributeValues ConditionMaker::values(Kind of) {
    if (of == Kind::boolean) return random_.one_in(2);
    const std::uint64_t count = random_.one_in(3) ? random_.below(4) : 1;
    std::vector<std::int64_t> integers;
    std::vector<std::string> strings;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (of == Kind::number) integers.push_back(one_of(numbers));
        if (of == Kind::text) strings.push_back(one_of(random_.one_in(6) ? likes : texts));
        if (of == Kind::date_time) strings.push_back(one_of(date_times));
        if (of == Kind::guid) strings.push_back(one_of(guids));
    }
    if (of == Kind::number) return integers;
    return strings;
}

ConditionMaker::Kind ConditionMaker::kind() { return static_cast<Kind>(random_.below(5)); }

void ConditionMaker::word(const std::string& text) {
    std::string spelled = text;
    if (random_.one_in(4))
        for (char& c : spelled)
            if (c >= 'a' && c <= 'z' && random_.one_in(2)) c = static_cast<char>(c - 'a' + 'A');
    add(spelled);
}

void ConditionMaker::add(const std::string& text) {
    const bool together = !text_.empty() && is_word(text_.back()) && is_word(text.front());
    if (together || random_.one_in(3)) text_ += random_.one_in(12) ? "\n\t" : " ";
    text_ += text;
}

// A pattern has its escapes already, but for what would end the string.
std::string ConditionMaker::in_quotes(const std::string& text, bool pattern) {
    std::string quoted = "'";
    for (const char c : text) {
        if (!pattern && (c == '\'' || c == '\\' || (c == '*' && random_.one_in(2)))) quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

}  // namespace tenure::testing
