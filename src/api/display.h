#pragma once
// Text on a terminal: how wide it is, what may be shown of it, and colour.

#include <cstddef>
#include <string>
#include <string_view>

namespace tenure::api {

// Columns the UTF-8 text takes on a terminal: combining marks none, East Asian wide characters and
// emoji two, all others one. Good enough to align columns.
std::size_t display_width(std::string_view text);

// The text with control characters (line ends too) shown as \xNN, so that stored text cannot steer
// a terminal or break a table.
std::string printable(std::string_view text);

// "1,234,567".
std::string grouped(std::size_t number);

// "12.3 MiB".
std::string byte_size(std::size_t bytes);

// "1 event", "2 events", "1,234 events".
std::string counted(std::size_t number, std::string_view singular);

enum class Colour { allow, deny, title, faint, warn };

// Wraps text in colour, or leaves it as it is.
class Paint {
public:
    explicit Paint(bool on) : on_{on} {}

    std::string operator()(Colour colour, std::string_view text) const;

private:
    bool on_;
};

}  // namespace tenure::api
