#include <openssl/evp.h>

#include <memory>
#include <string>

#include "base/invariant.h"
#include "base/text.h"
#include "fuzz/targets.h"
#include "server/base64url.h"
#include "server/jwt.h"
#include "server/store_token.h"

namespace tenure::fuzz {
namespace {

using Key = std::unique_ptr<EVP_PKEY, server::PublicKeyDeleter>;

struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

constexpr Instant now{1'700'000'000'000'000};
constexpr std::string_view issuer_name = "https://issuer";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* space_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// The rules for claims come after the signature, so inputs are signed. Anybody may know this key.
const Key& signing_key() {
    static const Key key{EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, bytes_of("a key for tests, of 32 bytes ..."), 32)};
    INVARIANT(key);
    return key;
}

std::string sign(std::string_view text) {
    const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context{EVP_MD_CTX_new()};
    INVARIANT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, signing_key().get()) ==
              1);
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    INVARIANT(EVP_DigestSign(context.get(), space_of(signature), &size, bytes_of(text),
                             text.size()) == 1);
    return signature;
}

const server::KeySet& keys() {
    static const server::KeySet set = [] {
        std::string x(32, '\0');
        std::size_t size = x.size();
        INVARIANT(EVP_PKEY_get_raw_public_key(signing_key().get(), space_of(x), &size) == 1);
        auto parsed =
            server::KeySet::parse(R"({"keys":[{"kid":"k1","kty":"OKP","crv":"Ed25519","x":")" +
                                  server::base64url_encode(x) + R"("}]})");
        INVARIANT(parsed.has_value());
        return std::move(parsed.value());
    }();
    return set;
}

server::JwtVerifier verifier(std::string tenant_claim) {
    server::JwtIssuer settings;
    settings.issuer = issuer_name;
    settings.audiences = {"tenure"};
    settings.tenant_claim = std::move(tenant_claim);
    auto made = server::JwtVerifier::make(settings);
    INVARIANT(made.has_value());
    return std::move(made.value());
}

void require_explained(const Error& error) {
    INVARIANT(!error.detail.empty());
    INVARIANT(!error.field.empty());
    INVARIANT(!has_control(error.detail));
}

void require_rules(const server::VerifiedToken& token) {
    INVARIANT(token.issuer == issuer_name);
    INVARIANT(!token.principal.empty());
    INVARIANT(valid_utf8(token.principal));
    INVARIANT(!has_control(token.principal));
    INVARIANT(token.expires_at > now);
}

void require_one_spelling(std::string_view text) {
    const auto bytes = server::base64url_decode(text);
    INVARIANT(!bytes || server::base64url_encode(*bytes) == text);
}

}  // namespace

void bearer_token(Bytes input) {
    const std::string_view whole = text_of(input);
    require_one_spelling(whole);
    if (server::check_store_token(whole)) INVARIANT(whole.size() == server::store_token_length);

    static const server::JwtVerifier for_all = verifier("");
    static const server::JwtVerifier for_named = verifier("tid");
    if (const auto as_it_is = for_all.verify(whole, keys(), now); !as_it_is)
        require_explained(as_it_is.error());

    std::string_view claims = whole;
    const std::string_view header = take_line(claims);
    const std::string text =
        server::base64url_encode(header) + '.' + server::base64url_encode(claims);
    std::string signature = sign(text);
    const auto token = [&] { return text + '.' + server::base64url_encode(signature); };

    const auto verified = for_all.verify(token(), keys(), now);
    if (verified)
        require_rules(verified.value());
    else
        require_explained(verified.error());
    if (const auto named = for_named.verify(token(), keys(), now)) {
        INVARIANT(verified.has_value());
        INVARIANT(!named.value().tenants.all);
        INVARIANT(!named.value().tenants.ids.empty());
    }
    signature[text.size() % signature.size()] ^= 1;
    INVARIANT(!for_all.verify(token(), keys(), now));
}

}  // namespace tenure::fuzz
