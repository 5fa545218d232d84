#include "commands/batch_lines.h"

#include <charconv>
#include <string>
#include <string_view>

namespace tenure::commands {

Error at_line(std::uint64_t line, Error error) {
    error.detail = "line " + std::to_string(line) + ": " + error.detail;
    return error;
}

Error in_lines(Error error, const std::vector<std::uint64_t>& lines) {
    constexpr std::string_view prefix = "command ";
    if (lines.size() == 1) return at_line(lines.front(), std::move(error));
    if (!error.detail.starts_with(prefix)) return error;
    std::size_t number = 0;
    const char* end = error.detail.data() + error.detail.size();
    const auto read = std::from_chars(error.detail.data() + prefix.size(), end, number);
    if (read.ec != std::errc{} || read.ptr == end || *read.ptr != ':' || number == 0 ||
        number > lines.size())
        return error;
    error.detail = "line " + std::to_string(lines[number - 1]) + std::string(read.ptr, end);
    return error;
}

}  // namespace tenure::commands
