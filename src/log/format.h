#pragma once
// The bytes of the log: tables, keys and values, as docs/FORMAT.md describes them. Reader and
// writer share this file and nothing else knows the layout. All words are little-endian, keys
// excepted.
//
// An entry is protected by its leaf in the tree; every other value ends in a check word, bound to
// its place.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

#include "base/hash.h"
#include "log/merkle.h"
#include "storage/environment.h"

namespace tenure::log::format {

static_assert(std::endian::native == std::endian::little,
              "values are stored as they are in memory");

// "tenurlog"
inline constexpr std::uint64_t magic = 0x676F'6C72'756E'6574;
// Raised by any change an older program would misread. Later versions may add tables and keep
// these.
inline constexpr std::uint64_t version = 1;

inline constexpr storage::Table entries{0};  // [revision] -> EntryHeader, body
inline constexpr storage::Table tree{1};     // [~level, block] -> 32 digests, zero if not yet known
inline constexpr storage::Table commands{2};  // [number: 1, 2, 3 ...] -> CommandValue
inline constexpr storage::Table terms{3};     // [term] -> TermValue
inline constexpr storage::Table notes{4};     // [name's hash, 2 words] -> NoteHeader, name, value
inline constexpr storage::Table meta{5};      // [MetaId] -> see MetaId

inline constexpr std::array tables{
    storage::TableSpec{"entries", 1},  storage::TableSpec{"tree", 2},
    storage::TableSpec{"commands", 1}, storage::TableSpec{"terms", 1},
    storage::TableSpec{"notes", 2},    storage::TableSpec{"meta", 1}};

// Numbers are never reused.
enum class MetaId : std::uint64_t {
    identity = 1,     // Identity; its first two and its last word stand there in all versions
    position = 2,     // Position
    reservation = 3,  // Reservation; there once a bound was reserved
    lookup_use = 4,   // LookupUse; there once a command was kept
};

struct EntryHeader {
    std::uint64_t revision;
    std::uint64_t term;
    std::int64_t recorded_at_us;
    std::uint64_t body_words;
};

static_assert(sizeof(EntryHeader) == 32);

struct Identity {
    std::uint64_t magic;
    std::uint64_t version;
    std::array<std::uint64_t, 2> log_id;
    std::int64_t created_at_us;
    std::uint64_t check;
};

static_assert(sizeof(Identity) == 48);

struct Position {
    std::uint64_t last;
    std::uint64_t committed;
    std::uint64_t commands;  // how many there are
    Digest root;             // of the tree over all `last` entries
    std::uint64_t check;
};

static_assert(sizeof(Position) == 64);

struct Reservation {
    std::int64_t until_us;
    std::uint64_t check;
};

static_assert(sizeof(Reservation) == 16);

// See command_lookup.h.
struct LookupUse {
    std::array<std::uint64_t, 2> boot;  // hash of the id of the machine's boot
    std::uint64_t in_use;               // 1, or 0 once it was closed whole
    std::uint64_t check;
};

static_assert(sizeof(LookupUse) == 32);

struct CommandValue {
    std::array<std::uint64_t, 2> key;
    Digest body_hash;
    std::uint64_t first;
    std::uint64_t count;
    std::uint64_t check;

    std::uint64_t last() const { return first + count - 1; }
};

static_assert(sizeof(CommandValue) == 72);

struct TermValue {
    std::uint64_t first;
    std::uint64_t check;
};

static_assert(sizeof(TermValue) == 16);

// Then the bytes of name and value, each filled up to whole words with zeros, then the check word.
struct NoteHeader {
    std::uint64_t name_bytes;
    std::uint64_t value_bytes;
};

inline storage::Key tree_key(unsigned level, std::uint64_t block) {
    // Leaves last, so that a new block of them is appended to the table.
    return {~std::uint64_t{level}, block};
}

inline storage::Key meta_key(MetaId id) { return {static_cast<std::uint64_t>(id)}; }

inline std::uint64_t check_of(storage::Table table, const storage::Key& key, Bytes content) {
    return checksum(content, checksum(key.bytes(), table.index));
}

template <class Value>
concept CheckedValue = std::is_trivially_copyable_v<Value> &&
    std::has_unique_object_representations_v<Value> && requires(Value value) {
    value.check;
};

// `value` with its check word set for this place.
template <CheckedValue Value>
Value seal(storage::Table table, const storage::Key& key, Value value) {
    const Bytes all = std::as_bytes(std::span{&value, 1});
    value.check = check_of(table, key, all.first(sizeof value - sizeof value.check));
    return value;
}

// The value stored at this place; nothing if it is damaged.
template <CheckedValue Value>
std::optional<Value> unseal(storage::Table table, const storage::Key& key, Bytes stored) {
    if (stored.size() != sizeof(Value)) return std::nullopt;
    Value value;
    std::memcpy(&value, stored.data(), sizeof value);
    if (value.check != check_of(table, key, stored.first(sizeof value - sizeof value.check)))
        return std::nullopt;
    return value;
}

}  // namespace tenure::log::format
