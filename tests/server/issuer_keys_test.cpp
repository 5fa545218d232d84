// Keys of issuers by URL: fetched from a small issuer in the test's own process, which answers
// whatever the test likes.

#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is not in <cstdlib>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/key_fetch.h"
#include "support/certificate.h"
#include "support/running_server.h"
#include "unit/server/signing_key.h"

namespace tenure::testing {
namespace {

namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
using server::JwsAlgorithm;
using server::SigningKey;
using std::chrono::milliseconds;

const std::string name = "https://login.example";

// Serves one connection after the other on a thread of its own.
class Issuer {
public:
    // With files: https.
    explicit Issuer(const CertificateFiles* files = nullptr) {
        if (files != nullptr) {
            tls_.emplace(ssl::context::tls_server);
            tls_->use_certificate_chain_file(files->certificate_file);
            tls_->use_private_key_file(files->key_file, ssl::context::pem);
        }
        thread_ = std::thread{[this] { serve(); }};
    }

    ~Issuer() {
        stopping_ = true;
        boost::system::error_code ignored;
        net::ip::tcp::socket last{context_};
        last.connect(acceptor_.local_endpoint(), ignored);
        last.close(ignored);
        thread_.join();
    }

    Issuer(const Issuer&) = delete;
    Issuer& operator=(const Issuer&) = delete;

    std::string url(const std::string& host = "127.0.0.1") const {
        return (tls_ ? "https://" : "http://") + host + ':' +
               std::to_string(acceptor_.local_endpoint().port()) + "/keys?v=2";
    }

    // From now on; `goes_on`: and then waits for the client to go away.
    void answers(std::string bytes, bool goes_on = false) {
        const std::lock_guard guard{mutex_};
        bytes_ = std::move(bytes);
        goes_on_ = goes_on;
    }

    void publishes(std::initializer_list<std::string> jwks) {
        const std::string set = server::key_set_json(jwks);
        answers("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(set.size()) + "\r\n\r\n" +
                set);
    }

    int asked() const {
        const std::lock_guard guard{mutex_};
        return asked_;
    }

    std::string request() const {
        const std::lock_guard guard{mutex_};
        return request_;
    }

    void await_asked(int times) {
        std::unique_lock guard{mutex_};
        was_asked_.wait(guard, [&] { return asked_ >= times; });
    }

private:
    void serve() {
        while (!stopping_) {
            boost::system::error_code failed;
            net::ip::tcp::socket socket{context_};
            acceptor_.accept(socket, failed);
            if (failed || stopping_) continue;
            if (!tls_) {
                answer(socket, socket);
                continue;
            }
            ssl::stream<net::ip::tcp::socket&> stream{socket, *tls_};
            stream.handshake(ssl::stream_base::server, failed);
            if (!failed) answer(stream, socket);
        }
    }

    template <class Stream>
    void answer(Stream& stream, net::ip::tcp::socket& socket) {
        boost::system::error_code failed;
        std::array<char, 4096> part{};
        const std::size_t size = stream.read_some(net::buffer(part), failed);
        std::string bytes;
        bool goes_on = false;
        {
            const std::lock_guard guard{mutex_};
            ++asked_;
            request_.assign(part.data(), size);
            bytes = bytes_;
            goes_on = goes_on_;
        }
        was_asked_.notify_all();
        net::write(stream, net::buffer(bytes), failed);
        boost::system::error_code ended;
        if (!goes_on) socket.shutdown(net::ip::tcp::socket::shutdown_send, ended);
        while (!ended) socket.read_some(net::buffer(part), ended);
    }

    net::io_context context_;
    net::ip::tcp::acceptor acceptor_{context_, {net::ip::address_v4::loopback(), 0}};
    std::optional<ssl::context> tls_;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::condition_variable was_asked_;
    std::string bytes_;
    bool goes_on_ = false;
    int asked_ = 0;
    std::string request_;
    std::thread thread_;
};

server::IssuerSettings by_url(const std::string& url) {
    server::IssuerSettings settings;
    settings.issuer.issuer = name;
    settings.issuer.audiences = {"tenure"};
    settings.jwks_url = url;
    return settings;
}

std::string token_of(const SigningKey& key, const std::string& principal, Instant now) {
    const std::string expires = std::to_string(now.us / 1'000'000 + 3600);
    return key.token(R"({"iss":")" + name + R"(","aud":"tenure","sub":")" + principal +
                     R"(","exp":)" + expires + '}');
}

class IssuerKeys : public ::testing::Test {
protected:
    IssuerKeys() { use(issuer_.url()); }

    void use(const std::string& url, milliseconds timeout = server::key_fetch_timeout) {
        fetch_.reset();
        settings_ = {by_url(url)};
        issuers_.emplace(server::JwtIssuers::make({settings_[0].issuer}).value());
        fetch_.emplace(settings_, *issuers_, clock_, journal_, metrics_, timeout);
    }

    bool accepts(const SigningKey& key) {
        const Instant now = clock_.now();
        return issuers_->verify(token_of(key, "ana", now), now).has_value();
    }

    std::string counted(const std::string& result) const {
        const std::string text = metrics_.text({}, {}, 0);
        const std::string series = R"(tenure_key_fetches_total{result=")" + result + "\"} ";
        const std::size_t at = text.find(series);
        if (at == std::string::npos) return {};
        return text.substr(at + series.size(), text.find('\n', at) - at - series.size());
    }

    Issuer issuer_;
    MovingClock clock_{server_start};
    server::Journal journal_{false, "off"};
    mutable server::Metrics metrics_{{}};
    std::vector<server::IssuerSettings> settings_;
    std::optional<server::JwtIssuers> issuers_;
    std::optional<server::KeyFetch> fetch_;
    const SigningKey first_{JwsAlgorithm::eddsa, "first"};
    const SigningKey second_{JwsAlgorithm::es256, "second"};
};

TEST_F(IssuerKeys, AreFetchedFromTheirUrl) {
    issuer_.publishes({first_.jwk(), second_.jwk()});
    EXPECT_FALSE(accepts(first_));

    fetch_->fetch_due();

    EXPECT_TRUE(accepts(first_));
    EXPECT_TRUE(accepts(second_));
    const std::string url = issuer_.url();
    const std::string host = url.substr(7, url.find("/keys") - 7);
    EXPECT_TRUE(issuer_.request().starts_with("GET /keys?v=2 HTTP/1.1\r\nHost: " + host + "\r\n"))
        << issuer_.request();
    EXPECT_EQ(counted("ok"), "1");
    EXPECT_EQ(counted("failed"), "0");
}

TEST_F(IssuerKeys, AnUnknownOneIsAskedForOnceAMinute) {
    issuer_.publishes({first_.jwk()});
    fetch_->fetch_due();
    issuer_.publishes({first_.jwk(), second_.jwk()});
    for (int i = 0; i < 59; ++i) {
        EXPECT_FALSE(accepts(second_));
        fetch_->fetch_due();
        clock_.advance_ms(1000);
    }
    EXPECT_EQ(issuer_.asked(), 1);

    clock_.advance_ms(1000);
    fetch_->fetch_due();
    EXPECT_TRUE(accepts(second_));
    EXPECT_EQ(issuer_.asked(), 2);

    // Nobody can make more of it by inventing ids.
    for (int i = 0; i < 120; ++i) {
        EXPECT_FALSE(accepts(SigningKey(JwsAlgorithm::eddsa, "invented-" + std::to_string(i))));
        fetch_->fetch_due();
        clock_.advance_ms(1000);
    }
    EXPECT_EQ(issuer_.asked(), 3);
}

TEST_F(IssuerKeys, StayWhateverTheIssuerAnswersLater) {
    issuer_.publishes({first_.jwk()});
    use(issuer_.url(), milliseconds{3'000});
    fetch_->fetch_due();
    Issuer elsewhere;
    elsewhere.publishes({second_.jwk()});
    const std::string huge(server::limits::key_set_size_max + 1, ' ');
    const std::string head = "HTTP/1.1 200 OK\r\n";

    struct Bad {
        const char* what;
        std::string bytes;
        bool goes_on = false;
    };

    const std::vector<Bad> answers{
        {"an error", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"},
        {"elsewhere",
         "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + elsewhere.url() + "\r\n\r\n"},
        {"nothing", ""},
        {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"},
        {"no JSON", head + "Content-Length: 5\r\n\r\nhello"},
        {"no keys", head + "Content-Length: 11\r\n\r\n{\"keys\":[]}"},
        {"half of it", head + "Content-Length: 500\r\n\r\n{\"keys\":["},
        {"more than is read",
         head + "Content-Length: " + std::to_string(huge.size()) + "\r\n\r\n" + huge},
        {"more than is read, unannounced", head + "Connection: close\r\n\r\n" + huge},
        {"silence", "", true},
        {"silence in the middle", head + "Content-Length: 500\r\n\r\n{", true}};
    std::uint64_t failures = 0;
    for (const Bad& bad : answers) {
        issuer_.answers(bad.bytes, bad.goes_on);
        clock_.advance_ms(600'000);
        fetch_->fetch_due();
        const auto state = issuers_->keys(0).state();
        EXPECT_EQ(state.failures, ++failures) << bad.what;
        EXPECT_FALSE(state.failure.empty()) << bad.what;
        EXPECT_TRUE(accepts(first_)) << bad.what;
    }
    EXPECT_EQ(elsewhere.asked(), 0);
    EXPECT_EQ(counted("failed"), std::to_string(answers.size()));

    // And back to normal, a minute later.
    issuer_.publishes({second_.jwk()});
    clock_.advance_ms(60'000);
    fetch_->fetch_due();
    EXPECT_TRUE(accepts(second_));
    EXPECT_FALSE(accepts(first_));
    EXPECT_EQ(issuers_->keys(0).state().failures, 0U);
}

TEST_F(IssuerKeys, AreMissingWhileNobodyAnswersAtTheUrl) {
    std::string url;
    {
        const Issuer gone;
        url = gone.url();
    }
    use(url);
    fetch_->fetch_due();
    EXPECT_EQ(issuers_->keys(0).state().failures, 1U);
    EXPECT_FALSE(accepts(first_));
}

TEST_F(IssuerKeys, StoppingDoesNotWaitForASilentIssuer) {
    issuer_.answers("", true);
    use(issuer_.url(), std::chrono::hours{1});
    fetch_->start();
    issuer_.await_asked(1);
    fetch_->stop();
    EXPECT_EQ(counted("failed"), "0");
}

TEST_F(IssuerKeys, ComeByHttpsFromThoseWhoseCertificateIsGood) {
    const TempDir files;
    const CertificateFiles trusted{files / "trusted.crt", files / "trusted.key"};
    const CertificateFiles other{files / "other.crt", files / "other.key"};
    write_certificate(trusted);
    write_certificate(other);
    ::setenv("SSL_CERT_FILE", trusted.certificate_file.c_str(), 1);
    Issuer good{&trusted};
    Issuer bad{&other};
    good.publishes({first_.jwk()});
    bad.publishes({first_.jwk()});
    const auto fetched = [](const std::string& url) {
        const auto body = server::fetch(url, server::key_fetch_timeout, {});
        return body ? std::string{"fetched"} : body.error().detail;
    };
    EXPECT_EQ(fetched(good.url()), "fetched");
    // Signed by nobody we know; and good for another name.
    EXPECT_NE(fetched(bad.url()).find("certificate verify failed"), std::string::npos);
    EXPECT_NE(fetched(good.url("localhost")).find("certificate verify failed"), std::string::npos)
        << fetched(good.url("localhost"));
    EXPECT_EQ(bad.asked(), 0);
    ::unsetenv("SSL_CERT_FILE");
}

TEST_F(IssuerKeys, ComeByPlainHttpOnLoopbackOnly) {
    for (const char* good : {"https://login.example/keys", "http://127.0.0.1:8080/keys",
                             "http://[::1]/keys", "http://localhost/keys"})
        EXPECT_TRUE(server::check_url(good)) << good;
    for (const char* bad : {"http://login.example/keys", "http://10.0.0.1/keys", "login.example",
                            "ftp://127.0.0.1/keys", "file:///keys", "https:///keys", ""})
        EXPECT_FALSE(server::check_url(bad)) << bad;
}

TEST_F(IssuerKeys, AreRenewedWhileTheServerRuns) {
    issuer_.publishes({first_.jwk()});
    RunningServer server{
        [&](server::Settings& settings) { settings.issuers = {by_url(issuer_.url())}; }};
    const auto status_by = [&](const SigningKey& key) {
        return server.get("/v1/tenants/default/me", token_of(key, "owner", server.clock().now()))
            .status;
    };
    // The thread looks each second.
    while (status_by(first_) == 503U) {
    }
    EXPECT_EQ(status_by(first_), 200U);
    EXPECT_EQ(status_by(second_), 401U);
    issuer_.publishes({second_.jwk()});
    server.clock().advance_ms(60'000);
    while (status_by(second_) == 401U) {
    }
    EXPECT_EQ(status_by(second_), 200U);
    EXPECT_TRUE(server.get("/metrics", "-").says(R"(tenure_key_fetches_total{result="ok"} 2)"));
}

}  // namespace
}  // namespace tenure::testing
