#pragma once
// Two hashes, neither cryptographic: SipHash-2-4 for tables that outsiders fill (keyed, so that
// they cannot aim for collisions), and a quick checksum for bytes we wrote ourselves.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tenure {

using Bytes = std::span<const std::byte>;

struct SipKey {
    std::array<std::uint64_t, 2> words{};
};

// SipHash-2-4 (Aumasson, Bernstein 2012), 64 bits.
std::uint64_t siphash(const SipKey& key, std::string_view text);

// Checksum of whole 8-byte words; `seed` binds it to a place (a key). Every single flipped bit
// changes it. bytes.size() must be a multiple of 8.
std::uint64_t checksum(Bytes bytes, std::uint64_t seed);

}  // namespace tenure
