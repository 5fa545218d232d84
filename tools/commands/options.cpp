#include "commands/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

namespace tenure::commands {
namespace {

bool names_a_path(const std::string& type) { return type == "DIR" || type == "FILE"; }

// A check of choices becomes part of its argument's type name: "SHELL:{bash,zsh}".
std::vector<std::string> choices_of(const std::string& type) {
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}');
    if (open == std::string::npos || close == std::string::npos) return {};
    return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

// The library would take "-1" for a very large number.
std::string number(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
        return "'" + text + "' is not a whole number";
    std::uint64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{}) return {};
    return "'" + text + "' is too large";
}

// Nothing is not a time: who leaves the option out means now.
std::string not_empty(const std::string& text) {
    return text.empty() ? "a time is missing; give one, or leave the option out" : std::string{};
}

cli::CompletedOption completed(const CLI::Option& option) {
    cli::CompletedOption result;
    result.name = "--" + option.get_lnames().front();
    result.description = option.get_description();
    result.takes_value = option.get_expected_max() > 0;
    result.takes_path = result.takes_value && names_a_path(option.get_type_name());
    return result;
}

void add_arguments(const CLI::App& app, cli::CompletedCommand& to) {
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_lnames().empty()) {
            to.options.push_back(completed(*option));
            continue;
        }
        const std::string type = option->get_type_name();
        if (names_a_path(type)) to.takes_path = true;
        if (to.choices.empty()) to.choices = choices_of(type);
    }
}

}  // namespace

const Command& Command::argument(const std::string& name, std::string& to, const std::string& type,
                                 const std::string& description) const {
    app_.add_option(name, to, description)->required()->type_name(type);
    return *this;
}

const Command& Command::optional_argument(const std::string& name, std::string& to,
                                          const std::string& type,
                                          const std::string& description) const {
    app_.add_option(name, to, description)->type_name(type);
    return *this;
}

const Command& Command::choice(const std::string& name, std::string& to,
                               const std::vector<std::string>& choices,
                               const std::string& description) const {
    app_.add_option(name, to, description)
        ->required()
        ->check(CLI::IsMember(choices))
        ->type_name("WORD");
    return *this;
}

const Command& Command::option(const std::string& name, std::string& to, const std::string& type,
                               const std::string& description) const {
    CLI::Option* option = app_.add_option(name, to, description);
    if (type == "TIME") option->check(not_empty);
    option->type_name(type);
    return *this;
}

const Command& Command::option(const std::string& name, std::optional<std::uint64_t>& to,
                               const std::string& description) const {
    app_.add_option(name, to, description)->check(number)->type_name("N");
    return *this;
}

const Command& Command::option(const std::string& name, std::size_t& to,
                               const std::string& description) const {
    app_.add_option(name, to, description)->check(number)->type_name("N");
    return *this;
}

const Command& Command::list(const std::string& name, std::vector<std::string>& to,
                             const std::string& type, const std::string& description) const {
    app_.add_option(name, to, description)->type_name(type);
    return *this;
}

const Command& Command::flag(const std::string& name, bool& to,
                             const std::string& description) const {
    app_.add_flag(name, to, description);
    return *this;
}

const Command& Command::as_of(cli::CoordinateTexts& texts) const {
    option("--at", texts.at, "TIME",
           "The moment the question is about: an RFC 3339 time, a date, or now");
    option("--revision", texts.revision, "The revision the question is about");
    return option("--known-at", texts.known_at, "TIME",
                  "Use only what had been recorded by this time: what was believed then");
}

const Command& Command::data_plane(domain::Plane& plane) const {
    app_.add_flag_function(
        "--data", [&plane](std::int64_t) { plane = domain::Plane::data; },
        "The action is a data action (dataActions of roles)");
    return *this;
}

const Command& Command::page(query::Page& page) const {
    option("--limit", page.limit, "At most so many entries; 0: all of them");
    return option("--cursor", page.cursor, "CURSOR", "Go on where an earlier page ended");
}

const Command& Command::cause(CauseTexts& texts) const {
    option("--actor", texts.actor, "ACTOR", "Who asks (default: system)");
    option("--reason", texts.reason, "TEXT", "Why");
    return option("--ticket", texts.ticket, "TEXT", "Under which number");
}

CLI::App& add_group(CLI::App& app, Program& program, const std::string& name,
                    const std::string& description) {
    CLI::App* group = app.add_subcommand(name, description);
    group->require_subcommand(1);
    add_global_options(*group, program);
    return *group;
}

Command add_command(CLI::App& app, Program& program, const std::string& name,
                    const std::string& description, std::function<Exit()> run,
                    std::function<Exit(Remote&)> at_server) {
    CLI::App* command = app.add_subcommand(name, description);
    add_global_options(*command, program);
    const std::string whole = app.get_parent() == nullptr ? name : app.get_name() + ' ' + name;
    command->callback([&program, whole, run = std::move(run), at_server = std::move(at_server)] {
        program.chosen_name = whole;
        program.chosen = run;
        program.chosen_remote = at_server;
    });
    return Command{*command};
}

void add_global_options(CLI::App& app, Program& program) {
    GlobalOptions& global = program.global;
    app.add_option("--store", global.store, "The store's directory (or TENURE_STORE)")
        ->type_name("DIR");
    app.add_option_function<std::string>(
           "--tenant",
           [&global](const std::string& tenant) {
               global.tenant = tenant;
               global.tenant_given = true;
           },
           "The tenant; not needed if there is one only")
        ->type_name("TENANT");
    app.add_option("--server", global.server,
                   "Ask a server instead of a directory; its token is in TENURE_TOKEN")
        ->type_name("URL");
    app.add_option("--profile", global.profile,
                   "A server of profiles.toml, with its tenant and token (or TENURE_PROFILE)")
        ->type_name("NAME");
    app.add_option("--token-file", global.token_file, "The token for the server")
        ->type_name("FILE");
    app.add_option("--ca-file", global.ca_file,
                   "Authorities that the server's certificate may be of; else the machine's")
        ->type_name("FILE");
    auto* json = app.add_flag("--json", global.json, "Print JSON (the default when piped)");
    app.add_flag("--table", global.table, "Print text and tables (the default on a terminal)")
        ->excludes(json);
    app.add_flag("--no-color", global.no_color, "No colour (or set NO_COLOR)");
}

std::vector<cli::CompletedCommand> completed_commands(const CLI::App& app) {
    std::vector<cli::CompletedCommand> commands;
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        cli::CompletedCommand& command = commands.emplace_back();
        command.name = each->get_name();
        command.description = each->get_description();
        add_arguments(*each, command);
        // Of a group: its commands, and the options of all of them.
        for (const CLI::App* below : each->get_subcommands([](const CLI::App*) { return true; })) {
            command.choices.push_back(below->get_name());
            cli::CompletedCommand inner;
            add_arguments(*below, inner);
            for (cli::CompletedOption& option : inner.options)
                if (std::ranges::find(command.options, option.name, &cli::CompletedOption::name) ==
                    command.options.end())
                    command.options.push_back(std::move(option));
        }
    }
    return commands;
}

}  // namespace tenure::commands
