#pragma once
// The Merkle tree of RFC 6962, section 2.1, without a store.
//
// A subtree is named by its height and index: (h, i) covers the leaves [i * 2^h, (i + 1) * 2^h).
// Only complete subtrees have a name; they never change again.
//
// What is stored are the subtrees of the heights 0, 5, 10 ..., called levels 0, 1, 2 ...; 32
// neighbours of one level make a block, and a complete block is hashed to one node of the level
// above. The heights in between cost at most 31 hashes to compute.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"

namespace tenure::log {

using Digest = std::array<std::byte, 32>;

inline constexpr unsigned level_height = 5;
inline constexpr std::size_t block_nodes = std::size_t{1} << level_height;

Digest sha256(Bytes bytes);

// The same of bytes that come in pieces. One thread; nothing after finish().
class Sha256Stream {
public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(const Sha256Stream&) = delete;
    Sha256Stream& operator=(const Sha256Stream&) = delete;

    void update(Bytes bytes);
    Digest finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

Digest leaf_hash(Bytes stored);
Digest node_hash(const Digest& left, const Digest& right);
Digest empty_root();  // of the tree without leaves
// The root of a complete subtree above `nodes`, whose number is a power of two.
Digest subtree_root(std::span<const Digest> nodes);

// For verifiers; checked as RFC 9162, 2.1.3.2 and 2.1.4.2 describe. From size 0 nothing is to be
// proved: the proof is empty and `from_root` is empty_root().
bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Digest>& proof, const Digest& root);
bool verify_consistency(std::uint64_t from_size, std::uint64_t to_size, const Digest& from_root,
                        const Digest& to_root, const std::vector<Digest>& proof);

// Lower-case hexadecimal.
std::string hex(const Digest& digest);

// Where complete subtrees come from.
class NodeSource {
public:
    virtual ~NodeSource() = default;
    virtual Digest node(unsigned height, std::uint64_t index) const = 0;
};

// RFC 6962: MTH(D[size]), PATH(index, D[size]), PROOF(from_size, D[to_size]). index < size;
// from_size <= to_size; the proof from size 0 is empty.
Digest tree_root(const NodeSource& source, std::uint64_t size);
std::vector<Digest> inclusion_path(const NodeSource& source, std::uint64_t index,
                                   std::uint64_t size);
std::vector<Digest> consistency_path(const NodeSource& source, std::uint64_t from_size,
                                     std::uint64_t to_size);

// Neighbours of one level: nodes [index * 32, index * 32 + count).
struct TreeBlock {
    unsigned level{};
    std::uint64_t index{};
    std::size_t count{};
    std::array<Digest, block_nodes> nodes{};  // zero from `count` on

    std::span<const Digest> filled() const { return {nodes.data(), count}; }
};

// The right edge of a growing tree: what is needed to add leaves, to know the root and to store the
// blocks that change. A value; its size does not depend on the tree's but by its logarithm.
class RightEdge {
public:
    std::uint64_t size() const { return size_; }

    // Adds a leaf; blocks it completes are appended to `completed`, lowest level first.
    void push(const Digest& leaf, std::vector<TreeBlock>& completed);

    Digest root() const;

    // The last, incomplete block of each level that has nodes outside complete blocks.
    std::vector<TreeBlock> open_blocks() const;

    // The edge of a tree of `size` leaves from its open blocks, any order.
    static RightEdge restore(std::uint64_t size, const std::vector<TreeBlock>& open_blocks);

    // Nodes of `level` in a tree of `size` leaves.
    static std::uint64_t nodes_at(unsigned level, std::uint64_t size) {
        const unsigned height = level * level_height;
        return height < 64 ? size >> height : 0;
    }

private:
    void add(unsigned level, const Digest& node, std::vector<TreeBlock>& completed);

    std::uint64_t size_ = 0;
    std::array<Digest, 64> peaks_{};  // of height h, if bit h of size_ is set
    std::vector<TreeBlock> open_;     // by level
};

}  // namespace tenure::log
