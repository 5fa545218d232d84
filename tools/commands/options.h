#pragma once
// The command line's grammar in a few words of ours: only options.cpp and main.cpp know the library
// that parses it (it is slow to compile).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/completion.h"
#include "cli/coordinates_text.h"
#include "commands/program.h"

namespace CLI {
class App;
}

namespace tenure::commands {

// Who asks for a change, and why.
struct CauseTexts {
    std::string actor{domain::system_actor};
    std::string reason;
    std::string ticket;
};

// One command while it is described. The values it fills outlive the parsing.
class Command {
public:
    explicit Command(CLI::App& app) : app_{app} {}

    // A word by its place; `type` is how help names it, DIR and FILE are completed as paths.
    const Command& argument(const std::string& name, std::string& to, const std::string& type,
                            const std::string& description) const;
    const Command& optional_argument(const std::string& name, std::string& to,
                                     const std::string& type, const std::string& description) const;
    // One of a few words.
    const Command& choice(const std::string& name, std::string& to,
                          const std::vector<std::string>& choices,
                          const std::string& description) const;
    const Command& option(const std::string& name, std::string& to, const std::string& type,
                          const std::string& description) const;
    const Command& option(const std::string& name, std::optional<std::uint64_t>& to,
                          const std::string& description) const;
    const Command& option(const std::string& name, std::size_t& to,
                          const std::string& description) const;
    // Any number of values; an option also takes several at once.
    const Command& list(const std::string& name, std::vector<std::string>& to,
                        const std::string& type, const std::string& description) const;
    const Command& flag(const std::string& name, bool& to, const std::string& description) const;

    // Options that several commands share.
    const Command& as_of(cli::CoordinateTexts& texts) const;  // --at, --revision, --known-at
    const Command& data_plane(domain::Plane& plane) const;    // --data
    const Command& page(query::Page& page) const;             // --limit, --cursor
    const Command& cause(CauseTexts& texts) const;            // --actor, --reason, --ticket

private:
    CLI::App& app_;
};

// Adds a command with the options every command has; `run` is what it does with a store's
// directory, `at_server` with a server. Without the latter --server is refused.
Command add_command(CLI::App& app, Program& program, const std::string& name,
                    const std::string& description, std::function<Exit()> run,
                    std::function<Exit(Remote&)> at_server = {});

// A word that only leads to commands: "role" of "role show".
CLI::App& add_group(CLI::App& app, Program& program, const std::string& name,
                    const std::string& description);

// --store, --tenant, --json, --table, --no-color; --server, --profile, --token-file, --ca-file.
void add_global_options(CLI::App& app, Program& program);

// What there is to complete, of all commands.
std::vector<cli::CompletedCommand> completed_commands(const CLI::App& app);

}  // namespace tenure::commands
