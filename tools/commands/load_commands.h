#pragma once
// Commands that bring events in and out: import, apply, export.

#include <cstdint>
#include <optional>
#include <string>

#include "commands/options.h"

namespace tenure::commands {

class LoadCommands {
public:
    // Adds the commands to `app`; both outlive this.
    LoadCommands(CLI::App& app, Program& program);
    LoadCommands(const LoadCommands&) = delete;
    LoadCommands& operator=(const LoadCommands&) = delete;

private:
    struct ApplyOptions {
        bool atomic = false;
        std::string command_id;
        std::optional<std::uint64_t> expected_revision;
        std::string actor{domain::system_actor};
        std::string reason;
        std::string ticket;
    };

    Exit import();
    using Answer = std::function<void(Result<node::Receipt>)>;
    // False: nothing that follows can succeed.
    using Submit = std::function<bool(domain::Batch, const Answer&)>;

    Exit apply();
    Exit apply_at(Remote& remote);
    Result<void> options_fit() const;
    Exit export_log();

    Result<domain::Command> parse_command(const std::string& line,
                                          const std::optional<std::string>& tenant) const;
    Exit apply_lines(const Submit& submit, system::Input& input,
                     const std::optional<std::string>& tenant);
    Exit apply_file(const std::function<Result<node::Receipt>(domain::Batch)>& submit,
                    system::Input& input, const std::optional<std::string>& tenant);

    Program& program_;
    std::string file_;
    node::ImportOptions import_;
    ApplyOptions apply_;
    std::string output_ = "-";
};

}  // namespace tenure::commands
