#include "server/identity.h"

#include <algorithm>

#include "base/text.h"
#include "domain/action.h"
#include "server/store_token.h"

namespace tenure::server {
namespace {

using Why = NotSignedIn::Why;

NotSignedIn refused(std::string detail) { return {Why::refused, std::move(detail)}; }

// Nothing if the principal can sign in.
std::optional<NotSignedIn> hindered(const std::optional<domain::PrincipalState>& holder) {
    if (!holder || holder->deleted)
        return NotSignedIn{Why::elsewhere, "the token's principal is not known to this tenant"};
    if (!holder->enabled) return refused("the token's principal is disabled");
    return std::nullopt;
}

bool is_pending(const domain::PrincipalState& holder) {
    return holder.principal.redemption == domain::Redemption::pending;
}

Directory directory_of(const domain::PrincipalState& holder, std::string_view setting) {
    if (holder.principal.user_type != domain::UserType::guest || setting == "member")
        return Directory::all;
    return setting == "own" ? Directory::own : Directory::named;
}

}  // namespace

SignIn Authenticator::sign_in(std::string_view authorization, std::string_view tenant,
                              node::Session& session, Instant now) const {
    if (authorization.empty()) {
        if (required_)
            return NotSignedIn{Why::missing, "a bearer token is needed: Authorization: Bearer ..."};
        Identity everybody;
        everybody.principal = domain::system_actor;
        everybody.is_operator = true;
        return everybody;
    }
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size() ||
        !equal_folded(authorization.substr(0, scheme.size()), scheme))
        return NotSignedIn{Why::malformed, "Authorization must be Bearer and one token"};
    std::string_view token = authorization.substr(scheme.size());
    while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
    if (tenant.empty())
        return NotSignedIn{Why::elsewhere, "a token belongs to a tenant; this request names none"};
    return is_store_token(token) ? by_store_token(token, tenant, session, now)
                                 : by_jwt(token, tenant, session, now);
}

SignIn Authenticator::by_store_token(std::string_view token, std::string_view tenant,
                                     node::Session& session, Instant now) const {
    if (const auto form = check_store_token(token); !form)
        return NotSignedIn{Why::refused, form.error().detail};
    const std::string hash = hash_of(token);
    const auto found = session.token(tenant, domain::token_id_of(hash));
    if (!found) return NotSignedIn{Why::unavailable, found.error().detail};
    const auto& known = found.value().token;
    if (!known || !has_hash(token, known->token.secret_hash))
        return refused("the token is not one of this tenant");
    if (known->revoked) return refused("the token was revoked");
    if (known->token.expires_at && *known->token.expires_at <= now)
        return refused("the token has expired");
    if (const auto why = hindered(found.value().holder)) return *why;
    Identity identity;
    identity.principal = known->token.principal;
    identity.token = known->token.id;
    identity.actions = known->token.actions;
    identity.pending = is_pending(*found.value().holder);
    identity.expires_at = known->token.expires_at;
    identity.directory = directory_of(*found.value().holder, found.value().guests_directory);
    return identity;
}

SignIn Authenticator::by_jwt(std::string_view token, std::string_view tenant,
                             node::Session& session, Instant now) const {
    auto verified = issuers_.verify(token, now);
    if (!verified) {
        const bool later = verified.error().code == Errc::unavailable;
        return NotSignedIn{later ? Why::unavailable : Why::refused, verified.error().detail};
    }
    VerifiedToken& claims = verified.value();
    if (!claims.tenants.allows(tenant))
        return NotSignedIn{Why::elsewhere, "the token is not good for this tenant"};
    const auto found = session.principal(tenant, claims.principal, {});
    if (!found) return NotSignedIn{Why::unavailable, found.error().detail};
    if (const auto why = hindered(found.value().principal)) return *why;
    Identity identity;
    identity.principal = std::move(claims.principal);
    identity.pending = is_pending(*found.value().principal);
    identity.expires_at = claims.expires_at;
    identity.directory = directory_of(*found.value().principal, found.value().guests_directory);
    return identity;
}

namespace {

bool token_lets(const Identity& identity, std::string_view action) {
    return identity.actions.empty() ||
           std::ranges::any_of(identity.actions, [&](const std::string& pattern) {
               return domain::matches_folded(folded(pattern), folded(action));
           });
}

domain::CheckQuestion question_of(const Identity& identity, std::string_view tenant,
                                  std::string_view action, std::string_view scope) {
    domain::CheckQuestion question;
    question.tenant = tenant;
    question.principal = identity.principal;
    question.action = action;
    question.scope = scope;
    return question;
}

}  // namespace

bool may(node::Session& session, const Identity& identity, std::string_view tenant,
         std::string_view action, std::string_view scope) {
    if (identity.is_operator) return true;
    if (!token_lets(identity, action)) return false;
    const auto answer = session.check(question_of(identity, tenant, action, scope));
    return answer && answer.value().allowed;
}

query::EverywhereAnswer may_everywhere(node::Session& session, const Identity& identity,
                                       std::string_view tenant, std::string_view action) {
    if (identity.is_operator) return {true, true};
    if (!token_lets(identity, action)) return {};
    const auto answer = session.check_everywhere(question_of(identity, tenant, action, "/"));
    return answer ? answer.value() : query::EverywhereAnswer{};
}

}  // namespace tenure::server
