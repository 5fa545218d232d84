#include "log/stored.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace tenure::log {
namespace {

std::size_t whole_words(std::size_t bytes) { return (bytes + 7) / 8; }

template <class Row>
Result<Row> read_meta(const storage::Reader& reader, format::MetaId id, const char* name) {
    const storage::Key key = format::meta_key(id);
    const std::optional<Bytes> stored = reader.get(format::meta, key);
    if (!stored) return damaged(std::string("its ") + name + " record is missing");
    const std::optional<Row> row = format::unseal<Row>(format::meta, key, *stored);
    if (!row) return damaged(std::string("its ") + name + " record is not what was written");
    return *row;
}

}  // namespace

Error damaged(const std::string& what) {
    return {Errc::storage_damaged, "the log is damaged: " + what};
}

Error damaged_entry(Revision revision, const std::string& why) {
    return {Errc::storage_damaged,
            "the log entry at revision " + std::to_string(revision.value) + " is damaged: " + why};
}

Error damaged_node(unsigned height, std::uint64_t index) {
    return {Errc::storage_damaged, "the tree node at level " + std::to_string(height) + ", index " +
                                       std::to_string(index) +
                                       " is damaged: it does not match what is below it"};
}

Result<format::Identity> read_identity(const storage::Reader& reader) {
    const storage::Key key = format::meta_key(format::MetaId::identity);
    const std::optional<Bytes> stored = reader.get(format::meta, key);
    if (!stored) return damaged("its identity record is missing");
    // Of a later version no more is known than the first two words and the last one.
    std::array<std::uint64_t, 2> front{};
    std::uint64_t check = 0;
    if (stored->size() < sizeof front + sizeof check)
        return damaged("its identity record is too short");
    std::memcpy(front.data(), stored->data(), sizeof front);
    std::memcpy(&check, stored->last(sizeof check).data(), sizeof check);
    if (front[0] != format::magic) return damaged("it does not begin like a log of tenure");
    if (check != format::check_of(format::meta, key, stored->first(stored->size() - sizeof check)))
        return damaged("its identity record is not what was written");
    if (front[1] > format::version)
        return Error{Errc::storage_too_new,
                     "the log is written in format " + std::to_string(front[1]) +
                         "; this program reads formats up to " + std::to_string(format::version)};
    return read_meta<format::Identity>(reader, format::MetaId::identity, "identity");
}

Result<format::Position> read_position(const storage::Reader& reader) {
    TRY(const auto position,
        read_meta<format::Position>(reader, format::MetaId::position, "position"));
    if (position.committed > position.last)
        return damaged("committed is " + std::to_string(position.committed) +
                       ", after the last entry " + std::to_string(position.last));
    return position;
}

Result<Instant> read_reservation(const storage::Reader& reader) {
    if (!reader.get(format::meta, format::meta_key(format::MetaId::reservation)))
        return instant_min;
    TRY(const auto reservation,
        read_meta<format::Reservation>(reader, format::MetaId::reservation, "reservation"));
    return Instant{reservation.until_us};
}

format::EntryHeader header_of(Bytes stored) {
    INVARIANT(stored.size() >= sizeof(format::EntryHeader));
    format::EntryHeader header;
    std::memcpy(&header, stored.data(), sizeof header);
    return header;
}

std::string fault_of(Revision revision, Bytes stored) {
    if (stored.size() < sizeof(format::EntryHeader)) return "it is shorter than its header";
    const format::EntryHeader header = header_of(stored);
    if (header.revision != revision.value)
        return "its header says revision " + std::to_string(header.revision);
    if (stored.size() % sizeof(std::uint64_t) != 0 ||
        header.body_words != (stored.size() - sizeof header) / sizeof(std::uint64_t))
        return "its header says " + std::to_string(header.body_words) + " words of body, of " +
               std::to_string(stored.size()) + " bytes in all";
    return {};
}

Result<std::span<const Digest>> read_block(const storage::Reader& reader, unsigned level,
                                           std::uint64_t block, std::uint64_t size) {
    const std::uint64_t begin = block * block_nodes;
    const std::uint64_t nodes = RightEdge::nodes_at(level, size);
    INVARIANT(begin < nodes);
    const std::optional<Bytes> stored = reader.get(format::tree, format::tree_key(level, block));
    if (!stored || stored->size() != block_nodes * sizeof(Digest))
        return damaged_node(level * level_height, begin);
    // A Digest is an array of bytes, so it may lie anywhere.
    const auto* digests = reinterpret_cast<const Digest*>(stored->data());
    return std::span{digests, std::min<std::size_t>(block_nodes, nodes - begin)};
}

Result<RightEdge> read_edge(const storage::Reader& reader, std::uint64_t size) {
    std::vector<TreeBlock> blocks;
    for (unsigned level = 0; RightEdge::nodes_at(level, size) != 0; ++level) {
        const std::uint64_t nodes = RightEdge::nodes_at(level, size);
        if (nodes % block_nodes == 0) continue;
        TreeBlock block{.level = level, .index = nodes / block_nodes};
        TRY(const auto stored, read_block(reader, level, block.index, size));
        block.count = stored.size();
        std::copy(stored.begin(), stored.end(), block.nodes.begin());
        blocks.push_back(block);
    }
    return RightEdge::restore(size, blocks);
}

Result<Digest> LeafReader::leaf(std::uint64_t index) {
    if (index / block_nodes != block_) {
        TRY(nodes_, read_block(reader_, 0, index / block_nodes, size_));
        block_ = index / block_nodes;
    }
    return nodes_[index % block_nodes];
}

Digest StoredTree::node(unsigned height, std::uint64_t index) const {
    const unsigned level = height / level_height;
    const std::size_t width = std::size_t{1} << (height % level_height);
    const std::uint64_t first = index * width;
    const auto block = must(read_block(reader_, level, first / block_nodes, size_));
    return subtree_root(block.subspan(first % block_nodes, width));
}

storage::Key note_key(std::string_view name) {
    const Digest digest = sha256(std::as_bytes(std::span{name}));
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), digest.data(), sizeof words);
    return {storage::big_endian(words[0]), storage::big_endian(words[1])};  // in digest order
}

std::vector<std::uint64_t> encode_note(std::string_view name, std::string_view value) {
    const std::size_t name_words = whole_words(name.size());
    const std::size_t value_words = whole_words(value.size());
    std::vector<std::uint64_t> words(2 + name_words + value_words + 1);
    words[0] = name.size();
    words[1] = value.size();
    if (!name.empty()) std::memcpy(&words[2], name.data(), name.size());
    if (!value.empty()) std::memcpy(&words[2 + name_words], value.data(), value.size());
    words.back() = format::check_of(format::notes, note_key(name),
                                    std::as_bytes(std::span{words}.first(words.size() - 1)));
    return words;
}

std::optional<Note> decode_note(const storage::Key& key, Bytes stored) {
    if (stored.size() % 8 != 0 || stored.size() < 3 * 8) return std::nullopt;
    std::vector<std::uint64_t> words(stored.size() / 8);
    std::memcpy(words.data(), stored.data(), stored.size());
    if (words.back() != format::check_of(format::notes, key, stored.first(stored.size() - 8)))
        return std::nullopt;
    const std::size_t room = stored.size();
    if (words[0] > room || words[1] > room ||
        2 + whole_words(words[0]) + whole_words(words[1]) + 1 != words.size())
        return std::nullopt;
    const auto* text = reinterpret_cast<const char*>(stored.data());
    return Note{std::string(text + 16, words[0]),
                std::string(text + 16 + whole_words(words[0]) * 8, words[1])};
}

}  // namespace tenure::log
