#pragma once
// The grammar of conditions. Recursive, at most limits::condition_depth_max deep.

#include <string_view>

#include "base/result.h"
#include "domain/condition_code.h"

namespace tenure::domain::condition {

// A text that is not a condition is refused with line, column, what was found there and what was
// expected; `field` names the input in the error.
Result<Code> parse_code(std::string_view text, std::string_view field);

}  // namespace tenure::domain::condition
