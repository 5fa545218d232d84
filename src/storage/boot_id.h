#pragma once
// Which run of the machine this is: the page cache keeps what a program wrote, until the next one.

#include <string>

namespace tenure::storage {

// The same until the machine stops; empty where the system does not tell its boots apart.
std::string boot_id();

}  // namespace tenure::storage
