#pragma once
// Instants and revisions as people give them on the command line.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/question.h"

namespace tenure::cli {

// An RFC 3339 time, or "now".
Result<Instant> parse_time(std::string_view text, std::string_view field, Instant now);

// A time, "now", or a revision: a number alone.
Result<domain::AsOf> parse_point(std::string_view text, std::string_view field, Instant now);

// What --at, --revision and --known-at say.
struct CoordinateTexts {
    std::string at;
    std::optional<std::uint64_t> revision;
    std::string known_at;
};

Result<domain::AsOf> parse_as_of(const CoordinateTexts& texts, Instant now);

}  // namespace tenure::cli
