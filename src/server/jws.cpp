#include "server/jws.h"

#include "server/base64url.h"
#include "server/json_member.h"

namespace tenure::server {
namespace {

// The decoder's own words may repeat what it read.
Error not_an_object(std::string_view part) {
    return invalid(
        std::string(part),
        "the " + std::string(part) + " is not a JSON object in which every member is given once");
}

Result<std::string> decoded(std::string_view part, std::string_view text) {
    auto bytes = base64url_decode(text);
    if (!bytes || bytes->empty())
        return invalid(std::string(part),
                       "the " + std::string(part) + " is not base64url without padding");
    return std::move(*bytes);
}

}  // namespace

Result<void> UnverifiedToken::parse() {
    if (text_.size() > limits::token_length_max)
        return Error{Errc::limit_exceeded,
                     "the token has " + std::to_string(text_.size()) + " bytes: at most " +
                         std::to_string(limits::token_length_max) + " are accepted",
                     "token"};
    const std::size_t first = text_.find('.');
    const std::size_t second = first == text_.npos ? text_.npos : text_.find('.', first + 1);
    if (second == text_.npos || text_.find('.', second + 1) != text_.npos)
        return invalid("token", "the token is not of the form HEADER.CLAIMS.SIGNATURE");
    signed_text_ = text_.substr(0, second);
    TRY(const std::string header, decoded("header", text_.substr(0, first)));
    TRY(claims_text_, decoded("claims", text_.substr(first + 1, second - first - 1)));
    TRY(signature_, decoded("signature", text_.substr(second + 1)));
    TRY(parse_header(header));
    claims_.emplace(claims_text_);
    if (!claims_->parse()) return not_an_object("claims");
    return success();
}

Result<void> UnverifiedToken::parse_header(std::string_view json) {
    codec::JsonDocument header{json};
    if (!header.parse()) return not_an_object("header");
    // What must be understood to be safe: we understand none of it (RFC 7515, section 4.1.11).
    if (member_of(header, 0, "crit") != nullptr)
        return invalid("crit", "the token needs extensions (crit), which are not known here");
    const auto* algorithm = member_of(header, 0, "alg");
    const auto known =
        algorithm != nullptr && is_text(*algorithm) ? jws_algorithm(algorithm->text) : std::nullopt;
    if (!known) return invalid("alg", "the token is not signed by RS256, ES256 or EdDSA");
    algorithm_ = *known;

    const auto optional_text = [&](const char* name, std::size_t length_max,
                                   std::optional<std::string>& to) -> Result<void> {
        const auto* value = member_of(header, 0, name);
        if (value == nullptr) return success();
        if (!is_text(*value) || value->text.empty())
            return invalid(name, "the header's '" + std::string(name) + "' is not a text");
        if (value->text.size() > length_max)
            return Error{Errc::limit_exceeded,
                         "the header's '" + std::string(name) + "' has more than " +
                             std::to_string(length_max) + " bytes",
                         name};
        to = value->text;
        return success();
    };
    constexpr std::size_t type_length_max = 128;
    TRY(optional_text("kid", limits::key_id_length_max, key_id_));
    TRY(optional_text("typ", type_length_max, type_));
    return success();
}

std::string_view UnverifiedToken::issuer() const {
    const auto* value = member_of(*claims_, 0, "iss");
    return value != nullptr && is_text(*value) ? value->text : std::string_view{};
}

}  // namespace tenure::server
