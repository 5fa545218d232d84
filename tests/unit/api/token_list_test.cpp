#include "api/token_list.h"

#include <gtest/gtest.h>

namespace tenure::api {
namespace {

const Paint plain{false};

constexpr Instant noon{1'748'779'200'000'000};  // 2025-06-01T12:00:00Z

query::TokensAnswer some_tokens() {
    query::TokensAnswer answer;
    answer.basis = {Revision{9}, noon};
    domain::Token token;
    token.id = "tok-1";
    token.principal = "ana";
    token.name = "builds";
    token.actions = {"Tenure.Access/*", "*/read"};
    answer.tokens.push_back({{token, false}, Revision{5}});
    token = {};
    token.id = "tok-2";
    token.principal = "bo";
    token.expires_at = noon;
    answer.tokens.push_back({{token, false}, Revision{6}});
    token.id = "tok-3";
    answer.tokens.push_back({{token, true}, Revision{7}});
    return answer;
}

TEST(TokenList, SaysWhenEachWasUsedLastAndWhoKnowsIt) {
    const TokenList list{some_tokens(), {noon, std::nullopt, std::nullopt}, Instant{0}};
    EXPECT_EQ(
        to_text(list, plain),
        "TOKEN  PRINCIPAL  NAME    ONLY FOR                 STATE                         LAST "
        "USED\n"
        "tok-1  ana        builds  Tenure.Access/*, */read  good                          "
        "2025-06-01T12:00:00Z\n"
        "tok-2  bo                                          expired 2025-06-01T12:00:00Z\n"
        "tok-3  bo                                          revoked\n"
        "3 tokens as of 2025-06-01T12:00:00Z, revision 9\n"
        "last used: at this server, since it started at 1970-01-01T00:00:00Z\n");
    EXPECT_EQ(
        to_json(list),
        R"({"tokens":[{"token":"tok-1","principal":"ana","name":"builds","actions":["Tenure.Access/*","*/read"],"revoked":false,"since":5,"lastUsed":"2025-06-01T12:00:00Z"},)"
        R"({"token":"tok-2","principal":"bo","expiresAt":"2025-06-01T12:00:00Z","revoked":false,"since":6},)"
        R"({"token":"tok-3","principal":"bo","expiresAt":"2025-06-01T12:00:00Z","revoked":true,"since":7}],)"
        R"("usesSince":"1970-01-01T00:00:00Z","revision":9,"at":"2025-06-01T12:00:00Z","final":true})");
}

TEST(TokenList, OfAStoreSaysThatAServerKnowsTheLastUse) {
    const TokenList list{some_tokens()};
    EXPECT_NE(to_text(list, plain).find("last used: a running server knows it"), std::string::npos);
    EXPECT_EQ(to_json(list).find("lastUsed"), std::string::npos);
    EXPECT_EQ(to_json(list).find("usesSince"), std::string::npos);
}

}  // namespace
}  // namespace tenure::api
