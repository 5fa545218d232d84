#include "commands/shell_commands.h"

#include "api/json_text.h"
#include "cli/completion.h"
#include "log/format.h"

namespace tenure::commands {

ShellCommands::ShellCommands(CLI::App& app, Program& program) : app_{app}, program_{program} {
    add_command(app, program, "completion", "Print a completion script for a shell", [this] {
        return completion();
    }).choice("shell", shell_, {"bash", "zsh"}, "Which shell");
    add_command(app, program, "version", "Print the version", [this] { return version(); });
}

Exit ShellCommands::completion() {
    const auto commands = completed_commands(app_);
    program_.print(shell_ == "bash" ? cli::bash_completion(commands)
                                    : cli::zsh_completion(commands));
    return Exit::ok;
}

Exit ShellCommands::version() {
    if (!program_.json()) {
        program_.print_line("tenure " TENURE_VERSION ", log format " +
                            std::to_string(log::format::version));
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("version", TENURE_VERSION);
    json.member("logFormat", std::uint64_t{log::format::version});
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

}  // namespace tenure::commands
