#pragma once
// Words of a condition, one after the other, and the error that says where one of them is wrong.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenure::domain::condition {

// The text of a condition; knows how to speak about its places. Borrows both texts.
class TextView {
public:
    TextView(std::string_view text, std::string_view field) : text_{text}, field_{field} {}

    std::string_view text() const { return text_; }

    // "condition, line 1, column 7: <what>". Columns count characters. `at` is a byte of the text,
    // or its size.
    Error refused(std::size_t at, const std::string& what,
                  Errc code = Errc::invalid_argument) const;
    Error refused(std::size_t at, std::string_view found, std::string_view expected) const;

private:
    std::string_view text_;
    std::string_view field_;
};

enum class TokenKind : std::uint8_t {
    end,
    open_paren,
    close_paren,
    open_brace,
    close_brace,
    comma,
    colon,
    at_sign,
    not_sign,
    and_sign,
    or_sign,
    name,    // [...]
    string,  // '...'
    word     // letters, digits and - _ .
};

// Borrows the text of the condition.
struct TokenView {
    TokenKind kind{};
    std::string_view text;  // of names and strings what is between their ends, escapes as written
    std::size_t at{};       // where it begins
};

// How the token is called in a message.
std::string found(const TokenView& token);

class LexerView {
public:
    explicit LexerView(TextView text) : text_{text} {}

    // `end` again and again when the text is at its end.
    Result<TokenView> next();

private:
    std::string_view rest() const { return text_.text().substr(at_); }

    TokenView taken(TokenKind kind, std::size_t size);
    Result<TokenView> closed(TokenKind kind, std::string_view stops);
    Error foreign_character() const;

    TextView text_;
    std::size_t at_ = 0;
};

}  // namespace tenure::domain::condition
