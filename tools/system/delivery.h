#pragma once
// Delivery: hands a text to a command of the operator's.

#include <string>

#include "base/result.h"

namespace tenure::system {

// Runs `command` in sh with `text` as its standard input and waits for it. Error unavailable: it
// could not be started, did not read all, or ended with another exit code than 0.
Result<void> hand_to(const std::string& command, const std::string& text);

}  // namespace tenure::system
