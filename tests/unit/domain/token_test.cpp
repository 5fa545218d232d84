#include "deciding.h"

namespace tenure::domain {
namespace {

const std::string hash(64, 'a');
const std::string id = "tok-aaaaaaaaaaaaaaaa";

class TokenCommands : public Deciding {
protected:
    TokenCommands() { user("u"); }

    static Token token() {
        Token result;
        result.id = id;
        result.principal = "u";
        result.name = "laptop";
        result.secret_hash = hash;
        return result;
    }
};

TEST_F(TokenCommands, IssueKeepsTheHashAndNamesTheTokenAfterIt) {
    Token issued = token();
    issued.actions = {"Tenure.Access/*"};
    issued.expires_at = now + 1;
    EXPECT_EQ(allow(IssueToken{issued}), (std::vector<EventBody>{TokenIssued{issued}}));
}

TEST_F(TokenCommands, IssueRefusesAnotherNameAndWhatIsNoHash) {
    Token other = token();
    other.id = "laptop";
    refused(IssueToken{other}, Errc::invalid_argument, "data.token", {"'laptop'", id});

    for (const std::string& text :
         {std::string{"x"}, std::string(64, 'A'), std::string(63, 'a'), std::string(64, 'g')}) {
        Token bad = token();
        bad.secret_hash = text;
        refused(IssueToken{bad}, Errc::invalid_argument, "data.secretHash", {"SHA-256"});
    }
}

TEST_F(TokenCommands, IssueNeedsSomebodyWhoCanSignIn) {
    Token stranger = token();
    stranger.principal = "x";
    refused(IssueToken{stranger}, Errc::not_found, "data.principal", {"'x'"});

    group("g");
    Token of_group = token();
    of_group.principal = "g";
    refused(IssueToken{of_group}, Errc::invalid_argument, "data.principal", {"'g'", "group"});

    Token late = token();
    late.expires_at = now;
    refused(IssueToken{late}, Errc::invalid_argument, "data.expiresAt", {"passed"});
}

TEST_F(TokenCommands, RevokeEndsATokenOnce) {
    allow(IssueToken{token()});
    refused(IssueToken{token()}, Errc::already_exists, "data.token", {id});
    EXPECT_EQ(allow(RevokeToken{id}), (std::vector<EventBody>{TokenRevoked{id}}));
    refused(RevokeToken{id}, Errc::conflict, "data.token", {"was revoked"});
    refused(RevokeToken{"x"}, Errc::not_found, "data.token", {"'x'"});
}

}  // namespace
}  // namespace tenure::domain
