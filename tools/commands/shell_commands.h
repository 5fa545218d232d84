#pragma once
// Commands about the program: completion, version.

#include <string>

#include "commands/options.h"

namespace tenure::commands {

class ShellCommands {
public:
    // Adds the commands to `app`, of which completion knows all; both outlive this.
    ShellCommands(CLI::App& app, Program& program);
    ShellCommands(const ShellCommands&) = delete;
    ShellCommands& operator=(const ShellCommands&) = delete;

private:
    Exit completion();
    Exit version();

    CLI::App& app_;
    Program& program_;
    std::string shell_;
};

}  // namespace tenure::commands
