// Whether the log is what was written: its newest part at each open, all of it on request.

#include <algorithm>

#include "log/stored.h"

namespace tenure::log {
namespace {

constexpr std::uint64_t rows_per_transaction_max = 5'000;

// Walks the log upwards and builds its tree anew, comparing as it goes. Keeps no view, so it may go
// on in another transaction.
class Walk {
public:
    // From the first entry on.
    Walk() = default;

    // After the entries `edge` stands for, which are believed as far as the root proves them right.
    explicit Walk(RightEdge edge) : edge_{std::move(edge)} {}

    std::uint64_t done() const { return edge_.size(); }

    // The entries up to and with `to`, of a log at `position`.
    Result<void> entries(const storage::Reader& reader, const format::Position& position,
                         std::uint64_t to) {
        LeafReader leaves{reader, position.last};
        std::optional<Error> fault;
        reader.scan(format::entries, {done() + 1}, 0, [&](const storage::RowView& row) {
            if (done() == to) return false;
            if (row.key.word(0) != done() + 1) return false;
            auto checked = entry(reader, position, leaves, row.value);
            if (!checked) fault = std::move(checked).error();
            return !fault;
        });
        if (fault) return *fault;
        if (done() < to) return damaged_entry(Revision{done() + 1}, "it is missing");
        return success();
    }

    // What can be said once all entries are done.
    Result<void> finish(const storage::Reader& reader, const format::Position& position) const {
        for (const TreeBlock& block : edge_.open_blocks()) {
            TRY(compare(reader, block, position.last));
        }
        if (edge_.root() != position.root)
            return damaged("the tree's root is not the one that was written");
        if (const auto row = reader.seek(format::entries, {position.last + 1}, 0))
            return damaged_entry(Revision{row->key.word(0)}, "it lies behind the end of the log");
        return success();
    }

    Result<void> terms(const storage::Reader& reader) const {
        std::uint64_t rows = 0;
        reader.scan(format::terms, {0}, 0, [&](const storage::RowView&) {
            ++rows;
            return true;
        });
        if (rows != terms_) return damaged("its terms are not those of its entries");
        return success();
    }

private:
    Result<void> entry(const storage::Reader& reader, const format::Position& position,
                       LeafReader& leaves, Bytes stored) {
        const Revision revision{done() + 1};
        TRY(const Digest leaf, leaves.leaf(done()));
        const Digest computed = leaf_hash(stored);
        if (computed != leaf) return blame(reader, position, revision);
        if (std::string fault = fault_of(revision, stored); !fault.empty())
            return damaged_entry(revision, fault);
        const format::EntryHeader header = header_of(stored);
        if (previous_ && header.term < previous_->term)
            return damaged_entry(revision, "its term is older than the one before");
        if (previous_ && header.recorded_at_us <= previous_->recorded_at_us)
            return damaged_entry(revision, "it is not recorded after the one before");
        const bool term_known = previous_.has_value() || done() == 0;
        if (term_known && (!previous_ || header.term != previous_->term)) {
            TRY(new_term(reader, revision, header.term));
        }
        previous_ = header;
        std::vector<TreeBlock> completed;
        edge_.push(computed, completed);
        for (const TreeBlock& block : completed) {
            TRY(compare(reader, block, position.last));
        }
        return success();
    }

    Result<void> new_term(const storage::Reader& reader, Revision revision, std::uint64_t term) {
        ++terms_;
        const std::optional<Bytes> stored = reader.get(format::terms, {term});
        if (stored) {
            const auto row = format::unseal<format::TermValue>(format::terms, {term}, *stored);
            if (row && row->first == revision.value) return success();
        }
        return damaged("it does not know that term " + std::to_string(term) +
                       " begins at revision " + std::to_string(revision.value));
    }

    // A block built anew against the stored one.
    static Result<void> compare(const storage::Reader& reader, const TreeBlock& block,
                                std::uint64_t size) {
        TRY(const auto stored, read_block(reader, block.level, block.index, size));
        for (std::size_t i = 0; i < block.count; ++i)
            if (stored[i] != block.nodes[i])
                return damaged_node(block.level * level_height, block.index * block_nodes + i);
        return success();
    }

    // An entry and its leaf differ: the next node above, or the root, knows which of them is wrong.
    static Error blame(const storage::Reader& reader, const format::Position& position,
                       Revision revision) {
        const Error entry = damaged_entry(revision, "its bytes do not match the tree");
        TreeBlock leaves{.level = 0, .index = (revision.value - 1) / block_nodes};
        const std::uint64_t first = leaves.index * block_nodes;
        const std::uint64_t count = std::min<std::uint64_t>(block_nodes, position.last - first);
        for (; leaves.count < count; ++leaves.count) {
            const auto stored = reader.get(format::entries, {first + leaves.count + 1});
            if (!stored) return entry;
            leaves.nodes[leaves.count] = leaf_hash(*stored);
        }
        bool leaves_fit = false;
        if (count == block_nodes) {
            const auto above = read_block(reader, 1, leaves.index / block_nodes, position.last);
            leaves_fit =
                above && above.value()[leaves.index % block_nodes] == subtree_root(leaves.nodes);
        } else if (const auto edge = read_edge(reader, position.last)) {
            std::vector<TreeBlock> blocks = edge.value().open_blocks();
            std::replace_if(
                blocks.begin(), blocks.end(), [](const TreeBlock& b) { return b.level == 0; },
                leaves);
            leaves_fit = RightEdge::restore(position.last, blocks).root() == position.root;
        }
        return leaves_fit ? damaged_node(0, revision.value - 1) : entry;
    }

    RightEdge edge_;
    std::optional<format::EntryHeader> previous_;
    std::uint64_t terms_ = 0;
};

// No blocks but those of a tree of `size` leaves, and zeros where they are not filled.
Result<void> verify_blocks(const storage::Reader& reader, std::uint64_t size) {
    unsigned level = 0;
    for (; RightEdge::nodes_at(level, size) != 0; ++level) {
        const std::uint64_t nodes = RightEdge::nodes_at(level, size);
        const std::uint64_t blocks = (nodes + block_nodes - 1) / block_nodes;
        if (const auto extra = reader.seek(format::tree, format::tree_key(level, blocks), 1))
            return damaged_node(level * level_height, extra->key.word(1) * block_nodes);
        const auto last = reader.get(format::tree, format::tree_key(level, blocks - 1));
        if (!last || last->size() != block_nodes * sizeof(Digest))
            return damaged_node(level * level_height, (blocks - 1) * block_nodes);
        const std::size_t used = nodes - (blocks - 1) * block_nodes;
        const Bytes unused = last->subspan(used * sizeof(Digest));
        const auto bad = std::find_if(unused.begin(), unused.end(),
                                      [](std::byte byte) { return byte != std::byte{0}; });
        if (bad != unused.end()) {
            const auto offset = static_cast<std::size_t>(bad - unused.begin());
            return damaged_node(level * level_height, nodes + offset / sizeof(Digest));
        }
    }
    const auto top = reader.seek(format::tree, {0}, 0);
    if (top && (level == 0 || top->key.word(0) < ~std::uint64_t{level - 1}))
        return damaged("its tree has levels above the root");
    return success();
}

Error missing_command(std::uint64_t number) {
    return damaged("the record of command " + std::to_string(number) + " is missing");
}

Result<void> verify_command(const storage::RowView& row, const format::Position& position) {
    const std::string name = "the record of command " + std::to_string(row.key.word(0));
    const auto command = format::unseal<format::CommandValue>(format::commands, row.key, row.value);
    if (!command) return damaged(name + " is not what was written");
    if (row.key.word(0) > position.commands || command->first == 0 ||
        command->count > position.last || command->last() > position.last)
        return damaged(name + " lies behind the end of the log");
    return success();
}

// All rows of a table, a few thousand per transaction. `check(row, position)` is a Result<void>.
template <class Check>
Result<void> verify_rows(storage::ReadTxn& txn, storage::Table table, std::size_t key_words,
                         Check&& check) {
    storage::Key from;
    for (std::size_t i = 0; i < key_words; ++i) from.push(0);
    for (;;) {
        txn.renew();
        TRY(const format::Position position, read_position(txn));
        std::optional<Error> fault;
        std::uint64_t rows = 0;
        bool more = false;
        txn.scan(table, from, 0, [&](const storage::RowView& row) {
            from = row.key;
            more = rows++ == rows_per_transaction_max;
            if (more) return false;
            auto checked = check(row, position);
            if (!checked) fault = std::move(checked).error();
            return !fault;
        });
        if (fault) return *fault;
        if (!more) return success();
    }
}

}  // namespace

Result<void> verify_tail(const storage::Reader& reader, const format::Position& position,
                         std::uint64_t count) {
    const std::uint64_t before = position.last > count ? position.last - count : 0;
    TRY(RightEdge edge, read_edge(reader, before / block_nodes * block_nodes));
    Walk walk{std::move(edge)};
    TRY(walk.entries(reader, position, position.last));
    return walk.finish(reader, position);
}

Result<void> verify_log(const storage::Environment& environment,
                        const std::function<void(const VerifyProgress&)>& progress) {
    storage::ReadTxn txn{environment};
    Walk walk;
    for (bool finished = false; !finished;) {
        txn.renew();
        TRY(const format::Position position, read_position(txn));
        // Entries not committed may be others in the next transaction, so they all go into the
        // last.
        finished = position.committed <= walk.done() + rows_per_transaction_max;
        TRY(walk.entries(txn, position,
                         finished ? position.last : walk.done() + rows_per_transaction_max));
        if (finished) {
            TRY(walk.finish(txn, position));
            TRY(walk.terms(txn));
            TRY(verify_blocks(txn, position.last));
            TRY(read_identity(txn));
            TRY(read_reservation(txn));
        }
        txn.reset();
        if (progress) progress({Revision{walk.done()}, Revision{position.last}});
    }
    std::uint64_t commands = 0;
    TRY(verify_rows(txn, format::commands, 1,
                    [&](const storage::RowView& row, const format::Position& position) {
                        // A row read twice, at the joint of two transactions, counts once.
                        if (row.key.word(0) > commands + 1)
                            return Result<void>{missing_command(commands + 1)};
                        commands = row.key.word(0);
                        return verify_command(row, position);
                    }));
    TRY(const format::Position position, read_position(txn));
    if (position.commands > commands) return missing_command(commands + 1);
    return verify_rows(txn, format::notes, 2,
                       [](const storage::RowView& row, const format::Position&) -> Result<void> {
                           if (!decode_note(row.key, row.value))
                               return damaged("a note is not what was written");
                           return success();
                       });
}

}  // namespace tenure::log
