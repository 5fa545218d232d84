#pragma once
// The terminal and the environment the program runs in.

#include <cstddef>
#include <optional>
#include <string>

namespace tenure::system {

bool stdout_is_terminal();
bool stderr_is_terminal();

// Width of the terminal behind standard error.
std::size_t terminal_columns();

// A variable of the environment; none if it is not set or empty.
std::optional<std::string> environment(const char* name);

}  // namespace tenure::system
