#include "projection/versioned_set.h"

#include <algorithm>
#include <map>

#include "base/invariant.h"

namespace tenure::projection {
namespace {

// Header word: bit 0 wide; the upper 32 bits are the number of entries the block began with.
std::uint64_t make_header(std::size_t initial, bool wide) {
    return std::uint64_t{initial} << 32U | (wide ? 1U : 0U);
}

std::size_t capacity(std::uint64_t header) {
    const std::size_t initial = std::size_t{header >> 32U};
    return std::max(set_block_entries_min, initial + initial / 2 + 8);
}

struct Block {
    RevisionRange range;
    std::vector<std::uint64_t> words;  // header, entries

    std::size_t count(const SetShape& shape) const {
        return (words.size() - 1) / shape.entry_words();
    }

    std::uint64_t* entry(const SetShape& shape, std::size_t i) {
        return words.data() + 1 + i * shape.entry_words();
    }
};

std::optional<Block> head_block(const Rows& rows, const SetShape& shape, std::uint64_t owner) {
    const auto version = rows.head(shape.table, Key{owner});
    if (!version) return std::nullopt;
    return Block{version->range, {version->payload.begin(), version->payload.end()}};
}

void push_entry(std::vector<std::uint64_t>& words, Words element_and_payload, RevisionRange range) {
    words.insert(words.end(), element_and_payload.begin(), element_and_payload.end());
    words.push_back(range.from.value);
    words.push_back(range.to.value);
}

void put_block(Rows& rows, const SetShape& shape, std::uint64_t owner, const Block& block) {
    rows.put(shape.table, Key{owner}, block.range, block.words);
}

// Ends `full` at `at`; the block that follows begins with what is in the set.
Block split(Rows& rows, const SetShape& shape, std::uint64_t owner, Block full, Revision at) {
    Block fresh{{at, revision_max}, {0}};
    const std::size_t stride = shape.entry_words();
    std::size_t live = 0;
    for (std::size_t i = 0; i < full.count(shape); ++i) {
        const std::uint64_t* entry = full.entry(shape, i);
        if (entry[stride - 1] != revision_max.value) continue;
        fresh.words.insert(fresh.words.end(), entry, entry + stride);
        ++live;
    }
    fresh.words[0] = make_header(live, false);
    full.range.to = at;
    put_block(rows, shape, owner, full);
    return fresh;
}

}  // namespace

SetBlockView::SetBlockView(const SetShape& shape, const Version& version)
    : range_{version.range},
      header_{version.payload.front()},
      entries_{version.payload.subspan(1)},
      stride_{shape.entry_words()} {
    INVARIANT(entries_.size() % stride_ == 0);
}

RevisionRange SetBlockView::stored_interval(std::size_t entry) const {
    return {Revision{word(entry, stride_ - 2)}, Revision{word(entry, stride_ - 1)}};
}

RevisionRange SetBlockView::interval(std::size_t entry) const {
    return stored_interval(entry).intersect(range_);
}

std::optional<SetBlockView> set_block_at(const RowReader& reader, const SetShape& shape,
                                         std::uint64_t owner, Revision at) {
    const auto version = reader.at(shape.table, Key{owner}, at);
    if (!version) return std::nullopt;
    return SetBlockView{shape, *version};
}

std::vector<SetInterval> set_history(const RowReader& reader, const SetShape& shape,
                                     std::uint64_t owner) {
    // (from, element) names an interval; the newest block that holds it knows its end.
    std::map<std::pair<std::uint64_t, std::vector<std::uint64_t>>, SetInterval> found;
    reader.scan(shape.table, Key{owner}, [&](const VersionRow& row) {
        const SetBlockView block{shape, row.version};
        for (std::size_t i = 0; i < block.size(); ++i) {
            SetInterval interval{{}, block.stored_interval(i)};
            for (std::size_t w = 0; w < shape.element_words + shape.payload_words; ++w)
                interval.words.push_back(block.word(i, w));
            // Blocks come newest first.
            found.try_emplace({interval.range.from.value, interval.words}, interval);
        }
        return true;
    });
    std::vector<SetInterval> result;
    for (auto& [key, interval] : found) result.push_back(std::move(interval));
    return result;
}

void set_add(Rows& rows, const SetShape& shape, std::uint64_t owner, Words words, Revision at) {
    INVARIANT(words.size() == shape.element_words + shape.payload_words);
    auto block = head_block(rows, shape, owner);
    if (!block) block = Block{{at, revision_max}, {make_header(0, false)}};
    // Several changes by one event stay in the block that event began.
    if (block->count(shape) >= capacity(block->words[0]) && block->range.from < at)
        block = split(rows, shape, owner, *std::move(block), at);
    push_entry(block->words, words, {at, revision_max});
    put_block(rows, shape, owner, *block);
}

std::optional<ClosedEntry> set_remove(Rows& rows, const SetShape& shape, std::uint64_t owner,
                                      Words element, Revision at) {
    auto block = head_block(rows, shape, owner);
    if (!block) return std::nullopt;
    const std::size_t stride = shape.entry_words();
    for (std::size_t i = block->count(shape); i-- > 0;) {
        std::uint64_t* entry = block->entry(shape, i);
        if (entry[stride - 1] != revision_max.value ||
            !std::equal(element.begin(), element.end(), entry))
            continue;
        ClosedEntry closed{{entry + shape.element_words, entry + stride - 2},
                           Revision{entry[stride - 2]}};
        entry[stride - 1] = at.value;
        put_block(rows, shape, owner, *block);
        return closed;
    }
    return std::nullopt;
}

std::vector<SetInterval> set_live(const Rows& rows, const SetShape& shape, std::uint64_t owner) {
    std::vector<SetInterval> result;
    const auto version = rows.head(shape.table, Key{owner});
    if (!version) return result;
    const SetBlockView block{shape, *version};
    for (std::size_t i = 0; i < block.size(); ++i) {
        if (block.stored_interval(i).to != revision_max) continue;
        SetInterval interval{{}, block.stored_interval(i)};
        for (std::size_t w = 0; w < shape.element_words + shape.payload_words; ++w)
            interval.words.push_back(block.word(i, w));
        result.push_back(std::move(interval));
    }
    return result;
}

bool set_is_wide(const Rows& rows, const SetShape& shape, std::uint64_t owner) {
    const auto version = rows.head(shape.table, Key{owner});
    return version && SetBlockView{shape, *version}.wide();
}

void set_make_wide(Rows& rows, const SetShape& shape, std::uint64_t owner, Revision at) {
    if (auto block = head_block(rows, shape, owner); block && block->range.from < at) {
        block->range.to = at;
        put_block(rows, shape, owner, *block);
    }
    put_block(rows, shape, owner, Block{{at, revision_max}, {make_header(0, true)}});
}

}  // namespace tenure::projection
