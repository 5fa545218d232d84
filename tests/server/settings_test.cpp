// The settings of `tenure serve`: every key of the file, and what is refused, with the reason.

#include "server/settings.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/certificate.h"
#include "support/run_program.h"
#include "support/temp_store.h"

namespace tenure::testing {
namespace {

using server::check_settings;
using server::parse_settings;
using server::Settings;

// What parse_settings or check_settings has against the text; empty: nothing.
Error refusal_of(const std::string& toml) {
    auto settings = parse_settings(toml);
    if (!settings) return settings.error();
    const auto checked = check_settings(settings.value());
    return checked ? Error{} : checked.error();
}

::testing::AssertionResult refuses(const std::string& toml, const std::string& field,
                                   const std::string& says) {
    const Error error = refusal_of(toml);
    if (error.field == field && error.detail.find(says) != std::string::npos &&
        !error.detail.empty())
        return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << toml << "\n  gives field '" << error.field << "': " << error.detail;
}

constexpr std::string_view issuer = R"([[issuers]]
issuer = "https://login.example"
audiences = ["tenure"]
jwks_file = "keys.json"
)";

TEST(Settings, WithoutAnythingSaidAreSafe) {
    const auto settings = parse_settings("");
    ASSERT_TRUE(settings.has_value());
    const Settings& s = settings.value();
    EXPECT_EQ(s.store, "");
    EXPECT_EQ(s.address, "127.0.0.1");
    EXPECT_EQ(s.port, 7400);
    EXPECT_EQ(s.threads, 0U);
    EXPECT_TRUE(s.authentication);
    EXPECT_TRUE(s.public_metrics);
    EXPECT_FALSE(s.tls.on());
    EXPECT_TRUE(s.issuers.empty());
    EXPECT_EQ(s.decision_log.file, "");
    EXPECT_FALSE(s.log_json);
    EXPECT_EQ(s.log_level, "info");
    EXPECT_TRUE(check_settings(s).has_value());
}

TEST(Settings, AreReadKeyByKey) {
    const auto settings = parse_settings(R"(
store = "acl"
address = "::1"
port = 8443
threads = 3
public_url = "https://access.example.com"
authentication = false
public_metrics = false
log_json = true
log_level = "debug"
[tls]
certificate_file = "server.pem"
key_file = "server.key"
[decision_log]
file = "decisions.jsonl"
rotate_bytes = 1000
files_max = 2
[[issuers]]
issuer = "https://login.example"
audiences = ["tenure", "tenure-test"]
algorithms = ["ES256"]
principal_claim = "oid"
tenants = ["contoso"]
required_type = "at+jwt"
clock_skew_seconds = 5
jwks_url = "https://login.example/keys"
[[issuers]]
issuer = "https://other.example"
audiences = ["tenure"]
tenant_claim = "tid"
jwks_file = "keys.json"
)");
    ASSERT_TRUE(settings.has_value()) << settings.error().detail;
    const Settings& s = settings.value();
    EXPECT_EQ(s.store, "acl");
    EXPECT_EQ(s.address, "::1");
    EXPECT_EQ(s.port, 8443);
    EXPECT_EQ(s.threads, 3U);
    EXPECT_EQ(s.public_url, "https://access.example.com");
    EXPECT_FALSE(s.authentication);
    EXPECT_FALSE(s.public_metrics);
    EXPECT_TRUE(s.log_json);
    EXPECT_EQ(s.log_level, "debug");
    EXPECT_EQ(s.tls.certificate_file, "server.pem");
    EXPECT_EQ(s.tls.key_file, "server.key");
    EXPECT_EQ(s.decision_log.file, "decisions.jsonl");
    EXPECT_EQ(s.decision_log.rotate_bytes, 1000U);
    EXPECT_EQ(s.decision_log.files_max, 2U);
    ASSERT_EQ(s.issuers.size(), 2U);
    const server::JwtIssuer& first = s.issuers[0].issuer;
    EXPECT_EQ(first.issuer, "https://login.example");
    EXPECT_EQ(first.audiences, (std::vector<std::string>{"tenure", "tenure-test"}));
    EXPECT_EQ(first.algorithms, std::vector{server::JwsAlgorithm::es256});
    EXPECT_EQ(first.principal_claim, "oid");
    EXPECT_EQ(first.tenants, std::vector<std::string>{"contoso"});
    EXPECT_EQ(first.required_type, "at+jwt");
    EXPECT_EQ(first.clock_skew, std::chrono::seconds{5});
    EXPECT_EQ(s.issuers[0].jwks_url, "https://login.example/keys");
    const server::JwtIssuer& second = s.issuers[1].issuer;
    EXPECT_EQ(second.algorithms, server::JwtIssuer{}.algorithms);
    EXPECT_EQ(second.principal_claim, "sub");
    EXPECT_EQ(second.tenant_claim, "tid");
    EXPECT_EQ(second.clock_skew, std::chrono::seconds{60});
    EXPECT_EQ(s.issuers[1].jwks_file, "keys.json");
    EXPECT_TRUE(check_settings(s).has_value());
}

TEST(Settings, HaveALimitForEachNameInLimits) {
    std::string toml = "[limits]\n";
    const std::vector<std::string> names{"header_bytes_max",
                                         "body_bytes_max",
                                         "target_bytes_max",
                                         "batch_checks_max",
                                         "page_entries_max",
                                         "page_entries",
                                         "frame_bytes_max",
                                         "frame_questions_max",
                                         "connections_max",
                                         "connections_of_client_max",
                                         "client_requests_per_second_max",
                                         "client_concurrent_max",
                                         "token_uses_max",
                                         "long_questions_threads",
                                         "long_questions_waiting_max",
                                         "idle_timeout_ms",
                                         "request_timeout_ms",
                                         "forward_timeout_ms",
                                         "write_timeout_ms",
                                         "wait_max_ms",
                                         "stop_timeout_ms"};
    for (std::size_t i = 0; i < names.size(); ++i)
        toml += names[i] + " = " + std::to_string(101 - i) + '\n';
    const auto settings = parse_settings(toml);
    ASSERT_TRUE(settings.has_value()) << settings.error().detail;
    const server::Limits& l = settings.value().limits;
    const std::vector<std::uint64_t> read{l.header_bytes_max,
                                          l.body_bytes_max,
                                          l.target_bytes_max,
                                          l.batch_checks_max,
                                          l.page_entries_max,
                                          l.page_entries,
                                          l.frame_bytes_max,
                                          l.frame_questions_max,
                                          l.connections_max,
                                          l.connections_of_client_max,
                                          l.client_requests_per_second_max,
                                          l.client_concurrent_max,
                                          l.token_uses_max,
                                          l.long_questions_threads,
                                          l.long_questions_waiting_max,
                                          l.idle_timeout_ms,
                                          l.request_timeout_ms,
                                          l.forward_timeout_ms,
                                          l.write_timeout_ms,
                                          l.wait_max_ms,
                                          l.stop_timeout_ms};
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(read[i], 101 - i) << names[i];
    EXPECT_TRUE(check_settings(settings.value()).has_value());
    for (const std::string& name : names) {
        EXPECT_TRUE(refuses("[limits]\n" + name + " = -1", "limits." + name, "-1 is not from 0"));
        EXPECT_TRUE(refuses("[limits]\n" + name + " = 9000000000000000000", "limits." + name,
                            "is not from 0 to "));
        EXPECT_TRUE(refuses("[limits]\n" + name + " = \"10\"", "limits." + name, "(line 2)"));
    }
}

TEST(Settings, OfAWrongTypeAreRefusedWithTheirLine) {
    EXPECT_TRUE(refuses("store = 1", "store", "store must be a text (line 1)"));
    EXPECT_TRUE(refuses("\naddress = true", "address", "must be a text (line 2)"));
    EXPECT_TRUE(refuses("port = \"7400\"", "port", "must be a whole number (line 1)"));
    EXPECT_TRUE(refuses("port = 7400.0", "port", "must be a whole number"));
    EXPECT_TRUE(refuses("threads = []", "threads", "must be a whole number"));
    EXPECT_TRUE(refuses("public_url = 1", "public_url", "must be a text"));
    EXPECT_TRUE(refuses("authentication = 0", "authentication", "must be true or false (line 1)"));
    EXPECT_TRUE(refuses("public_metrics = \"no\"", "public_metrics", "must be true or false"));
    EXPECT_TRUE(refuses("log_json = 1", "log_json", "must be true or false"));
    EXPECT_TRUE(refuses("log_level = 3", "log_level", "must be a text"));
    EXPECT_TRUE(refuses("tls = \"on\"", "tls", "must be a table"));
    EXPECT_TRUE(refuses("[tls]\nkey_file = 1", "tls.key_file", "must be a text (line 2)"));
    EXPECT_TRUE(refuses("[decision_log]\nfile = false", "decision_log.file", "must be a text"));
    EXPECT_TRUE(refuses("issuers = \"all\"", "issuers", "a list of tables, [[...]]"));
    EXPECT_TRUE(refuses("issuers = [1]", "issuers", "must be a table"));
    EXPECT_TRUE(refuses("[[issuers]]\naudiences = \"tenure\"", "issuers.audiences",
                        "must be a list of texts (line 2)"));
    EXPECT_TRUE(refuses("[[issuers]]\ntenants = [1]", "issuers.tenants", "must be a text"));
}

TEST(Settings, ThatNobodyKnowsAreRefused) {
    EXPECT_TRUE(refuses("colour = 1", "colour", "'colour' is not a setting here (line 1)"));
    EXPECT_TRUE(refuses("prot = 1", "prot", "port"));
    EXPECT_TRUE(refuses("[tls]\nkey = \"x\"", "tls.key", "certificate_file, key_file"));
    EXPECT_TRUE(refuses("[limits]\nbody_max = 1", "limits.body_max", "body_bytes_max"));
    EXPECT_TRUE(refuses("[decision_log]\nname = \"x\"", "decision_log.name", "rotate_bytes"));
    EXPECT_TRUE(refuses("[[issuers]]\nurl = \"x\"", "issuers.url", "jwks_url"));
}

TEST(Settings, OutOfRangeAreRefused) {
    EXPECT_TRUE(refuses("port = 65536", "port", "65536 is not from 0 to 65535"));
    EXPECT_TRUE(refuses("port = -1", "port", "-1 is not from 0 to 65535"));
    EXPECT_TRUE(refuses("threads = 257", "threads", "not from 0 to 256"));
    EXPECT_TRUE(refuses("[decision_log]\nfiles_max = 1001", "decision_log.files_max",
                        "not from 0 to 1000"));
    for (const std::string name :
         {"header_bytes_max", "body_bytes_max", "target_bytes_max", "batch_checks_max",
          "page_entries_max", "page_entries", "frame_bytes_max", "connections_max",
          "long_questions_threads", "idle_timeout_ms", "request_timeout_ms", "forward_timeout_ms",
          "write_timeout_ms"})
        EXPECT_TRUE(refuses("[limits]\n" + name + " = 0", "limits." + name, "must not be 0"));
    EXPECT_TRUE(refuses("[limits]\npage_entries_max = 10", "limits.page_entries",
                        "1000 is more than limits.page_entries_max 10"));
    EXPECT_TRUE(refuses("log_level = \"loud\"", "log_level", "'loud' is not trace"));
    EXPECT_TRUE(refuses("address = \"localhost\"", "address", "is not an IP address"));
}

TEST(Settings, ThatAreNoTomlAreRefusedWithLineAndColumn) {
    EXPECT_TRUE(refuses("store = \"acl\"\nport = = 1\n", "", "line 2, column 8"));
    EXPECT_TRUE(refuses("store = \"acl", "", "line 1, column"));
    EXPECT_TRUE(refuses("port = 1\nport = 2\n", "", "line 2, column"));
    EXPECT_TRUE(refuses("[tls\n", "", "line 1, column"));
}

TEST(Settings, BeyondLoopbackNeedTlsAndAuthentication) {
    const std::string tls = "\n[tls]\ncertificate_file = \"c\"\nkey_file = \"k\"";
    for (const std::string address : {"0.0.0.0", "::", "192.0.2.1", "2001:db8::1"}) {
        const std::string listen = "address = \"" + address + '"';
        EXPECT_TRUE(refuses(listen, "tls", "tokens would cross the network in the clear"));
        EXPECT_TRUE(refuses("authentication = false\n" + listen + tls, "authentication",
                            "leave authentication on"));
        EXPECT_EQ(refusal_of(listen + tls).detail, "");
    }
    for (const std::string address : {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"})
        EXPECT_EQ(refusal_of("authentication = false\naddress = \"" + address + '"').detail, "");
    EXPECT_TRUE(refuses("[tls]\ncertificate_file = \"c\"", "tls", "both certificate_file and"));
    EXPECT_TRUE(refuses("[tls]\nkey_file = \"k\"", "tls", "both certificate_file and"));
}

TEST(Settings, OfReplicationThatCannotBeAreRefused) {
    const std::string loopback = "authentication = false\n[replication]\n";
    const std::string tls =
        "[tls]\ncertificate_file = \"c.pem\"\nkey_file = \"k.pem\"\n[replication]\nnode = \"a\"\n";
    EXPECT_EQ(refusal_of(loopback + "node = \"a\"\nmembers = [\"b\", \"c\"]").detail, "");
    EXPECT_EQ(refusal_of(tls + "ca_file = \"ca.pem\"\ncopies = [\"b\"]").detail, "");

    const std::string named = loopback + "node = \"a\"\n";
    const std::string name = "replication.node";
    const std::string members = "replication.members";
    const std::string least = "replication.members_min";
    EXPECT_TRUE(refuses(loopback + "source = \"http://127.0.0.1:1\"", name, "needs a name"));
    EXPECT_TRUE(refuses(loopback + "node = \"" + std::string(300, 'n') + '"', name, "at most"));
    EXPECT_TRUE(refuses(loopback + "node = \"a\\u0007\"", name, "control characters"));
    EXPECT_TRUE(refuses(named + "members = [\"b\", \"\"]", members, "UTF-8 of at most"));
    EXPECT_TRUE(refuses(named + "members = [\"b\", \"a\"]", members, "'a' is this node"));
    EXPECT_TRUE(refuses(named + "members = [\"b\", \"b\"]", members, "'b' is named twice"));
    EXPECT_TRUE(refuses(named + "members = [\"b\"]\nmembers_min = 1", least, "at least 2"));
    EXPECT_TRUE(refuses(named + "members = [\"b\"]\nmembers_min = 3", least, "3 cannot be had"));
    EXPECT_TRUE(refuses(named + "source = \"leader:7400\"", "replication.source", "leader:7400"));
    EXPECT_TRUE(
        refuses(named + "source = \"https://leader:7400\"", "replication.ca_file", "https"));
    EXPECT_TRUE(refuses(named + "copies = [\"b\"]", "replication.copies", "tls.certificate_file"));
    EXPECT_TRUE(refuses(tls + "copies = [\"b\"]", "replication.ca_file", "authority"));
    EXPECT_TRUE(refuses(tls + "ca_file = \"ca.pem\"\ncopies = [\"\"]", "replication.copies",
                        "UTF-8 of at most"));
    std::string many = named + "members = [";
    for (std::size_t i = 0; i <= server::replication_members_max; ++i)
        many += (i == 0 ? "\"m" : ", \"m") + std::to_string(i) + '"';
    EXPECT_TRUE(refuses(many + ']', members, "16 members; there are at most 15"));
}

TEST(Settings, OfIssuersMustSayWhoIsLetIn) {
    const std::string good{issuer};
    EXPECT_EQ(refusal_of(good).detail, "");
    EXPECT_TRUE(refuses("[[issuers]]\nissuer = \"https://x\"\njwks_file = \"k\"",
                        "issuers.audiences", "no audience is given"));
    EXPECT_TRUE(
        refuses("[[issuers]]\naudiences = [\"a\"]\njwks_file = \"k\"", "issuers.issuer", "issuer"));
    EXPECT_TRUE(refuses("[[issuers]]\nissuer = \"https://x\"\naudiences = [\"a\"]",
                        "issuers.jwks_file", "needs jwks_file or jwks_url"));
    EXPECT_TRUE(refuses(good + "jwks_url = \"https://x/keys\"", "issuers.jwks_file",
                        "needs jwks_file or jwks_url"));
    EXPECT_TRUE(refuses(good + "algorithms = [\"HS256\"]", "issuers.algorithms",
                        "'HS256' is not RS256, ES256 or EdDSA"));
    EXPECT_TRUE(refuses(good + "algorithms = [\"none\"]", "issuers.algorithms", "'none'"));
    EXPECT_TRUE(refuses(good + "clock_skew_seconds = 61", "issuers.clock_skew_seconds",
                        "61 is not from 0 to 60"));
    EXPECT_TRUE(refuses(good + "tenants = [\"t\"]\ntenant_claim = \"tid\"", "issuers.tenant_claim",
                        "both tenants and tenant_claim"));
    const std::string by_url =
        "[[issuers]]\nissuer = \"https://x\"\naudiences = [\"a\"]\njwks_url = ";
    EXPECT_EQ(refusal_of(by_url + "\"https://x/keys\"").detail, "");
    EXPECT_EQ(refusal_of(by_url + "\"http://127.0.0.1:1/keys\"").detail, "");
    EXPECT_TRUE(refuses(by_url + "\"http://x/keys\"", "issuers.jwks_url", "by https"));
    EXPECT_TRUE(refuses(by_url + "\"keys\"", "issuers.jwks_url", "is not a URL"));
}

// cluster/tenure.toml without the "#" before its settings.
TEST(Settings, OfTheExampleAreTheDefaults) {
    std::ifstream file{TENURE_SOURCE_DIR "/cluster/tenure.toml"};
    std::string toml;
    std::size_t limits = 0;
    bool in_limits = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("# ") || line == "#" || line.empty()) continue;
        ASSERT_EQ(line.front(), '#') << line;
        in_limits = in_limits || line == "#[limits]";
        limits += in_limits ? 1U : 0U;
        toml += line.substr(1) + '\n';
    }
    EXPECT_EQ(limits, 22U) << "one line each, and the table's";
    const auto settings = parse_settings(toml);
    ASSERT_TRUE(settings.has_value()) << settings.error().detail;
    const Settings& s = settings.value();
    const Settings usual;
    EXPECT_EQ(s.address, usual.address);
    EXPECT_EQ(s.port, usual.port);
    EXPECT_EQ(s.threads, usual.threads);
    EXPECT_EQ(s.public_url, usual.public_url);
    EXPECT_EQ(s.authentication, usual.authentication);
    EXPECT_EQ(s.public_metrics, usual.public_metrics);
    EXPECT_EQ(s.log_json, usual.log_json);
    EXPECT_EQ(s.log_level, usual.log_level);
    EXPECT_EQ(s.replication.node, usual.replication.node);
    EXPECT_EQ(s.replication.source, usual.replication.source);
    EXPECT_EQ(s.replication.forward_writes, usual.replication.forward_writes);
    EXPECT_EQ(s.replication.copies, usual.replication.copies);
    EXPECT_EQ(s.replication.members, usual.replication.members);
    EXPECT_EQ(s.replication.members_min, usual.replication.members_min);
    EXPECT_EQ(s.replication.commit_timeout_ms, usual.replication.commit_timeout_ms);
    EXPECT_EQ(s.decision_log.rotate_bytes, usual.decision_log.rotate_bytes);
    EXPECT_EQ(s.decision_log.files_max, usual.decision_log.files_max);
    const server::JwtIssuer& issuer_given = s.issuers.at(0).issuer;
    EXPECT_EQ(issuer_given.algorithms, server::JwtIssuer{}.algorithms);
    EXPECT_EQ(issuer_given.principal_claim, server::JwtIssuer{}.principal_claim);
    EXPECT_EQ(issuer_given.clock_skew, server::JwtIssuer{}.clock_skew);
    const auto numbers = [](const server::Limits& l) {
        return std::vector<std::uint64_t>{l.header_bytes_max,
                                          l.body_bytes_max,
                                          l.target_bytes_max,
                                          l.batch_checks_max,
                                          l.page_entries_max,
                                          l.page_entries,
                                          l.frame_bytes_max,
                                          l.frame_questions_max,
                                          l.connections_max,
                                          l.connections_of_client_max,
                                          l.client_requests_per_second_max,
                                          l.client_concurrent_max,
                                          l.token_uses_max,
                                          l.long_questions_threads,
                                          l.long_questions_waiting_max,
                                          l.idle_timeout_ms,
                                          l.request_timeout_ms,
                                          l.forward_timeout_ms,
                                          l.write_timeout_ms,
                                          l.wait_max_ms,
                                          l.stop_timeout_ms};
    };
    EXPECT_EQ(numbers(s.limits), numbers(usual.limits));
    EXPECT_TRUE(check_settings(s).has_value());
}

testing::Ran run(const std::string& arguments) {
    return testing::run_program(TENURE_PROGRAM " " + arguments);
}

TEST(Settings, AreCheckedOnTheCommandLineWithoutServing) {
    const TempDir files;
    const std::string path = files / "tenure.toml";
    const std::string store = files / "store";
    const auto check = [&](const std::string& toml, const std::string& flags = {}) {
        std::ofstream{path} << toml;
        return run("serve --check-config --config " + path + ' ' + flags);
    };
    const Ran good = check("store = \"" + store + "\"\n");
    EXPECT_EQ(good.exit, 0) << good.output;
    EXPECT_EQ(good.output, "tenure: the settings are right\n");
    EXPECT_FALSE(std::filesystem::exists(store));

    const Ran bad = check("store = \"x\"\nport = = 1\n");
    EXPECT_EQ(bad.exit, 2);
    EXPECT_NE(bad.output.find(path + ": line 2, column 8"), std::string::npos) << bad.output;
    EXPECT_EQ(check("store = \"x\"\nport = 99999\n").exit, 2);
    // Flags go before the file, and must be right with it.
    const Ran reached = check("store = \"x\"\n", "--address 0.0.0.0");
    EXPECT_EQ(reached.exit, 2);
    EXPECT_NE(reached.output.find("needs TLS"), std::string::npos) << reached.output;
    EXPECT_EQ(check("store = \"x\"\naddress = \"0.0.0.0\"\n", "--address 127.0.0.1").exit, 0);
    EXPECT_EQ(check("store = \"x\"\n", "--port 70000").exit, 2);
    const Ran missing = run("serve --check-config --config " + (files / "none.toml"));
    EXPECT_EQ(missing.exit, 2) << missing.output;
}

TEST(Settings, NameFilesThatAreCheckedToo) {
    const TempDir files;
    const std::string path = files / "tenure.toml";
    const CertificateFiles first{files / "first.pem", files / "first.key"};
    const CertificateFiles second{files / "second.pem", files / "second.key"};
    write_certificate(first);
    write_certificate(second);
    write_certificate({files / "locked.pem", files / "locked.key"}, "secret");
    std::ofstream{files / "no.json"} << "{}";
    std::ofstream{files / "file"} << "x";
    const std::string store = "store = \"" + (files / "store") + "\"\n";
    const auto refused = [&](const std::string& toml, const std::string& says) {
        std::ofstream{path} << toml;
        const Ran ran = run("serve --check-config --config " + path);
        EXPECT_NE(ran.exit, 0) << toml << ran.output;
        EXPECT_NE(ran.output.find(says), std::string::npos) << toml << ran.output;
        EXPECT_EQ(ran.output.find("are right"), std::string::npos) << ran.output;
    };
    const auto tls = [](const std::string& certificate, const std::string& key) {
        return "[tls]\ncertificate_file = \"" + certificate + "\"\nkey_file = \"" + key + "\"\n";
    };
    refused(store + tls(files / "none.pem", first.key_file),
            "cannot use certificate '" + (files / "none.pem") + "': No such file");
    refused(store + tls(first.certificate_file, files / "none.key"), "(tls.key_file)");
    refused(store + tls(first.certificate_file, second.key_file), "does not belong to certificate");
    refused(store + tls(files / "locked.pem", files / "locked.key"), "without a password");
    refused(store + "[replication]\nnode = \"a\"\nsource = \"https://b.example\"\nca_file = \"" +
                (files / "none.pem") + "\"\n",
            "(replication.ca_file)");
    const std::string one_issuer =
        store + "[[issuers]]\nissuer = \"https://login.example\"\naudiences = [\"tenure\"]\n";
    refused(one_issuer + "jwks_file = \"" + (files / "none.json") + "\"\n", "(issuers.jwks_file)");
    refused(one_issuer + "jwks_file = \"" + (files / "no.json") + "\"\n", "(issuers.jwks_file)");
    refused(store + "[decision_log]\nfile = \"" + (files / "none/d.jsonl") + "\"\n",
            "there is no directory '" + (files / "none") + "' (decision_log.file)");
    refused(store + "[decision_log]\nfile = \"" + (files / "") + "\"\n", "is a directory");
    // What is there, and can be written to, is taken whatever it is and wherever it is.
    const auto taken = [&](const std::string& decisions) {
        std::ofstream{path} << store << "[decision_log]\nfile = \"" << decisions << "\"\n";
        const Ran ran = run("serve --check-config --config " + path);
        EXPECT_EQ(ran.exit, 0) << decisions << ran.output;
    };
    const std::filesystem::path closed = files / "closed";
    std::filesystem::create_directory(closed);
    std::ofstream{closed / "d.jsonl"} << "x";
    std::filesystem::permissions(
        closed, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    taken(closed / "d.jsonl");
    std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
    ASSERT_EQ(::mkfifo((files / "pipe").c_str(), 0600), 0);
    taken(files / "pipe");
    taken("/dev/stdout");
    taken("/dev/null");
    refused("store = \"" + (files / "file") + "\"\n", "is not a directory");
    refused("store = \"" + (files / "file/store") + "\"\n", "is not a directory");
    refused("store = \"" + (files / "") + "\"\n", "is not a store and not empty");

    std::ofstream{path} << store << tls(first.certificate_file, first.key_file)
                        << "[decision_log]\nfile = \"" << files / "d.jsonl"
                        << "\"\n";
    const Ran good = run("serve --check-config --config " + path);
    EXPECT_EQ(good.exit, 0) << good.output;
    EXPECT_FALSE(std::filesystem::exists(files / "store"));
    EXPECT_FALSE(std::filesystem::exists(files / "d.jsonl"));
}

}  // namespace
}  // namespace tenure::testing
