#pragma once
// What work on a store has done, and what a store is made of.

#include <cstdint>
#include <string>

#include "node/node.h"

namespace tenure::api {

std::string to_json(const node::Status& status);
std::string to_json(const node::VerifyReport& report);
std::string to_json(const node::ImportReport& report);
// What became of one line (or, line 0, of a whole file) of commands.
std::string to_json(std::uint64_t line, const node::Receipt& receipt);
std::string to_json(std::uint64_t line, const Error& refusal);

}  // namespace tenure::api
