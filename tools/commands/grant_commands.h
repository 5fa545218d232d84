#pragma once
// grant: roles that a catalog gives together, as ordinary assignments made and taken away in one
// batch.

#include <string>
#include <vector>

#include "commands/options.h"

namespace tenure::commands {

class GrantCommands {
public:
    // Adds the commands to `app`; both outlive this.
    GrantCommands(CLI::App& app, Program& program);
    GrantCommands(const GrantCommands&) = delete;
    GrantCommands& operator=(const GrantCommands&) = delete;

private:
    Exit give();
    Exit undo();
    // Carries out the batch and says what became of the assignments.
    Exit submit(node::Node& node, domain::Batch batch, const std::vector<std::string>& assignments,
                const char* done);
    domain::Command command(const std::string& tenant, domain::CommandBody body) const;

    Program& program_;
    std::string catalog_;
    std::string grant_;
    std::string id_;
    std::string principal_;
    std::vector<std::string> places_;
    CauseTexts cause_;
};

}  // namespace tenure::commands
