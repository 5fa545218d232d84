#include "domain/condition_lexer.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tenure::domain::condition {
namespace {

struct Sign {
    std::string_view text;
    TokenKind kind;
};

constexpr std::array signs{Sign{"(", TokenKind::open_paren}, Sign{")", TokenKind::close_paren},
                           Sign{"{", TokenKind::open_brace}, Sign{"}", TokenKind::close_brace},
                           Sign{",", TokenKind::comma},      Sign{":", TokenKind::colon},
                           Sign{"@", TokenKind::at_sign},    Sign{"!", TokenKind::not_sign},
                           Sign{"&&", TokenKind::and_sign},  Sign{"||", TokenKind::or_sign}};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_word(char c) {
    const char folded_c = fold(c);
    return (folded_c >= 'a' && folded_c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

// "U+200B" of the first character.
std::string code_point(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    std::uint32_t point = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size && i < text.size(); ++i)
        point = point << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    std::string digits;
    for (; point != 0 || digits.size() < 4; point >>= 4U) digits += hex[point & 0xFU];
    std::ranges::reverse(digits);
    return "U+" + digits;
}

}  // namespace

Error TextView::refused(std::size_t at, const std::string& what, Errc code) const {
    std::size_t line = 1;
    std::size_t column = 1;
    for (const char c : text_.substr(0, at)) {
        if (c == '\n') {
            ++line;
            column = 1;
        } else if (!continues_character(c)) {
            ++column;
        }
    }
    return Error{code,
                 "condition, line " + std::to_string(line) + ", column " + std::to_string(column) +
                     ": " + what,
                 std::string(field_)};
}

Error TextView::refused(std::size_t at, std::string_view found, std::string_view expected) const {
    return refused(at, "found " + std::string(found) + "; expected " + std::string(expected));
}

std::string found(const TokenView& token) {
    switch (token.kind) {
        case TokenKind::end:
            return "the end of the text";
        case TokenKind::string:
            return "the string " + quoted(token.text);
        case TokenKind::name:
            return "the name " + quoted(token.text) + " in brackets";
        case TokenKind::open_paren:
        case TokenKind::close_paren:
        case TokenKind::open_brace:
        case TokenKind::close_brace:
        case TokenKind::comma:
        case TokenKind::colon:
        case TokenKind::at_sign:
        case TokenKind::not_sign:
        case TokenKind::and_sign:
        case TokenKind::or_sign:
        case TokenKind::word:
            break;
    }
    return quoted(token.text);
}

Result<TokenView> LexerView::next() {
    while (!rest().empty() && is_blank(rest().front())) ++at_;
    if (rest().empty()) return TokenView{TokenKind::end, {}, at_};
    for (const Sign& sign : signs)
        if (rest().starts_with(sign.text)) return taken(sign.kind, sign.text.size());
    const char first = rest().front();
    if (first == '\'') return closed(TokenKind::string, "'\\");
    if (first == '[') return closed(TokenKind::name, "]");
    if (!is_word(first)) return foreign_character();
    const auto end = std::ranges::find_if_not(rest(), is_word);
    return taken(TokenKind::word, static_cast<std::size_t>(end - rest().begin()));
}

TokenView LexerView::taken(TokenKind kind, std::size_t size) {
    const TokenView token{kind, rest().substr(0, size), at_};
    at_ += size;
    return token;
}

// From the sign at hand to the first of `stops`; if a '\' is one of them, it hides what follows it.
Result<TokenView> LexerView::closed(TokenKind kind, std::string_view stops) {
    const std::size_t begin = at_;
    std::size_t end = text_.text().find_first_of(stops, begin + 1);
    while (end != std::string_view::npos && text_.text()[end] == '\\')
        end = text_.text().find_first_of(stops, end + 2);
    if (end == std::string_view::npos)
        return kind == TokenKind::string
                   ? text_.refused(begin, "a string that does not end",
                                   "' at its end; a ' inside it is written \\'")
                   : text_.refused(begin, "a name that does not end", "] at its end");
    at_ = end + 1;
    return TokenView{kind, text_.text().substr(begin + 1, end - begin - 1), begin};
}

Error LexerView::foreign_character() const {
    const char first = rest().front();
    const bool printable = first > ' ' && first < 0x7F;
    const std::string character =
        printable ? "'" + std::string(1, first) + "'" : "the character " + code_point(rest());
    const auto refused = [&](std::string_view expected) {
        return text_.refused(at_, character, expected);
    };
    switch (first) {
        case '&':
            return refused("'&&' or AND");
        case '|':
            return refused("'||' or OR");
        case '=':
        case '<':
        case '>':
            return refused("an operator in letters, such as StringEquals or NumericLessThan");
        case '/':
            return refused("a part of a condition; the language has no comments");
        case '"':
            return refused("' around a string");
        default:
            return refused(
                "words, strings and signs of the language; other characters stand inside '...' "
                "and [...] only");
    }
}

}  // namespace tenure::domain::condition
