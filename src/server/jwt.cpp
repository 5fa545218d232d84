#include "server/jwt.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "domain/limits.h"
#include "server/json_member.h"

namespace tenure::server {
namespace {

using Kind = codec::JsonValue::Kind;

constexpr std::int64_t second_us = 1'000'000;

Error refused(std::string field, std::string detail) {
    return Error{Errc::forbidden, std::move(detail), std::move(field)};
}

std::string claim_named(std::string_view name) { return "the claim '" + std::string(name) + "'"; }

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
}

// "application/" may be left out, and letters may be of either case (RFC 7515, section 4.1.9).
bool same_type(std::string_view a, std::string_view b) {
    constexpr std::string_view prefix = "application/";
    const auto short_form = [&](std::string_view type) {
        const bool is_long = equal_folded(type.substr(0, prefix.size()), prefix);
        return is_long ? type.substr(prefix.size()) : type;
    };
    return equal_folded(short_form(a), short_form(b));
}

// Claims by name, each refusal without the value.
class Claims {
public:
    explicit Claims(const codec::JsonDocument& document) : document_{document} {}

    const codec::JsonValue* find(std::string_view name) const {
        return member_of(document_, 0, name);
    }

    // Whole seconds, as all issuers in use give them.
    Result<std::optional<Instant>> time(const char* name) const {
        const auto* value = find(name);
        if (value == nullptr) return std::optional<Instant>{};
        if (value->kind != Kind::integer || value->integer < 0 ||
            value->integer > instant_max.us / second_us)
            return invalid(name, claim_named(name) + " is not a time in whole seconds since 1970");
        return std::optional{Instant{value->integer * second_us}};
    }

    // An id: a text that can be stored as one.
    Result<std::string> id(const std::string& name, std::size_t length_max) const {
        const auto* value = find(name);
        if (value == nullptr) return invalid(name, claim_named(name) + " is missing");
        return id_of(name, *value, length_max);
    }

    // A text or a list of texts; empty if the claim is missing.
    Result<std::vector<std::string>> ids(const std::string& name, std::size_t count_max,
                                         std::size_t length_max) const {
        std::vector<std::string> found;
        const auto* value = find(name);
        if (value == nullptr) return found;
        if (value->kind != Kind::array) {
            TRY(found.emplace_back(), id_of(name, *value, length_max));
            return found;
        }
        if (value->size > count_max)
            return Error{
                Errc::limit_exceeded,
                claim_named(name) + " has more than " + std::to_string(count_max) + " values",
                name};
        const codec::JsonValue* const first = &document_[0];
        for (auto at = static_cast<codec::JsonIndex>(value - first) + 1; at < value->end;
             at = document_[at].end) {
            TRY(found.emplace_back(), id_of(name, document_[at], length_max));
        }
        return found;
    }

private:
    static Result<std::string> id_of(const std::string& name, const codec::JsonValue& value,
                                     std::size_t length_max) {
        if (!is_text(value) || value.text.empty() || has_control(value.text))
            return invalid(name, claim_named(name) + " is not a text without control characters");
        if (value.text.size() > length_max)
            return Error{
                Errc::limit_exceeded,
                claim_named(name) + " has more than " + std::to_string(length_max) + " bytes",
                name};
        return std::string(value.text);
    }

    const codec::JsonDocument& document_;
};

Result<void> check_names(const char* field, const std::vector<std::string>& names,
                         std::size_t length_max) {
    for (const std::string& name : names)
        if (name.empty() || name.size() > length_max || has_control(name))
            return invalid(field, quoted(name) + " is not a text of 1 to " +
                                      std::to_string(length_max) + " bytes");
    return success();
}

}  // namespace

bool AllowedTenants::allows(std::string_view tenant) const { return all || contains(ids, tenant); }

Result<JwtVerifier> JwtVerifier::make(JwtIssuer settings) {
    const JwtIssuer& s = settings;
    TRY(check_names("issuer", {s.issuer}, limits::issuer_length_max));
    if (s.audiences.empty())
        return invalid("audiences",
                       "no audience is given: whoever has a token of this issuer for "
                       "any service would be let in");
    TRY(check_names("audiences", s.audiences, limits::issuer_length_max));
    if (s.algorithms.empty())
        return invalid("algorithms", "no algorithm is given: RS256, ES256 or EdDSA is expected");
    TRY(check_names("principalClaim", {s.principal_claim}, limits::issuer_length_max));
    if (!s.tenants.empty() && !s.tenant_claim.empty())
        return invalid("tenantClaim", "give either 'tenants' or 'tenantClaim', not both");
    TRY(check_names("tenants", s.tenants, domain::limits::tenant_id_length_max));
    if (s.clock_skew < std::chrono::seconds{0} || s.clock_skew > limits::clock_skew_max)
        return invalid("clockSkew", std::to_string(s.clock_skew.count()) +
                                        " is not a number of seconds from 0 to " +
                                        std::to_string(limits::clock_skew_max.count()));
    return JwtVerifier{std::move(settings)};
}

Result<VerifiedToken> JwtVerifier::verify(std::string_view text, const KeySet& keys,
                                          Instant now) const {
    UnverifiedToken token{text};
    TRY(token.parse());
    return verify(token, keys, now);
}

Result<VerifiedToken> JwtVerifier::verify(const UnverifiedToken& token, const KeySet& keys,
                                          Instant now) const {
    TRY(check_header(token));
    const VerificationKey* key = keys.find(token.key_id(), token.algorithm());
    if (key == nullptr)
        return refused("kid", token.key_id()
                                  ? "the issuer has no key with the id that the token names"
                                  : "the token does not say by which of the issuer's keys it is "
                                    "signed");
    if (!key->verifies(token.signed_text(), token.signature()))
        return refused("signature", "the token's signature is not that of the issuer's key");
    return check_claims(token, now);
}

Result<void> JwtVerifier::check_header(const UnverifiedToken& token) const {
    if (token.issuer() != settings_.issuer)
        return refused("iss", "the token is not by the issuer that is expected");
    if (std::ranges::find(settings_.algorithms, token.algorithm()) == settings_.algorithms.end())
        return refused("alg", "the token's algorithm is not one that is accepted of its issuer");
    if (!settings_.required_type.empty() &&
        !(token.type() && same_type(*token.type(), settings_.required_type)))
        return refused("typ", "the token's type is not " + quoted(settings_.required_type));
    return success();
}

Result<VerifiedToken> JwtVerifier::check_claims(const UnverifiedToken& token, Instant now) const {
    const Claims claims{token.claims()};
    const std::int64_t skew_us = settings_.clock_skew.count() * second_us;

    TRY(const auto audiences,
        claims.ids("aud", limits::token_audiences_max, limits::issuer_length_max));
    if (std::ranges::none_of(audiences, [&](const std::string& audience) {
            return contains(settings_.audiences, audience);
        }))
        return refused("aud", "the token is not meant for this service");

    TRY(const auto expires, claims.time("exp"));
    if (!expires) return refused("exp", "the token does not say when it expires");
    if (now >= *expires + skew_us) return refused("exp", "the token has expired");
    TRY(const auto not_before, claims.time("nbf"));
    if (not_before && now + skew_us < *not_before)
        return refused("nbf", "the token is not valid yet");
    TRY(const auto issued, claims.time("iat"));
    if (issued && now + skew_us < *issued)
        return refused("iat", "the token was issued in the future");

    VerifiedToken verified;
    verified.issuer = settings_.issuer;
    verified.expires_at = *expires + skew_us;
    TRY(verified.principal, claims.id(settings_.principal_claim, domain::limits::id_length_max));
    if (claims.find("jti") != nullptr) {
        TRY(verified.id, claims.id("jti", domain::limits::id_length_max));
    }
    if (settings_.tenant_claim.empty()) {
        verified.tenants = {settings_.tenants.empty(), settings_.tenants};
        return verified;
    }
    TRY(verified.tenants.ids, claims.ids(settings_.tenant_claim, limits::token_tenants_max,
                                         domain::limits::tenant_id_length_max));
    if (verified.tenants.ids.empty())
        return refused(settings_.tenant_claim, "the token names no tenant");
    return verified;
}

}  // namespace tenure::server
