#include "commands/serve_command.h"

#include <systemd/sd-daemon.h>

#include <csignal>
#include <filesystem>

#include "api/json_text.h"
#include "base/text.h"
#include "commands/attributes_file.h"
#include "commands/submitting.h"
#include "commands/token_commands.h"
#include "server/files.h"
#include "server/journal.h"
#include "server/replication_source.h"
#include "server/server.h"
#include "system/signals.h"

namespace tenure::commands {
namespace {

constexpr std::string_view first_owner = "owner";

}  // namespace

ServeCommand::ServeCommand(CLI::App& app, Program& program) : program_{program} {
    add_command(app, program, "serve", "Serve the store over HTTP and WebSocket",
                [this] { return serve(); })
        .option("--config", config_, "FILE", "Settings in TOML; flags go before them")
        .option("--address", address_, "ADDRESS", "Where to listen; 127.0.0.1 if nothing says")
        .option("--port", port_, "7400 if nothing says; 0: one that is free")
        .option("--node", node_, "NAME", "This node's name among those with the same log")
        .option("--source", source_, "URL", "The node this one copies from; without: it leads")
        .flag("--no-authentication", no_authentication_,
              "Whoever reaches the port may do everything; on loopback only")
        .flag("--check-config", check_config_,
              "Only say whether the settings, and the files they name, are right");
}

Result<server::Settings> ServeCommand::settings() const {
    server::Settings settings;
    if (!config_.empty()) {
        TRY(const std::string text, whole_text(config_));
        auto parsed = server::parse_settings(text);
        if (!parsed) {
            Error error = parsed.error();
            error.detail = config_ + ": " + error.detail;
            return error;
        }
        settings = std::move(parsed.value());
    }
    const auto directory = program_.store_directory();
    if (directory)
        settings.store = directory.value();
    else if (settings.store.empty())
        return directory.error();
    if (!address_.empty()) settings.address = address_;
    if (port_) {
        constexpr std::uint64_t port_max = 65'535;
        if (*port_ > port_max)
            return invalid("--port", std::to_string(*port_) + " is not a port: at most 65535");
        settings.port = static_cast<std::uint16_t>(*port_);
    }
    if (!node_.empty()) settings.replication.node = node_;
    if (!source_.empty()) settings.replication.source = source_;
    if (no_authentication_) settings.authentication = false;
    TRY(server::check_settings(settings));
    return settings;
}

Result<bool> ServeCommand::make_store(const server::Settings& settings) {
    const std::string& directory = settings.store;
    if (settings.replication.follows()) {
        TRY(const bool made, server::make_copy_if_none(directory, server::source_place(settings)));
        if (made)
            program_.note("tenure: made a store that copies the log of " +
                          settings.replication.source);
        return false;
    }
    std::error_code ignored;
    if (std::filesystem::exists(directory, ignored) &&
        !std::filesystem::is_empty(directory, ignored))
        return false;
    const std::string tenant =
        program_.global.tenant_given ? program_.global.tenant : std::string("default");
    TRY(node::Node::create(directory, {tenant, std::string(first_owner)}, program_.clock(),
                           program_.random()));
    return true;
}

Result<void> ServeCommand::tell_token(const std::string& directory) {
    TRY(const auto node, node::Node::open(directory, program_.clock(), program_.random()));
    TRY(const std::string tenant, program_.tenant(*node));
    domain::Token token;
    token.principal = first_owner;
    token.name = "made at the first start";
    const std::string secret = make_token(program_, token);
    TRY(node->submit(batch_of(tenant, {}, {domain::IssueToken{std::move(token)}})));
    program_.note("tenure: made a store with tenant " + tenure::quoted(tenant) +
                  " and its owner; the owner's token, which is not shown again:");
    program_.print_line(secret);
    std::fflush(stdout);
    return success();
}

Exit ServeCommand::serve() {
    auto given = settings();
    if (!given) return program_.fail(given.error());
    if (check_config_) {
        const auto usable = server::check_files(given.value());
        if (!usable) return program_.fail(usable.error());
        program_.note("tenure: the settings are right");
        return Exit::ok;
    }
    system::hold_signals();
    const bool authentication = given.value().authentication;
    const auto made = make_store(given.value());
    if (!made) return program_.fail(made.error());

    if (made.value() && authentication) {
        if (const auto told = tell_token(given.value().store); !told)
            return program_.fail(told.error());
    }

    server::Observer observer;
    node::Options options;
    options.replicated = given.value().replication.on();
    options.needs_members = given.value().replication.needs_members();
    options.progress = [this](const node::Progress& at) { program_.progress(at); };
    options.copies = given.value().replication.follows();
    options.committed = [&observer](const node::Committed& group) { observer.committed(group); };
    auto node = node::Node::open(given.value().store, program_.clock(), program_.random(), options);
    program_.end_progress();
    if (!node) return program_.fail(node.error());
    for (const std::string& repair : node.value()->repairs())
        program_.note("tenure: repaired: " + repair);
    server::Server server{std::move(given.value()), *node.value(), observer, program_.clock(),
                          program_.random()};
    if (const auto started = server.start(); !started) return program_.fail(started.error());
    ::sd_notify(0, "READY=1");
    for (;;) {
        const int signal = system::next_signal();
        if (signal != SIGHUP) {
            server.journal().info("stopping", {{"signal", std::to_string(signal)}});
            break;
        }
        ::sd_notify(0, "RELOADING=1");
        const auto again = settings();
        const auto reloaded =
            again ? server.reload(again.value().replication) : Result<void>{again.error()};
        if (!reloaded)
            server.journal().error("not_reloaded", {{"setting", reloaded.error().field},
                                                    {"error", reloaded.error().detail}});
        ::sd_notify(0, "READY=1");
    }
    ::sd_notify(0, "STOPPING=1");
    server.stop();
    node.value()->stop();
    return Exit::ok;
}

}  // namespace tenure::commands
