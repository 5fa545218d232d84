#pragma once
// Commands about several nodes with one log: cluster status, replica promote.

#include <string>
#include <vector>

#include "commands/options.h"

namespace tenure::commands {

class ClusterCommands {
public:
    // Adds the commands to `app`; both outlive this.
    ClusterCommands(CLI::App& app, Program& program);
    ClusterCommands(const ClusterCommands&) = delete;
    ClusterCommands& operator=(const ClusterCommands&) = delete;

private:
    Exit status();
    Exit promote();

    Program& program_;
    std::vector<std::string> urls_;
    std::string ca_file_;
};

}  // namespace tenure::commands
