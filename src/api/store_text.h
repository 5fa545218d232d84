#pragma once
// What work on a store has done, and what a store is made of.

#include <string>

#include "api/display.h"
#include "api/store_json.h"
#include "node/node.h"

namespace tenure::api {

std::string to_text(const node::Status& status, const Paint& paint);
std::string to_text(const node::Status& status, const ServerState& server, const Paint& paint);

std::string to_text(const node::VerifyReport& report, const Paint& paint);

std::string to_text(const node::ImportReport& report, std::uint64_t elapsed_ms);

}  // namespace tenure::api
