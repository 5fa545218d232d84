#pragma once
// An error as people and scripts read it: one line, or one JSON object in the manner of RFC 9457.

#include <string>

#include "base/result.h"
#include "cli/exit_codes.h"

namespace tenure::cli {

// "tenure: not found: no principal 'x' was ever known here", without an end of line.
std::string problem_line(const Error& error);
// {"title","code","detail","field","exit"}, likewise.
std::string problem_json(const Error& error, Exit exit);

}  // namespace tenure::cli
