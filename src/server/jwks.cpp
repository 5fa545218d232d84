#include "server/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/invariant.h"
#include "server/base64url.h"
#include "server/json_member.h"

namespace tenure::server {
namespace {

using Kind = codec::JsonValue::Kind;

constexpr std::size_t coordinate_size = 32;  // of P-256, and of r and s
constexpr std::size_t ed25519_key_size = 32;
constexpr std::size_t ed25519_signature_size = 64;
// Usual is 65537. OpenSSL takes no more than 64 bits with a large modulus.
constexpr int rsa_exponent_bits_min = 17;
constexpr int rsa_exponent_bits_max = 64;

template <auto free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};

using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

// OpenSSL keeps a queue of errors for each thread, which TLS on the same thread would take for its
// own: what is added while this lives is taken away again.
class ErrorsKeptAway {
public:
    ErrorsKeptAway() { ERR_set_mark(); }

    ~ErrorsKeptAway() { ERR_pop_to_mark(); }

    ErrorsKeptAway(const ErrorsKeptAway&) = delete;
    ErrorsKeptAway& operator=(const ErrorsKeptAway&) = delete;
};

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

BigNumber big_number(std::string_view bytes) {
    BigNumber number{BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr)};
    INVARIANT(number);
    return number;
}

// Null if OpenSSL refuses them, for instance a point that is not on the curve.
PublicKeyHandle make_key(const char* type, OSSL_PARAM* parameters) {
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
    INVARIANT(context);
    INVARIANT(EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return nullptr;
    return PublicKeyHandle{key};
}

PublicKeyHandle rsa_key(std::string_view modulus, std::string_view exponent) {
    if (modulus.size() > limits::rsa_bits_max / 8U || exponent.size() > rsa_exponent_bits_max / 8U)
        return nullptr;
    const BigNumber n = big_number(modulus);
    const BigNumber e = big_number(exponent);
    if (BN_num_bits(n.get()) < limits::rsa_bits_min || BN_is_odd(n.get()) == 0) return nullptr;
    if (BN_num_bits(e.get()) < rsa_exponent_bits_min || BN_is_odd(e.get()) == 0) return nullptr;
    const ParameterBuilder builder{OSSL_PARAM_BLD_new()};
    INVARIANT(builder);
    INVARIANT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
    INVARIANT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    const Parameters parameters{OSSL_PARAM_BLD_to_param(builder.get())};
    INVARIANT(parameters);
    return make_key("RSA", parameters.get());
}

PublicKeyHandle p256_key(std::string_view x, std::string_view y) {
    if (x.size() != coordinate_size || y.size() != coordinate_size) return nullptr;
    std::string point = "\x04";  // uncompressed
    point.append(x).append(y);
    std::string group = "prime256v1";
    std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    PublicKeyHandle key = make_key("EC", parameters.data());
    if (!key) return nullptr;
    const KeyContext check{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
    INVARIANT(check);
    if (EVP_PKEY_public_check(check.get()) != 1) return nullptr;
    return key;
}

PublicKeyHandle ed25519_key(std::string_view x) {
    if (x.size() != ed25519_key_size) return nullptr;
    return PublicKeyHandle{
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size())};
}

// OpenSSL knows the form of X.509 only, ASN.1. Empty if `signature` is none.
std::string ecdsa_signature(std::string_view signature) {
    if (signature.size() != 2 * coordinate_size) return {};
    const EcdsaSignature numbers{ECDSA_SIG_new()};
    INVARIANT(numbers);
    BigNumber r = big_number(signature.substr(0, coordinate_size));
    BigNumber s = big_number(signature.substr(coordinate_size));
    INVARIANT(ECDSA_SIG_set0(numbers.get(), r.release(), s.release()) == 1);
    const int size = i2d_ECDSA_SIG(numbers.get(), nullptr);
    INVARIANT(size > 0);
    std::string encoded(static_cast<std::size_t>(size), '\0');
    auto* to = reinterpret_cast<unsigned char*>(encoded.data());
    INVARIANT(i2d_ECDSA_SIG(numbers.get(), &to) == size);
    return encoded;
}

// One JWK in a set.
class KeyReading {
public:
    KeyReading(const codec::JsonDocument& document, codec::JsonIndex at)
        : document_{document}, at_{at} {}

    // Nothing if the key is to be skipped.
    std::optional<VerificationKey> read() const {
        if (document_[at_].kind != Kind::object || !may_verify()) return std::nullopt;
        // Somebody published the private key, or it is a secret that both sides know.
        if (member("d") != nullptr || member("k") != nullptr) return std::nullopt;
        std::optional<std::string> id;
        if (const auto* kid = member("kid")) {
            if (!is_text(*kid) || kid->text.empty() || kid->text.size() > limits::key_id_length_max)
                return std::nullopt;
            id = kid->text;
        }
        const auto algorithm = algorithm_of_kind();
        if (!algorithm || !allows(*algorithm)) return std::nullopt;
        PublicKeyHandle key = public_key(*algorithm);
        if (!key) return std::nullopt;
        return VerificationKey{std::move(id), *algorithm, std::move(key)};
    }

private:
    const codec::JsonValue* member(std::string_view name) const {
        return member_of(document_, at_, name);
    }

    bool may_verify() const {
        const auto* use = member("use");
        if (use != nullptr && !is_text(use, "sig")) return false;
        const auto* operations = member("key_ops");
        if (operations == nullptr) return true;
        if (operations->kind != Kind::array) return false;
        const codec::JsonValue* const first = &document_[0];
        const auto list = static_cast<codec::JsonIndex>(operations - first);
        for (codec::JsonIndex i = list + 1; i < operations->end; i = document_[i].end)
            if (is_text(&document_[i], "verify")) return true;
        return false;
    }

    std::optional<JwsAlgorithm> algorithm_of_kind() const {
        const auto* kind = member("kty");
        const auto* curve = member("crv");
        if (is_text(kind, "RSA")) return JwsAlgorithm::rs256;
        if (is_text(kind, "EC") && is_text(curve, "P-256")) return JwsAlgorithm::es256;
        if (is_text(kind, "OKP") && is_text(curve, "Ed25519")) return JwsAlgorithm::eddsa;
        return std::nullopt;
    }

    bool allows(JwsAlgorithm algorithm) const {
        const auto* named = member("alg");
        return named == nullptr || (is_text(*named) && jws_algorithm(named->text) == algorithm);
    }

    // Empty if it is missing or not well formed; no part of a key is.
    std::string part(std::string_view name) const {
        const auto* value = member(name);
        if (value == nullptr || !is_text(*value)) return {};
        return base64url_decode(value->text).value_or(std::string{});
    }

    PublicKeyHandle public_key(JwsAlgorithm algorithm) const {
        switch (algorithm) {
            case JwsAlgorithm::rs256:
                return rsa_key(part("n"), part("e"));
            case JwsAlgorithm::es256:
                return p256_key(part("x"), part("y"));
            case JwsAlgorithm::eddsa:
                return ed25519_key(part("x"));
        }
        INVARIANT(!"an algorithm");
    }

    const codec::JsonDocument& document_;
    codec::JsonIndex at_;
};

}  // namespace

std::string_view name_of(JwsAlgorithm algorithm) {
    switch (algorithm) {
        case JwsAlgorithm::rs256:
            return "RS256";
        case JwsAlgorithm::es256:
            return "ES256";
        case JwsAlgorithm::eddsa:
            return "EdDSA";
    }
    INVARIANT(!"an algorithm");
}

std::optional<JwsAlgorithm> jws_algorithm(std::string_view name) {
    for (const JwsAlgorithm algorithm : jws_algorithms)
        if (name_of(algorithm) == name) return algorithm;
    if (name == "Ed25519") return JwsAlgorithm::eddsa;
    return std::nullopt;
}

void PublicKeyDeleter::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

VerificationKey::VerificationKey(std::optional<std::string> id, JwsAlgorithm algorithm,
                                 PublicKeyHandle key)
    : id_{std::move(id)}, algorithm_{algorithm}, key_{std::move(key)} {
    INVARIANT(key_);
}

bool VerificationKey::verifies(std::string_view signed_text, std::string_view signature) const {
    const ErrorsKeptAway errors;
    std::string encoded;
    const EVP_MD* digest = EVP_sha256();
    switch (algorithm_) {
        case JwsAlgorithm::rs256:
            if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())))
                return false;
            break;
        case JwsAlgorithm::es256:
            encoded = ecdsa_signature(signature);
            if (encoded.empty()) return false;
            signature = encoded;
            break;
        case JwsAlgorithm::eddsa:
            if (signature.size() != ed25519_signature_size) return false;
            digest = nullptr;  // part of the algorithm
            break;
    }
    const DigestContext context{EVP_MD_CTX_new()};
    INVARIANT(context);
    // RSA: the padding of RFC 8017, section 8.2 (PKCS #1 v1.5), unless another is asked for.
    if (EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1)
        return false;
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                            bytes_of(signed_text), signed_text.size()) == 1;
}

bool VerificationKey::same_key(const VerificationKey& other) const {
    const ErrorsKeptAway errors;
    return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

Result<KeySet> KeySet::parse(std::string_view json) {
    if (json.size() > limits::key_set_size_max)
        return Error{Errc::limit_exceeded,
                     "the key set has " + std::to_string(json.size()) + " bytes: at most " +
                         std::to_string(limits::key_set_size_max) + " are accepted"};
    codec::JsonDocument document{json, "key set"};
    TRY(document.parse());
    const auto* list = member_of(document, 0, "keys");
    if (list == nullptr || list->kind != Kind::array)
        return invalid("keys", "the key set has no list called 'keys'");
    if (list->size > limits::keys_max)
        return Error{Errc::limit_exceeded,
                     "the key set has " + std::to_string(list->size) + " keys: at most " +
                         std::to_string(limits::keys_max) + " are accepted",
                     "keys"};
    const ErrorsKeptAway errors;
    KeySet set;
    const codec::JsonValue* const first = &document[0];
    for (auto at = static_cast<codec::JsonIndex>(list - first) + 1; at < list->end;
         at = document[at].end) {
        auto key = KeyReading{document, at}.read();
        if (!key) {
            ++set.skipped_;
            continue;
        }
        TRY(set.add(std::move(*key)));
    }
    if (set.keys_.empty())
        return invalid("keys", "the key set has no key to verify with: RSA of at least " +
                                   std::to_string(limits::rsa_bits_min) +
                                   " bits, EC P-256 or OKP Ed25519 is expected");
    return set;
}

Result<void> KeySet::add(VerificationKey key) {
    for (const VerificationKey& other : keys_) {
        if (!key.id() || other.id() != key.id() || other.algorithm() != key.algorithm()) continue;
        if (other.same_key(key)) return success();
        return invalid("keys", "two keys for " + std::string(name_of(key.algorithm())) +
                                   " have the same id: nobody can tell which is meant");
    }
    keys_.push_back(std::move(key));
    return success();
}

const VerificationKey* KeySet::find(const std::optional<std::string>& id,
                                    JwsAlgorithm algorithm) const {
    const VerificationKey* found = nullptr;
    for (const VerificationKey& key : keys_) {
        if (key.algorithm() != algorithm || (id && key.id() != id)) continue;
        if (found != nullptr) return nullptr;
        found = &key;
    }
    return found;
}

}  // namespace tenure::server
