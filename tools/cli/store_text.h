#pragma once
// What work on a store has done, and what a store is made of: as JSON and for a person.

#include <string>

#include "cli/display.h"
#include "node/node.h"

namespace tenure::cli {

std::string to_json(const node::Status& status);
std::string to_text(const node::Status& status, const Paint& paint);

std::string to_json(const node::VerifyReport& report);
std::string to_text(const node::VerifyReport& report, const Paint& paint);

std::string to_json(const node::ImportReport& report);
std::string to_text(const node::ImportReport& report, std::uint64_t elapsed_ms);

// What became of one line (or, line 0, of a whole file) of commands.
std::string to_json(std::uint64_t line, const node::Receipt& receipt);
std::string to_json(std::uint64_t line, const Error& refusal);

}  // namespace tenure::cli
