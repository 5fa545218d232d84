#pragma once
// What a condition came to, part by part, for people and scripts.

#include <string>

#include "cli/display.h"
#include "cli/json_text.h"
#include "domain/condition.h"

namespace tenure::cli {

// One line for each part, below the one it belongs to, and one for each attribute it read.
std::string to_text(const domain::condition::Trace& trace, const Paint& paint);

// {"part","truth","doubt","read":[{"attribute","value"}],"parts":[...]}: what is empty is left out,
// and so is the value of an attribute that is missing.
void add_value(JsonText& json, const domain::condition::Trace& trace);
std::string to_json(const domain::condition::Trace& trace);

}  // namespace tenure::cli
