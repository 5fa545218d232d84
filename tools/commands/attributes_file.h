#pragma once
// Attributes for conditions, from a file: {"request":{...},"resource":{...},...}.

#include <cstddef>
#include <string>

#include "base/result.h"
#include "domain/condition_attributes.h"

namespace tenure::commands {

// Of files that are read as one text: role definitions, lists of operations.
inline constexpr std::size_t whole_file_bytes_max = std::size_t{64} << 20U;

// "-" is standard input. Error limit_exceeded: there is more than `bytes_max`.
Result<std::string> whole_text(const std::string& file,
                               std::size_t bytes_max = whole_file_bytes_max);

// A small file as one text, without the end of its last line, which editors add; "-" is standard
// input.
Result<std::string> text_of_file(const std::string& file);

// Of an empty name: none.
Result<domain::condition::GivenAttributes> read_attributes(const std::string& file);

}  // namespace tenure::commands
