#pragma once
// HttpClient: asks one server over HTTP/1.1, by TLS or plainly. Blocking; one thread at a time. The
// connection is kept for the next request, and made anew when it was lost.

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "server/server_url.h"

namespace tenure::server {

struct ClientRequest {
    std::string method = "GET";
    std::string target;  // as it is sent
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    // Sending it twice does no harm: done when the connection is lost before the answer is there.
    bool repeatable = true;
};

struct ClientAnswer {
    unsigned status = 0;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;

    // Empty if there is none; names without regard to case.
    std::string header(std::string_view name) const;
};

struct ClientLimits {
    std::chrono::milliseconds timeout{60'000};  // to connect; and for each answer
    std::uint64_t body_bytes_max = std::uint64_t{256} << 20U;
};

class HttpClient {
public:
    // `ca_file`: PEM certificates of the authorities that are believed; empty: the machine's.
    HttpClient(ServerUrl url, std::string ca_file, ClientLimits limits = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    const ServerUrl& url() const { return url_; }

    // Any status is an answer. Error unavailable: there is none, or it is to stop, which it does at
    // once.
    Result<ClientAnswer> ask(const ClientRequest& request, const std::stop_token& stopping = {});

    // Whether the server may have seen something of the last request.
    bool sent() const { return sent_; }

private:
    struct Connection;

    Result<void> connect(const std::stop_token& stopping);

    const ServerUrl url_;
    const std::string ca_file_;
    const ClientLimits limits_;
    std::unique_ptr<Connection> connection_;
    bool sent_ = false;
};

}  // namespace tenure::server
