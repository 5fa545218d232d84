#include "server/jwks.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <atomic>
#include <thread>

#include "server/base64url.h"
#include "server/key_cache.h"
#include "unit/server/signing_key.h"

namespace tenure::server {
namespace {

using enum JwsAlgorithm;

constexpr Instant start{1'700'000'000'000'000};
constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;

// RFC 7515, A.2.1, A.3.1 and RFC 8037, A.2: the public halves.
const std::string rfc_rsa_n =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4"
    "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re"
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX"
    "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const std::string rfc_rsa = R"({"kty":"RSA","n":")" + rfc_rsa_n + R"(","e":"AQAB"})";
const std::string rfc_ec_x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const std::string rfc_ec_y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const std::string rfc_ec =
    R"({"kty":"EC","crv":"P-256","x":")" + rfc_ec_x + R"(","y":")" + rfc_ec_y + R"("})";
const std::string rfc_ed =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

const std::string rfc_claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";

bool verifies(const KeySet& keys, JwsAlgorithm algorithm, const std::string& text,
              const std::string& signature) {
    const VerificationKey* key = keys.find(std::nullopt, algorithm);
    return key != nullptr && key->verifies(text, base64url_decode(signature).value());
}

// How many usable keys a set of these has; 0 if it is refused.
std::size_t usable(std::initializer_list<std::string> keys) {
    const auto set = KeySet::parse(key_set_json(keys));
    if (!set) return 0;
    EXPECT_EQ(set.value().size() + set.value().skipped(), keys.size());
    return set.value().size();
}

Error refusal(std::string_view json) {
    auto set = KeySet::parse(json);
    EXPECT_FALSE(set) << json;
    return set ? Error{} : set.error();
}

TEST(Base64url, ReadsWhatItWrites) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
        bytes += static_cast<char>(i * 7 + 1);
    }
    // RFC 4648, section 10, without the padding.
    EXPECT_EQ(base64url_encode("fooba"), "Zm9vYmE");
    EXPECT_EQ(base64url_encode("\xFB\xFF"), "-_8");
}

TEST(Base64url, HasOneSpelling) {
    for (const char* wrong :
         {"Zg==", "Zg=", "Zh", "Zm9=", "Zm9vY", "A", "Zm 9", "Zm9v\n", "+_8", "-/8", "Zm9",
          "\xC3\x84"
          "AA"})
        EXPECT_FALSE(base64url_decode(wrong)) << wrong;
    EXPECT_EQ(base64url_decode(""), "");
    EXPECT_EQ(base64url_decode("Zg"), "f");
    // Of all bytes exactly 64 are digits.
    int digits = 0;
    for (int c = 0; c < 256; ++c)
        digits += base64url_decode(std::string("AAA") + static_cast<char>(c)).has_value() ? 1 : 0;
    EXPECT_EQ(digits, 64);
}

TEST(VerificationKey, VerifiesTheExampleOfRfc7515A2) {
    const KeySet keys = key_set({rfc_rsa});
    const std::string text = "eyJhbGciOiJSUzI1NiJ9." + rfc_claims;
    const std::string signature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W"
        "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS"
        "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv"
        "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    EXPECT_TRUE(verifies(keys, rs256, text, signature));
    EXPECT_FALSE(verifies(keys, rs256, text + "A", signature));
}

TEST(VerificationKey, VerifiesTheExampleOfRfc7515A3) {
    const KeySet keys = key_set({rfc_ec});
    const std::string text = "eyJhbGciOiJFUzI1NiJ9." + rfc_claims;
    const std::string signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    EXPECT_TRUE(verifies(keys, es256, text, signature));
    EXPECT_FALSE(verifies(keys, es256, text + "A", signature));
}

TEST(VerificationKey, VerifiesTheExampleOfRfc8037A4) {
    const KeySet keys = key_set({rfc_ed});
    const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const std::string signature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    EXPECT_TRUE(verifies(keys, eddsa, text, signature));
    EXPECT_FALSE(verifies(keys, eddsa, text + "A", signature));
}

TEST(VerificationKey, RefusesSignaturesOfAnotherSize) {
    for (const JwsAlgorithm algorithm : jws_algorithms) {
        const SigningKey& signer = key_of(algorithm);
        const KeySet keys = key_set({signer.jwk()});
        const VerificationKey& key = *keys.find(signer.id(), algorithm);
        const std::string signature = signer.sign("text");
        ASSERT_TRUE(key.verifies("text", signature));
        EXPECT_FALSE(key.verifies("text", ""));
        EXPECT_FALSE(key.verifies("text", signature + '\0'));
        EXPECT_FALSE(key.verifies("text", '\0' + signature));
        for (const std::size_t size : {std::size_t{1}, std::size_t{32}, signature.size() - 1})
            EXPECT_FALSE(key.verifies("text", std::string_view{signature}.substr(0, size)));
    }
}

TEST(VerificationKey, TakesNoEcdsaSignatureOfZerosNorInAsn1) {
    const SigningKey& signer = key_of(es256);
    const KeySet keys = key_set({signer.jwk()});
    const VerificationKey& key = *keys.find(signer.id(), es256);
    EXPECT_FALSE(key.verifies("text", std::string(64, '\0')));
    EXPECT_FALSE(key.verifies("text", std::string(64, '\xFF')));
    for (int i = 0; i < 8; ++i) EXPECT_FALSE(key.verifies("text", signer.sign_der("text")));
}

TEST(VerificationKey, LeavesNoErrorsInTheThreadsQueue) {
    const KeySet keys = key_set({rfc_rsa, rfc_ec, rfc_ed});
    for (const JwsAlgorithm algorithm : jws_algorithms)
        for (const std::size_t size : {64U, 256U})
            EXPECT_FALSE(
                keys.find(std::nullopt, algorithm)->verifies("text", std::string(size, '\x7F')));
    EXPECT_EQ(usable({rfc_rsa, R"({"kty":"EC","crv":"P-256","x":")" + rfc_ec_x + R"(","y":")" +
                                   rfc_ec_x + R"("})"}),
              1U);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(KeySet, FindsByIdAndAlgorithm) {
    const KeySet keys = key_set({key_of(rs256).jwk(), key_of(es256).jwk(), key_of(eddsa).jwk()});
    EXPECT_EQ(keys.size(), 3U);
    for (const JwsAlgorithm algorithm : jws_algorithms) {
        ASSERT_NE(keys.find(key_of(algorithm).id(), algorithm), nullptr);
        EXPECT_EQ(keys.find(key_of(algorithm).id(), algorithm)->algorithm(), algorithm);
        EXPECT_NE(keys.find(std::nullopt, algorithm), nullptr);
        EXPECT_EQ(keys.find("other", algorithm), nullptr);
        EXPECT_EQ(keys.find("", algorithm), nullptr);
    }
    EXPECT_EQ(keys.find("rsa-1", es256), nullptr);
    EXPECT_EQ(keys.find("RSA-1", rs256), nullptr);
}

TEST(KeySet, TellsKeysOfOneIdApartByTheirAlgorithm) {
    const SigningKey ec{es256, "same"};
    const SigningKey ed{eddsa, "same"};
    const KeySet keys = key_set({ec.jwk(), ed.jwk()});
    EXPECT_TRUE(keys.find("same", es256)->verifies("text", ec.sign("text")));
    EXPECT_TRUE(keys.find("same", eddsa)->verifies("text", ed.sign("text")));
}

TEST(KeySet, RefusesTwoKeysOfOneIdAndAlgorithm) {
    const SigningKey one{eddsa, "same"};
    const SigningKey other{eddsa, "same"};
    EXPECT_EQ(refusal(key_set_json({one.jwk(), other.jwk()})).field, "keys");
    // One key told twice is one key.
    EXPECT_EQ(key_set({one.jwk(), one.jwk(R"(,"use":"sig")")}).size(), 1U);
}

TEST(KeySet, FindsNothingWithoutAnIdAmongSeveral) {
    const SigningKey one{eddsa, ""};
    const SigningKey other{eddsa, "k2"};
    EXPECT_EQ(key_set({one.jwk(), other.jwk()}).find(std::nullopt, eddsa), nullptr);
    EXPECT_EQ(key_set({one.jwk()}).find("k1", eddsa), nullptr);
    EXPECT_NE(key_set({one.jwk()}).find(std::nullopt, eddsa), nullptr);
}

TEST(KeySet, HonoursWhatAKeyIsFor) {
    const SigningKey& ed = key_of(eddsa);
    for (const char* good :
         {R"(,"use":"sig")", R"(,"key_ops":["verify"])", R"(,"key_ops":["sign","verify"])",
          R"(,"alg":"EdDSA")", R"(,"alg":"Ed25519")", R"(,"x5t":"AAAA","unknown":{"a":[1]})"})
        EXPECT_EQ(usable({ed.jwk(good)}), 1U) << good;
    for (const char* bad :
         {R"(,"use":"enc")", R"(,"use":1)", R"(,"key_ops":["sign"])", R"(,"key_ops":[])",
          R"(,"key_ops":"verify")", R"(,"alg":"ES256")", R"(,"alg":"none")", R"(,"alg":null)"})
        EXPECT_EQ(usable({ed.jwk(bad)}), 0U) << bad;
    EXPECT_EQ(usable({key_of(rs256).jwk(R"(,"alg":"RS512")")}), 0U);
    EXPECT_EQ(usable({key_of(rs256).jwk(R"(,"alg":"PS256")")}), 0U);
    EXPECT_EQ(usable({key_of(rs256).jwk(R"(,"alg":"HS256")")}), 0U);
}

TEST(KeySet, SkipsWhatItDoesNotKnow) {
    const SigningKey& ed = key_of(eddsa);
    for (const char* unknown : {R"({"kty":"oct","kid":"s","k":"AAAA"})",
                                R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})",
                                R"({"kty":"OKP","crv":"X25519","x":"AA"})", R"({"kty":"LMS"})",
                                R"({})", R"("text")", R"([])", R"(null)", R"({"kty":"RSA"})",
                                R"({"kty":"OKP","crv":"Ed25519"})", R"({"kty":["RSA"]})"})
        EXPECT_EQ(usable({unknown, ed.jwk()}), 1U) << unknown;
    const SigningKey nameless{eddsa, ""};
    EXPECT_EQ(usable({nameless.jwk(R"(,"kid":7)")}), 0U);
    EXPECT_EQ(usable({nameless.jwk(R"(,"kid":"")")}), 0U);
    EXPECT_EQ(usable({nameless.jwk(R"(,"kid":")" + std::string(257, 'k') + R"(")")}), 0U);
}

TEST(KeySet, SkipsKeysWhosePrivateHalfIsPublished) {
    EXPECT_EQ(usable({key_of(eddsa).jwk(R"(,"d":"AAAA")")}), 0U);
    EXPECT_EQ(usable({key_of(rs256).jwk(R"(,"d":"AAAA")")}), 0U);
}

TEST(KeySet, SkipsKeysThatAreTooWeakOrDamaged) {
    const SigningKey weak{rs256, "weak", 1024};
    EXPECT_EQ(usable({weak.jwk()}), 0U);
    const auto rsa = [](const std::string& n, const std::string& e) {
        return R"({"kty":"RSA","n":")" + n + R"(","e":")" + e + R"("})";
    };
    EXPECT_EQ(usable({rsa(rfc_rsa_n, "AQAB")}), 1U);
    for (const char* exponent : {"", "AQ", "Aw", "AQAA", "AAAAAAAAAQAB", "AQAB="})
        EXPECT_EQ(usable({rsa(rfc_rsa_n, exponent)}), 0U) << exponent;
    EXPECT_EQ(usable({rsa(base64url_encode(std::string(256, '\xFE')), "AQAB")}), 0U);  // even
    EXPECT_EQ(usable({rsa(base64url_encode(std::string(1025, '\xFF')), "AQAB")}), 0U);

    const auto ec = [](const std::string& x, const std::string& y) {
        return R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + y + R"("})";
    };
    EXPECT_EQ(usable({ec(rfc_ec_x, rfc_ec_y)}), 1U);
    EXPECT_EQ(usable({ec(rfc_ec_y, rfc_ec_x)}), 0U);  // not on the curve
    EXPECT_EQ(usable({ec(rfc_ec_x, rfc_ec_y.substr(0, 40))}), 0U);
    const std::string zero = base64url_encode(std::string(32, '\0'));
    EXPECT_EQ(usable({ec(zero, zero)}), 0U);
    EXPECT_EQ(usable({R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"}), 0U);
}

TEST(KeySet, RefusesWhatIsNoSet) {
    for (const char* wrong : {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":null})",
                              R"({"keys":[],"keys":[]})", R"({"keys":[]} x)", R"({"keys":[]})"})
        EXPECT_EQ(refusal(wrong).code, Errc::invalid_argument) << wrong;
}

TEST(KeySet, RefusesWhatIsTooLarge) {
    const std::string padding(limits::key_set_size_max, ' ');
    EXPECT_EQ(refusal(key_set_json({rfc_ed}) + padding).code, Errc::limit_exceeded);
    std::string keys = "{}";
    for (std::size_t i = 0; i < limits::keys_max; ++i) keys += ",{}";
    EXPECT_EQ(refusal(R"({"keys":[)" + keys + "]}").code, Errc::limit_exceeded);
}

class KeyCacheTest : public ::testing::Test {
protected:
    void fetch_good(Instant now) {
        ASSERT_TRUE(cache_.wants_fetch(now));
        cache_.fetched(KeySet::parse(key_set_json({rfc_ed})), now);
    }

    void fetch_bad(Instant now, const char* why = "no route") {
        ASSERT_TRUE(cache_.wants_fetch(now));
        cache_.fetched(Error{Errc::unavailable, why}, now);
    }

    KeyCache cache_;
};

TEST_F(KeyCacheTest, WantsItsFirstKeysAtOnce) {
    EXPECT_EQ(cache_.keys(), nullptr);
    EXPECT_FALSE(cache_.state().fetched_at);

    fetch_good(start);

    EXPECT_EQ(cache_.keys()->size(), 1U);
    EXPECT_EQ(cache_.state().fetched_at, start);
    EXPECT_FALSE(cache_.wants_fetch(start));
}

TEST_F(KeyCacheTest, WantsNewKeysEveryTenMinutes) {
    fetch_good(start);
    EXPECT_FALSE(cache_.wants_fetch(start + (10 * minute - 1)));
    EXPECT_TRUE(cache_.wants_fetch(start + 10 * minute));
}

TEST_F(KeyCacheTest, AsksForAnUnknownKeyOnceAMinute) {
    fetch_good(start);
    int fetches = 0;
    for (std::int64_t at = 0; at < 5 * minute; at += second) {
        for (int token = 0; token < 10; ++token) cache_.key_was_unknown();
        if (!cache_.wants_fetch(start + at)) continue;
        ++fetches;
        cache_.fetched(KeySet::parse(key_set_json({rfc_ed})), start + at);
    }
    EXPECT_EQ(fetches, 4);  // after 1, 2, 3 and 4 minutes
}

TEST_F(KeyCacheTest, ForgetsAnUnknownKeyOnceItHasAsked) {
    fetch_good(start);
    cache_.key_was_unknown();
    fetch_good(start + minute);
    EXPECT_FALSE(cache_.wants_fetch(start + 2 * minute));
}

TEST_F(KeyCacheTest, SaysToOneCallerOnlyThatItWantsAFetch) {
    EXPECT_TRUE(cache_.wants_fetch(start));
    EXPECT_FALSE(cache_.wants_fetch(start));
    EXPECT_FALSE(cache_.wants_fetch(start + (minute - 1)));
    // The first one never came back.
    EXPECT_TRUE(cache_.wants_fetch(start + minute));
}

TEST_F(KeyCacheTest, KeepsServingWhileFetchesFail) {
    fetch_good(start);
    const auto before = cache_.keys();

    fetch_bad(start + 10 * minute);
    fetch_bad(start + 11 * minute, "no answer");

    EXPECT_EQ(cache_.keys(), before);
    EXPECT_EQ(cache_.state().fetched_at, start);
    EXPECT_EQ(cache_.state().failures, 2U);
    EXPECT_EQ(cache_.state().failure, "no answer");
    EXPECT_FALSE(cache_.wants_fetch(start + (12 * minute - 1)));

    fetch_good(start + 12 * minute);

    EXPECT_EQ(cache_.state().failures, 0U);
    EXPECT_EQ(cache_.state().failure, "");
    EXPECT_NE(cache_.keys(), before);
    EXPECT_NE(before->find(std::nullopt, eddsa), nullptr) << "handed out, so still usable";
}

TEST_F(KeyCacheTest, CountsAKeySetThatCannotBeReadAsAFailure) {
    fetch_good(start);
    ASSERT_TRUE(cache_.wants_fetch(start + 10 * minute));
    cache_.fetched(KeySet::parse("<html>"), start + 10 * minute);
    EXPECT_EQ(cache_.keys()->size(), 1U);
    EXPECT_EQ(cache_.state().failures, 1U);
}

TEST_F(KeyCacheTest, DoesNotWaitForAClockThatWasSetBack) {
    fetch_good(start);
    EXPECT_TRUE(cache_.wants_fetch(start + -minute));
    EXPECT_FALSE(cache_.wants_fetch(start + -minute + second));
}

TEST_F(KeyCacheTest, IsReadByManyThreads) {
    const SigningKey& signer = key_of(es256);
    const std::string json = key_set_json({signer.jwk()});
    ASSERT_TRUE(cache_.wants_fetch(start));
    cache_.fetched(KeySet::parse(json), start);
    const std::string signature = signer.sign("text");
    std::atomic<int> verified = 0;
    std::atomic<int> fetches = 0;

    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 1; i <= 20; ++i) {
                cache_.key_was_unknown();
                if (cache_.wants_fetch(start + i * minute)) {
                    ++fetches;
                    cache_.fetched(KeySet::parse(json), start + i * minute);
                }
                const auto keys = cache_.keys();
                verified += keys->find(signer.id(), es256)->verifies("text", signature) ? 1 : 0;
            }
        });
    for (std::thread& thread : threads) thread.join();

    EXPECT_EQ(verified, 80);
    EXPECT_GE(fetches, 1);
}

}  // namespace
}  // namespace tenure::server
