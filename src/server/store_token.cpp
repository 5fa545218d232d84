#include "server/store_token.h"

#include <openssl/crypto.h>

#include <cstdint>
#include <span>

#include "log/merkle.h"
#include "server/base64url.h"

namespace tenure::server {
namespace {

constexpr int secret_words = 4;  // 256 bits
constexpr std::size_t checksum_length = 6;

void add_bytes(std::string& bytes, std::uint64_t word, unsigned size) {
    for (unsigned i = size; i-- > 0;) bytes += static_cast<char>((word >> (8U * i)) & 0xFFU);
}

// CRC-32 as Ethernet, zlib and PNG have it, bit by bit: a table would be read at places that depend
// on the secret.
constexpr std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = ~0U;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ (0xEDB88320U & (0U - (crc & 1U)));
    }
    return ~crc;
}

static_assert(crc32("123456789") == 0xCBF43926U);

std::string checksum_of(std::string_view text) {
    std::string bytes;
    add_bytes(bytes, crc32(text), sizeof(std::uint32_t));
    return base64url_encode(bytes);
}

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string make_store_token(Random& random) {
    std::string secret;
    for (int i = 0; i < secret_words; ++i) add_bytes(secret, random.next(), sizeof(std::uint64_t));
    std::string token{store_token_prefix};
    token += base64url_encode(secret);
    token += checksum_of(token);
    return token;
}

bool is_store_token(std::string_view text) { return text.starts_with(store_token_prefix); }

Result<void> check_store_token(std::string_view text) {
    if (!is_store_token(text) || text.size() != store_token_length)
        return invalid("token", "the token is not '" + std::string(store_token_prefix) +
                                    "' and 49 letters: part of it may be missing");
    const std::string_view before = text.substr(0, text.size() - checksum_length);
    const bool letters = base64url_decode(before.substr(store_token_prefix.size())).has_value();
    const bool checked = equal(checksum_of(before), text.substr(before.size()));
    if (!letters || !checked)
        return invalid("token", "the token's checksum is wrong: some letter of it is not right");
    return success();
}

std::string hash_of(std::string_view secret) {
    return log::hex(log::sha256(std::as_bytes(std::span{secret})));
}

bool has_hash(std::string_view token, std::string_view hash) { return equal(hash_of(token), hash); }

}  // namespace tenure::server
