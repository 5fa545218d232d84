#pragma once
// Identity: who is asking, as found by a bearer token (RFC 6750): one of the store's own, or a JWT
// of a configured issuer. Without authentication (loopback only) everybody is the operator.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "node/node.h"
#include "server/jwt_issuers.h"

namespace tenure::server {

// What of the directory somebody may see, whatever roles they hold (setting guests.directory).
enum class Directory : std::uint8_t { all, named, own };

struct Identity {
    std::string principal;             // what events name as their actor
    bool is_operator = false;          // of a store without authentication: may ask everything
    std::string token;                 // id of the store token; empty: another kind
    std::vector<std::string> actions;  // patterns that a store token is limited to; empty: none
    std::optional<Instant> expires_at;
    Directory directory{};
    bool pending = false;  // has not accepted its invitation: may do that and nothing else
    // The head at which it may ask for anybody's decision anywhere, whatever the clock says.
    std::optional<Revision> reads_all_decisions_at;
};

// Why nobody was found.
struct NotSignedIn {
    enum class Why { missing, malformed, refused, elsewhere, unavailable } why{};
    std::string detail;
};

using SignIn =
    boost::outcome_v2::basic_result<Identity, NotSignedIn, boost::outcome_v2::policy::terminate>;

class Authenticator {
public:
    // `required` false: no token, no name; one that is given must be good all the same.
    Authenticator(JwtIssuers issuers, bool required)
        : issuers_{std::move(issuers)}, required_{required} {}

    // Any thread, with its own session. `authorization` is the header's value. The principal must
    // be known to the tenant and active.
    SignIn sign_in(std::string_view authorization, std::string_view tenant, node::Session& session,
                   Instant now) const;

    const JwtIssuers& issuers() const { return issuers_; }

    bool required() const { return required_; }

private:
    SignIn by_store_token(std::string_view token, std::string_view tenant, node::Session& session,
                          Instant now) const;
    SignIn by_jwt(std::string_view token, std::string_view tenant, node::Session& session,
                  Instant now) const;

    JwtIssuers issuers_;
    bool required_;
};

// Whether it may do `action` (of the control plane) at `scope`, now.
bool may(node::Session& session, const Identity& identity, std::string_view tenant,
         std::string_view action, std::string_view scope);

// Whether it may at every scope of the tenant. False: ask for each.
query::EverywhereAnswer may_everywhere(node::Session& session, const Identity& identity,
                                       std::string_view tenant, std::string_view action);

// What reading needs where it is not about oneself.
namespace action {
inline constexpr std::string_view decisions_read = "Tenure.Access/decisions/read";
inline constexpr std::string_view assignments_read = "Microsoft.Authorization/roleAssignments/read";
inline constexpr std::string_view roles_read = "Microsoft.Authorization/roleDefinitions/read";
inline constexpr std::string_view principals_read = "Tenure.Directory/principals/read";
inline constexpr std::string_view tokens_read = "Tenure.Directory/tokens/read";
inline constexpr std::string_view events_read = "Tenure.Log/events/read";
}  // namespace action

}  // namespace tenure::server
