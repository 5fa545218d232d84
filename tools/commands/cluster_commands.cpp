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
    std::optional<Result<node::IndexDigest>> index{};  // if it was asked for
};

Asked ask(const std::string& url, const std::string& ca_file) {
    const auto place = server::parse_server_url(url, "url");
    if (!place) return {url, {}, place.error(), {}};
    server::HttpClient client{place.value(), ca_file, {answer_timeout}};
    server::ClientRequest request;
    request.target = place.value().below("/v1/replication");
    auto answer = client.ask(request);
    if (!answer) return {url, {}, answer.error(), {}};
    if (answer.value().status == 404)
        return {
            url, {}, Error{Errc::not_found, "the node is alone: replication.node is not set"}, {}};
    if (answer.value().status != 200)
        return {url,
                {},
                Error{Errc::unavailable,
                      "it answers with status " + std::to_string(answer.value().status)},
                {}};
    auto state = read_state(answer.value().body);
    return {url, std::move(answer.value().body), std::move(state), {}};
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

// Asks each for the digest of its index as of the newest revision that all of them have applied,
// which is returned. Whoever has another log is left out; nobody is asked where one has nothing
// yet.
Revision ask_digests(std::vector<Asked>& all, const std::string& ca_file) {
    std::optional<std::uint64_t> at;
    std::string log;
    for (const Asked& each : all) {
        if (!each.state) continue;
        const NodeState& state = each.state.value();
        if (log.empty()) log = state.log;
        if (state.log != log) continue;
        const std::uint64_t has = std::min(state.applied, state.committed);
        at = std::min(at.value_or(has), has);
    }
    const Revision revision{at.value_or(0)};
    for (Asked& each : all) {
        if (revision == revision_none) break;
        if (!each.state) continue;
        if (each.state.value().log != log) {
            each.index = Error{Errc::conflict, "another log"};
            continue;
        }
        // It has been parsed before.
        ComparedServer server{server::parse_server_url(each.url, "url").value(), ca_file};
        each.index = server.digest(revision);
    }
    return revision;
}

// Why the digests as of `at` do not say that the indexes are equal; empty: they do.
std::string difference_of(const std::vector<Asked>& all, Revision at) {
    // All digests of nothing are one.
    if (at == revision_none)
        for (const Asked& each : all)
            if (each.state &&
                std::min(each.state.value().applied, each.state.value().committed) == 0)
                return each.url + " has applied nothing: there is nothing to compare yet";
    const Asked* first = nullptr;
    for (const Asked& each : all) {
        if (!each.state || !each.index) continue;
        if (!*each.index) return each.url + ": no digest: " + each.index->error().detail;
        if (first == nullptr) {
            first = &each;
            continue;
        }
        const node::IndexDigest& a = first->index->value();
        const node::IndexDigest& b = each.index->value();
        const std::string both = first->url + " and " + each.url;
        if (a.log.log_id != b.log.log_id || a.log.root != b.log.root)
            return "the logs of " + both + " differ";
        if (a.index_version != b.index_version)
            return "the indexes of " + both + " are of two versions and cannot be compared";
        if (a.digest != b.digest) return "the indexes of " + both + " differ";
    }
    return {};
}

void add_digest(api::JsonText& json, const Result<node::IndexDigest>& index) {
    json.name("index");
    json.begin_object();
    if (index) {
        json.member("revision", index.value().log.revision);
        json.member("root", std::string_view{index.value().log.root});
        json.member("version", index.value().index_version);
        json.member("digest", std::string_view{index.value().digest});
        json.member("rows", index.value().rows);
        json.member("bytes", index.value().bytes);
    } else {
        json.member("error", std::string_view{index.error().detail});
    }
    json.end_object();
}

void add_side(api::JsonText& json, std::string_view name, const Comparison::Side& side) {
    json.name(name);
    json.begin_object();
    json.member("node", std::string_view{side.name});
    json.member("log", std::string_view{side.newest.log_id});
    json.member("committed", side.newest.committed);
    json.member("applied", side.newest.applied);
    json.text_member("root", side.root);
    if (side.index) add_digest(json, *side.index);
    json.end_object();
}

// One sentence.
std::string verdict_of(const Comparison& found) {
    const std::string log_at = "revision " + std::to_string(found.log_at.value);
    const std::string index_at = "revision " + std::to_string(found.index_at.value);
    if (!found.same_log()) return "they are copies of different logs";
    if (found.first_other_entry)
        return "the logs differ from revision " + std::to_string(found.first_other_entry->value) +
               " on";
    if (!found.equal())
        return "the logs are equal up to " + log_at + ", the indexes differ as of " + index_at +
               ": tenure verify says of each whether it is what its log makes";
    return "equal: the logs up to " + log_at + ", the indexes as of " + index_at;
}

std::string to_json(const Comparison& found) {
    api::JsonText json;
    json.begin_object();
    json.member("equal", found.equal());
    json.member("detail", std::string_view{verdict_of(found)});
    if (found.same_log()) json.member("logRevision", found.log_at);
    if (found.logs_equal()) json.member("indexRevision", found.index_at);
    json.member("firstOtherEntry", found.first_other_entry);
    add_side(json, "here", found.here);
    add_side(json, "there", found.there);
    json.end_object();
    return json.take();
}

std::string shown(const std::string& digits) {
    return digits.empty() ? "-" : digits.substr(0, root_digits_shown);
}

std::string to_text(const Comparison& found, const api::Paint& paint) {
    using enum api::Table::Align;
    api::Table table{{{"NODE"},
                      {"LOG"},
                      {"COMMITTED", right},
                      {"APPLIED", right},
                      {"ROOT"},
                      {"DIGEST"},
                      {"ROWS", right}}};
    for (const Comparison::Side* side : {&found.here, &found.there})
        table.add({side->name, shown(side->newest.log_id), number(side->newest.committed.value),
                   number(side->newest.applied.value), shown(side->root),
                   shown(side->index ? side->index->digest : std::string{}),
                   side->index ? number(side->index->rows) : "-"});
    return table.take(paint) + verdict_of(found) + '\n';
}

}  // namespace

ClusterCommands::ClusterCommands(CLI::App& app, Program& program) : program_{program} {
    CLI::App& cluster = add_group(app, program, "cluster", "Several nodes with one log");
    add_command(cluster, program, "status", "How far each node is", [this] { return status(); })
        .list("url", urls_, "URL", "The nodes")
        .option("--ca", ca_file_, "FILE", "PEM certificates of their authority")
        .flag("--digest", digest_, "Also compare the indexes; each node reads all of its own");
    CLI::App& replica = add_group(app, program, "replica", "This node's copy of the log");
    add_command(replica, program, "promote",
                "Let a store that copied another's log lead, in a new term",
                [this] { return promote(); });
    add_command(
        replica, program, "verify", "Compare a copy of the log, and its index, with another",
        [this] { return verify(); }, [this](Remote& remote) { return verify_at(remote); })
        .option("--against", against_, "URL", "The other copy's node")
        .option("--ca", ca_file_, "FILE", "PEM certificates of that node's authority");
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
    Revision digest_at;
    std::string difference;
    if (digest_) {
        digest_at = ask_digests(all, ca_file_);
        difference = difference_of(all, digest_at);
        well = well && difference.empty();
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
                if (each.index) add_digest(json, *each.index);
            } else {
                json.member("error", std::string_view{each.state.error().detail});
            }
            json.end_object();
        }
        json.end_array();
        program_.print_line(json.take());
        if (!difference.empty()) program_.note("tenure: " + difference);
        return well ? Exit::ok : Exit::deny;
    }
    using enum api::Table::Align;
    std::vector<api::Table::Column> columns{
        {"NODE"},           {"ROLE"},          {"FROM"},
        {"TERM", right},    {"LAST", right},   {"COMMITTED", right},
        {"APPLIED", right}, {"BEHIND", right}, {"CLOSED", right},
        {"HEARD", right},   {"ROOT"}};
    if (digest_) columns.push_back({"DIGEST AT " + number(digest_at.value)});
    api::Table table{columns};
    const Instant now = program_.now();
    for (const Asked& each : all) {
        if (!each.state) {
            std::vector<api::Table::Cell> row{
                each.url, "?", "", "", "", "", "", "", "", "", each.state.error().detail};
            row.resize(columns.size(), "");
            table.add(std::move(row));
            continue;
        }
        const NodeState& state = each.state.value();
        std::vector<api::Table::Cell> row{state.node,
                                          state.role,
                                          state.source.empty() ? "-" : state.source,
                                          number(state.term),
                                          number(state.last),
                                          number(state.committed),
                                          number(state.applied),
                                          behind(state, newest),
                                          age(state.closed_until, now),
                                          age(state.heard_at, now),
                                          state.root.substr(0, root_digits_shown)};
        if (each.index)
            row.emplace_back(*each.index ? each.index->value().digest.substr(0, root_digits_shown)
                                         : std::string{"?"});
        else if (digest_)
            row.emplace_back("-");
        table.add(std::move(row));
    }
    program_.print(table.take(program_.paint()));
    if (!difference.empty()) program_.note("tenure: " + difference);
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

Result<server::ServerUrl> ClusterCommands::against_url() const {
    if (against_.empty()) return invalid("", "--against URL is missing: it names the other copy");
    return server::parse_server_url(against_, "--against");
}

Exit ClusterCommands::compare_with(Compared& here, const server::ServerUrl& against,
                                   const std::string& ca_file) {
    ComparedServer there{against, ca_file_.empty() ? ca_file : ca_file_};
    const auto found = compare(here, there);
    if (!found) return program_.fail(found.error());
    if (program_.json())
        program_.print_line(to_json(found.value()));
    else
        program_.print(to_text(found.value(), program_.paint()));
    return found.value().equal() ? Exit::ok : Exit::deny;
}

Exit ClusterCommands::verify() {
    const auto against = against_url();
    if (!against) return program_.fail(against.error());
    const auto directory = program_.store_directory();
    if (!directory) return program_.fail(directory.error());
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    ComparedStore here{program_, directory.value(), std::move(node.value())};
    return compare_with(here, against.value(), {});
}

Exit ClusterCommands::verify_at(Remote& remote) {
    const auto against = against_url();
    if (!against) return program_.fail(against.error());
    ComparedServer here{remote.url(), remote.ca_file()};
    return compare_with(here, against.value(), remote.ca_file());
}

}  // namespace tenure::commands
