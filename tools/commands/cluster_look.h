#pragma once
// ClusterLook: what the nodes of a cluster say of themselves, side by side, at one moment.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/display.h"
#include "api/json_text.h"
#include "commands/compared.h"

namespace tenure::commands {

// What a node says of itself (GET /v1/replication).
struct NodeState {
    std::string node;
    std::string role;
    std::string log;
    std::uint64_t term = 0;
    std::optional<std::uint64_t> distance;
    std::string source;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> last_term;
    std::uint64_t committed = 0;
    std::uint64_t applied = 0;
    std::uint64_t source_committed = 0;
    std::uint64_t log_bytes = 0;
    std::optional<Instant> started_at;
    std::optional<Instant> closed_until;
    std::optional<Instant> heard_at;
    std::string root;
    std::string halted;
    std::string held_up;

    // What it answers from and will not take back.
    std::uint64_t shown() const { return std::min(applied, committed); }
};

// One node's answer.
struct AskedNode {
    std::string url;
    std::string text;  // as the node said it
    Result<NodeState> state;
    std::optional<Result<node::IndexDigest>> index{};  // if it was asked for
};

struct ClusterLook {
    std::vector<AskedNode> nodes;
    std::uint64_t newest = 0;           // committed anywhere
    std::optional<Revision> digest_at;  // if the indexes were compared
    std::string difference;             // of what was compared; empty: none
    Instant at;

    // Each has answered, goes on, and they are one cluster as far as can be seen.
    bool well() const;
};

// Asked at the same time.
inline constexpr std::size_t nodes_max = 256;

// Asks all of them. `digest`: also of the digests of their indexes, one after the other.
ClusterLook look_at(Program& program, const std::vector<std::string>& urls,
                    const std::string& ca_file, bool digest);

std::string to_json(const ClusterLook& look);
// A table. With the look before also how fast each node moves.
std::string to_text(const ClusterLook& look, const ClusterLook* before, const api::Paint& paint);
// What somebody has to know beside the table, a line each; none if all is well.
std::vector<std::string> warnings_of(const ClusterLook& look);

// The member "index", as status and replica verify have it.
void add_digest(api::JsonText& json, const Result<node::IndexDigest>& index);

// The first digits of a root or digest; "-" if there is none.
std::string shown(const std::string& digits);

}  // namespace tenure::commands
