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
    // `remote`: the server that is asked; null: the store.
    Exit give(Remote* remote);
    Exit undo();
    Exit undo_at(Remote& remote);
    template <class LastEvent>
    Result<std::vector<std::string>> left(const std::string& tenant, LastEvent&& last_event) const;
    static std::vector<domain::CommandBody> revocations(
        const std::vector<std::string>& assignments);
    // What became of the assignments.
    Exit report(const Result<node::Receipt>& receipt, const std::vector<std::string>& assignments,
                const char* done);

    Program& program_;
    std::string catalog_;
    std::string grant_;
    std::string id_;
    std::string principal_;
    std::vector<std::string> places_;
    CauseTexts cause_;
};

}  // namespace tenure::commands
