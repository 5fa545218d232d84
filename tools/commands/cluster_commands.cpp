#include "commands/cluster_commands.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "api/display.h"
#include "api/json_text.h"
#include "api/table.h"
#include "codec/json_document.h"
#include "codec/json_members.h"
#include "server/http_client.h"

namespace tenure::commands {
namespace {

constexpr std::chrono::seconds answer_timeout{5};
constexpr std::size_t root_digits_shown = 12;
constexpr std::size_t copies_max = 10'000;

// What a node says of itself (GET /v1/replication).
struct NodeState {
    std::string node;
    std::string role;
    std::string log;
    std::uint64_t term = 0;
    std::optional<std::uint64_t> distance;
    std::string source;
    std::uint64_t last = 0;
    std::uint64_t committed = 0;
    std::uint64_t applied = 0;
    std::uint64_t source_committed = 0;
    std::optional<Instant> closed_until;
    std::optional<Instant> heard_at;
    std::string root;
    std::string halted;
    std::string held_up;
};

Result<NodeState> read_state(std::string_view text) {
    codec::JsonDocument document{text, "answer"};
    TRY(document.parse());
    codec::JsonReading reading{document};
    NodeState state;
    {
        codec::JsonMembers members{reading, 0};
        members.required("node", state.node);
        members.required("role", state.role);
        members.required("log", state.log);
        members.required("term", state.term);
        members.optional("distance", state.distance);
        members.optional("source", state.source);
        members.required("last", state.last);
        members.required("committed", state.committed);
        members.required("applied", state.applied);
        members.required("sourceCommitted", state.source_committed);
        members.optional("closedUntil", state.closed_until);
        members.optional("heardAt", state.heard_at);
        members.required("root", state.root);
        members.optional("halted", state.halted);
        members.optional("heldUp", state.held_up);
    }
    if (reading.failed()) return reading.take_error();
    return state;
}

struct Asked {
    std::string url;
    std::string text;  // as the node said it
    Result<NodeState> state;
};

Asked ask(const std::string& url, const std::string& ca_file) {
    const auto place = server::parse_server_url(url, "url");
    if (!place) return {url, {}, place.error()};
    server::HttpClient client{place.value(), ca_file, {answer_timeout}};
    server::ClientRequest request;
    request.target = place.value().below("/v1/replication");
    auto answer = client.ask(request);
    if (!answer) return {url, {}, answer.error()};
    if (answer.value().status == 404)
        return {url, {}, Error{Errc::not_found, "the node is alone: replication.node is not set"}};
    if (answer.value().status != 200)
        return {url,
                {},
                Error{Errc::unavailable,
                      "it answers with status " + std::to_string(answer.value().status)}};
    auto state = read_state(answer.value().body);
    return {url, std::move(answer.value().body), std::move(state)};
}

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string behind(const NodeState& state, std::uint64_t newest) {
    return number(newest - std::min(newest, state.applied));
}

// "0.3 s" between two moments on two machines' clocks.
std::string age(const std::optional<Instant>& then, Instant now) {
    if (!then) return "-";
    const std::int64_t tenths = std::max<std::int64_t>(0, (now.us - then->us) / 100'000);
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

}  // namespace

ClusterCommands::ClusterCommands(CLI::App& app, Program& program) : program_{program} {
    CLI::App& cluster = add_group(app, program, "cluster", "Several nodes with one log");
    add_command(cluster, program, "status", "How far each node is", [this] { return status(); })
        .list("url", urls_, "URL", "The nodes")
        .option("--ca", ca_file_, "FILE", "PEM certificates of their authority");
    CLI::App& replica = add_group(app, program, "replica", "This node's copy of the log");
    add_command(replica, program, "promote",
                "Let a store that copied another's log lead, in a new term",
                [this] { return promote(); });
}

Exit ClusterCommands::status() {
    std::vector<Asked> all;
    for (const std::string& url : urls_) all.push_back(ask(url, ca_file_));
    std::uint64_t newest = 0;
    bool well = true;
    for (const Asked& each : all) {
        well = well && each.state && each.state.value().halted.empty() &&
               each.state.value().held_up.empty();
        if (each.state) newest = std::max(newest, each.state.value().committed);
    }
    if (program_.json()) {
        api::JsonText json;
        json.begin_array();
        for (const Asked& each : all) {
            json.begin_object();
            json.member("url", std::string_view{each.url});
            if (each.state) {
                json.name("state");
                json.json(each.text);
            } else {
                json.member("error", std::string_view{each.state.error().detail});
            }
            json.end_object();
        }
        json.end_array();
        program_.print_line(json.take());
        return well ? Exit::ok : Exit::deny;
    }
    using enum api::Table::Align;
    api::Table table{{{"NODE"},
                      {"ROLE"},
                      {"FROM"},
                      {"TERM", right},
                      {"LAST", right},
                      {"COMMITTED", right},
                      {"APPLIED", right},
                      {"BEHIND", right},
                      {"CLOSED", right},
                      {"HEARD", right},
                      {"ROOT"}}};
    const Instant now = program_.now();
    for (const Asked& each : all) {
        if (!each.state) {
            table.add({each.url, "?", "", "", "", "", "", "", "", "", each.state.error().detail});
            continue;
        }
        const NodeState& state = each.state.value();
        table.add({state.node, state.role, state.source.empty() ? "-" : state.source,
                   number(state.term), number(state.last), number(state.committed),
                   number(state.applied), behind(state, newest), age(state.closed_until, now),
                   age(state.heard_at, now), state.root.substr(0, root_digits_shown)});
    }
    program_.print(table.take(program_.paint()));
    for (const Asked& each : all) {
        if (!each.state) continue;
        const NodeState& state = each.state.value();
        if (!state.halted.empty())
            program_.note("tenure: " + state.node + " has stopped: " + state.halted);
        else if (!state.held_up.empty())
            program_.note("tenure: " + state.node + " takes no changes: " + state.held_up);
    }
    return well ? Exit::ok : Exit::deny;
}

Exit ClusterCommands::promote() {
    const auto directory = program_.store_directory();
    if (!directory) return program_.fail(directory.error());
    const auto term = node::Node::promote(directory.value());
    if (!term) return program_.fail(term.error());
    if (program_.json()) {
        api::JsonText json;
        json.begin_object();
        json.member("term", term.value().value);
        json.end_object();
        program_.print_line(json.take());
    } else {
        program_.print_line("leads from term " + std::to_string(term.value().value) +
                            " on: serve it without a source, and have the others copy from it");
    }
    return Exit::ok;
}

}  // namespace tenure::commands
