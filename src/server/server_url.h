#pragma once
// ServerUrl: where a client finds a server, such as https://access.example.com/tenure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace tenure::server {

struct ServerUrl {
    std::string text;  // as it was given
    bool tls = false;
    std::string host;
    std::string port;
    std::string authority;  // host and port as the Host header has them
    std::string target;     // path and query, encoded; "/" at least

    // Nothing it is sent leaves this machine.
    bool on_loopback() const;

    // The target of `path`, which begins with a slash, below the URL's own path.
    std::string below(std::string_view path) const;
};

Result<ServerUrl> parse_server_url(const std::string& text, std::string_view field);

// Refuses to send a secret where others could read it.
Result<void> check_safe_for_secrets(const ServerUrl& url, std::string_view field);

}  // namespace tenure::server
