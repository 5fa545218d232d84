#include "support/run_program.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace tenure::testing {

Ran run_program(const std::string& command) {
    std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error{"cannot run " + command};
    Ran ran;
    std::array<char, 4'096> part{};
    while (std::fgets(part.data(), part.size(), pipe) != nullptr) ran.output += part.data();
    const int ended = ::pclose(pipe);
    if (WIFEXITED(ended)) ran.exit = WEXITSTATUS(ended);
    return ran;
}

}  // namespace tenure::testing
