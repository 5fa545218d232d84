#include "server/http.h"

#include <algorithm>

#include "api/json_text.h"
#include "base/text.h"

namespace tenure::server {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = fold(c);
    if (small >= 'a' && small <= 'f') return small - 'a' + 10;
    return -1;
}

constexpr std::size_t query_parameters_max = 64;
constexpr std::size_t path_segments_max = 16;

Error bad_target(std::string_view what, std::string_view text) {
    return invalid("target", std::string(what) + ": " + quoted(text));
}

Result<void> parse_query(std::string_view text, Target& target) {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        if (part.empty()) continue;
        if (target.query.size() == query_parameters_max)
            return Error{
                Errc::limit_exceeded,
                "a query has at most " + std::to_string(query_parameters_max) + " parameters",
                "target"};
        const std::size_t equals = part.find('=');
        auto name = percent_decoded(part.substr(0, equals), true);
        auto value = percent_decoded(
            equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
        if (!name || !value)
            return bad_target("a query parameter is not percent-encoded UTF-8", part);
        const auto same = [&](const auto& known) { return known.first == *name; };
        if (std::ranges::any_of(target.query, same))
            return invalid(*name, "query parameter " + quoted(*name) + " is given twice");
        target.query.emplace_back(std::move(*name), std::move(*value));
    }
    return success();
}

}  // namespace

unsigned status_of(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return 400;
        case Errc::not_found:
            return 404;
        case Errc::already_exists:
        case Errc::conflict:
            return 409;
        case Errc::forbidden:
            return 403;
        case Errc::limit_exceeded:
            return 422;
        case Errc::unavailable:
            return 503;
        case Errc::storage_full:
            return 507;
        case Errc::storage_damaged:
        case Errc::storage_too_new:
        case Errc::storage_failed:
            return 500;
    }
    return 500;
}

Reply problem(unsigned status, std::string_view code, const Error& error) {
    api::JsonText json;
    json.begin_object();
    json.member("type", "about:blank");
    json.member("title", phrase_of(status));
    json.member("status", std::uint64_t{status});
    json.member("code", code);
    json.member("detail", error.detail);
    json.text_member("field", error.field);
    json.end_object();
    Reply reply{status, "application/problem+json", json.take()};
    if (status == 429 || status == 503) reply.headers.emplace_back("Retry-After", "1");
    return reply;
}

Reply problem(const Error& error) {
    return problem(status_of(error.code), name_of(error.code), error);
}

std::string_view phrase_of(unsigned status) {
    if (status == 422) return "Unprocessable Content";
    const auto phrase = http::obsolete_reason(static_cast<http::status>(status));
    return {phrase.data(), phrase.size()};
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
            encoded += c;
        else
            encoded.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
    return encoded;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') return std::nullopt;
        decoded += c;
    }
    if (!valid_utf8(decoded)) return std::nullopt;
    return decoded;
}

Result<Target> parse_target(std::string_view target) {
    if (target.empty() || target.front() != '/')
        return bad_target("a target is a path that begins with '/'", target);
    Target parsed;
    const std::size_t question = target.find('?');
    std::string_view path = target.substr(
        1, question == std::string_view::npos ? std::string_view::npos : question - 1);
    for (;;) {
        const std::size_t slash = path.find('/');
        auto segment = percent_decoded(path.substr(0, slash), false);
        if (!segment) return bad_target("a path segment is not percent-encoded UTF-8", target);
        if (parsed.segments.size() == path_segments_max)
            return Error{Errc::not_found, "there is nothing at " + quoted(target)};
        parsed.segments.push_back(std::move(*segment));
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
    }
    if (question != std::string_view::npos) {
        TRY(parse_query(target.substr(question + 1), parsed));
    }
    return parsed;
}

}  // namespace tenure::server
