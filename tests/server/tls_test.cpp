// TLS: which versions are spoken, handshakes that go wrong, certificates that change.

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fstream>
#include <future>

#include "server/feed_client.h"
#include "server/http_client.h"
#include "support/certificate.h"
#include "support/run_program.h"
#include "support/running_server.h"
#include "unit/server/signing_key.h"

namespace tenure::testing {
namespace {

namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using TlsStream = ssl::stream<net::ip::tcp::socket>;

const std::string check = "/v1/tenants/default/check?principal=owner&action=a/read&scope=/";

// One connection that stays open. It believes any certificate, and says which one it saw.
class TlsClient {
public:
    explicit TlsClient(std::uint16_t port, int version = TLS1_3_VERSION) {
        SSL* tls = stream_.native_handle();
        SSL_set_min_proto_version(tls, version);
        SSL_set_max_proto_version(tls, version);
        // Else OpenSSL itself keeps us from asking for old versions.
        SSL_set_security_level(tls, 0);
        stream_.next_layer().connect({net::ip::address_v4::loopback(), port});
        stream_.handshake(ssl::stream_base::client, failed_);
    }

    const boost::system::error_code& failed() const { return failed_; }

    TlsStream& stream() { return stream_; }

    std::string certificate() {
        X509* seen = SSL_get1_peer_certificate(stream_.native_handle());
        if (seen == nullptr) return {};
        std::array<unsigned char, EVP_MAX_MD_SIZE> print{};
        unsigned size = 0;
        X509_digest(seen, EVP_sha256(), print.data(), &size);
        X509_free(seen);
        return {print.begin(), print.begin() + size};
    }

    Answered get(const std::string& target, const std::string& token) {
        http::request<http::empty_body> request{http::verb::get, target, 11};
        request.set(http::field::host, "localhost");
        request.set(http::field::authorization, "Bearer " + token);
        http::write(stream_, request, failed_);
        http::response<http::string_body> response;
        if (!failed_) http::read(stream_, buffer_, response, failed_);
        if (failed_) return {};
        return {response.result_int(), response.body(), {}};
    }

    // Reads until the server ends the connection itself, not just TLS on it.
    void await_end() {
        std::array<char, 1024> part{};
        boost::system::error_code ended;
        while (!ended) stream_.next_layer().read_some(net::buffer(part), ended);
    }

private:
    net::io_context context_;
    ssl::context trust_{ssl::context::tls_client};
    TlsStream stream_{context_, trust_};
    beast::flat_buffer buffer_;
    boost::system::error_code failed_;
};

class Tls : public ::testing::Test {
protected:
    Tls() { write_certificate(files_of("first")); }

    CertificateFiles files_of(const std::string& name) const {
        return {files_ / (name + ".crt"), files_ / (name + ".key")};
    }

    // The files the server was told.
    void put(const CertificateFiles& source) const {
        const auto replace = std::filesystem::copy_options::overwrite_existing;
        std::filesystem::copy_file(source.certificate_file, served_.certificate_file, replace);
        std::filesystem::copy_file(source.key_file, served_.key_file, replace);
    }

    RunningServer::Change with_tls(std::function<void(server::Limits&)> change = {}) const {
        put(files_of("first"));
        return [served = served_, change = std::move(change)](server::Settings& settings) {
            settings.tls.certificate_file = served.certificate_file;
            settings.tls.key_file = served.key_file;
            if (change) change(settings.limits);
        };
    }

    const TempDir files_;
    const CertificateFiles served_ = files_of("served");
};

TEST_F(Tls, ChecksAreAnsweredOverTls12And13) {
    RunningServer server{with_tls()};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client{server.port(), version};
        ASSERT_FALSE(client.failed()) << client.failed().message();
        EXPECT_EQ(SSL_version(client.stream().native_handle()), version);
        for (int i = 0; i < 3; ++i) {
            const Answered answer = client.get(check, server.owner_token());
            EXPECT_EQ(answer.status, 200U);
            EXPECT_TRUE(answer.says(R"("decision":"allow")")) << answer.body;
        }
    }
}

TEST_F(Tls, OlderVersionsAreRefusedByTheServer) {
    RunningServer server{with_tls()};
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        const TlsClient client{server.port(), version};
        ASSERT_TRUE(client.failed());
        EXPECT_EQ(ERR_GET_REASON(static_cast<unsigned long>(client.failed().value())),
                  SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
            << client.failed().message();
    }
}

TEST_F(Tls, BytesThatAreNoTlsEndTheConnection) {
    RunningServer server{with_tls()};
    EXPECT_EQ(server.exchange("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP"),
              std::string::npos);
    EXPECT_FALSE(TlsClient{server.port()}.failed());
}

TEST_F(Tls, AHandshakeThatNeverFinishesIsClosed) {
    RunningServer server{with_tls([](server::Limits& limits) { limits.request_timeout_ms = 1; })};
    EXPECT_EQ(server.exchange(""), "");
    // The head of a record that promises 512 bytes.
    EXPECT_EQ(server.exchange(std::string{"\x16\x03\x01\x02\x00", 5}), "");
}

TEST_F(Tls, AClientThatDoesNotSayGoodbyeIsClosedAllTheSame) {
    RunningServer server{with_tls([](server::Limits& limits) {
        limits.connections_of_client_max = 1;
        limits.write_timeout_ms = 250;
    })};
    TlsClient first{server.port()};
    EXPECT_EQ(first.get("/healthz", "").status, 200U);
    TlsClient second{server.port()};
    second.await_end();
    EXPECT_EQ(first.get("/healthz", "").status, 200U);
}

TEST_F(Tls, StoppingClosesIdleConnectionsAtOnce) {
    RunningServer server{with_tls()};
    TlsClient idle{server.port()};
    EXPECT_EQ(idle.get("/healthz", "").status, 200U);
    server.server().stop();
    idle.await_end();
}

TEST_F(Tls, WebSocketsSpeakItToo) {
    RunningServer server{with_tls()};
    TlsClient client{server.port()};
    beast::websocket::stream<TlsStream&> socket{client.stream()};
    beast::websocket::stream_base::decorator asking{[&](beast::websocket::request_type& request) {
        request.set(http::field::sec_websocket_protocol, "cloudevents.json");
        request.set(http::field::authorization, "Bearer " + server.owner_token());
    }};
    socket.set_option(std::move(asking));
    socket.handshake("localhost", "/v1/tenants/default/feed?from=1");
    beast::flat_buffer event;
    socket.read(event);
    EXPECT_NE(beast::buffers_to_string(event.data()).find("tenant.created"), std::string::npos);
}

TEST_F(Tls, TheFeedIsFollowedOverItByTheClientAndTheCommand) {
    RunningServer server{with_tls()};
    const std::string url = "https://127.0.0.1:" + std::to_string(server.port());
    const auto follow = [&](const std::string& ca_file) {
        return server::FeedClient::connect(
            {url, "default", server.owner_token(), ca_file, "from=1"});
    };
    auto feed = follow(served_.certificate_file);
    ASSERT_TRUE(feed) << feed.error().detail;
    const auto first = feed.value()->next();
    ASSERT_TRUE(first) << first.error().detail;
    ASSERT_TRUE(first.value().has_value());
    EXPECT_NE(first.value()->find("tenure.tenant.created"), std::string::npos) << *first.value();
    // Not of an authority that is trusted.
    EXPECT_FALSE(follow({}));
    write_certificate(files_of("stranger"));
    EXPECT_FALSE(follow(files_of("stranger").certificate_file));

    std::ofstream{files_ / "token"} << server.owner_token();
    const auto watched = [&](const std::string& ca_file) {
        return run_program(TENURE_PROGRAM " watch --server " + url + " --token-file " +
                           (files_ / "token") + " --ca-file " + ca_file + " --from 1 --count 2");
    };
    const auto [exit, said] = watched(served_.certificate_file);
    EXPECT_EQ(exit, 0) << said;
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << said;
    EXPECT_NE(said.find(R"("specversion":"1.0")"), std::string::npos) << said;
    const auto [refused, why] = watched(files_of("stranger").certificate_file);
    EXPECT_EQ(refused, 3) << why;
    EXPECT_NE(why.find("certificate"), std::string::npos) << why;

    // A stop ends it with a Close frame, over TLS as well.
    auto waiting = server::FeedClient::connect(
        {url, "default", server.owner_token(), served_.certificate_file, ""});
    ASSERT_TRUE(waiting) << waiting.error().detail;
    auto stopping = std::async(std::launch::async, [&] { server.server().stop(); });
    const auto last = waiting.value()->next();
    EXPECT_TRUE(last && !last.value().has_value()) << (last ? "" : last.error().detail);
    feed.value().reset();
    stopping.get();
}

TEST_F(Tls, OurClientBelievesOnlyTheAuthoritiesItIsGivenAndTheNameItAskedFor) {
    RunningServer server{with_tls()};
    const auto asked = [&](const std::string& host, const std::string& ca_file) {
        const std::string text = "https://" + host + ':' + std::to_string(server.port());
        server::HttpClient client{server::parse_server_url(text, "url").value(), ca_file};
        server::ClientRequest request;
        request.target = "/healthz";
        const auto answer = client.ask(request);
        return answer ? std::to_string(answer.value().status) : answer.error().detail;
    };
    write_certificate(files_of("other"));
    EXPECT_EQ(asked("127.0.0.1", served_.certificate_file), "200");
    EXPECT_NE(asked("localhost", served_.certificate_file).find("certificate verify failed"),
              std::string::npos);
    EXPECT_NE(
        asked("127.0.0.1", files_of("other").certificate_file).find("certificate verify failed"),
        std::string::npos);
    EXPECT_NE(asked("127.0.0.1", "").find("certificate verify failed"), std::string::npos);
}

TEST_F(Tls, AReloadShowsTheNewCertificateToNewConnectionsAndDisturbsNoOther) {
    RunningServer server{with_tls()};
    TlsClient before{server.port()};
    const std::string old = before.certificate();
    EXPECT_EQ(before.get("/healthz", "").status, 200U);

    write_certificate(files_of("second"));
    put(files_of("second"));
    EXPECT_EQ(TlsClient{server.port()}.certificate(), old);
    const auto reloaded = server.server().reload({});
    ASSERT_TRUE(reloaded) << reloaded.error().detail;

    EXPECT_EQ(before.get(check, server.owner_token()).status, 200U);
    TlsClient after{server.port()};
    EXPECT_NE(after.certificate(), old);
    EXPECT_EQ(after.get(check, server.owner_token()).status, 200U);
}

TEST_F(Tls, AReloadOfWhatCannotBeUsedSaysWhyAndChangesNothing) {
    RunningServer server{with_tls()};
    const std::string old = TlsClient{server.port()}.certificate();
    const auto refusal = [&] {
        const auto reloaded = server.server().reload({});
        EXPECT_FALSE(reloaded);
        EXPECT_EQ(TlsClient{server.port()}.certificate(), old);
        return reloaded ? std::string{} : reloaded.error().detail;
    };
    write_certificate(files_of("second"));

    std::ofstream{served_.certificate_file} << "-----BEGIN CERTIFICATE-----\nno\n";
    EXPECT_NE(refusal().find("cannot use certificate '" + served_.certificate_file),
              std::string::npos);
    std::filesystem::remove(served_.certificate_file);
    EXPECT_NE(refusal().find("No such file"), std::string::npos) << refusal();
    put(files_of("second"));
    std::ofstream{served_.key_file} << "";
    EXPECT_NE(refusal().find("cannot use key '" + served_.key_file), std::string::npos);
    put({files_of("second").certificate_file, files_of("first").key_file});
    EXPECT_NE(refusal().find("does not belong to certificate"), std::string::npos) << refusal();

    put(files_of("second"));
    EXPECT_TRUE(server.server().reload({}));
    EXPECT_NE(TlsClient{server.port()}.certificate(), old);
}

TEST_F(Tls, AReloadTakesAllFilesOrNone) {
    const std::string jwks = files_ / "keys.json";
    std::ofstream{jwks} << server::key_set_json(
        {server::SigningKey{server::JwsAlgorithm::eddsa}.jwk()});
    RunningServer server{[&, tls = with_tls()](server::Settings& settings) {
        tls(settings);
        server::IssuerSettings& issuer = settings.issuers.emplace_back();
        issuer.issuer.issuer = "https://login.example";
        issuer.issuer.audiences = {"tenure"};
        issuer.jwks_file = jwks;
        settings.decision_log.file = files_ / "decisions.jsonl";
    }};
    const std::string old = TlsClient{server.port()}.certificate();
    std::filesystem::rename(files_ / "decisions.jsonl", files_ / "moved.jsonl");

    write_certificate(files_of("second"));
    put(files_of("second"));
    std::ofstream{jwks} << "{}";
    const auto reloaded = server.server().reload({});

    ASSERT_FALSE(reloaded);
    EXPECT_EQ(reloaded.error().field, "issuers.jwks_file");
    EXPECT_EQ(TlsClient{server.port()}.certificate(), old);
    EXPECT_FALSE(std::filesystem::exists(files_ / "decisions.jsonl"));
}

TEST_F(Tls, AServerDoesNotStartWithAKeyOfAnotherCertificate) {
    RunningServer running;
    write_certificate(files_of("second"));
    write_certificate(files_of("locked"), "secret");
    const auto refusal = [&](const CertificateFiles& files) {
        server::Settings settings;
        settings.port = 0;
        settings.log_level = "error";
        settings.tls.certificate_file = files.certificate_file;
        settings.tls.key_file = files.key_file;
        server::Observer observer;
        SeededRandom random{2};
        server::Server server{settings, running.node(), observer, running.clock(), random};
        const auto started = server.start();
        EXPECT_FALSE(started);
        return started ? std::string{} : started.error().detail;
    };
    const CertificateFiles mixed{files_of("first").certificate_file, files_of("second").key_file};
    EXPECT_EQ(refusal(mixed), "key '" + mixed.key_file + "' does not belong to certificate '" +
                                  mixed.certificate_file + "'");
    // Nobody is asked for a password: there may be nobody.
    EXPECT_NE(refusal(files_of("locked")).find("cannot use key"), std::string::npos);
}

}  // namespace
}  // namespace tenure::testing
