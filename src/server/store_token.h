#pragma once
// Tokens that the store itself issues: "tenure_", the base64url of 32 random bytes (43 characters),
// and the base64url of the CRC-32 of all before it, high byte first (6 characters). The prefix is
// for people and for scanners that look for leaked secrets, the checksum for typing errors; neither
// is a secret. Only hash_of() a token is ever kept.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace tenure::server {

inline constexpr std::string_view store_token_prefix = "tenure_";
inline constexpr std::size_t store_token_length = 7 + 43 + 6;

// `random` must be the operating system's; a seeded one is for tests.
std::string make_store_token(Random& random);

// Whether it is meant to be one, rather than a token of some other issuer.
bool is_store_token(std::string_view text);

// Whether it can be one: length, letters and checksum. The error repeats nothing of it, and the
// time does not depend on the random part.
Result<void> check_store_token(std::string_view text);

// SHA-256 of the whole text, lower-case hexadecimal; what is kept of an invitation's secret, too.
std::string hash_of(std::string_view secret);

// Compares in the same time for all hashes of one length.
bool has_hash(std::string_view token, std::string_view hash);

}  // namespace tenure::server
