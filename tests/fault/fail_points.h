#pragma once
// Fail points: the calls by which a store changes what is on disk. The program's own definitions of
// them count, and end it at the one that was chosen, with half of a write done or none of it.

#include <cstdint>

namespace tenure::fault {

// The program is killed at the `count`-th call from now on; never with 0.
void die_at_fail_point(std::uint64_t count);

// SIGKILL to oneself.
[[noreturn]] void die();

}  // namespace tenure::fault
