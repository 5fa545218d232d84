#include "commands/cluster_commands.h"

#include <chrono>
#include <optional>

#include "api/display.h"
#include "api/json_text.h"
#include "api/table.h"
#include "base/hex_words.h"
#include "commands/cluster_look.h"

namespace tenure::commands {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

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
        .flag("--digest", digest_, "Also compare the indexes; each node reads all of its own")
        .option("--watch", watch_s_, "Look again every so many seconds, until it is stopped");
    CLI::App& replica = add_group(app, program, "replica", "This node's copy of the log");
    add_command(replica, program, "promote",
                "Let a store that copied another's log lead, in a new term",
                [this] { return promote(); })
        .list("--among", among_, "URL",
              "The other copies that are left: none of them may have more, or lead")
        .option("--ca", ca_file_, "FILE", "PEM certificates of those nodes' authority");
    add_command(
        replica, program, "verify", "Compare a copy of the log, and its index, with another",
        [this] { return verify(); }, [this](Remote& remote) { return verify_at(remote); })
        .option("--against", against_, "URL", "The other copy's node")
        .option("--ca", ca_file_, "FILE", "PEM certificates of that node's authority");
}

Exit ClusterCommands::status() {
    constexpr std::uint64_t watch_s_max = 86'400;
    if (watch_s_ && (*watch_s_ == 0 || *watch_s_ > watch_s_max))
        return program_.misuse("--watch takes 1 to 86400 seconds");
    if (urls_.empty() || urls_.size() > nodes_max)
        return program_.misuse("cluster status takes the URLs of 1 to " + number(nodes_max) +
                               " nodes, such as http://127.0.0.1:7400");
    if (watch_s_) program_.stop_on_signals();
    std::optional<ClusterLook> before;
    for (;;) {
        ClusterLook look = look_at(program_, urls_, ca_file_, digest_);
        if (program_.json())
            program_.print_line(to_json(look));
        else
            program_.print(to_text(look, before ? &*before : nullptr, program_.paint()));
        for (const std::string& warning : warnings_of(look)) program_.note("tenure: " + warning);
        const Exit exit = look.well() ? Exit::ok : Exit::deny;
        if (!watch_s_) return exit;
        if (program_.stopped() || !program_.pause(std::chrono::seconds{*watch_s_})) return exit;
        if (!program_.json()) program_.print_line("");
        before = std::move(look);
    }
}

Exit ClusterCommands::promote() {
    const auto directory = program_.store_directory();
    if (!directory) return program_.fail(directory.error());
    const auto term = node::Node::promote(
        directory.value(), [this](const node::LogEnd& own) { return check_may_lead(own); });
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

Result<void> ClusterCommands::check_may_lead(const node::LogEnd& own) {
    const ClusterLook look = look_at(program_, among_, ca_file_, false);
    for (const AskedNode& other : look.nodes) {
        if (!other.state)
            return Error{Errc::unavailable,
                         other.url + " does not say how far it is: " + other.state.error().detail +
                             "; leave it out of --among if it is lost for good"};
        const NodeState& state = other.state.value();
        if (state.log != hex_of(own.id.words))
            return Error{Errc::conflict, other.url + " has another log than this store"};
        if (state.role == "leader")
            return Error{Errc::conflict, other.url + " leads in term " + number(state.term) +
                                             ": stop it before another does"};
        const std::pair theirs{state.last_term.value_or(0), state.last};
        if (theirs > std::pair{own.term.value, own.last.value})
            return Error{Errc::conflict, other.url + " has more: its log ends at revision " +
                                             number(state.last) + " of term " +
                                             number(theirs.first) + ", this one at " +
                                             number(own.last.value) + " of term " +
                                             number(own.term.value) + "; promote that one"};
    }
    return success();
}

Result<server::ServerUrl> ClusterCommands::against_url() const {
    if (against_.empty()) return invalid("", "--against URL is missing: it names the other copy");
    return server::parse_server_url(against_, "--against");
}

Exit ClusterCommands::compare_with(Compared& here, const server::ServerUrl& against,
                                   const std::string& ca_file) {
    ComparedServer there{program_, against, ca_file_.empty() ? ca_file : ca_file_};
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
    ComparedServer here{program_, remote.url(), remote.ca_file()};
    return compare_with(here, against.value(), remote.ca_file());
}

}  // namespace tenure::commands
