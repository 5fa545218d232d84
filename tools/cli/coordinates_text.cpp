#include "cli/coordinates_text.h"

#include <charconv>

namespace tenure::cli {

Result<Instant> parse_time(std::string_view text, std::string_view field, Instant now) {
    if (text == "now") return now;
    return parse_instant(text, field);
}

Result<domain::AsOf> parse_point(std::string_view text, std::string_view field, Instant now) {
    domain::AsOf as_of;
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc{} && read.ptr == end) {
        as_of.revision = Revision{number};
        return as_of;
    }
    TRY(as_of.at, parse_time(text, field, now));
    return as_of;
}

Result<domain::AsOf> parse_as_of(const CoordinateTexts& texts, Instant now) {
    domain::AsOf as_of;
    if (!texts.at.empty() && texts.revision)
        return invalid("", "--at and --revision both say when: give one of them");
    if (!texts.at.empty()) {
        TRY(as_of.at, parse_time(texts.at, "--at", now));
    }
    if (texts.revision) as_of.revision = Revision{*texts.revision};
    if (!texts.known_at.empty()) {
        TRY(as_of.known_at, parse_time(texts.known_at, "--known-at", now));
    }
    return as_of;
}

}  // namespace tenure::cli
