#include "commands/attributes_file.h"

#include "base/text.h"
#include "codec/json_lines.h"
#include "domain/form_nouns.h"
#include "system/input.h"

namespace tenure::commands {

Result<std::string> text_of_file(const std::string& file) {
    TRY(const auto input, system::Input::open(file));
    constexpr std::size_t size_max = codec::json_line_length_max;
    std::string text(size_max + 1, ' ');
    input->stream().read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(input->stream().gcount()));
    TRY(input->whole());
    if (text.size() > size_max)
        return Error{Errc::limit_exceeded,
                     quoted(file) + " has more than " + std::to_string(size_max) + " bytes"};
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
