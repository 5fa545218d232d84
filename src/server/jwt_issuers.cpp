#include "server/jwt_issuers.h"

#include <algorithm>

#include "base/text.h"

namespace tenure::server {

Result<JwtIssuers> JwtIssuers::make(std::vector<JwtIssuer> settings, KeyCacheTimes times) {
    JwtIssuers issuers;
    for (JwtIssuer& one : settings) {
        TRY(auto verifier, JwtVerifier::make(std::move(one)));
        const std::string& name = verifier.settings().issuer;
        for (const auto& other : issuers.issuers_)
            if (other->verifier.settings().issuer == name)
                return invalid("issuer", quoted(name) + " is given twice");
        issuers.issuers_.push_back(std::make_unique<Issuer>(std::move(verifier), times));
    }
    return issuers;
}

Result<VerifiedToken> JwtIssuers::verify(std::string_view text, Instant now) const {
    UnverifiedToken token{text};
    TRY(token.parse());
    const auto found = std::ranges::find_if(issuers_, [&](const auto& issuer) {
        return issuer->verifier.settings().issuer == token.issuer();
    });
    if (found == issuers_.end())
        return Error{Errc::forbidden, "the token's issuer is not one that is accepted", "iss"};
    Issuer& issuer = **found;
    TRY(issuer.verifier.check_header(token));
    const auto keys = issuer.keys.keys();
    if (!keys)
        return Error{Errc::unavailable, "the issuer's keys have not been fetched yet", "keys"};
    if (keys->find(token.key_id(), token.algorithm()) == nullptr) issuer.keys.key_was_unknown();
    return issuer.verifier.verify(token, *keys, now);
}

}  // namespace tenure::server
