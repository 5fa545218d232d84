#pragma once
// Reading the log's rows back: each is checked before it is believed. Private to this folder.
//
// What is damaged is an Error where a caller can name it (open, read, verify); the questions
// without an error channel (find_command, note, root, proofs) end the process: must().

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/event_log.h"
#include "log/format.h"
#include "log/merkle.h"
#include "storage/environment.h"

namespace tenure::log {

Error damaged(const std::string& what);
Error damaged_entry(Revision revision, const std::string& why);
Error damaged_node(unsigned height, std::uint64_t index);

Result<format::Identity> read_identity(const storage::Reader& reader);
Result<format::Position> read_position(const storage::Reader& reader);
Result<Instant> read_reservation(const storage::Reader& reader);  // instant_min if there is none

// The header at the front of an entry's value, which has been checked against its leaf.
format::EntryHeader header_of(Bytes stored);

// Why `stored` cannot be the entry at `revision`, leaf apart; empty if it can.
std::string fault_of(Revision revision, Bytes stored);

// A block of the tree, as far as a tree of `size` leaves fills it. Views die with the transaction.
Result<std::span<const Digest>> read_block(const storage::Reader& reader, unsigned level,
                                           std::uint64_t block, std::uint64_t size);

Result<RightEdge> read_edge(const storage::Reader& reader, std::uint64_t size);

// Leaves in ascending order, a block at a time.
class LeafReader {
public:
    LeafReader(const storage::Reader& reader, std::uint64_t size) : reader_{reader}, size_{size} {}

    Result<Digest> leaf(std::uint64_t index);

private:
    const storage::Reader& reader_;
    std::uint64_t size_;
    std::uint64_t block_ = ~std::uint64_t{0};
    std::span<const Digest> nodes_;
};

// The complete subtrees of the first `size` leaves.
class StoredTree final : public NodeSource {
public:
    StoredTree(const storage::Reader& reader, std::uint64_t size) : reader_{reader}, size_{size} {}

    Digest node(unsigned height, std::uint64_t index) const override;

private:
    const storage::Reader& reader_;
    std::uint64_t size_;
};

struct Note {
    std::string name;
    std::string value;
};

storage::Key note_key(std::string_view name);
std::vector<std::uint64_t> encode_note(std::string_view name, std::string_view value);
std::optional<Note> decode_note(const storage::Key& key, Bytes stored);

// The value, or the end of the process.
template <class T>
T must(Result<T> result) {
    if (!result) storage::fatal_storage(result.error().detail);
    return std::move(result).value();
}

// All entries, rows and nodes; see EventLog::verify().
Result<void> verify_log(const storage::Environment& environment,
                        const std::function<void(const VerifyProgress&)>& progress);

// The newest `count` entries, or all, against their leaves and nodes; part of open().
Result<void> verify_tail(const storage::Reader& reader, const format::Position& position,
                         std::uint64_t count);

}  // namespace tenure::log
