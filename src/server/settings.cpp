#include "server/settings.h"

// Errors as values.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <boost/asio/ip/address.hpp>
#include <map>
#include <set>

#include "base/text.h"
#include "codec/replication_frames.h"
#include "server/key_fetch.h"
#include "server/server_url.h"

namespace tenure::server {
namespace {

// One table of the file: members are taken by name, what nobody took is refused.
class Table {
public:
    Table(const toml::table& table, std::string path) : table_{table}, path_{std::move(path)} {}

    Result<void> text(std::string_view name, std::string& to) { return take(name, to, "a text"); }

    Result<void> flag(std::string_view name, bool& to) { return take(name, to, "true or false"); }

    template <class Number>
    Result<void> number(std::string_view name, Number& to, std::uint64_t max) {
        std::int64_t value = 0;
        if (!table_.contains(name)) return known(name);
        TRY(take(name, value, "a whole number"));
        if (value < 0 || static_cast<std::uint64_t>(value) > max)
            return invalid(path_of(name),
                           std::to_string(value) + " is not from 0 to " + std::to_string(max));
        to = static_cast<Number>(value);
        return success();
    }

    Result<void> texts(std::string_view name, std::vector<std::string>& to) {
        TRY(known(name));
        const toml::node* node = table_.get(name);
        if (node == nullptr) return success();
        const toml::array* array = node->as_array();
        if (array == nullptr) return wrong(name, *node, "a list of texts");
        to.clear();
        for (const toml::node& each : *array) {
            const auto value = each.value_exact<std::string>();
            if (!value) return wrong(name, each, "a text");
            to.push_back(*value);
        }
        return success();
    }

    // The table of that name; null if there is none.
    Result<const toml::table*> table(std::string_view name) {
        TRY(known(name));
        const toml::node* node = table_.get(name);
        if (node == nullptr) return static_cast<const toml::table*>(nullptr);
        if (node->as_table() == nullptr) return wrong(name, *node, "a table");
        return node->as_table();
    }

    Result<std::vector<const toml::table*>> tables(std::string_view name) {
        TRY(known(name));
        std::vector<const toml::table*> all;
        const toml::node* node = table_.get(name);
        if (node == nullptr) return all;
        const toml::array* array = node->as_array();
        if (array == nullptr) return wrong(name, *node, "a list of tables, [[...]]");
        for (const toml::node& each : *array) {
            if (each.as_table() == nullptr) return wrong(name, each, "a table");
            all.push_back(each.as_table());
        }
        return all;
    }

    Result<void> finish() const {
        for (const auto& [key, node] : table_)
            if (!known_.contains(std::string{key.str()}))
                return invalid(path_of(key.str()), quoted(key.str()) + " is not a setting here" +
                                                       place(node) + "; there are " +
                                                       joined(known_));
        return success();
    }

    std::string path_of(std::string_view name) const {
        return path_.empty() ? std::string(name) : path_ + '.' + std::string(name);
    }

private:
    static std::string place(const toml::node& node) {
        return " (line " + std::to_string(node.source().begin.line) + ")";
    }

    Error wrong(std::string_view name, const toml::node& node, std::string_view expected) const {
        return invalid(path_of(name),
                       path_of(name) + " must be " + std::string(expected) + place(node));
    }

    Result<void> known(std::string_view name) {
        known_.insert(std::string(name));
        return success();
    }

    template <class T>
    Result<void> take(std::string_view name, T& to, std::string_view expected) {
        TRY(known(name));
        const toml::node* node = table_.get(name);
        if (node == nullptr) return success();
        const auto value = node->value_exact<T>();
        if (!value) return wrong(name, *node, expected);
        to = *value;
        return success();
    }

    const toml::table& table_;
    std::string path_;
    std::set<std::string> known_;
};

Result<void> read_limits(const toml::table& table, Limits& limits) {
    Table all{table, "limits"};
    constexpr std::uint64_t bytes_max = std::uint64_t{1} << 30U;
    constexpr std::uint64_t count_max = 1'000'000;
    constexpr std::uint64_t ms_max = 86'400'000;
    TRY(all.number("header_bytes_max", limits.header_bytes_max, 1 << 20U));
    TRY(all.number("body_bytes_max", limits.body_bytes_max, bytes_max));
    TRY(all.number("target_bytes_max", limits.target_bytes_max, 1 << 16U));
    TRY(all.number("batch_checks_max", limits.batch_checks_max, count_max));
    TRY(all.number("page_entries_max", limits.page_entries_max, count_max));
    TRY(all.number("page_entries", limits.page_entries, count_max));
    TRY(all.number("frame_bytes_max", limits.frame_bytes_max, bytes_max));
    TRY(all.number("frame_questions_max", limits.frame_questions_max, count_max));
    TRY(all.number("connections_max", limits.connections_max, count_max));
    TRY(all.number("connections_of_client_max", limits.connections_of_client_max, count_max));
    TRY(all.number("client_requests_per_second_max", limits.client_requests_per_second_max,
                   100 * count_max));
    TRY(all.number("client_concurrent_max", limits.client_concurrent_max, count_max));
    TRY(all.number("token_uses_max", limits.token_uses_max, 10 * count_max));
    TRY(all.number("long_questions_threads", limits.long_questions_threads, 256));
    TRY(all.number("long_questions_waiting_max", limits.long_questions_waiting_max, count_max));
    TRY(all.number("idle_timeout_ms", limits.idle_timeout_ms, ms_max));
    TRY(all.number("request_timeout_ms", limits.request_timeout_ms, ms_max));
    TRY(all.number("forward_timeout_ms", limits.forward_timeout_ms, ms_max));
    TRY(all.number("write_timeout_ms", limits.write_timeout_ms, ms_max));
    TRY(all.number("wait_max_ms", limits.wait_max_ms, ms_max));
    TRY(all.number("stop_timeout_ms", limits.stop_timeout_ms, ms_max));
    return all.finish();
}

Result<IssuerSettings> read_issuer(const toml::table& table) {
    Table all{table, "issuers"};
    IssuerSettings settings;
    JwtIssuer& issuer = settings.issuer;
    std::vector<std::string> algorithms;
    std::uint64_t skew = static_cast<std::uint64_t>(issuer.clock_skew.count());
    TRY(all.text("issuer", issuer.issuer));
    TRY(all.texts("audiences", issuer.audiences));
    TRY(all.texts("algorithms", algorithms));
    TRY(all.text("principal_claim", issuer.principal_claim));
    TRY(all.texts("tenants", issuer.tenants));
    TRY(all.text("tenant_claim", issuer.tenant_claim));
    TRY(all.text("required_type", issuer.required_type));
    TRY(all.number("clock_skew_seconds", skew, 60));
    TRY(all.text("jwks_file", settings.jwks_file));
    TRY(all.text("jwks_url", settings.jwks_url));
    TRY(all.finish());
    issuer.clock_skew = std::chrono::seconds{skew};
    if (!algorithms.empty()) issuer.algorithms.clear();
    for (const std::string& name : algorithms) {
        const auto algorithm = jws_algorithm(name);
        if (!algorithm)
            return invalid("issuers.algorithms", quoted(name) + " is not RS256, ES256 or EdDSA");
        issuer.algorithms.push_back(*algorithm);
    }
    if (settings.jwks_file.empty() == settings.jwks_url.empty())
        return invalid("issuers.jwks_file",
                       "issuer " + quoted(issuer.issuer) + " needs jwks_file or jwks_url");
    if (!issuer.tenants.empty() && !issuer.tenant_claim.empty())
        return invalid("issuers.tenant_claim", "issuer " + quoted(issuer.issuer) +
                                                   " has both tenants and tenant_claim: give one");
    if (auto made = JwtVerifier::make(issuer); !made) {
        Error error = std::move(made.error());
        error.field = "issuers." + error.field;
        error.detail = "issuer " + quoted(issuer.issuer) + ": " + error.detail;
        return error;
    }
    return settings;
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const auto& error = parsed.error();
        return invalid("", "line " + std::to_string(error.source().begin.line) + ", column " +
                               std::to_string(error.source().begin.column) + ": " +
                               std::string(error.description()));
    }
    Settings settings;
    Table root{parsed.table(), ""};
    TRY(root.text("store", settings.store));
    TRY(root.text("address", settings.address));
    TRY(root.number("port", settings.port, 65'535));
    TRY(root.number("threads", settings.threads, 256));
    TRY(root.text("public_url", settings.public_url));
    TRY(root.flag("authentication", settings.authentication));
    TRY(root.flag("public_metrics", settings.public_metrics));
    TRY(root.flag("log_json", settings.log_json));
    TRY(root.text("log_level", settings.log_level));
    TRY(const toml::table* tls, root.table("tls"));
    if (tls != nullptr) {
        Table all{*tls, "tls"};
        TRY(all.text("certificate_file", settings.tls.certificate_file));
        TRY(all.text("key_file", settings.tls.key_file));
        TRY(all.finish());
    }
    TRY(const toml::table* decisions, root.table("decision_log"));
    if (decisions != nullptr) {
        Table all{*decisions, "decision_log"};
        TRY(all.text("file", settings.decision_log.file));
        TRY(all.number("rotate_bytes", settings.decision_log.rotate_bytes,
                       std::uint64_t{1} << 40U));
        TRY(all.number("files_max", settings.decision_log.files_max, 1000));
        TRY(all.finish());
    }
    TRY(const toml::table* replication, root.table("replication"));
    if (replication != nullptr) {
        Table all{*replication, "replication"};
        TRY(all.text("node", settings.replication.node));
        TRY(all.text("source", settings.replication.source));
        TRY(all.flag("forward_writes", settings.replication.forward_writes));
        TRY(all.text("ca_file", settings.replication.ca_file));
        TRY(all.texts("copies", settings.replication.copies));
        TRY(all.texts("members", settings.replication.members));
        TRY(all.number("members_min", settings.replication.members_min,
                       replication_members_max + 1));
        TRY(all.number("commit_timeout_ms", settings.replication.commit_timeout_ms, 86'400'000));
        TRY(all.finish());
    }
    TRY(const toml::table* limits, root.table("limits"));
    if (limits != nullptr) {
        TRY(read_limits(*limits, settings.limits));
    }
    TRY(const auto issuers, root.tables("issuers"));
    for (const toml::table* table : issuers) {
        TRY(auto issuer, read_issuer(*table));
        settings.issuers.push_back(std::move(issuer));
    }
    TRY(root.finish());
    return settings;
}

bool is_loopback(std::string_view text) {
    boost::system::error_code failed;
    const auto address = boost::asio::ip::make_address(std::string(text), failed);
    if (failed) return false;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
            .is_loopback();
    return address.is_loopback();
}

namespace {

Result<void> check_node_name(std::string_view field, const std::string& name) {
    if (!name.empty() && name.size() <= codec::node_name_length_max && valid_utf8(name) &&
        !has_control(name))
        return success();
    return invalid(std::string(field), quoted(name) + ": the name of a node is UTF-8 of at most " +
                                           std::to_string(codec::node_name_length_max) +
                                           " bytes, without control characters");
}

Result<void> check_members(const ReplicationSettings& replication) {
    const auto& members = replication.members;
    if (members.empty()) return success();
    if (members.size() > replication_members_max)
        return Error{Errc::limit_exceeded,
                     std::to_string(members.size()) + " members; there are at most " +
                         std::to_string(replication_members_max),
                     "replication.members"};
    for (std::size_t i = 0; i < members.size(); ++i) {
        TRY(check_node_name("replication.members", members[i]));
        if (members[i] == replication.node)
            return invalid("replication.members",
                           quoted(members[i]) + " is this node: the others are named here");
        if (std::find(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(i),
                      members[i]) != members.begin() + static_cast<std::ptrdiff_t>(i))
            return invalid("replication.members", quoted(members[i]) + " is named twice");
    }
    if (replication.members_min < 2)
        return invalid("replication.members_min",
                       "with members there are at least 2 nodes, this one counted");
    if (members.size() + 1 < replication.members_min)
        return invalid("replication.members_min",
                       std::to_string(replication.members_min) + " cannot be had with " +
                           std::to_string(members.size()) + " members and this node");
    return success();
}

Result<void> check_replication(const Settings& settings) {
    const ReplicationSettings& replication = settings.replication;
    if (!replication.on()) {
        if (replication.source.empty() && replication.ca_file.empty() &&
            replication.copies.empty() && replication.members.empty())
            return success();
        return invalid("replication.node", "a node that replicates needs a name: replication.node");
    }
    TRY(check_node_name("replication.node", replication.node));
    TRY(check_members(replication));
    if (replication.follows()) {
        TRY(const ServerUrl url, parse_server_url(replication.source, "replication.source"));
        TRY(check_safe_for_secrets(url, "replication.source"));
        if (url.tls && replication.ca_file.empty())
            return invalid("replication.ca_file",
                           "a source by https needs the certificates of the cluster's authority");
    }
    if (replication.copies.empty()) return success();
    for (const std::string& name : replication.copies) {
        TRY(check_node_name("replication.copies", name));
    }
    if (!settings.tls.on())
        return invalid("replication.copies",
                       "copies are known by the certificates they show: set tls.certificate_file "
                       "and tls.key_file");
    if (replication.ca_file.empty())
        return invalid("replication.ca_file",
                       "replication.copies needs the certificates of the cluster's authority");
    return success();
}

}  // namespace

Result<void> check_settings(const Settings& settings) {
    TRY(check_replication(settings));
    boost::system::error_code failed;
    boost::asio::ip::make_address(settings.address, failed);
    if (failed)
        return invalid("address",
                       quoted(settings.address) + " is not an IP address such as 127.0.0.1 or ::");
    if (settings.tls.certificate_file.empty() != settings.tls.key_file.empty())
        return invalid("tls", "tls needs both certificate_file and key_file");
    if (!is_loopback(settings.address)) {
        if (!settings.tls.on())
            return invalid("tls", "listening on " + settings.address +
                                      ", which others can reach, needs TLS: tokens would cross the "
                                      "network in the clear; set tls.certificate_file and "
                                      "tls.key_file, or listen on 127.0.0.1");
        if (!settings.authentication)
            return invalid("authentication",
                           "listening on " + settings.address +
                               ", which others can reach, needs authentication; leave "
                               "authentication on, or listen on 127.0.0.1");
    }
    static const std::set<std::string, std::less<>> levels{"trace", "debug", "info", "warn",
                                                           "error"};
    if (!levels.contains(settings.log_level))
        return invalid("log_level",
                       quoted(settings.log_level) + " is not trace, debug, info, warn or error");
    const Limits& limits = settings.limits;
    const std::pair<std::string_view, std::uint64_t> positive[] = {
        {"limits.header_bytes_max", limits.header_bytes_max},
        {"limits.body_bytes_max", limits.body_bytes_max},
        {"limits.target_bytes_max", limits.target_bytes_max},
        {"limits.batch_checks_max", limits.batch_checks_max},
        {"limits.page_entries_max", limits.page_entries_max},
        {"limits.page_entries", limits.page_entries},
        {"limits.frame_bytes_max", limits.frame_bytes_max},
        {"limits.connections_max", limits.connections_max},
        {"limits.long_questions_threads", limits.long_questions_threads},
        {"limits.idle_timeout_ms", limits.idle_timeout_ms},
        {"limits.request_timeout_ms", limits.request_timeout_ms},
        {"limits.forward_timeout_ms", limits.forward_timeout_ms},
        {"limits.write_timeout_ms", limits.write_timeout_ms}};
    for (const auto& [name, value] : positive)
        if (value == 0) return invalid(std::string(name), std::string(name) + " must not be 0");
    if (limits.page_entries > limits.page_entries_max)
        return invalid("limits.page_entries", "limits.page_entries " +
                                                  std::to_string(limits.page_entries) +
                                                  " is more than limits.page_entries_max " +
                                                  std::to_string(limits.page_entries_max));
    for (const IssuerSettings& issuer : settings.issuers)
        if (!issuer.jwks_url.empty()) {
            TRY(check_url(issuer.jwks_url));
        }
    return success();
}

}  // namespace tenure::server
