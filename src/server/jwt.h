#pragma once
// JwtVerifier: whether a token (RFC 7519) may be believed, by the rules of RFC 8725 and of one
// issuer. Issuer and audience are always checked: settings that leave one out are refused. Time is
// an argument.
//
// An Error's field is the rule that failed: "token", "header", "claims", "signature" or the name of
// the member. Codes: invalid_argument, limit_exceeded (not well formed), forbidden (refused).

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "server/jwks.h"
#include "server/jws.h"

namespace tenure::server {

namespace limits {
inline constexpr std::chrono::seconds clock_skew_max{60};
inline constexpr std::size_t issuer_length_max = 512;  // also of an audience
inline constexpr std::size_t token_audiences_max = 64;
inline constexpr std::size_t token_tenants_max = 256;
}  // namespace limits

// The settings of one issuer.
struct JwtIssuer {
    std::string issuer{};                  // claim "iss", letter for letter
    std::vector<std::string> audiences{};  // one of them must be in the claim "aud"
    std::vector<JwsAlgorithm> algorithms{jws_algorithms.begin(), jws_algorithms.end()};
    std::string principal_claim = "sub";
    // Either the tenants the issuer speaks for, none: all; or the claim that names them.
    std::vector<std::string> tenants{};
    std::string tenant_claim{};
    // How much the issuer's clock may differ from ours.
    std::chrono::seconds clock_skew = limits::clock_skew_max;
    // The header's "typ", e.g. "at+jwt" (RFC 9068); empty: not looked at.
    std::string required_type{};
};

// All tenants, or those that are listed.
struct AllowedTenants {
    bool all = false;
    std::vector<std::string> ids{};

    bool allows(std::string_view tenant) const;
    bool operator==(const AllowedTenants&) const = default;
};

struct VerifiedToken {
    std::string issuer;
    std::string principal;
    AllowedTenants tenants;
    // From then on the token would be refused: "exp" and the clock skew. For long streams.
    Instant expires_at;
    std::string id;  // claim "jti"; empty if there is none
};

// A value; never changed, so any thread may use it.
class JwtVerifier {
public:
    static Result<JwtVerifier> make(JwtIssuer settings);

    // `token` has been parsed; `keys` are the issuer's own.
    Result<VerifiedToken> verify(const UnverifiedToken& token, const KeySet& keys,
                                 Instant now) const;
    // Parses first.
    Result<VerifiedToken> verify(std::string_view text, const KeySet& keys, Instant now) const;

    // What can be said without a key: issuer, algorithm and type.
    Result<void> check_header(const UnverifiedToken& token) const;

    const JwtIssuer& settings() const { return settings_; }

private:
    explicit JwtVerifier(JwtIssuer settings) : settings_{std::move(settings)} {}

    Result<VerifiedToken> check_claims(const UnverifiedToken& token, Instant now) const;

    JwtIssuer settings_;
};

}  // namespace tenure::server
