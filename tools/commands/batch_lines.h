#pragma once
// Refusals that name lines of a file.

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace tenure::commands {

Error at_line(std::uint64_t line, Error error);

// A batch's refusal names the command by its place in the batch; people count lines. `lines` are
// those of its commands.
Error in_lines(Error error, const std::vector<std::uint64_t>& lines);

}  // namespace tenure::commands
