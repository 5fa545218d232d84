#pragma once
// Attributes for conditions, from a file: {"request":{...},"resource":{...},...}.

#include <string>

#include "base/result.h"
#include "domain/condition_attributes.h"

namespace tenure::commands {

// A small file as one text, without the end of its last line, which editors add; "-" is standard
// input.
Result<std::string> text_of_file(const std::string& file);

// Of an empty name: none.
Result<domain::condition::GivenAttributes> read_attributes(const std::string& file);

}  // namespace tenure::commands
