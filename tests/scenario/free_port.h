#pragma once

#include <string>

namespace tenure::testing {

// A TCP port of loopback that nobody listens on.
std::string free_port();

}  // namespace tenure::testing
