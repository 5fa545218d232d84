#include "commands/watch_command.h"

#include <charconv>
#include <cstdio>

#include "base/text.h"
#include "server/feed_client.h"
#include "server/http.h"
#include "system/terminal.h"

namespace tenure::commands {
namespace {

struct Place {
    std::string host;
    std::uint16_t port = 0;
};

// "http://127.0.0.1:7400"
Result<Place> place_of(const std::string& url) {
    constexpr std::string_view scheme = "http://";
    const std::string_view text{url};
    const std::size_t colon = text.rfind(':');
    if (text.starts_with(scheme) && colon > scheme.size()) {
        std::string_view digits = text.substr(colon + 1);
        if (digits.ends_with('/')) digits.remove_suffix(1);
        std::uint16_t port = 0;
        const char* end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, port);
        if (read.ec == std::errc{} && read.ptr == end)
            return Place{std::string(text.substr(scheme.size(), colon - scheme.size())), port};
    }
    return invalid("--server", tenure::quoted(url) + " is not a URL such as http://127.0.0.1:7400");
}

void add(std::string& query, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    query += (query.empty() ? "" : "&") + std::string(name) + '=' + server::percent_encoded(value);
}

}  // namespace

WatchCommand::WatchCommand(CLI::App& app, Program& program) : program_{program} {
    add_command(app, program, "watch",
                "Follow a server's changes, each as a CloudEvent; its token is in TENURE_TOKEN",
                [this] { return watch(); })
        .option("--server", server_, "URL", "Such as http://127.0.0.1:7400")
        .option("--from", from_, "First revision; from now on if it is left out")
        .option("--type", type_, "TYPE", "A type such as assignment.created, or a noun: assignment")
        .option("--principal", principal_, "PRINCIPAL",
                "Events about it, or that change its access")
        .option("--scope", scope_, "SCOPE", "Events about it")
        .flag("--effects", effects_, "Say what each event changed in effective access")
        .option("--count", count_, "End after so many");
}

Exit WatchCommand::watch() {
    const auto place = place_of(server_.empty() ? "http://127.0.0.1:7400" : server_);
    if (!place) return program_.fail(place.error());
    server::FeedServer feed;
    feed.host = place.value().host;
    feed.port = place.value().port;
    if (program_.global.tenant_given) feed.tenant = program_.global.tenant;
    if (const auto token = system::environment("TENURE_TOKEN")) feed.token = *token;
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
