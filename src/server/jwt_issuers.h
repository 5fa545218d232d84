#pragma once
// JwtIssuers: all issuers whose tokens are accepted, each with its own keys. A token is verified by
// the keys of the issuer it names, never by those of another.

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "server/jwt.h"
#include "server/key_cache.h"

namespace tenure::server {

// Any thread may verify. Moved only before that.
class JwtIssuers {
public:
    // Refuses settings that JwtVerifier refuses, and an issuer given twice.
    static Result<JwtIssuers> make(std::vector<JwtIssuer> settings, KeyCacheTimes times = {});

    // As JwtVerifier::verify; `unavailable` if the issuer's keys were never fetched. Makes the
    // issuer's cache want a fetch if the key is unknown.
    Result<VerifiedToken> verify(std::string_view text, Instant now) const;

    // For whoever fetches keys: of the issuer that was given at this place.
    KeyCache& keys(std::size_t at) const { return issuers_[at]->keys; }

private:
    struct Issuer {
        Issuer(JwtVerifier rules, KeyCacheTimes times) : verifier{std::move(rules)}, keys{times} {}

        const JwtVerifier verifier;
        KeyCache keys;
    };

    JwtIssuers() = default;

    // Few, so they are searched one by one.
    std::vector<std::unique_ptr<Issuer>> issuers_;
};

}  // namespace tenure::server
