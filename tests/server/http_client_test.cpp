// The client side of HTTP: where it goes, what it keeps, what it does when a connection is lost.

#include "server/http_client.h"

#include <gtest/gtest.h>

#include "support/running_server.h"

namespace tenure::testing {
namespace {

using server::ClientRequest;
using server::HttpClient;
using server::parse_server_url;

TEST(ServerUrl, SaysWhereAServerIs) {
    const auto plain = parse_server_url("http://127.0.0.1:7400", "--server");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain.value().tls);
    EXPECT_EQ(plain.value().host, "127.0.0.1");
    EXPECT_EQ(plain.value().port, "7400");
    EXPECT_EQ(plain.value().below("/v1/status"), "/v1/status");
    EXPECT_TRUE(plain.value().on_loopback());

    const auto below = parse_server_url("https://access.example.com/tenure/", "--server");
    ASSERT_TRUE(below);
    EXPECT_TRUE(below.value().tls);
    EXPECT_EQ(below.value().port, "443");
    EXPECT_EQ(below.value().below("/v1/status"), "/tenure/v1/status");

    const auto six = parse_server_url("http://[::1]:80", "--server");
    ASSERT_TRUE(six);
    EXPECT_EQ(six.value().host, "::1");
    EXPECT_EQ(six.value().authority, "[::1]:80");
    EXPECT_TRUE(six.value().on_loopback());

    for (const char* wrong : {"", "localhost", "127.0.0.1:7400", "ftp://x", "http://", "https:///x",
                              "http://ana:secret@x", "http://x:port"})
        EXPECT_FALSE(parse_server_url(wrong, "--server")) << wrong;
}

TEST(ServerUrl, CarriesSecretsByTlsOrNotBeyondTheMachine) {
    for (const char* safe : {"http://127.0.0.1", "http://localhost:1", "http://[::1]", "https://x"})
        EXPECT_TRUE(check_safe_for_secrets(parse_server_url(safe, "").value(), "")) << safe;
    for (const char* open : {"http://10.0.0.1", "http://localhost.example.com", "http://x"})
        EXPECT_FALSE(check_safe_for_secrets(parse_server_url(open, "").value(), "")) << open;
}

TEST(HttpClient, GoesOnWhenItsConnectionWasLost) {
    RunningServer server;
    HttpClient client{parse_server_url(server.url(), "").value(), {}};
    const ClientRequest request{"GET", "/healthz"};
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask(request);
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer.value().status, 200U);
        EXPECT_EQ(answer.value().body, "ok\n");
        EXPECT_EQ(answer.value().header("content-type"), "text/plain; charset=utf-8");
    }

    server.restart();
    const auto again = client.ask(request);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again.value().status, 200U);

    server.stop();
    const auto gone = client.ask(request);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, Errc::unavailable);
    EXPECT_NE(gone.error().detail.find(server.url()), std::string::npos) << gone.error().detail;
}

TEST(HttpClient, TakesNoMoreThanItsLimit) {
    RunningServer server;
    HttpClient client{parse_server_url(server.url(), "").value(), {}, {.body_bytes_max = 100}};
    EXPECT_TRUE(client.ask({"GET", "/healthz"}));
    EXPECT_FALSE(client.ask({"GET", "/openapi.json"}));
    EXPECT_TRUE(client.ask({"GET", "/healthz"}));
}

}  // namespace
}  // namespace tenure::testing
