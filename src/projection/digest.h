#pragma once
// Index digest: one hash of what the index says as of a revision, the same on every node that has
// folded that far, however it did. docs/FORMAT.md, "Digest of the index", says what is hashed.
//
// It leaves out all that later revisions have added, closed or ended, so nodes need not be equally
// far, and writing goes on meanwhile. Rows are read a run at a time, each run in a short
// transaction of its own: what came in between is later, and left out. It reads the whole index.

#include <cstdint>
#include <functional>
#include <optional>

#include "log/merkle.h"
#include "projection/index.h"

namespace tenure::projection {

struct IndexDigest {
    Revision revision;
    log::Digest digest{};
    std::uint64_t rows = 0;   // that stood there as of the revision
    std::uint64_t bytes = 0;  // of their keys and values as of then, without check words
    bool operator==(const IndexDigest&) const = default;
};

inline constexpr std::size_t digest_run_rows = 10'000;

// `at` <= index.applied(), and will never be discarded. Between the runs `go_on` is told how many
// rows were looked at; nothing is returned if it says no. A damaged row ends the process, as
// everywhere (rows.h).
std::optional<IndexDigest> digest_as_of(const Index& index, Revision at,
                                        const std::function<bool(std::uint64_t rows)>& go_on,
                                        std::size_t run_rows = digest_run_rows);

}  // namespace tenure::projection
