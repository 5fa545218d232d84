#pragma once
// KeySet: the public keys of one issuer, from its JWK Set (RFC 7517, 7518, 8037).
//
// Each key is good for one algorithm only, which its kind decides: RSA for RS256, EC on P-256 for
// ES256, OKP Ed25519 for EdDSA. Keys of other kinds, for other uses, out of range or with their
// private half beside them are skipped and counted, as RFC 7517, section 5, asks for.

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tenure::server {

namespace limits {
inline constexpr std::size_t key_set_size_max = std::size_t{256} << 10U;
inline constexpr std::size_t keys_max = 64;  // of one set, with those that are skipped
inline constexpr std::size_t key_id_length_max = 256;
inline constexpr int rsa_bits_min = 2048;
inline constexpr int rsa_bits_max = 8192;
}  // namespace limits

// Signature algorithms by public keys. There is no other: nothing called "none" or "HS..." can be
// named here, so none can be allowed by mistake.
enum class JwsAlgorithm : std::uint8_t { rs256, es256, eddsa };

inline constexpr std::array jws_algorithms{JwsAlgorithm::rs256, JwsAlgorithm::es256,
                                           JwsAlgorithm::eddsa};

// "RS256", "ES256", "EdDSA".
std::string_view name_of(JwsAlgorithm algorithm);
// Nothing if it is not one of ours. "Ed25519" (RFC 9864) is another name of "EdDSA".
std::optional<JwsAlgorithm> jws_algorithm(std::string_view name);

struct PublicKeyDeleter {
    void operator()(EVP_PKEY* key) const;
};

using PublicKeyHandle = std::unique_ptr<EVP_PKEY, PublicKeyDeleter>;

// Not changed after it was made; used by many threads at once.
class VerificationKey {
public:
    VerificationKey(std::optional<std::string> id, JwsAlgorithm algorithm, PublicKeyHandle key);

    const std::optional<std::string>& id() const { return id_; }

    JwsAlgorithm algorithm() const { return algorithm_; }

    // `signature` as a JWS has it: for ES256 the 32 bytes of r, then the 32 of s.
    bool verifies(std::string_view signed_text, std::string_view signature) const;

    bool same_key(const VerificationKey& other) const;

private:
    std::optional<std::string> id_;
    JwsAlgorithm algorithm_;
    PublicKeyHandle key_;
};

class KeySet {
public:
    // Refuses what is no JWK Set or too large, a set without any usable key, and one that gives
    // different keys the same `kid` for the same algorithm.
    static Result<KeySet> parse(std::string_view json);

    // The key with this id for this algorithm; without an id, the only one for the algorithm. Null
    // if there is none, or several. Owned by the set.
    const VerificationKey* find(const std::optional<std::string>& id, JwsAlgorithm algorithm) const;

    std::size_t size() const { return keys_.size(); }

    std::size_t skipped() const { return skipped_; }

private:
    KeySet() = default;
    Result<void> add(VerificationKey key);

    std::vector<VerificationKey> keys_;
    std::size_t skipped_ = 0;
};

}  // namespace tenure::server
