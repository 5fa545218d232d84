#include "domain/condition_parser.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/condition_lexer.h"
#include "domain/limits.h"

namespace tenure::domain::condition {
namespace {

constexpr std::string_view expected_value =
    "a value: a string, an integer, true, false or a GUID of 32 hexadecimal digits";
constexpr std::string_view expected_part =
    "a comparison such as @Resource[name] StringEquals 'x', ActionMatches{...}, "
    "SubOperationMatches{...}, Exists @Source[name], NOT or '('";
constexpr std::string_view expected_source = "Request, Resource, Principal or Environment";

bool is_keyword(const TokenView& token, std::string_view word) {
    return token.kind == TokenKind::word && equal_folded(token.text, word);
}

// The text that the inside of a string stands for: a '\' makes way for the character after it.
std::string unescaped(std::string_view inside) {
    std::string text;
    text.reserve(inside.size());
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] == '\\') ++i;
        text += inside[i];
    }
    return text;
}

bool is_integer(std::string_view word) {
    if (word.starts_with('-')) word.remove_prefix(1);
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t first_bad_byte(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t size = 1;
        while (size <= 4 && !valid_utf8(text.substr(at, size))) ++size;
        if (size > 4) break;
        at += size;
    }
    return at;
}

// A literal as it was written, before the operator beside it says what it is. Borrows the text.
struct WrittenView {
    std::string_view string;  // its inside
    Literal literal;          // kind text if it is a string
};

class ParserView {
public:
    ParserView(std::string_view text, std::string_view field) : text_{text, field}, lexer_{text_} {}

    Result<Code> parse() {
        TRY(advance());
        TRY(code_.root, expression(0));
        if (token_.kind != TokenKind::end) return unexpected("AND, OR or the end of the text");
        return std::move(code_);
    }

private:
    // One more level of parentheses or NOT around what follows `opening`.
    Result<void> check_depth(const TokenView& opening, std::size_t depth) const {
        if (depth < limits::condition_depth_max) return success();
        return text_.refused(opening.at,
                             "more than " + std::to_string(limits::condition_depth_max) +
                                 " parentheses and NOTs around one part",
                             Errc::limit_exceeded);
    }

    Result<Place> expression(std::size_t depth) {
        TRY(const Place first, unary(depth));
        const auto joint = joint_at_hand();
        if (!joint) return first;
        TRY(const Place whole, add(*joint, first));
        Place last = first;
        while (const auto another = joint_at_hand()) {
            if (another != joint)
                return unexpected(std::string(*joint == PartKind::all_of ? "AND" : "OR") +
                                  ", or parentheses: AND and OR do not mix without them");
            TRY(advance());
            TRY(const Place next, unary(depth));
            code_.parts[last].next = next;
            last = next;
        }
        return whole;
    }

    std::optional<PartKind> joint_at_hand() const {
        if (token_.kind == TokenKind::and_sign || is_keyword(token_, "AND"))
            return PartKind::all_of;
        if (token_.kind == TokenKind::or_sign || is_keyword(token_, "OR")) return PartKind::any_of;
        return std::nullopt;
    }

    Result<Place> unary(std::size_t depth) {
        if (token_.kind != TokenKind::not_sign && !is_keyword(token_, "NOT")) return primary(depth);
        TRY(check_depth(token_, depth));
        TRY(advance());
        TRY(const Place negated, unary(depth + 1));
        return add(PartKind::negation, negated);
    }

    Result<Place> primary(std::size_t depth) {
        if (token_.kind == TokenKind::open_paren) {
            TRY(check_depth(token_, depth));
            TRY(advance());
            TRY(const Place inside, expression(depth + 1));
            TRY(expect(TokenKind::close_paren, "AND, OR or ')'"));
            return inside;
        }
        if (is_keyword(token_, "ActionMatches")) return pattern_list(PartKind::action_matches);
        if (is_keyword(token_, "SubOperationMatches"))
            return pattern_list(PartKind::sub_operation_matches);
        if (is_keyword(token_, "Exists")) {
            TRY(advance());
            if (token_.kind != TokenKind::at_sign) return unexpected("an attribute: @Source[name]");
            TRY(const Place name, attribute());
            return add(PartKind::exists, name);
        }
        return comparison();
    }

    Result<Place> pattern_list(PartKind kind) {
        TRY(advance());
        const TokenView opening = token_;
        TRY(expect(TokenKind::open_brace, "'{' and a list of patterns in ''"));
        PatternList list{place(code_.patterns), 0};
        for (;;) {
            if (token_.kind != TokenKind::string) return unexpected("a pattern in ''");
            const std::string written = unescaped(token_.text);
            code_.patterns.push_back({keep(written), keep(folded(written))});
            TRY(check_count(opening, ++list.count));
            TRY(advance());
            if (token_.kind != TokenKind::comma) break;
            TRY(advance());
        }
        TRY(expect(TokenKind::close_brace, "',' or '}'"));
        const Place at = place(code_.lists);
        code_.lists.push_back(list);
        return add(kind, at);
    }

    Result<Place> comparison() {
        Comparison result;
        std::vector<WrittenView> left;
        std::vector<WrittenView> right;
        TRY(result.left, operand(left, expected_part));
        TRY(read_operator(result));
        TRY(result.right, operand(right, "an attribute, a value or a set of values in {}"));
        add_literals(result.left, left, result.op, false);
        add_literals(result.right, right, result.op, true);
        const Place at = place(code_.comparisons);
        code_.comparisons.push_back(result);
        return add(PartKind::comparison, at);
    }

    Result<Operand> operand(std::vector<WrittenView>& values, std::string_view expected) {
        if (token_.kind == TokenKind::at_sign) {
            TRY(const Place name, attribute());
            return Operand{Operand::Kind::attribute, name, 0};
        }
        if (token_.kind == TokenKind::open_brace) {
            TRY(set(values));
            return Operand{Operand::Kind::set};
        }
        if (token_.kind == TokenKind::word && source_named(token_.text))
            return unexpected("'@' before " + std::string(token_.text));
        TRY(const WrittenView value, literal(expected));
        values.push_back(value);
        return Operand{Operand::Kind::literal};
    }

    Result<void> set(std::vector<WrittenView>& values) {
        const TokenView opening = token_;
        TRY(advance());
        if (token_.kind == TokenKind::close_brace) return advance();
        for (;;) {
            TRY(const WrittenView value, literal(expected_value));
            values.push_back(value);
            TRY(check_count(opening, values.size()));
            if (token_.kind != TokenKind::comma) break;
            TRY(advance());
        }
        return expect(TokenKind::close_brace, "',' or '}'");
    }

    Result<WrittenView> literal(std::string_view expected) {
        WrittenView written;
        Literal& value = written.literal;
        if (token_.kind == TokenKind::string) {
            value.kind = LiteralKind::text;
            written.string = token_.text;
        } else if (is_keyword(token_, "true") || is_keyword(token_, "false")) {
            value.kind = LiteralKind::boolean;
            value.number = is_keyword(token_, "true") ? 1 : 0;
        } else if (const auto guid = guid_at_hand()) {
            value.kind = LiteralKind::guid;
            value.guid = *guid;
        } else if (token_.kind == TokenKind::word && is_integer(token_.text)) {
            value.kind = LiteralKind::number;
            const char* end = token_.text.data() + token_.text.size();
            if (std::from_chars(token_.text.data(), end, value.number).ec != std::errc{})
                return unexpected("an integer from -9223372036854775808 to 9223372036854775807");
        } else {
            return unexpected(expected);
        }
        TRY(advance());
        return written;
    }

    std::optional<Guid> guid_at_hand() const {
        if (token_.kind != TokenKind::word) return std::nullopt;
        return parse_guid(token_.text);
    }

    // The token at hand is '@'.
    Result<Place> attribute() {
        TRY(advance());
        const auto source =
            token_.kind == TokenKind::word ? source_named(token_.text) : std::nullopt;
        if (!source) return unexpected(expected_source);
        TRY(advance());
        if (token_.kind != TokenKind::name || token_.text.empty())
            return unexpected("the attribute's name in brackets: [name]");
        const std::string_view written = token_.text;
        TRY(advance());
        const std::string canonical = canonical_attribute(written);
        for (std::size_t i = 0; i < code_.attributes.size(); ++i) {
            const AttributeName& known = code_.attributes[i];
            if (known.source == source && code_.text(known.canonical) == canonical)
                return static_cast<Place>(i);
        }
        AttributeName name;
        name.source = *source;
        name.utc_now = source == Source::environment && canonical == "utcnow";
        name.written = keep(written);
        name.canonical = keep(canonical);
        const Place at = place(code_.attributes);
        code_.attributes.push_back(name);
        return at;
    }

    Result<void> read_operator(Comparison& to) {
        const TokenView first = token_;
        if (first.kind != TokenKind::word) return unexpected(expected_operator(false));
        TRY(advance());
        TokenView name = first;
        if (token_.kind == TokenKind::colon) {
            const auto quantifier = quantifier_named(first.text);
            if (!quantifier)
                return text_.refused(first.at, found(first),
                                     "ForAnyOfAnyValues, ForAllOfAnyValues, ForAnyOfAllValues or "
                                     "ForAllOfAllValues before ':'");
            to.quantifier = *quantifier;
            TRY(advance());
            name = token_;
            if (name.kind != TokenKind::word) return unexpected(expected_operator(true));
            TRY(advance());
        }
        const auto op = operator_named(name.text);
        if (!op) {
            if (quantifier_named(name.text))
                return unexpected("':' and an operator after " + std::string(name.text));
            return text_.refused(name.at, found(name),
                                 expected_operator(to.quantifier != Quantifier::plain));
        }
        to.op = *op;
        return success();
    }

    static std::string expected_operator(bool quantified) {
        return std::string(
                   "an operator such as StringEquals, StringLike, NumericLessThan, "
                   "DateTimeGreaterThan, GuidEquals or BoolEquals") +
               (quantified ? "" : ", or a quantifier such as ForAnyOfAnyValues:");
    }

    void add_literals(Operand& to, const std::vector<WrittenView>& values, const Operator& op,
                      bool on_the_right) {
        if (to.kind == Operand::Kind::attribute) return;
        to.first = place(code_.literals);
        to.count = static_cast<Place>(values.size());
        for (const WrittenView& written : values) {
            Literal literal = written.literal;
            if (literal.kind == LiteralKind::text)
                read_string(literal, written.string, op, on_the_right);
            code_.literals.push_back(literal);
        }
    }

    void read_string(Literal& to, std::string_view inside, const Operator& op, bool on_the_right) {
        if (op.relation == Relation::like && on_the_right) {
            to.kind = LiteralKind::like_pattern;
            to.text = keep(inside);
            return;
        }
        const std::string meant = unescaped(inside);
        if (op.family == Family::guid) {
            if (const auto guid = parse_guid(meant)) {
                to.kind = LiteralKind::guid;
                to.guid = *guid;
                return;
            }
        }
        to.text = keep(meant);
        if (op.family != Family::date_time) return;
        if (const auto ticks = parse_date_time(meant)) {
            to.kind = LiteralKind::date_time;
            to.number = ticks->count;
        }
    }

    Result<void> check_count(const TokenView& opening, std::size_t count) const {
        if (count <= limits::condition_list_max) return success();
        return text_.refused(
            opening.at,
            "more than " + std::to_string(limits::condition_list_max) + " values in one list",
            Errc::limit_exceeded);
    }

    Result<Place> add(PartKind kind, Place first) {
        if (code_.parts.size() >= limits::condition_parts_max)
            return text_.refused(
                token_.at, "more than " + std::to_string(limits::condition_parts_max) + " parts",
                Errc::limit_exceeded);
        const Place at = place(code_.parts);
        code_.parts.push_back({kind, first, no_place});
        return at;
    }

    Span keep(std::string_view text) {
        const Span span{static_cast<std::uint32_t>(code_.texts.size()),
                        static_cast<std::uint32_t>(text.size())};
        code_.texts += text;
        return span;
    }

    // Where the next element of the list goes. The limit of the text keeps it far below no_place.
    template <class List>
    static Place place(const List& list) {
        static_assert(limits::condition_length_max < no_place);
        return static_cast<Place>(list.size());
    }

    Result<void> advance() {
        TRY(token_, lexer_.next());
        return success();
    }

    Result<void> expect(TokenKind kind, std::string_view expected) {
        if (token_.kind != kind) return unexpected(expected);
        return advance();
    }

    Error unexpected(std::string_view expected) const {
        return text_.refused(token_.at, found(token_), expected);
    }

    TextView text_;
    LexerView lexer_;
    TokenView token_;
    Code code_;
};

}  // namespace

Result<Code> parse_code(std::string_view text, std::string_view field) {
    const TextView view{text, field};
    if (text.size() > limits::condition_length_max)
        return Error{Errc::limit_exceeded,
                     "condition has " + std::to_string(text.size()) + " bytes; at most " +
                         std::to_string(limits::condition_length_max) + " are allowed",
                     std::string(field)};
    if (!valid_utf8(text)) {
        const std::size_t at = first_bad_byte(text);
        return view.refused(at, "bytes that are no character", "UTF-8");
    }
    return ParserView{text, field}.parse();
}

}  // namespace tenure::domain::condition
