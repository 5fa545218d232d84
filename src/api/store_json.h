#pragma once
// What work on a store has done, and what a store is made of.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "node/node.h"

namespace tenure::api {

// What a server is busy with, beside its store.
struct ServerState {
    std::size_t connections = 0;
    std::size_t long_questions_waiting = 0;
    // By name, since it started; those that were never hit are left out.
    std::vector<std::pair<std::string, std::uint64_t>> limits_hit;
};

std::string to_json(const node::Status& status);
std::string to_json(const node::Status& status, const ServerState& server);
std::string to_json(const node::VerifyReport& report);
std::string to_json(const node::ImportReport& report);
// What became of one line (or, line 0, of a whole file) of commands.
std::string to_json(std::uint64_t line, const node::Receipt& receipt);
std::string to_json(std::uint64_t line, const Error& refusal);

}  // namespace tenure::api
