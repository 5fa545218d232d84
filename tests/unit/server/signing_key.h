#pragma once
// SigningKey: the private side that the server never has, so that tests can make tokens.

#include <string>
#include <string_view>

#include "server/jwks.h"

namespace tenure::server {

class SigningKey {
public:
    // A new key of the algorithm's kind; RSA with 2048 bits unless told otherwise.
    explicit SigningKey(JwsAlgorithm algorithm, std::string id = "k1", unsigned rsa_bits = 2048);

    JwsAlgorithm algorithm() const { return algorithm_; }

    const std::string& id() const { return id_; }

    // The public key as a JWK; `more` is added to its members: ",\"use\":\"sig\"".
    std::string jwk(std::string_view more = "") const;
    // The public key in the form an attacker finds: PEM.
    std::string pem() const;

    // As a JWS has it.
    std::string sign(std::string_view text) const;
    // ES256: as OpenSSL has it.
    std::string sign_der(std::string_view text) const;

    // {"alg":...,"kid":...}
    std::string header() const;

    std::string token(std::string_view claims) const { return token(header(), claims); }

    std::string token(std::string_view header, std::string_view claims) const;

private:
    std::string number(const char* name) const;

    JwsAlgorithm algorithm_;
    std::string id_;
    PublicKeyHandle key_;  // and the private one
};

// One key of each algorithm and two more, made once: RSA keys take their time.
const SigningKey& key_of(JwsAlgorithm algorithm);

std::string key_set_json(std::initializer_list<std::string> keys);
KeySet key_set(std::initializer_list<std::string> keys);

}  // namespace tenure::server
