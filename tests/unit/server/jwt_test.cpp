#include "server/jwt.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "server/base64url.h"
#include "server/jwt_issuers.h"
#include "unit/server/signing_key.h"

namespace tenure::server {
namespace {

using enum JwsAlgorithm;

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t now_s = 1'700'000'000;
constexpr Instant now{now_s * second};

const std::string issuer_name = "https://login.contoso.com/v2";

JwtIssuer contoso() {
    JwtIssuer settings;
    settings.issuer = issuer_name;
    settings.audiences = {"tenure", "https://tenure.contoso.com"};
    return settings;
}

JwtVerifier verifier(JwtIssuer settings = contoso()) {
    auto made = JwtVerifier::make(std::move(settings));
    EXPECT_TRUE(made) << made.error().detail;
    return made.value();
}

// The claims of a good token. A member of `changes` takes the place of the one of its name; ""
// takes it away.
std::string claims(std::vector<std::pair<std::string, std::string>> changes = {}) {
    std::vector<std::pair<std::string, std::string>> members{{"iss", '"' + issuer_name + '"'},
                                                             {"aud", R"("tenure")"},
                                                             {"sub", R"("alice")"},
                                                             {"exp", std::to_string(now_s + 600)},
                                                             {"nbf", std::to_string(now_s)},
                                                             {"iat", std::to_string(now_s)},
                                                             {"jti", R"("token-1")"}};
    for (auto& [name, value] : changes) {
        std::erase_if(members, [&](const auto& member) { return member.first == name; });
        if (!value.empty()) members.emplace_back(name, value);
    }
    std::string text;
    for (const auto& [name, value] : members)
        text += (text.empty() ? "{" : ",") + ('"' + name + "\":" + value);
    return text + '}';
}

const KeySet& keys() {
    static const KeySet set =
        key_set({key_of(rs256).jwk(), key_of(es256).jwk(), key_of(eddsa).jwk()});
    return set;
}

const SigningKey& signer() { return key_of(eddsa); }

Result<VerifiedToken> verify(const std::string& token, JwtIssuer settings = contoso()) {
    return verifier(std::move(settings)).verify(token, keys(), now);
}

// The rule that refused the token; "accepted" if none did. No refusal repeats what is in a token.
std::string rule(const Result<VerifiedToken>& result) {
    if (result) return "accepted";
    EXPECT_FALSE(result.error().detail.empty());
    for (const char* secret : {"alice", "token-1", "mallory", "eyJ", "contoso"})
        EXPECT_EQ(result.error().detail.find(secret), std::string::npos) << result.error().detail;
    return result.error().field;
}

std::string rule_of_claims(const std::string& json, JwtIssuer settings = contoso()) {
    return rule(verify(signer().token(json), std::move(settings)));
}

std::string rule_of_header(const std::string& json, JwtIssuer settings = contoso()) {
    return rule(verify(signer().token(json, claims()), std::move(settings)));
}

std::string setting_refused(JwtIssuer settings) {
    const auto made = JwtVerifier::make(std::move(settings));
    return made ? "accepted" : made.error().field;
}

std::string hmac_token(std::string_view header, std::string_view secret) {
    const std::string text = base64url_encode(header) + '.' + base64url_encode(claims());
    std::string code(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(code.data()), &size);
    return text + '.' + base64url_encode(code.substr(0, size));
}

TEST(JwtVerifier, AcceptsGoodTokensOfEveryAlgorithm) {
    for (const JwsAlgorithm algorithm : jws_algorithms) {
        const auto verified = verify(key_of(algorithm).token(claims()));
        ASSERT_TRUE(verified) << name_of(algorithm) << verified.error().detail;
        EXPECT_EQ(verified.value().issuer, issuer_name);
        EXPECT_EQ(verified.value().principal, "alice");
        EXPECT_EQ(verified.value().tenants, (AllowedTenants{.all = true}));
        EXPECT_EQ(verified.value().expires_at, now + 660 * second);
        EXPECT_EQ(verified.value().id, "token-1");
    }
}

TEST(JwtVerifier, AcceptsATokenWithTheLeastClaims) {
    const auto verified = verify(signer().token(claims({{"nbf", ""}, {"iat", ""}, {"jti", ""}})));
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ(verified.value().id, "");
}

// RFC 7515, A.3: well signed, by joe, for nobody in particular, long ago.
TEST(JwtVerifier, ChecksTheAudienceOfATokenThatHasNone) {
    const std::string token =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const KeySet set =
        key_set({R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                 R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"});
    JwtIssuer joe = contoso();
    joe.issuer = "joe";
    EXPECT_EQ(rule(verifier(joe).verify(token, set, Instant{1'300'000'000 * second})), "aud");
}

TEST(JwtVerifier, RefusesAlgNone) {
    const std::string body = base64url_encode(claims());
    for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
        const std::string header =
            base64url_encode(R"({"alg":")" + std::string(none) + R"(","kid":"ed-1"})");
        EXPECT_EQ(rule(verify(header + '.' + body + '.')), "signature");
        EXPECT_EQ(rule(verify(header + '.' + body + ".AAAA")), "alg");
        EXPECT_EQ(rule(verify(header + '.' + body)), "token");
    }
}

TEST(JwtVerifier, RefusesAnHmacByThePublicKey) {
    const SigningKey& rsa = key_of(rs256);
    for (const char* algorithm : {"HS256", "hs256", "HS512"})
        EXPECT_EQ(rule(verify(hmac_token(
                      R"({"alg":")" + std::string(algorithm) + R"(","kid":"rsa-1"})", rsa.pem()))),
                  "alg");
    // The same code, called a signature.
    EXPECT_EQ(rule(verify(hmac_token(rsa.header(), rsa.pem()))), "signature");
}

TEST(JwtVerifier, RefusesAlgorithmsThatItsIssuerDoesNotUse) {
    JwtIssuer settings = contoso();
    settings.algorithms = {es256, eddsa};
    EXPECT_EQ(rule(verify(key_of(rs256).token(claims()), settings)), "alg");
    EXPECT_EQ(rule(verify(key_of(es256).token(claims()), settings)), "accepted");
}

TEST(JwtVerifier, TakesNoKeyForAnotherAlgorithm) {
    // Signed by the Ed25519 key, said to be by the others.
    EXPECT_EQ(rule_of_header(R"({"alg":"ES256","kid":"ed-1"})"), "kid");
    EXPECT_EQ(rule_of_header(R"({"alg":"ES256","kid":"ec-1"})"), "signature");
    EXPECT_EQ(rule_of_header(R"({"alg":"RS256","kid":"rsa-1"})"), "signature");
    for (const char* other : {"RS384", "RS512", "PS256", "ES384", "ES256K", "Ed448", "eddsa"})
        EXPECT_EQ(rule_of_header(R"({"alg":")" + std::string(other) + R"(","kid":"ed-1"})"), "alg");
}

TEST(JwtVerifier, RefusesAHeaderThatIsNotWellFormed) {
    EXPECT_EQ(rule_of_header(R"({"kid":"ed-1"})"), "alg");
    EXPECT_EQ(rule_of_header(R"({"alg":["EdDSA"],"kid":"ed-1"})"), "alg");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":7})"), "kid");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":""})"), "kid");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":")" + std::string(257, 'k') + R"("})"), "kid");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":"ed-1","typ":1})"), "typ");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":"ed-1"})"), "accepted");
    for (const char* wrong : {"[]", "{", "x", "null",
                              R"({"alg":"EdDSA","kid":"ed-1"} )"
                              "\x01"})
        EXPECT_EQ(rule_of_header(wrong), "header") << wrong;
}

TEST(JwtVerifier, RefusesExtensionsThatMustBeUnderstood) {
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":"ed-1","crit":["b64"],"b64":false})"), "crit");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":"ed-1","crit":[]})"), "crit");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":"ed-1","crit":null})"), "crit");
}

TEST(JwtVerifier, TakesNoKeyFromTheTokenItself) {
    const SigningKey mallory{eddsa, "mallory"};
    const std::string header = R"({"alg":"EdDSA","jwk":)" + mallory.jwk() +
                               R"(,"jku":"https://mallory.com/keys","kid":"ed-1"})";
    EXPECT_EQ(rule(verify(mallory.token(header, claims()))), "signature");
}

TEST(JwtVerifier, RefusesDuplicateMembers) {
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":"ed-1","alg":"EdDSA"})"), "header");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA","kid":"ed-1","\u0061lg":"EdDSA"})"), "header");
    std::string twice = claims();
    twice.insert(1, R"("sub":"mallory",)");
    EXPECT_EQ(rule_of_claims(twice), "claims");
    EXPECT_EQ(rule_of_claims(claims({{"deep", R"({"alice":1,"alice":2})"}})), "claims");
}

TEST(JwtVerifier, RefusesClaimsThatAreNoObject) {
    for (const char* wrong : {"[]", "\"alice\"", "1", "{", "{}{}", "{\"a\":\"\xFF\"}"})
        EXPECT_EQ(rule_of_claims(wrong), "claims") << wrong;
    EXPECT_EQ(rule_of_claims("{}"), "iss");
}

TEST(JwtVerifier, RefusesAnotherIssuer) {
    for (const char* other :
         {"", R"("https://login.contoso.com/v2/")", R"("mallory")", R"("")",
          R"("https://LOGIN.contoso.com/v2")", R"(["https://login.contoso.com/v2"])", "null"})
        EXPECT_EQ(rule_of_claims(claims({{"iss", other}})), "iss") << other;
}

TEST(JwtVerifier, RefusesAnotherAudience) {
    for (const char* other :
         {"", R"("other")", R"("Tenure")", R"("tenure ")", R"([])", R"(["other"])",
          R"([["tenure"]])", R"(["other",7,"tenure"])", "null", "{}", R"("")"})
        EXPECT_EQ(rule_of_claims(claims({{"aud", other}})), "aud") << other;
}

TEST(JwtVerifier, AcceptsOneAudienceOfSeveral) {
    EXPECT_EQ(rule_of_claims(claims({{"aud", R"(["other","tenure"])"}})), "accepted");
    EXPECT_EQ(rule_of_claims(claims({{"aud", R"("https://tenure.contoso.com")"}})), "accepted");
    std::string many = R"("tenure")";
    for (std::size_t i = 0; i < limits::token_audiences_max; ++i) many += R"(,"other")";
    EXPECT_EQ(rule_of_claims(claims({{"aud", '[' + many + ']'}})), "aud");
}

TEST(JwtVerifier, ChecksExpiryWithinTheClockSkew) {
    const auto expiring = [](std::int64_t after_s) {
        return rule_of_claims(claims({{"exp", std::to_string(now_s + after_s)}}));
    };
    EXPECT_EQ(expiring(1), "accepted");
    EXPECT_EQ(expiring(0), "accepted");
    EXPECT_EQ(expiring(-59), "accepted");
    EXPECT_EQ(expiring(-60), "exp");
    EXPECT_EQ(expiring(-3600), "exp");

    JwtIssuer exact = contoso();
    exact.clock_skew = std::chrono::seconds{0};
    EXPECT_EQ(rule_of_claims(claims({{"exp", std::to_string(now_s)}}), exact), "exp");
    EXPECT_EQ(rule_of_claims(claims({{"exp", std::to_string(now_s + 1)}}), exact), "accepted");
}

TEST(JwtVerifier, ExpiresWhenItSays) {
    const std::string token = signer().token(claims());
    const JwtVerifier rules = verifier();
    const Instant expires_at = rules.verify(token, keys(), now).value().expires_at;
    EXPECT_EQ(rule(rules.verify(token, keys(), expires_at + -1)), "accepted");
    EXPECT_EQ(rule(rules.verify(token, keys(), expires_at)), "exp");
}

TEST(JwtVerifier, RequiresAnExpiryInWholeSeconds) {
    for (const char* wrong : {"", "null", R"("1800000000")", "1800000000.5", "1e30", "-1",
                              "99999999999999", "18446744073709551615", "[1800000000]"})
        EXPECT_EQ(rule_of_claims(claims({{"exp", wrong}})), "exp") << wrong;
    EXPECT_EQ(rule_of_claims(claims({{"exp", "253402300799"}})), "accepted");
}

TEST(JwtVerifier, RefusesTokensFromTheFuture) {
    for (const char* name : {"nbf", "iat"}) {
        const auto since = [&](std::int64_t after_s) {
            return rule_of_claims(claims({{name, std::to_string(now_s + after_s)}}));
        };
        EXPECT_EQ(since(-3600), "accepted");
        EXPECT_EQ(since(60), "accepted");
        EXPECT_EQ(since(61), name);
        EXPECT_EQ(rule_of_claims(claims({{name, R"("now")"}})), name);
    }
}

TEST(JwtVerifier, TakesThePrincipalFromTheClaimThatIsSet) {
    JwtIssuer settings = contoso();
    settings.principal_claim = "oid";
    EXPECT_EQ(rule_of_claims(claims(), settings), "oid");
    const auto verified = verify(signer().token(claims({{"oid", R"("o-1")"}})), settings);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified.value().principal, "o-1");
}

TEST(JwtVerifier, RefusesAPrincipalThatIsNoId) {
    for (const std::string& wrong :
         {std::string(), std::string("7"), std::string("null"), std::string(R"("")"),
          std::string(R"(["alice"])"), std::string(R"("alice\u0000")"), std::string(R"("a\nb")"),
          '"' + std::string(257, 'a') + '"'})
        EXPECT_EQ(rule_of_claims(claims({{"sub", wrong}})), "sub") << wrong;
    EXPECT_EQ(rule_of_claims(claims({{"sub", '"' + std::string(256, 'a') + '"'}})), "accepted");
    EXPECT_EQ(rule_of_claims(claims({{"jti", "7"}})), "jti");
    EXPECT_EQ(rule_of_claims(claims({{"jti", '"' + std::string(257, 'a') + '"'}})), "jti");
}

TEST(JwtVerifier, AllowsTheTenantsOfItsIssuer) {
    JwtIssuer settings = contoso();
    settings.tenants = {"contoso", "fabrikam"};
    const auto verified = verify(signer().token(claims({{"tid", R"("other")"}})), settings);
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified.value().tenants.allows("fabrikam"));
    EXPECT_FALSE(verified.value().tenants.allows("other"));
    EXPECT_FALSE(verified.value().tenants.allows("Contoso"));
    EXPECT_FALSE(verified.value().tenants.allows(""));
}

TEST(JwtVerifier, AllowsTheTenantsThatTheTokenNames) {
    JwtIssuer settings = contoso();
    settings.tenant_claim = "tid";
    const auto one = verify(signer().token(claims({{"tid", R"("contoso")"}})), settings);
    ASSERT_TRUE(one);
    EXPECT_TRUE(one.value().tenants.allows("contoso"));
    EXPECT_FALSE(one.value().tenants.allows("fabrikam"));
    const auto two =
        verify(signer().token(claims({{"tid", R"(["contoso","fabrikam"])"}})), settings);
    ASSERT_TRUE(two);
    EXPECT_TRUE(two.value().tenants.allows("fabrikam"));
    // None named is none allowed, never all.
    for (const char* none : {"", "[]", "null", R"("")", R"([""])", "{}", "[7]"})
        EXPECT_EQ(rule_of_claims(claims({{"tid", none}}), settings), "tid") << none;
}

TEST(JwtVerifier, RequiresATypeIfOneIsSet) {
    JwtIssuer settings = contoso();
    settings.required_type = "at+jwt";
    const auto typed = [&](const std::string& type) {
        return rule_of_header(R"({"alg":"EdDSA","kid":"ed-1")" + type + '}', settings);
    };
    EXPECT_EQ(typed(""), "typ");
    EXPECT_EQ(typed(R"(,"typ":"JWT")"), "typ");
    EXPECT_EQ(typed(R"(,"typ":"at+jwt")"), "accepted");
    EXPECT_EQ(typed(R"(,"typ":"application/AT+JWT")"), "accepted");
    EXPECT_EQ(typed(R"(,"typ":"application/")"), "typ");
}

TEST(JwtVerifier, RefusesUnknownKeys) {
    const SigningKey stranger{eddsa, "stranger"};
    EXPECT_EQ(rule(verify(stranger.token(claims()))), "kid");
    // The only Ed25519 key of the set is meant, and it did not sign this.
    EXPECT_EQ(rule(verify(stranger.token(R"({"alg":"EdDSA"})", claims()))), "signature");
    EXPECT_EQ(rule_of_header(R"({"alg":"EdDSA"})"), "accepted");
    const SigningKey another{eddsa, "ed-2"};
    EXPECT_EQ(rule(verifier().verify(signer().token(R"({"alg":"EdDSA"})", claims()),
                                     key_set({signer().jwk(), another.jwk()}), now)),
              "kid");
}

TEST(JwtVerifier, RefusesTokensThatAreTooLong) {
    const std::string long_claims =
        claims({{"more", '"' + std::string(limits::token_length_max, 'x') + '"'}});
    const auto refused = verify(signer().token(long_claims));
    EXPECT_EQ(rule(refused), "token");
    EXPECT_EQ(refused.error().code, Errc::limit_exceeded);
    EXPECT_EQ(rule(verify(std::string(10'000'000, 'A'))), "token");
    EXPECT_EQ(rule(verify(std::string(limits::token_length_max, '.'))), "token");
    EXPECT_EQ(rule_of_claims(claims({{"deep", std::string(40, '[') + std::string(40, ']')}})),
              "claims");
}

TEST(JwtVerifier, RefusesWhatIsNoToken) {
    const std::string token = signer().token(claims());
    for (const std::string& wrong : {std::string(), std::string("."), std::string(".."),
                                     std::string("..."), token + ".", '.' + token, token + ".AAAA"})
        EXPECT_NE(rule(verify(wrong)), "accepted") << wrong;
}

TEST(JwtVerifier, ReadsBase64urlInOneSpellingOnly) {
    const std::string token = signer().token(claims());
    for (const std::string& wrong :
         {token + "=", token + "==", token + "\n", " " + token, token + "A", token + '\0'})
        EXPECT_NE(rule(verify(wrong)), "accepted");
    // 64 bytes leave four bits over in the last letter: of its sixteen spellings one is right.
    int accepted = 0;
    for (int letter = 0; letter < 256; ++letter) {
        std::string other = token;
        other.back() = static_cast<char>(letter);
        accepted += rule(verify(other)) == "accepted" ? 1 : 0;
    }
    EXPECT_EQ(accepted, 1);
    const std::string standard = "+/";
    for (const char letter : standard) {
        std::string other = token;
        other[other.size() - 5] = letter;
        EXPECT_EQ(rule(verify(other)), "signature");
    }
}

TEST(JwtVerifier, RefusesSignaturesCutOrInAsn1) {
    for (const JwsAlgorithm algorithm : jws_algorithms) {
        const std::string token = key_of(algorithm).token(claims());
        const std::size_t start = token.rfind('.') + 1;
        const std::string signature = base64url_decode(token.substr(start)).value();
        for (std::size_t size = 0; size < signature.size(); size += 7)
            EXPECT_EQ(
                rule(verify(token.substr(0, start) + base64url_encode(signature.substr(0, size)))),
                "signature");
    }
    const SigningKey& ec = key_of(es256);
    const std::string text = base64url_encode(ec.header()) + '.' + base64url_encode(claims());
    EXPECT_EQ(rule(verify(text + '.' + base64url_encode(ec.sign_der(text)))), "signature");
}

TEST(JwtVerifier, AcceptsNoTokenWithAnyByteChanged) {
    const JwtVerifier rules = verifier();
    for (const JwsAlgorithm algorithm : jws_algorithms) {
        const std::string token = key_of(algorithm).token(claims());
        ASSERT_EQ(rule(rules.verify(token, keys(), now)), "accepted");
        for (std::size_t at = 0; at < token.size(); ++at)
            for (const int flip : {0x01, 0x02, 0x04, 0x20, 0x80, 0xFF}) {
                std::string wrong = token;
                wrong[at] = static_cast<char>(wrong[at] ^ flip);
                ASSERT_FALSE(rules.verify(wrong, keys(), now)) << at << ' ' << flip;
            }
    }
}

TEST(JwtVerifier, AcceptsNoTokenCutShortOrSplicedFromTwo) {
    const JwtVerifier rules = verifier();
    const std::string token = signer().token(claims());
    for (std::size_t size = 0; size < token.size(); ++size)
        ASSERT_FALSE(rules.verify(token.substr(0, size), keys(), now)) << size;
    const std::string other = signer().token(claims({{"sub", R"("mallory")"}}));
    EXPECT_EQ(rule(rules.verify(other.substr(0, other.rfind('.')) + token.substr(token.rfind('.')),
                                keys(), now)),
              "signature");
}

TEST(JwtVerifier, RefusesSettingsThatCheckTooLittle) {
    JwtIssuer settings = contoso();
    EXPECT_EQ(setting_refused(settings), "accepted");
    EXPECT_EQ(setting_refused({}), "issuer");
    const auto changed = [](auto&& change) {
        JwtIssuer issuer = contoso();
        change(issuer);
        return setting_refused(issuer);
    };
    using std::chrono::seconds;
    EXPECT_EQ(changed([](JwtIssuer& s) { s.issuer = ""; }), "issuer");
    EXPECT_EQ(changed([](JwtIssuer& s) { s.audiences = {}; }), "audiences");
    EXPECT_EQ(changed([](JwtIssuer& s) { s.audiences = {"tenure", ""}; }), "audiences");
    EXPECT_EQ(changed([](JwtIssuer& s) { s.algorithms = {}; }), "algorithms");
    EXPECT_EQ(changed([](JwtIssuer& s) { s.principal_claim = ""; }), "principalClaim");
    EXPECT_EQ(changed([](JwtIssuer& s) { s.tenants = {""}; }), "tenants");
    EXPECT_EQ(changed([](JwtIssuer& s) { s.clock_skew = seconds{61}; }), "clockSkew");
    EXPECT_EQ(changed([](JwtIssuer& s) { s.clock_skew = seconds{-1}; }), "clockSkew");
    EXPECT_EQ(changed([](JwtIssuer& s) {
                  s.tenants = {"contoso"};
                  s.tenant_claim = "tid";
              }),
              "tenantClaim");
}

class JwtIssuersTest : public ::testing::Test {
protected:
    JwtIssuersTest() {
        JwtIssuer other = contoso();
        other.issuer = "fabrikam";
        auto made = JwtIssuers::make({contoso(), other});
        EXPECT_TRUE(made);
        issuers_.emplace(std::move(made.value()));
    }

    void fetch(std::size_t at, std::initializer_list<std::string> jwks, Instant when = now) {
        ASSERT_TRUE(issuers_->keys(at).wants_fetch(when));
        issuers_->keys(at).fetched(KeySet::parse(key_set_json(jwks)), when);
    }

    static std::string token_of(const SigningKey& key, const std::string& issuer) {
        return key.token(claims({{"iss", '"' + issuer + '"'}}));
    }

    std::optional<JwtIssuers> issuers_;
    // Both call their key the same.
    const SigningKey ours_{eddsa, "k1"};
    const SigningKey theirs_{eddsa, "k1"};
};

TEST_F(JwtIssuersTest, VerifiesByTheKeysOfTheIssuerThatIsNamed) {
    fetch(0, {ours_.jwk()});
    fetch(1, {theirs_.jwk()});
    EXPECT_EQ(rule(issuers_->verify(token_of(ours_, issuer_name), now)), "accepted");
    EXPECT_EQ(issuers_->verify(token_of(theirs_, "fabrikam"), now).value().issuer, "fabrikam");
    EXPECT_EQ(rule(issuers_->verify(token_of(theirs_, issuer_name), now)), "signature");
    EXPECT_EQ(rule(issuers_->verify(token_of(ours_, "fabrikam"), now)), "signature");
    EXPECT_EQ(rule(issuers_->verify(token_of(ours_, "mallory"), now)), "iss");
    EXPECT_EQ(rule(issuers_->verify("not a token", now)), "token");
}

TEST_F(JwtIssuersTest, AreUnavailableUntilTheirKeysAreFetched) {
    const auto refused = issuers_->verify(token_of(ours_, issuer_name), now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
}

TEST_F(JwtIssuersTest, WantTheKeysOfTheIssuerWhoseKeyIsUnknown) {
    fetch(0, {ours_.jwk()});
    fetch(1, {theirs_.jwk()});
    const Instant later = now + 60 * second;
    const SigningKey fresh{eddsa, "k2"};
    EXPECT_FALSE(issuers_->keys(0).wants_fetch(later));

    EXPECT_EQ(rule(issuers_->verify(token_of(fresh, issuer_name), later)), "kid");

    EXPECT_FALSE(issuers_->keys(1).wants_fetch(later));
    fetch(0, {ours_.jwk(), fresh.jwk()}, later);
    EXPECT_EQ(rule(issuers_->verify(token_of(fresh, issuer_name), later)), "accepted");
}

TEST_F(JwtIssuersTest, WantNoKeysBecauseOfTokensThatAreRefusedAnyway) {
    fetch(0, {ours_.jwk()});
    fetch(1, {theirs_.jwk()});
    const SigningKey fresh{eddsa, "k2"};
    EXPECT_EQ(rule(issuers_->verify(token_of(fresh, "mallory"), now)), "iss");
    std::string wrong_type = ours_.token(R"({"alg":"HS256","kid":"k2"})", claims());
    EXPECT_EQ(rule(issuers_->verify(wrong_type, now)), "alg");
    EXPECT_FALSE(issuers_->keys(0).wants_fetch(now + 60 * second));
    EXPECT_FALSE(issuers_->keys(1).wants_fetch(now + 60 * second));
}

TEST_F(JwtIssuersTest, AreNamedOnce) {
    const auto made = JwtIssuers::make({contoso(), contoso()});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().field, "issuer");
    EXPECT_FALSE(JwtIssuers::make({contoso(), {}}));
}

}  // namespace
}  // namespace tenure::server
