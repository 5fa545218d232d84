#include "commands/watch_command.h"

#include <cstdio>

#include "commands/remote.h"
#include "server/feed_client.h"
#include "server/http.h"

namespace tenure::commands {
namespace {

void add(std::string& query, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    query += (query.empty() ? "" : "&") + std::string(name) + '=' + server::percent_encoded(value);
}

}  // namespace

WatchCommand::WatchCommand(CLI::App& app, Program& program) : program_{program} {
    add_command(
        app, program, "watch", "Follow a server's changes, each as a CloudEvent",
        [this] { return watch_usual(); }, [this](Remote& remote) { return watch(remote); })
        .option("--from", from_, "First revision; from now on if it is left out")
        .option("--type", type_, "TYPE", "A type such as assignment.created, or a noun: assignment")
        .option("--principal", principal_, "PRINCIPAL",
                "Events about it, or that change its access")
        .option("--scope", scope_, "SCOPE", "Events about it")
        .flag("--effects", effects_, "Say what each event changed in effective access")
        .option("--count", count_, "End after so many");
}

// Nobody watches a directory: without a server named it is the one on this machine.
Exit WatchCommand::watch_usual() {
    if (!program_.global.store.empty())
        return program_.misuse("watch follows a server, not a directory: leave out --store");
    program_.global.server = "http://127.0.0.1:7400";
    const auto remote = Remote::named(program_, true);
    return remote ? watch(*remote.value()) : program_.fail(remote.error());
}

Exit WatchCommand::watch(Remote& remote) {
    server::FeedServer feed;
    feed.url = remote.url().text;
    feed.tenant = remote.tenant();
    feed.token = remote.token();
    feed.ca_file = remote.ca_file();
    if (from_) add(feed.query, "from", std::to_string(*from_));
    add(feed.query, "type", type_);
    add(feed.query, "principal", principal_);
    add(feed.query, "scope", scope_);
    if (effects_) add(feed.query, "effects", "true");
    auto client = server::FeedClient::connect(feed);
    if (!client) return program_.fail(client.error());
    for (std::uint64_t seen = 0; !count_ || seen < *count_; ++seen) {
        const auto event = client.value()->next();
        if (!event) return program_.fail(event.error());
        if (!event.value()) {
            program_.note("tenure: the server has ended the feed");
            return Exit::refused;
        }
        program_.print_line(*event.value());
        std::fflush(stdout);
    }
    return Exit::ok;
}

}  // namespace tenure::commands
