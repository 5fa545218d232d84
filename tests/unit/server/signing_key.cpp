#include "unit/server/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/invariant.h"
#include "base/text.h"
#include "server/base64url.h"

namespace tenure::server {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* space_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

PublicKeyHandle new_key(JwsAlgorithm algorithm, unsigned rsa_bits) {
    switch (algorithm) {
        case JwsAlgorithm::rs256:
            return PublicKeyHandle{EVP_RSA_gen(rsa_bits)};
        case JwsAlgorithm::es256:
            return PublicKeyHandle{EVP_EC_gen("prime256v1")};
        case JwsAlgorithm::eddsa:
            return PublicKeyHandle{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    }
    INVARIANT(!"an algorithm");
}

std::string bytes_of_number(const BIGNUM* number, int size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    INVARIANT(BN_bn2binpad(number, space_of(bytes), size) == size);
    return bytes;
}

}  // namespace

SigningKey::SigningKey(JwsAlgorithm algorithm, std::string id, unsigned rsa_bits)
    : algorithm_{algorithm}, id_{std::move(id)}, key_{new_key(algorithm, rsa_bits)} {
    INVARIANT(key_);
}

std::string SigningKey::number(const char* name) const {
    BIGNUM* number = nullptr;
    INVARIANT(EVP_PKEY_get_bn_param(key_.get(), name, &number) == 1);
    const int size = algorithm_ == JwsAlgorithm::es256 ? 32 : BN_num_bytes(number);
    const std::string text = base64url_encode(bytes_of_number(number, size));
    BN_free(number);
    return text;
}

std::string SigningKey::jwk(std::string_view more) const {
    std::string text = id_.empty() ? "{" : R"({"kid":")" + id_ + R"(",)";
    switch (algorithm_) {
        case JwsAlgorithm::rs256:
            text += R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                    number(OSSL_PKEY_PARAM_RSA_E) + '"';
            break;
        case JwsAlgorithm::es256:
            text += R"("kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X) +
                    R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y) + '"';
            break;
        case JwsAlgorithm::eddsa: {
            std::string x(32, '\0');
            std::size_t size = x.size();
            INVARIANT(EVP_PKEY_get_raw_public_key(key_.get(), space_of(x), &size) == 1);
            text += R"("kty":"OKP","crv":"Ed25519","x":")" + base64url_encode(x) + '"';
            break;
        }
    }
    return text.append(more) + '}';
}

std::string SigningKey::pem() const {
    BIO* memory = BIO_new(BIO_s_mem());
    INVARIANT(PEM_write_bio_PUBKEY(memory, key_.get()) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    std::string copy(text, static_cast<std::size_t>(size));
    BIO_free(memory);
    return copy;
}

std::string SigningKey::sign_der(std::string_view text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const EVP_MD* digest = algorithm_ == JwsAlgorithm::eddsa ? nullptr : EVP_sha256();
    INVARIANT(EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get()) == 1);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    INVARIANT(EVP_DigestSign(context, space_of(signature), &size, bytes_of(text), text.size()) ==
              1);
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return signature;
}

std::string SigningKey::sign(std::string_view text) const {
    const std::string signature = sign_der(text);
    if (algorithm_ != JwsAlgorithm::es256) return signature;
    const unsigned char* from = bytes_of(signature);
    ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(signature.size()));
    INVARIANT(numbers != nullptr);
    const std::string raw = bytes_of_number(ECDSA_SIG_get0_r(numbers), 32) +
                            bytes_of_number(ECDSA_SIG_get0_s(numbers), 32);
    ECDSA_SIG_free(numbers);
    return raw;
}

std::string SigningKey::header() const {
    std::string text = R"({"alg":")" + std::string(name_of(algorithm_)) + R"(","typ":"JWT")";
    if (!id_.empty()) text += R"(,"kid":")" + id_ + '"';
    return text + '}';
}

std::string SigningKey::token(std::string_view header, std::string_view claims) const {
    const std::string text = base64url_encode(header) + '.' + base64url_encode(claims);
    return text + '.' + base64url_encode(sign(text));
}

const SigningKey& key_of(JwsAlgorithm algorithm) {
    static const SigningKey rsa{JwsAlgorithm::rs256, "rsa-1"};
    static const SigningKey ec{JwsAlgorithm::es256, "ec-1"};
    static const SigningKey ed{JwsAlgorithm::eddsa, "ed-1"};
    switch (algorithm) {
        case JwsAlgorithm::rs256:
            return rsa;
        case JwsAlgorithm::es256:
            return ec;
        case JwsAlgorithm::eddsa:
            return ed;
    }
    INVARIANT(!"an algorithm");
}

std::string key_set_json(std::initializer_list<std::string> keys) {
    return R"({"keys":[)" + joined(keys, ",") + "]}";
}

KeySet key_set(std::initializer_list<std::string> keys) {
    auto set = KeySet::parse(key_set_json(keys));
    INVARIANT(set.has_value());
    return std::move(set.value());
}

}  // namespace tenure::server
