#pragma once
// Generations: the index directories of a store and what is known about the one in use. Which one
// it is, and whether it can be trusted, is kept in notes of the log, so that it is durable.
//
// The index does not sync. It can be trusted after a program ended in any way while the machine
// went on (the page cache has everything), and after a clean stop; not after an unclean stop of the
// machine, which the boot id tells.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "log/event_log.h"
#include "projection/index.h"

namespace tenure::node {

class Generations {
public:
    Generations(std::string directory, log::EventLog& log)
        : directory_{std::move(directory)}, log_{log} {}

    std::uint64_t current() const;
    std::string path(std::uint64_t generation) const;

    // Why the current index may not be used as it is; empty if it may.
    std::string distrust() const;
    // The same once it is open, from reading all its rows; only where nothing else vouches for
    // them (it was not closed) and there are few enough.
    std::string distrust(const projection::Index& opened) const;

    // Before the first change of the index in a run: from here on only this boot may trust it.
    Result<void> mark_in_use();
    // Before entries are discarded that the index may have folded: it is rebuilt, come what may.
    Result<void> mark_stale();
    // After the last one; the index is synced by the caller first.
    Result<void> mark_clean();
    // Makes `generation` the one in use and removes all others.
    Result<void> switch_to(std::uint64_t generation);
    // At open: removes what unfinished work left behind.
    void remove_leftovers() const;

private:
    void remove_others() const;
    std::string directory_;
    log::EventLog& log_;
};

struct BuildLimits {
    std::uint64_t map_bytes = std::uint64_t{1} << 40U;
    // What may be held in memory; beyond it the rest is folded through transactions, more slowly.
    std::uint64_t memory_bytes = std::uint64_t{4} << 30U;
};

// Builds a new index of the log up to `to` in `directory` (what is there is removed): folded in
// memory, written in key order. One thread reads, checks and decodes while the caller's folds.
// `progress` gets the revision reached.
Result<std::unique_ptr<projection::Index>> build_index(
    const std::string& directory, const log::EventLog& log, Revision to, const BuildLimits& limits,
    const std::function<void(Revision)>& progress);

// Whether an index that is so far behind is sooner built anew than caught up.
bool cheaper_anew(Revision applied, Revision to);

// Folds the log's entries after index.applied() up to `to`.
Result<void> catch_up(projection::Index& index, const log::EventLog& log, Revision to,
                      const std::function<void(Revision)>& progress);

// Folds events that follow index.applied(). Error storage_damaged: one of them cannot be.
Result<void> fold_into(projection::Index& index, std::span<const domain::Event> events);

// A log entry as an event. The bytes matched the tree, so they must decode: if they do not, a newer
// program wrote them.
Result<domain::Event> event_of(const log::Entry& entry);
Result<std::vector<domain::Event>> events_of(std::span<const log::Entry> entries);

}  // namespace tenure::node
