#include "base/hash.h"

#include <bit>
#include <cstring>

#include "base/invariant.h"

namespace tenure {
namespace {

struct SipState {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13);
        v1 ^= v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16);
        v3 ^= v2;
        v0 += v3;
        v3 = std::rotl(v3, 21);
        v3 ^= v0;
        v2 += v1;
        v1 = std::rotl(v1, 17);
        v1 ^= v2;
        v2 = std::rotl(v2, 32);
    }

    void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

static_assert(std::endian::native == std::endian::little, "words are loaded little-endian");

std::uint64_t load_word(const void* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

}  // namespace

std::uint64_t siphash(const SipKey& key, std::string_view text) {
    SipState s{key.words[0] ^ 0x736f6d6570736575ULL, key.words[1] ^ 0x646f72616e646f6dULL,
               key.words[0] ^ 0x6c7967656e657261ULL, key.words[1] ^ 0x7465646279746573ULL};
    const std::size_t whole = text.size() / 8 * 8;
    for (std::size_t i = 0; i < whole; i += 8) s.absorb(load_word(text.data() + i));
    std::uint64_t last = std::uint64_t{text.size()} << 56U;
    for (std::size_t i = whole; i < text.size(); ++i)
        last |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * (i - whole));
    s.absorb(last);
    s.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

std::uint64_t checksum(Bytes bytes, std::uint64_t seed) {
    INVARIANT(bytes.size() % 8 == 0);
    // Each step is a bijection of the state for a fixed word and of the word for a fixed state, so
    // two inputs that differ in one word can never meet again.
    std::uint64_t h = seed ^ 0x9E3779B97F4A7C15ULL;
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
        h = (h ^ load_word(bytes.data() + i)) * 0xD6E8FEB86659FD93ULL;
        h ^= h >> 32U;
    }
    h = (h ^ bytes.size()) * 0xD6E8FEB86659FD93ULL;
    return h ^ (h >> 32U);
}

}  // namespace tenure
