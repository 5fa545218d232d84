#pragma once

#include <string>

namespace tenure::testing {

struct Ran {
    int exit = -1;       // its exit code; -1: a signal ended it
    std::string output;  // what it printed, standard error with it
};

// By the shell; returns when it has ended.
Ran run_program(const std::string& command);

}  // namespace tenure::testing
