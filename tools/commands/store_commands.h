#pragma once
// Commands about the store itself: init, status, verify, rebuild, backup, restore.

#include <string>

#include "commands/options.h"

namespace tenure::commands {

class StoreCommands {
public:
    // Adds the commands to `app`; both outlive this.
    StoreCommands(CLI::App& app, Program& program);
    StoreCommands(const StoreCommands&) = delete;
    StoreCommands& operator=(const StoreCommands&) = delete;

private:
    Exit init();
    Exit status();
    Exit verify();
    Exit rebuild();
    Exit backup();
    Exit restore();

    Program& program_;
    std::string owner_;
    std::string backup_directory_;
    bool as_follower_ = false;
};

}  // namespace tenure::commands
