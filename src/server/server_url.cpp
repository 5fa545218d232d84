#include "server/server_url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.h"
#include "server/settings.h"

namespace tenure::server {

bool ServerUrl::on_loopback() const { return is_loopback(host) || host == "localhost"; }

std::string ServerUrl::below(std::string_view path) const {
    std::string all = target.substr(0, target.find('?'));
    while (all.ends_with('/')) all.pop_back();
    return all + std::string(path);
}

Result<ServerUrl> parse_server_url(const std::string& text, std::string_view field) {
    const auto parsed = boost::urls::parse_uri(text);
    const bool known = parsed && !parsed->host().empty() && !parsed->has_userinfo() &&
                       (parsed->scheme_id() == boost::urls::scheme::https ||
                        parsed->scheme_id() == boost::urls::scheme::http);
    // "host:port" is read as a host with an empty port and a path.
    const auto below_root = [](std::string_view target) {
        return target.empty() || target.front() == '/' || target.front() == '?';
    };
    if (!known || !below_root(parsed->encoded_target()))
        return invalid(std::string(field),
                       quoted(text) +
                           " is not a URL such as https://access.example.com or "
                           "http://127.0.0.1:7400");
    ServerUrl url;
    url.text = text;
    url.tls = parsed->scheme_id() == boost::urls::scheme::https;
    url.host = parsed->host_address();
    url.port = parsed->has_port() && !parsed->port().empty() ? std::string(parsed->port())
               : url.tls                                     ? "443"
                                                             : "80";
    url.authority = std::string(parsed->encoded_host_and_port());
    url.target = std::string(parsed->encoded_target());
    if (url.target.empty()) url.target = "/";
    return url;
}

Result<void> check_safe_for_secrets(const ServerUrl& url, std::string_view field) {
    if (url.tls || url.on_loopback()) return success();
    return invalid(std::string(field), quoted(url.text) +
                                           " would carry the token across the network in the "
                                           "clear: use https");
}

}  // namespace tenure::server
