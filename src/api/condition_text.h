#pragma once
// What a condition came to, part by part.

#include <string>

#include "api/display.h"
#include "domain/condition.h"

namespace tenure::api {

// One line for each part, below the one it belongs to, and one for each attribute it read.
std::string to_text(const domain::condition::Trace& trace, const Paint& paint);

}  // namespace tenure::api
