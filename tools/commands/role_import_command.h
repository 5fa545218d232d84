#pragma once
// role import: definitions from a file become roles of a tenant, all or none.

#include <string>

#include "commands/options.h"

namespace tenure::commands {

class RoleImportCommand {
public:
    // Adds the command to the group; both outlive this.
    RoleImportCommand(CLI::App& group, Program& program);
    RoleImportCommand(const RoleImportCommand&) = delete;
    RoleImportCommand& operator=(const RoleImportCommand&) = delete;

private:
    Exit import(Remote* remote);  // null: into a store

    Program& program_;
    std::string file_;
    bool built_in_ = false;
    CauseTexts cause_;
};

}  // namespace tenure::commands
