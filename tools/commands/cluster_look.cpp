#include "commands/cluster_look.h"

#include <chrono>
#include <future>

#include "api/table.h"
#include "commands/answer_object.h"
#include "server/http_client.h"

namespace tenure::commands {
namespace {

constexpr std::chrono::seconds answer_timeout{10};
constexpr std::size_t root_digits_shown = 12;

void read_state(codec::JsonMembers& members, NodeState& state) {
    members.required("node", state.node);
    members.required("role", state.role);
    members.required("log", state.log);
    members.required("term", state.term);
    members.optional("distance", state.distance);
    members.optional("source", state.source);
    members.required("last", state.last);
    members.optional("lastTerm", state.last_term);
    members.required("committed", state.committed);
    members.required("applied", state.applied);
    members.required("sourceCommitted", state.source_committed);
    members.optional("logBytes", state.log_bytes);
    members.optional("startedAt", state.started_at);
    members.optional("closedUntil", state.closed_until);
    members.optional("heardAt", state.heard_at);
    members.required("root", state.root);
    members.optional("halted", state.halted);
    members.optional("heldUp", state.held_up);
}

AskedNode ask(const std::string& url, const std::string& ca_file) {
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
    auto state = read_answer_object<NodeState>(answer.value().body, read_state);
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
Revision ask_digests(const Program& program, std::vector<AskedNode>& all,
                     const std::string& ca_file) {
    std::optional<std::uint64_t> at;
    std::string log;
    for (const AskedNode& each : all) {
        if (!each.state) continue;
        const NodeState& state = each.state.value();
        if (log.empty()) log = state.log;
        if (state.log != log) continue;
        const std::uint64_t has = state.shown();
        at = std::min(at.value_or(has), has);
    }
    const Revision revision{at.value_or(0)};
    for (AskedNode& each : all) {
        if (revision == revision_none) break;
        if (!each.state) continue;
        if (each.state.value().log != log) {
            each.index = Error{Errc::conflict, "another log"};
            continue;
        }
        // It has been parsed before.
        ComparedServer server{program, server::parse_server_url(each.url, "url").value(), ca_file};
        each.index = server.digest(revision);
    }
    return revision;
}

// Why the digests as of `at` do not say that the indexes are equal; empty: they do.
std::string difference_of(const std::vector<AskedNode>& all, Revision at) {
    // All digests of nothing are one.
    if (at == revision_none)
        for (const AskedNode& each : all)
            if (each.state && each.state.value().shown() == 0)
                return each.url + " has applied nothing: there is nothing to compare yet";
    const AskedNode* first = nullptr;
    for (const AskedNode& each : all) {
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

using api::Table;

const NodeState* state_of(const ClusterLook* look, const std::string& url) {
    if (look == nullptr) return nullptr;
    for (const AskedNode& each : look->nodes)
        if (each.url == url && each.state) return &each.state.value();
    return nullptr;
}

// "12 340", a second, between two looks.
std::string rate(std::uint64_t before, std::uint64_t after, std::int64_t us) {
    if (us <= 0 || after < before) return "-";
    return number(static_cast<std::uint64_t>(static_cast<double>(after - before) * 1e6 /
                                             static_cast<double>(us)));
}

void add_node(Table& table, const ClusterLook& look, const ClusterLook* before,
              const AskedNode& node, std::size_t columns) {
    if (!node.state) {
        std::vector<Table::Cell> row{node.url, "?", "", "", "", "", "",
                                     "",       "",  "", "", "", "", node.state.error().detail};
        row.resize(columns, "");
        return table.add(std::move(row));
    }
    const NodeState& state = node.state.value();
    std::vector<Table::Cell> row{state.node,
                                 state.role,
                                 state.source.empty() ? "-" : state.source,
                                 state.distance ? number(*state.distance) : "-",
                                 age(state.started_at, look.at),
                                 number(state.term),
                                 number(state.last),
                                 state.last_term ? number(*state.last_term) : "-",
                                 number(state.committed),
                                 number(state.applied),
                                 behind(state, look.newest),
                                 age(state.closed_until, look.at),
                                 age(state.heard_at, look.at),
                                 shown(state.root)};
    if (before != nullptr) {
        const NodeState* const then = state_of(before, node.url);
        const std::int64_t us = look.at.us - before->at.us;
        row.emplace_back(then != nullptr ? rate(then->applied, state.applied, us) : "-");
        row.emplace_back(then != nullptr ? rate(then->log_bytes, state.log_bytes, us) : "-");
    }
    if (look.digest_at)
        row.emplace_back(!node.index   ? "-"
                         : *node.index ? shown(node.index->value().digest)
                                       : std::string{"?"});
    table.add(std::move(row));
}

}  // namespace

bool ClusterLook::well() const {
    return warnings_of(*this).empty() &&
           std::ranges::all_of(nodes, [](const AskedNode& node) { return node.state.has_value(); });
}

ClusterLook look_at(Program& program, const std::vector<std::string>& urls,
                    const std::string& ca_file, bool digest) {
    ClusterLook look;
    look.at = program.now();
    std::vector<std::future<AskedNode>> asked;
    for (const std::string& url : urls)
        asked.push_back(std::async(std::launch::async, [&] { return ask(url, ca_file); }));
    for (auto& answer : asked) {
        const AskedNode& node = look.nodes.emplace_back(answer.get());
        if (node.state) look.newest = std::max(look.newest, node.state.value().committed);
    }
    if (digest) {
        look.digest_at = ask_digests(program, look.nodes, ca_file);
        look.difference = difference_of(look.nodes, *look.digest_at);
    }
    return look;
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

std::string shown(const std::string& digits) {
    return digits.empty() ? "-" : digits.substr(0, root_digits_shown);
}

std::string to_json(const ClusterLook& look) {
    api::JsonText json;
    json.begin_array();
    for (const AskedNode& node : look.nodes) {
        json.begin_object();
        json.member("url", std::string_view{node.url});
        if (node.state) {
            json.name("state");
            json.json(node.text);
            if (node.index) add_digest(json, *node.index);
        } else {
            json.member("error", std::string_view{node.state.error().detail});
        }
        json.end_object();
    }
    json.end_array();
    return json.take();
}

std::string to_text(const ClusterLook& look, const ClusterLook* before, const api::Paint& paint) {
    using enum Table::Align;
    std::vector<Table::Column> columns{{"NODE"},
                                       {"ROLE"},
                                       {"FROM"},
                                       {"STEPS", right},
                                       {"UP", right},
                                       {"TERM", right},
                                       {"LAST", right},
                                       {"OF TERM", right},
                                       {"COMMITTED", right},
                                       {"APPLIED", right},
                                       {"BEHIND", right},
                                       {"CLOSED", right},
                                       {"HEARD", right},
                                       {"ROOT"}};
    if (before != nullptr) {
        columns.push_back({"EVENTS/S", right});
        columns.push_back({"BYTES/S", right});
    }
    if (look.digest_at) columns.push_back({"DIGEST AT " + number(look.digest_at->value)});
    Table table{columns};
    for (const AskedNode& node : look.nodes) add_node(table, look, before, node, columns.size());
    return table.take(paint);
}

std::vector<std::string> warnings_of(const ClusterLook& look) {
    std::vector<std::string> all;
    if (!look.difference.empty()) all.push_back(look.difference);
    const NodeState* first = nullptr;
    const AskedNode* leading = nullptr;
    for (const AskedNode& node : look.nodes) {
        if (!node.state) continue;
        const NodeState& state = node.state.value();
        if (first == nullptr) first = &state;
        if (state.log != first->log)
            all.push_back(state.node + " has another log than " + first->node);
        if (!state.halted.empty())
            all.push_back(state.node + " has stopped: " + state.halted);
        else if (!state.held_up.empty())
            all.push_back(state.node + " takes no changes: " + state.held_up);
        else if (state.role != "leader" && state.source.empty())
            all.push_back(state.node + " copies from nobody just now");
        if (state.role != "leader") continue;
        if (leading != nullptr && node.url != leading->url) {
            const NodeState& leader = leading->state.value();
            const bool same_term = leader.term == state.term;
            if (state.log == leader.log)
                all.push_back(leader.node + " and " + state.node + " both lead, in terms " +
                              number(leader.term) + " and " + number(state.term) +
                              (same_term ? ": stop one, and have it copy anew"
                                         : ": stop the one of the older term"));
        }
        leading = &node;
    }
    return all;
}

}  // namespace tenure::commands
