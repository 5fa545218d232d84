#pragma once
// VersionedSet: owner -> elements, each with the interval it was in the set. The second of the two
// primitives the index is made of (the first is a versioned row, see rows.h).
//
// An owner's history is cut into blocks by revision. A block covers [range.from, range.to) and
// holds every element that was in the set at some moment of it, so "the set as of R" is one floor
// seek and one pass over a block. A full block is followed by one that begins with the elements
// then in the set; its capacity is half as many again and some more, so blocks stay in proportion
// to the set and not to its history, and copying is paid for by the changes before it.
//
// An entry is element words, payload words, from, to. Entries of an old block that outlived it keep
// to == revision_max there; the block's own range bounds them.

#include <cstdint>
#include <optional>
#include <vector>

#include "projection/rows.h"

namespace tenure::projection {

struct SetShape {
    Table table;
    std::size_t element_words;
    std::size_t payload_words;

    constexpr std::size_t entry_words() const { return element_words + payload_words + 2; }
};

inline constexpr SetShape groups_of_set{table::groups_of, 1, 0};
inline constexpr SetShape ancestors_of_set{table::ancestors_of, 1, 0};
inline constexpr SetShape grants_of_set{table::grants_of, 2, 1};

// A block's entries before it is split, at least.
inline constexpr std::size_t set_block_entries_min = 16;

// One block seen through a transaction; borrows from it.
class SetBlockView {
public:
    SetBlockView(const SetShape& shape, const Version& version);

    RevisionRange range() const { return range_; }

    // The owner's elements are kept elsewhere from range().from on (fold.h: wide subjects).
    bool wide() const { return (header_ & 1U) != 0; }

    std::size_t size() const { return entries_.size() / stride_; }

    std::uint64_t word(std::size_t entry, std::size_t i) const {
        return entries_[entry * stride_ + i];
    }

    // The entry's interval inside this block's range.
    RevisionRange interval(std::size_t entry) const;
    // As stored: `to` is revision_max if it was still in the set when the block ended.
    RevisionRange stored_interval(std::size_t entry) const;

private:
    RevisionRange range_;
    std::uint64_t header_;
    Words entries_;
    std::size_t stride_;
};

// The block that covers revision `at`.
std::optional<SetBlockView> set_block_at(const RowReader& reader, const SetShape& shape,
                                         std::uint64_t owner, Revision at);

// Every interval of every element over the whole history, each once, in order of `from`.
struct SetInterval {
    std::vector<std::uint64_t> words;  // element and payload
    RevisionRange range;
};

std::vector<SetInterval> set_history(const RowReader& reader, const SetShape& shape,
                                     std::uint64_t owner);

// Writing, at head only. `words` = element and payload words; the element must not be in the set.
void set_add(Rows& rows, const SetShape& shape, std::uint64_t owner, Words words, Revision at);

// Takes the element out; its payload and the revision it came in at, or nothing if it was not in.
struct ClosedEntry {
    std::vector<std::uint64_t> payload;
    Revision from;
};

std::optional<ClosedEntry> set_remove(Rows& rows, const SetShape& shape, std::uint64_t owner,
                                      Words element, Revision at);
// Elements in the set at head: element and payload words of each, and `from`.
std::vector<SetInterval> set_live(const Rows& rows, const SetShape& shape, std::uint64_t owner);
bool set_is_wide(const Rows& rows, const SetShape& shape, std::uint64_t owner);
// From `at` on the owner is wide: an empty block with that mark.
void set_make_wide(Rows& rows, const SetShape& shape, std::uint64_t owner, Revision at);

}  // namespace tenure::projection
