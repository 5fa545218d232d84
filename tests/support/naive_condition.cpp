#include "support/naive_condition.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <set>

#include "base/match.h"
#include "base/text.h"
#include "support/naive_model.h"

namespace tenure::testing {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A word, a sign, '...' or [...]. Of the last two `text` is the inside, escapes as written.
struct Word {
    enum class Kind { word, sign, string, name };
    Kind kind{};
    std::string text;
};

std::optional<std::vector<Word>> words_of(std::string_view text) {
    std::vector<Word> words;
    std::size_t i = 0;
    while (i < text.size()) {
        const char c = text[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            ++i;
        } else if (c == '\'') {
            std::string inside;
            for (++i; i < text.size() && text[i] != '\''; ++i) {
                inside += text[i];
                if (text[i] != '\\') continue;
                if (++i == text.size()) return std::nullopt;
                inside += text[i];
            }
            if (i == text.size()) return std::nullopt;
            ++i;
            words.push_back({Word::Kind::string, inside});
        } else if (c == '[') {
            const std::size_t end = text.find(']', i);
            if (end == std::string_view::npos || end == i + 1) return std::nullopt;
            words.push_back({Word::Kind::name, std::string(text.substr(i + 1, end - i - 1))});
            i = end + 1;
        } else if (text.substr(i, 2) == "&&" || text.substr(i, 2) == "||") {
            words.push_back({Word::Kind::sign, std::string(text.substr(i, 2))});
            i += 2;
        } else if (std::string_view{"(){},:@!"}.find(c) != std::string_view::npos) {
            words.push_back({Word::Kind::sign, std::string(1, c)});
            ++i;
        } else if (is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.') {
            std::string word;
            for (; i < text.size() && (is_letter(text[i]) || is_digit(text[i]) || text[i] == '-' ||
                                       text[i] == '_' || text[i] == '.');
                 ++i)
                word += text[i];
            words.push_back({Word::Kind::word, word});
        } else {
            return std::nullopt;
        }
    }
    return words;
}

std::string without_escapes(const std::string& inside) {
    std::string text;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] == '\\' && i + 1 < inside.size()) ++i;
        text += inside[i];
    }
    return text;
}

// 32 digits in lower case.
std::optional<std::string> guid_of(const std::string& text) {
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = text.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
        if (hyphen && text[i] != '-') return std::nullopt;
        if (!hyphen) digits += text[i];
    }
    digits = naive_fold(digits);
    if (digits.size() != 32 || (text.size() != 32 && text.size() != 36)) return std::nullopt;
    if (digits.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
    return digits;
}

// yyyy-mm-ddThh:mm:ss.mmmmmmm with all digits, whose order as texts is their order in time.
std::optional<std::string> date_time_of(const std::string& text) {
    const std::string form = "0000-00-00T00:00:00";
    if (text.size() < form.size() + 1 || text.back() != 'Z') return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i]) return std::nullopt;
    std::string fraction = text.substr(form.size(), text.size() - form.size() - 1);
    if (!fraction.empty()) {
        if (fraction.front() != '.' || fraction.size() < 2 || fraction.size() > 8)
            return std::nullopt;
        fraction.erase(0, 1);
        if (!std::ranges::all_of(fraction, is_digit)) return std::nullopt;
    }
    fraction.resize(7, '0');
    const auto number = [&](std::size_t at, std::size_t size) {
        return std::stoi(text.substr(at, size));
    };
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day = number(8, 2);
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const std::vector<int> days{31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return std::nullopt;
    if (day < 1 || day > days[static_cast<std::size_t>(month) - 1]) return std::nullopt;
    if (number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return std::nullopt;
    return text.substr(0, form.size()) + "." + fraction;
}

// The characters of a text, of which some are several bytes.
std::vector<std::string> characters_of(const std::string& text) {
    std::vector<std::string> characters;
    for (const char c : text) {
        if (!characters.empty() && (static_cast<unsigned char>(c) & 0xC0U) == 0x80)
            characters.back() += c;
        else
            characters.emplace_back(1, c);
    }
    return characters;
}

bool is_like(const std::string& text, const std::string& pattern) {
    const auto letters = characters_of(text);
    const auto signs = characters_of(pattern);
    // reach[i]: the pattern so far matches the first i characters.
    std::vector<bool> reach(letters.size() + 1, false);
    reach[0] = true;
    for (std::size_t p = 0; p < signs.size(); ++p) {
        std::vector<bool> next(letters.size() + 1, false);
        const bool escaped = signs[p] == "\\" && p + 1 < signs.size();
        const std::string& sign = escaped ? signs[++p] : signs[p];
        bool before = false;
        for (std::size_t i = 0; i <= letters.size(); ++i) {
            before = before || reach[i];
            if (!escaped && sign == "*")
                next[i] = before;
            else if (i > 0 && reach[i - 1])
                next[i] = (!escaped && sign == "?") || letters[i - 1] == sign;
        }
        reach = next;
    }
    return reach.back();
}

struct Value {
    enum class Kind { string, text, integer, boolean, guid, clock };
    Kind kind{};
    std::string text;  // of strings the inside, of everything else as it reads
};

using Values = std::optional<std::vector<Value>>;  // nothing: missing

struct Comparing {
    std::string family;  // "string", "numeric", "datetime", "guid", "bool"
    std::string relation;
    bool negated = false;
    bool ignore_case = false;
};

// All comparisons of the grammar, by name in lower case.
const std::map<std::string, Comparing>& comparisons() {
    static const std::map<std::string, Comparing> all = [] {
        std::map<std::string, Comparing> table;
        const auto add = [&](const std::string& family, bool negated, const std::string& relation,
                             bool ignore_case) {
            table[family + (negated ? "not" : "") + relation + (ignore_case ? "ignorecase" : "")] =
                {family, relation, negated, ignore_case};
        };
        for (const bool negated : {false, true}) {
            for (const std::string family : {"bool", "guid", "numeric", "datetime"})
                add(family, negated, "equals", false);
            for (const std::string relation :
                 {"equals", "startswith", "like", "endswith", "contains"})
                for (const bool ignore_case : {false, true})
                    add("string", negated, relation, ignore_case);
        }
        for (const std::string family : {"numeric", "datetime"})
            for (const std::string relation :
                 {"greaterthan", "greaterthanequals", "lessthan", "lessthanequals"})
                add(family, false, relation, false);
        return table;
    }();
    return all;
}

// The value as the comparison reads it; nothing if it is of another kind. Numbers as texts whose
// order is theirs.
std::optional<std::string> read(const Value& value, const Comparing& how, bool on_the_right) {
    using Kind = Value::Kind;
    const bool textual = value.kind == Kind::string || value.kind == Kind::text;
    const bool pattern = how.relation == "like" && on_the_right;
    const std::string meant =
        value.kind == Kind::string && !pattern ? without_escapes(value.text) : value.text;
    if (how.family == "string") {
        if (!textual) return std::nullopt;
        return how.ignore_case ? naive_fold(meant) : meant;
    }
    if (how.family == "guid")
        return textual || value.kind == Kind::guid ? guid_of(meant) : std::nullopt;
    if (how.family == "datetime")
        return textual || value.kind == Kind::clock ? date_time_of(meant) : std::nullopt;
    const Kind kind = how.family == "numeric" ? Kind::integer : Kind::boolean;
    return value.kind == kind ? std::optional{meant} : std::nullopt;
}

bool holds(const std::string& a, const std::string& b, const Comparing& how) {
    if (how.family == "string") {
        if (how.relation == "equals") return a == b;
        if (how.relation == "startswith") return a.starts_with(b);
        if (how.relation == "endswith") return a.ends_with(b);
        if (how.relation == "contains") return a.find(b) != std::string::npos;
        return is_like(a, b);
    }
    const bool numeric = how.family == "numeric";
    const bool less = numeric ? std::stoll(a) < std::stoll(b) : a < b;
    const bool equal = numeric ? std::stoll(a) == std::stoll(b) : a == b;
    if (how.relation == "equals") return equal;
    if (how.relation == "lessthan") return less;
    if (how.relation == "lessthanequals") return less || equal;
    if (how.relation == "greaterthan") return !less && !equal;
    return !less;
}

// In the order of AND and OR.
enum Truth { no, unknown, yes };

Truth compare(const Values& left, const std::string& quantifier, const Comparing& how,
              const Values& right) {
    if (!left || !right || left->empty() || right->empty()) return unknown;
    if (quantifier.empty() && (left->size() > 1 || right->size() > 1)) return unknown;
    std::vector<std::string> a;
    std::vector<std::string> b;
    for (const Value& value : *left) {
        const auto text = read(value, how, false);
        if (!text) return unknown;
        a.push_back(*text);
    }
    for (const Value& value : *right) {
        const auto text = read(value, how, true);
        if (!text) return unknown;
        b.push_back(*text);
    }
    const bool any_left = quantifier.empty() || quantifier.starts_with("forany");
    const bool any_right = quantifier.empty() || quantifier.ends_with("anyvalues");
    const auto right_holds = [&](const std::string& x) {
        const auto one = [&](const std::string& y) { return holds(x, y, how) != how.negated; };
        return any_right ? std::ranges::any_of(b, one) : std::ranges::all_of(b, one);
    };
    return (any_left ? std::ranges::any_of(a, right_holds) : std::ranges::all_of(a, right_holds))
               ? yes
               : no;
}

// Without regard to case, but for the key in front of the mark that says so.
bool same_attribute(const std::string& a, const std::string& b) {
    const std::string mark = "<$key_case_sensitive$>";
    if (naive_fold(a) != naive_fold(b)) return false;
    const std::size_t colon = a.find(':');
    if (!naive_fold(a).ends_with(mark) || colon == std::string::npos) return true;
    const std::size_t size = a.size() - mark.size() - colon;
    return a.substr(colon, size) == b.substr(colon, size);
}

std::vector<Value> values_of(const domain::AttributeValues& values) {
    std::vector<Value> list;
    std::visit(match{[&](bool flag) {
                         list.push_back({Value::Kind::boolean, flag ? "true" : "false"});
                     },
                     [&](const std::vector<std::int64_t>& numbers) {
                         for (const std::int64_t number : numbers)
                             list.push_back({Value::Kind::integer, std::to_string(number)});
                     },
                     [&](const std::vector<std::string>& texts) {
                         for (const std::string& text : texts)
                             list.push_back({Value::Kind::text, text});
                     }},
               values);
    return list;
}

// One method for each rule of the grammar; each works out what it reads.
class Reading {
public:
    Reading(std::vector<Word> words, const ConditionFacts& facts)
        : words_{std::move(words)}, facts_{facts} {}

    std::optional<Truth> condition() {
        const Truth truth = expression();
        if (at_ != words_.size()) wrong_ = true;
        if (wrong_) return std::nullopt;
        return truth;
    }

private:
    bool next_is(Word::Kind kind, const std::string& text) const {
        return at_ < words_.size() && words_[at_].kind == kind &&
               naive_fold(words_[at_].text) == naive_fold(text);
    }

    bool take(Word::Kind kind, const std::string& text) {
        if (wrong_ || !next_is(kind, text)) return false;
        ++at_;
        return true;
    }

    bool take_word(const std::string& word) { return take(Word::Kind::word, word); }

    bool take_sign(const std::string& sign) { return take(Word::Kind::sign, sign); }

    void need_sign(const std::string& sign) {
        if (!take_sign(sign)) wrong_ = true;
    }

    // The next one, if it is of this kind.
    std::optional<std::string> take_any(Word::Kind kind) {
        if (wrong_ || at_ >= words_.size() || words_[at_].kind != kind) return std::nullopt;
        return words_[at_++].text;
    }

    std::string need_any(Word::Kind kind) {
        const auto text = take_any(kind);
        if (!text) wrong_ = true;
        return text.value_or("");
    }

    bool take_and() { return take_word("and") || take_sign("&&"); }

    bool take_or() { return take_word("or") || take_sign("||"); }

    Truth expression() {
        Truth truth = unary();
        if (take_and()) {
            do truth = std::min(truth, unary());
            while (take_and());
        } else if (take_or()) {
            do truth = std::max(truth, unary());
            while (take_or());
        }
        return truth;
    }

    Truth unary() {
        if (!take_word("not") && !take_sign("!")) return primary();
        const Truth truth = unary();
        return truth == unknown ? unknown : truth == yes ? no : yes;
    }

    Truth primary() {
        if (take_sign("(")) {
            const Truth truth = expression();
            need_sign(")");
            return truth;
        }
        if (take_word("actionmatches")) return matches(facts_.action);
        if (take_word("suboperationmatches")) return matches(facts_.sub_operation);
        if (take_word("exists")) {
            need_sign("@");
            return attribute() ? yes : no;
        }
        const Values left = operand();
        std::string word = need_any(Word::Kind::word);
        std::string quantifier;
        if (take_sign(":")) {
            quantifier = naive_fold(word);
            if (!std::set<std::string>{"foranyofanyvalues", "forallofanyvalues",
                                       "foranyofallvalues", "forallofallvalues"}
                     .contains(quantifier))
                wrong_ = true;
            word = need_any(Word::Kind::word);
        }
        const auto how = comparisons().find(naive_fold(word));
        if (how == comparisons().end()) wrong_ = true;
        const Values right = operand();
        return wrong_ ? unknown : compare(left, quantifier, how->second, right);
    }

    Truth matches(const std::string& asked) {
        need_sign("{");
        bool matched = false;
        do {
            const std::string pattern = without_escapes(need_any(Word::Kind::string));
            matched = matched || (!asked.empty() && naive_matches(pattern, asked));
        } while (take_sign(","));
        need_sign("}");
        return matched ? yes : no;
    }

    Values operand() {
        if (take_sign("@")) return attribute();
        if (!take_sign("{")) return std::vector<Value>{literal()};
        std::vector<Value> set;
        if (take_sign("}")) return set;
        do set.push_back(literal());
        while (take_sign(","));
        need_sign("}");
        return set;
    }

    // After the '@'.
    Values attribute() {
        const std::string source = naive_fold(need_any(Word::Kind::word));
        const std::string name = need_any(Word::Kind::name);
        if (!std::set<std::string>{"request", "resource", "principal", "environment"}.contains(
                source))
            wrong_ = true;
        if (source == "environment" && naive_fold(name) == "utcnow")
            return std::vector<Value>{{Value::Kind::clock, format_instant(facts_.now)}};
        const auto attributes = facts_.sources.find(source);
        if (attributes == facts_.sources.end()) return std::nullopt;
        for (const domain::Attribute& each : attributes->second)
            if (same_attribute(each.name, name)) return values_of(each.values);
        return std::nullopt;
    }

    Value literal() {
        if (const auto string = take_any(Word::Kind::string)) return {Value::Kind::string, *string};
        const std::string word = naive_fold(need_any(Word::Kind::word));
        if (word == "true" || word == "false") return {Value::Kind::boolean, word};
        if (guid_of(word)) return {Value::Kind::guid, word};
        const std::string digits = word.starts_with('-') ? word.substr(1) : word;
        errno = 0;
        (void)std::strtoll(word.c_str(), nullptr, 10);
        if (digits.empty() || !std::ranges::all_of(digits, is_digit) || errno != 0) wrong_ = true;
        return {Value::Kind::integer, word};
    }

    std::vector<Word> words_;
    const ConditionFacts& facts_;
    std::size_t at_ = 0;
    bool wrong_ = false;
};

}  // namespace

std::optional<std::string> naive_condition(std::string_view text, const ConditionFacts& facts) {
    if (text.size() > 8192 || !valid_utf8(text)) return std::nullopt;
    auto words = words_of(text);
    if (!words) return std::nullopt;
    const auto truth = Reading{std::move(*words), facts}.condition();
    if (!truth) return std::nullopt;
    return *truth == yes ? "true" : *truth == no ? "false" : "unknown";
}

}  // namespace tenure::testing
