#pragma once
// What a condition came to, part by part.

#include <string>

#include "api/json_text.h"
#include "domain/condition.h"

namespace tenure::api {

// {"part","truth","doubt","read":[{"attribute","value"}],"parts":[...]}: what is empty is left out,
// and so is the value of an attribute that is missing.
void add_value(JsonText& json, const domain::condition::Trace& trace);
std::string to_json(const domain::condition::Trace& trace);

}  // namespace tenure::api
