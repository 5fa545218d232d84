#include "server/request_parser.h"

#include "base/text.h"

namespace tenure::server {

std::optional<std::string> origin_form(std::string_view target) {
    std::string_view rest = target;
    for (const std::string_view scheme : {"http://", "https://"})
        if (equal_folded(target.substr(0, scheme.size()), scheme))
            rest = target.substr(scheme.size());
    if (rest.size() == target.size()) return std::nullopt;
    const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
    // Names of users have no place in it (RFC 9110, 4.2.4).
    if (host.empty() || host.find('@') != std::string_view::npos) return std::nullopt;
    rest.remove_prefix(host.size());
    const bool has_path = rest.starts_with('/');
    return (has_path ? "" : "/") + std::string(rest);
}

bool asks_another_version(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find('\r'));
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos) return false;
    const std::string_view version = line.substr(space + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
           version[6] == '.' && is_digit(version[7]) && version != "HTTP/1.0" &&
           version != "HTTP/1.1";
}

}  // namespace tenure::server
