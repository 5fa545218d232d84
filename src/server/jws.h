#pragma once
// UnverifiedToken: a signed token in compact form (RFC 7515, section 7.1), taken apart and not yet
// believed. It tells which issuer and which key to verify it with; nothing else in it may be used
// before JwtVerifier (jwt.h) said yes.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json_document.h"
#include "server/jwks.h"

namespace tenure::server {

namespace limits {
inline constexpr std::size_t token_length_max = std::size_t{16} << 10U;
}  // namespace limits

// Borrows the text, which must outlive it. Neither copied nor moved.
class UnverifiedToken {
public:
    explicit UnverifiedToken(std::string_view text) : text_{text} {}

    UnverifiedToken(const UnverifiedToken&) = delete;
    UnverifiedToken& operator=(const UnverifiedToken&) = delete;

    // Once, before anything else. Error::field says which part or member is wrong; no error of a
    // token repeats anything that is in it.
    Result<void> parse();

    JwsAlgorithm algorithm() const { return algorithm_; }

    const std::optional<std::string>& key_id() const { return key_id_; }

    const std::optional<std::string>& type() const { return type_; }

    // Empty if there is none. Views into the token, as long as it lives.
    std::string_view issuer() const;

    std::string_view signed_text() const { return signed_text_; }

    std::string_view signature() const { return signature_; }

    const codec::JsonDocument& claims() const { return *claims_; }

private:
    Result<void> parse_header(std::string_view json);

    std::string_view text_;
    std::string_view signed_text_;
    JwsAlgorithm algorithm_{};
    std::optional<std::string> key_id_;
    std::optional<std::string> type_;
    std::string signature_;
    std::string claims_text_;
    std::optional<codec::JsonDocument> claims_;
};

}  // namespace tenure::server
