#include "base/text.h"
#include "domain/decide_live.h"

namespace tenure::domain {

namespace {

bool is_sha256(std::string_view hash) {
    constexpr std::size_t digits = 64;
    return hash.size() == digits &&
           hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Decision LiveCommands::operator()(const IssueToken& command) const {
    const Token& token = command.token;
    if (!is_sha256(token.secret_hash))
        return invalid("data.secretHash",
                       "secretHash is the SHA-256 of the token as 64 lower-case "
                       "hexadecimal digits; the token itself is never sent");
    if (const std::string id = token_id_of(token.secret_hash); token.id != id)
        return invalid("data.token", "token " + quoted(token.id) + " must be called " + quoted(id) +
                                         ", after its hash, so that it is found");
    TRY(rules_.token_unused(token.id, "data.token"));
    TRY(const auto holder, rules_.live_principal(token.principal, "data.principal"));
    if (holder.principal.kind == PrincipalKind::group)
        return invalid("data.principal", "principal " + quoted(token.principal) +
                                             " is a group; a token stands for one of its members");
    if (token.expires_at && *token.expires_at <= now_)
        return invalid("data.expiresAt",
                       "expiresAt " + format_instant(*token.expires_at) + " has passed already");
    return only(TokenIssued{token});
}

Decision LiveCommands::operator()(const RevokeToken& command) const {
    TRY(rules_.token_in_force(command.token, "data.token"));
    return only(TokenRevoked{command.token});
}

}  // namespace tenure::domain
