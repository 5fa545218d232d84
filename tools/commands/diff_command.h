#pragma once
// diff: who gained and who lost what between two moments.

#include <string>

#include "commands/options.h"
#include "commands/remote.h"

namespace tenure::commands {

class DiffCommand {
public:
    // Adds the command to `app`; both outlive this.
    DiffCommand(CLI::App& app, Program& program);
    DiffCommand(const DiffCommand&) = delete;
    DiffCommand& operator=(const DiffCommand&) = delete;

private:
    // What the command line says, found to be well formed.
    struct Given {
        domain::AsOf from;
        domain::AsOf to;
    };

    Result<Given> given() const;
    Exit diff();
    Exit diff_at(Remote& remote);

    Program& program_;
    std::string from_;
    std::string to_ = "now";
    std::string principal_;
    cli::CoordinateTexts as_of_;  // known_at alone
};

}  // namespace tenure::commands
