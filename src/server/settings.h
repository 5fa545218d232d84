#pragma once
// Settings: what `tenure serve` is told, by a TOML file and by flags over it. docs/OPERATIONS.md,
// "The server", explains each.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/jwt.h"
#include "server/limits.h"

namespace tenure::server {

struct IssuerSettings {
    JwtIssuer issuer;
    std::string jwks_file;  // one of the two
    std::string jwks_url;   // https, or http on loopback
};

struct TlsSettings {
    std::string certificate_file;  // PEM, with the chain
    std::string key_file;

    bool on() const { return !certificate_file.empty(); }
};

struct DecisionLogSettings {
    std::string file;  // empty: none
    std::uint64_t rotate_bytes = std::uint64_t{256} << 20U;
    std::uint32_t files_max = 10;
};

// Of a node that is one of several with the same log (docs/REPLICATION.md).
struct ReplicationSettings {
    std::string node;    // its name; empty: it is alone
    std::string source;  // URL of the node it copies from; empty: it leads
    bool forward_writes =
        false;  // of a follower: to its source; or the client is told to ask there
    // PEM certificates of the cluster's own authority: of the source's certificate, and of those
    // that copies show.
    std::string ca_file;
    std::vector<std::string> copies;  // names of nodes that may copy from this one, by TLS
    // Of a leader: the nodes that must have what is recorded before it is committed and answered;
    // none: it commits alone. Read anew at SIGHUP.
    std::vector<std::string> members;
    std::size_t members_min = 2;  // so many at least, this one counted; where there are any
    // So long they may be away before changes are refused.
    std::uint64_t commit_timeout_ms = 5'000;

    bool on() const { return !node.empty(); }

    bool follows() const { return on() && !source.empty(); }

    bool needs_members() const { return on() && !follows() && !members.empty(); }
};

inline constexpr std::size_t replication_members_max = 15;

struct Settings {
    std::string store;
    std::string address = "127.0.0.1";
    std::uint16_t port = 7400;  // 0: any that is free
    std::uint32_t threads = 0;  // that answer; 0: one a core
    // How others reach it, such as https://access.example.com; for the discovery documents. Empty:
    // made from address and port. The Host header is never believed.
    std::string public_url;
    // Without it a store on loopback can be asked by everybody on the machine.
    bool authentication = true;
    // Whether /metrics, /v1/status, /v1/replication, /v1/log/root and /v1/index/digest are for
    // everybody who reaches the port.
    bool public_metrics = true;
    TlsSettings tls;
    std::vector<IssuerSettings> issuers;
    DecisionLogSettings decision_log;
    ReplicationSettings replication;
    bool log_json = false;
    std::string log_level = "info";
    Limits limits;
};

// Errors name the key and, for syntax, line and column.
Result<Settings> parse_settings(std::string_view toml);
// What must hold whatever they came from: beyond loopback only with TLS and authentication, files
// in pairs, numbers in range.
Result<void> check_settings(const Settings& settings);

// 127.0.0.0/8, ::1, and the same mapped into IPv6.
bool is_loopback(std::string_view address);

}  // namespace tenure::server
