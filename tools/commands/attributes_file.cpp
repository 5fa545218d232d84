#include "commands/attributes_file.h"

#include <array>

#include "base/text.h"
#include "codec/json_lines.h"
#include "domain/form_nouns.h"
#include "system/input.h"

namespace tenure::commands {

Result<std::string> whole_text(const std::string& file, std::size_t bytes_max) {
    TRY(const auto input, system::Input::open(file));
    std::string text;
    std::array<char, std::size_t{1} << 16U> piece{};
    while (text.size() <= bytes_max) {
        input->stream().read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const auto count = static_cast<std::size_t>(input->stream().gcount());
        if (count == 0) break;
        text.append(piece.data(), count);
    }
    TRY(input->whole());
    if (text.size() > bytes_max)
        return Error{Errc::limit_exceeded,
                     quoted(file) + " has more than " + std::to_string(bytes_max) + " bytes"};
    return text;
}

Result<std::string> text_of_file(const std::string& file) {
    TRY(std::string text, whole_text(file, codec::json_line_length_max));
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

Result<domain::condition::GivenAttributes> read_attributes(const std::string& file) {
    if (file.empty()) return domain::condition::GivenAttributes{};
    TRY(const std::string text, text_of_file(file));
    auto parsed = codec::parse_attributes(text);
    if (parsed)
        if (const auto form = domain::check_attributes(parsed.value()); !form)
            parsed = form.error();
    if (!parsed) parsed.error().detail = quoted(file) + ": " + parsed.error().detail;
    return parsed;
}

}  // namespace tenure::commands
