#include "log/merkle.h"

#include <map>

#include "base/random.h"
#include "unit/log/log_fixture.h"

namespace tenure::log {
namespace {

std::vector<std::byte> from_hex(std::string_view text) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < text.size(); i += 2)
        bytes.push_back(
            static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}

std::vector<Digest> leaves_of(std::size_t count) {
    std::vector<Digest> leaves;
    for (std::uint64_t i = 0; i < count; ++i)
        leaves.push_back(leaf_hash(std::as_bytes(std::span{&i, 1})));
    return leaves;
}

using Proof = std::vector<Digest>;

// PATH of RFC 6962, 2.1.1.
Proof naive_path(const std::vector<Digest>& d, std::size_t m, std::size_t begin, std::size_t end) {
    const std::size_t n = end - begin;
    if (n == 1) return {};
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    Proof path;
    if (m < k) {
        path = naive_path(d, m, begin, begin + k);
        path.push_back(naive_root(d, begin + k, end));
    } else {
        path = naive_path(d, m - k, begin + k, end);
        path.push_back(naive_root(d, begin, begin + k));
    }
    return path;
}

// SUBPROOF of RFC 6962, 2.1.2.
Proof naive_proof(const std::vector<Digest>& d, std::size_t m, std::size_t begin, std::size_t end,
                  bool b) {
    const std::size_t n = end - begin;
    if (m == n) return b ? Proof{} : Proof{naive_root(d, begin, end)};
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    Proof proof;
    if (m <= k) {
        proof = naive_proof(d, m, begin, begin + k, b);
        proof.push_back(naive_root(d, begin + k, end));
    } else {
        proof = naive_proof(d, m - k, begin + k, end, false);
        proof.push_back(naive_root(d, begin, begin + k));
    }
    return proof;
}

// Complete subtrees from the leaves; asks for no other.
class LeafSource final : public NodeSource {
public:
    explicit LeafSource(const std::vector<Digest>& leaves) : leaves_{leaves} {}

    Digest node(unsigned height, std::uint64_t index) const override {
        const std::size_t width = std::size_t{1} << height;
        EXPECT_LE((index + 1) * width, leaves_.size());
        return naive_root(leaves_, index * width, (index + 1) * width);
    }

private:
    const std::vector<Digest>& leaves_;
};

TEST(Merkle, HashesLikeTheClassicLogs) {
    // The eight leaves, and the roots over the first n of them, that implementations of RFC 6962
    // have tested with since the first one.
    const std::vector<std::string> inputs{"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
    const std::vector<std::string> roots{
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    RightEdge edge;
    std::vector<TreeBlock> completed;
    std::vector<Digest> leaves;
    EXPECT_EQ(hex(edge.root()), roots[0]);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        leaves.push_back(leaf_hash(from_hex(inputs[i])));
        edge.push(leaves.back(), completed);
        EXPECT_EQ(hex(edge.root()), roots[i + 1]) << i;
        EXPECT_EQ(hex(naive_root(leaves)), roots[i + 1]) << i;
    }
}

TEST(Merkle, EdgeAgreesWithTheDefinition) {
    const std::vector<Digest> leaves = leaves_of(1'100);
    RightEdge edge;
    std::vector<TreeBlock> blocks;
    for (std::size_t size = 0; size <= leaves.size(); ++size) {
        if (size < 140 || size % 31 == 0 || size > 1'020) {
            EXPECT_EQ(edge.root(), naive_root(leaves, 0, size)) << size;
        }
        EXPECT_EQ(edge.size(), size);
        if (size < leaves.size()) edge.push(leaves[size], blocks);
    }

    // And each block holds the roots of the subtrees it stands for
    for (const TreeBlock& block : edge.open_blocks()) blocks.push_back(block);
    std::map<unsigned, std::size_t> nodes;
    for (const TreeBlock& block : blocks) {
        EXPECT_EQ(block.index, nodes[block.level] / block_nodes);
        const std::size_t width = std::size_t{1} << (block.level * level_height);
        for (const Digest& node : block.filled()) {
            const std::size_t i = nodes[block.level]++;
            EXPECT_EQ(node, naive_root(leaves, i * width, (i + 1) * width));
        }
    }
    EXPECT_EQ(nodes, (std::map<unsigned, std::size_t>{{0, 1'100}, {1, 34}, {2, 1}}));
}

TEST(Merkle, EdgeIsRestoredAtEverySize) {
    const std::vector<Digest> leaves = leaves_of(1'100);
    RightEdge edge;
    std::vector<TreeBlock> blocks;
    for (const Digest& leaf : leaves) {
        edge.push(leaf, blocks);
        RightEdge restored = RightEdge::restore(edge.size(), edge.open_blocks());
        ASSERT_EQ(restored.root(), edge.root()) << edge.size();
        if (edge.size() % 100 != 0) continue;
        // It also grows in the same way
        RightEdge other = edge;
        std::vector<TreeBlock> completed;
        for (int i = 0; i < 40; ++i) {
            other.push(leaf, completed);
            restored.push(leaf, completed);
        }
        ASSERT_EQ(restored.root(), other.root());
        ASSERT_EQ(restored.open_blocks().size(), other.open_blocks().size());
    }
}

TEST(Merkle, InclusionProofsAgreeWithTheDefinitionAndAreAccepted) {
    const std::vector<Digest> leaves = leaves_of(131);
    for (std::size_t size = 1; size <= leaves.size(); ++size) {
        const std::vector<Digest> part(leaves.begin(),
                                       leaves.begin() + static_cast<std::ptrdiff_t>(size));
        const LeafSource source{part};
        const Digest root = naive_root(part);
        ASSERT_EQ(tree_root(source, size), root);
        for (std::size_t i = 0; i < size; ++i) {
            const Proof proof = inclusion_path(source, i, size);
            ASSERT_EQ(proof, naive_path(part, i, 0, size)) << i << " of " << size;
            ASSERT_TRUE(verify_inclusion(leaves[i], i, size, proof, root)) << i << " of " << size;
        }
    }
}

TEST(Merkle, ConsistencyProofsAgreeWithTheDefinitionAndAreAccepted) {
    const std::vector<Digest> leaves = leaves_of(131);
    std::vector<Digest> roots;
    for (std::size_t size = 0; size <= leaves.size(); ++size)
        roots.push_back(naive_root(leaves, 0, size));
    const LeafSource source{leaves};
    for (std::size_t to = 0; to <= leaves.size(); ++to) {
        for (std::size_t from = 0; from <= to; ++from) {
            const Proof proof = consistency_path(source, from, to);
            ASSERT_EQ(proof, from == 0 ? Proof{} : naive_proof(leaves, from, 0, to, true))
                << from << " to " << to;
            ASSERT_TRUE(verify_consistency(from, to, roots[from], roots[to], proof))
                << from << " to " << to;
        }
    }
}

TEST(Merkle, RefusesInclusionProofsThatWereTamperedWith) {
    const std::vector<Digest> leaves = leaves_of(40);
    const LeafSource source{leaves};
    Digest other = leaves[0];
    other[7] ^= std::byte{1};
    for (std::size_t size = 1; size <= leaves.size(); ++size) {
        const Digest root = naive_root(leaves, 0, size);
        for (std::size_t i = 0; i < size; ++i) {
            const Proof proof = inclusion_path(source, i, size);
            EXPECT_FALSE(verify_inclusion(other, i, size, proof, root));
            EXPECT_FALSE(verify_inclusion(leaves[i], i, size, proof, other));
            EXPECT_FALSE(verify_inclusion(leaves[i], size, size, proof, root));
            if (size > 1) {
                EXPECT_FALSE(verify_inclusion(leaves[i], (i + 1) % size, size, proof, root));
            }
            Proof longer = proof;
            longer.push_back(other);
            EXPECT_FALSE(verify_inclusion(leaves[i], i, size, longer, root));
            for (std::size_t k = 0; k < proof.size(); ++k) {
                Proof changed = proof;
                changed[k][k % 32] ^= std::byte{0x80};
                EXPECT_FALSE(verify_inclusion(leaves[i], i, size, changed, root));
            }
            if (!proof.empty()) {
                Proof shorter = proof;
                shorter.pop_back();
                EXPECT_FALSE(verify_inclusion(leaves[i], i, size, shorter, root));
            }
        }
    }
    EXPECT_FALSE(verify_inclusion(leaves[0], 0, 0, {}, empty_root()));
}

TEST(Merkle, RefusesConsistencyProofsThatWereTamperedWith) {
    const std::vector<Digest> leaves = leaves_of(40);
    const LeafSource source{leaves};
    Digest other = leaves[0];
    other[7] ^= std::byte{1};
    for (std::size_t to = 1; to <= leaves.size(); ++to) {
        const Digest to_root = naive_root(leaves, 0, to);
        for (std::size_t from = 0; from <= to; ++from) {
            const Digest from_root = naive_root(leaves, 0, from);
            const Proof proof = consistency_path(source, from, to);
            EXPECT_FALSE(verify_consistency(from, to, other, to_root, proof));
            if (from != 0) {
                EXPECT_FALSE(verify_consistency(from, to, from_root, other, proof));
            }
            EXPECT_FALSE(verify_consistency(to + 1, to, from_root, to_root, proof));
            Proof longer = proof;
            longer.push_back(other);
            EXPECT_FALSE(verify_consistency(from, to, from_root, to_root, longer));
            for (std::size_t k = 0; k < proof.size(); ++k) {
                Proof changed = proof;
                changed[k][k % 32] ^= std::byte{0x80};
                EXPECT_FALSE(verify_consistency(from, to, from_root, to_root, changed));
            }
            if (!proof.empty()) {
                Proof shorter = proof;
                shorter.pop_back();
                EXPECT_FALSE(verify_consistency(from, to, from_root, to_root, shorter));
                EXPECT_FALSE(verify_consistency(from, to, from_root, to_root, {}));
            }
        }
    }
}

TEST(Merkle, HashesBytesInPiecesAsTheWhole) {
    std::array<std::byte, 200> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
    for (const std::size_t cut : {0U, 1U, 63U, 64U, 65U, 200U}) {
        Sha256Stream stream;
        stream.update(Bytes{bytes}.first(cut));
        stream.update(Bytes{bytes}.subspan(cut));
        EXPECT_EQ(stream.finish(), sha256(bytes)) << cut;
    }
}

TEST(Merkle, WritesDigestsInHexadecimal) {
    Digest digest{};
    digest[0] = std::byte{0xA5};
    digest[31] = std::byte{0x0F};

    EXPECT_EQ(hex(digest), "a5" + std::string(60, '0') + "0f");
}

}  // namespace
}  // namespace tenure::log
