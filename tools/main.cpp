// tenure: a store of access rights that remembers. This file only wires.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/text.h"
#include "cli/problem.h"
#include "commands/ask_command.h"
#include "commands/catalog_commands.h"
#include "commands/cluster_commands.h"
#include "commands/condition_command.h"
#include "commands/diff_command.h"
#include "commands/grant_commands.h"
#include "commands/invite_command.h"
#include "commands/load_commands.h"
#include "commands/log_commands.h"
#include "commands/options.h"
#include "commands/program.h"
#include "commands/question_commands.h"
#include "commands/role_commands.h"
#include "commands/role_import_command.h"
#include "commands/serve_command.h"
#include "commands/shell_commands.h"
#include "commands/store_commands.h"
#include "commands/token_commands.h"
#include "commands/watch_command.h"
#include "storage/damage.h"
#include "system/signals.h"
#include "system/system_clock.h"
#include "system/system_random.h"
#include "system/terminal.h"

namespace tenure {
namespace {

// Clock and chance: the machine's, or for tests of the whole program fixed ones.
struct Surroundings {
    std::unique_ptr<Clock> clock = std::make_unique<system::SystemClock>();
    std::unique_ptr<Random> random = std::make_unique<system::SystemRandom>();
};

Result<Surroundings> surroundings() {
    Surroundings result;
    if (const auto now = system::environment("TENURE_TEST_NOW")) {
        TRY(const Instant at, parse_instant(*now, "TENURE_TEST_NOW"));
        result.clock = std::make_unique<system::StoppedClock>(at);
        result.random = std::make_unique<SeededRandom>(1);
    }
    return result;
}

int misuse(const std::string& what, bool as_json) {
    const Error error = invalid("", what);
    std::fprintf(stderr, "%s\n",
                 as_json ? cli::problem_json(error, cli::Exit::usage).c_str()
                         : ("tenure: usage: " + what + " (tenure --help says more)").c_str());
    return static_cast<int>(cli::Exit::usage);
}

// Parsing has failed, so the flag has to be looked for.
bool wants_json(int argc, char** argv) {
    return std::any_of(argv, argv + argc,
                       [](const char* word) { return std::string_view{word} == "--json"; });
}

int run(int argc, char** argv) {
    auto around = surroundings();
    if (!around) return misuse(around.error().detail, wants_json(argc, argv));
    CLI::App app{"A store of access rights that remembers: who could do what, at any instant.",
                 "tenure"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "tenure " TENURE_VERSION);
    app.footer(
        "Exit codes: 0 allow or done, 1 deny or mismatch, 2 usage, 3 refused, 4 storage.\n"
        "tenure COMMAND --help tells more about a command.");
    commands::Program program{*around.value().clock, *around.value().random};
    commands::add_global_options(app, program);
    const commands::StoreCommands store{app, program};
    const commands::ServeCommand serve{app, program};
    const commands::TokenCommands tokens{app, program};
    const commands::WatchCommand watch{app, program};
    const commands::LoadCommands load{app, program};
    const commands::QuestionCommands questions{app, program};
    const commands::DiffCommand diff{app, program};
    const commands::AskCommand ask{app, program};
    const commands::ConditionCommand condition{app, program};
    const commands::GrantCommands grants{app, program};
    const commands::InviteCommand invitations{app, program};
    CLI::App& role_group = commands::add_group(app, program, "role",
                                               "Roles: what they are, who holds them, in and out");
    const commands::RoleCommands roles{app, role_group, program};
    const commands::RoleImportCommand role_import{role_group, program};
    const commands::CatalogCommands catalogs{app, program};
    const commands::LogCommands log{app, program};
    const commands::ClusterCommands cluster{app, program};
    const commands::ShellCommands shell{app, program};
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        return app.exit(asked);
    } catch (const CLI::ParseError& wrong) {
        const auto unknown = app.remaining(true);
        const auto chosen = app.get_subcommands();
        const bool no_command =
            !unknown.empty() &&
            (chosen.empty() || chosen.front()->get_require_subcommand_min() > 0);
        return misuse(
            no_command ? tenure::quoted(unknown.front()) + " is not a command" : wrong.what(),
            wants_json(argc, argv));
    }
    return program.run();
}

}  // namespace
}  // namespace tenure

int main(int argc, char** argv) {
    tenure::storage::end_on_damage();
    tenure::system::end_on_abort();
    return tenure::run(argc, argv);
}
