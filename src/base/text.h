#pragma once
// Text rules shared by all layers. Case is folded for ASCII letters only: the sources of the
// models (Azure RBAC) compare actions, scopes and role ids without regard to case, and ASCII is the
// part of that which every implementation agrees on.

#include <functional>
#include <string>
#include <string_view>

namespace tenure {

constexpr char fold(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string folded(std::string_view text);
bool equal_folded(std::string_view a, std::string_view b);

// Strict UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool valid_utf8(std::string_view text);

// True if the text holds a control character (U+0000 to U+001F, U+007F).
bool has_control(std::string_view text);

// `text` in single quotes, cut to a readable length, control characters shown as \xNN: for
// messages.
std::string quoted(std::string_view text);

// "a, b, c" of the parts; `text_of(part)` is what stands for each.
template <class List, class TextOf = std::identity>
std::string joined(const List& parts, std::string_view between = ", ", const TextOf& text_of = {}) {
    std::string text;
    bool first = true;
    for (const auto& part : parts) {
        if (!first) text += between;
        first = false;
        text += std::invoke(text_of, part);
    }
    return text;
}

}  // namespace tenure
