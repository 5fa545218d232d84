#pragma once
// FoldedWorld: a history that is folded into a real index step by step, the way the writer does it:
// in batches, some of which are given up half way and done again, and closed and opened in between.

#include <memory>
#include <vector>

#include "base/random.h"
#include "domain/event.h"
#include "projection/index.h"
#include "query/engine.h"
#include "support/temp_store.h"

namespace tenure::testing {

class FoldedWorld {
public:
    // `events` and `random` outlive it.
    FoldedWorld(const std::vector<domain::Event>& events, Random& random);

    bool done() const { return head_.value == events_.size(); }

    // The newest revision questions may see, and the newest there is.
    Revision head() const { return head_; }

    Revision applied() const { return applied_; }

    // Folds the next few events, at most `batch_events_max`.
    void fold_some(std::size_t batch_events_max);
    // Folds the next `count` events in one batch, and shows everything folded so far.
    void fold(std::size_t count);
    // Commits a batch that somebody else folded the next `count` events into.
    void commit(projection::IndexBatch& batch, std::size_t count);
    // Builds the index of the first `count` events in memory. Nothing must have been folded yet.
    void build(std::size_t count);
    // Folds the next events, but lets no question see them yet: the way an import works. The next
    // fold() shows them.
    void fold_out_of_sight(std::size_t count);
    // A batch that is not committed.
    void fold_and_give_up(std::size_t count);
    // Closes the index and opens it again: a new engine too.
    void reopen();

    projection::Index& index() { return *index_; }

    // The one that has seen everything since the index was opened.
    query::Engine& engine() { return *engine_; }

    // It is `now`; nothing will be recorded at or before `closed`.
    query::Moment moment(Instant now, Instant closed) const;

private:
    void open(bool create);
    const std::vector<domain::Event>& events_;
    Random& random_;
    TempDir directory_;
    std::unique_ptr<projection::Index> index_;
    std::unique_ptr<query::Engine> engine_;
    Revision head_;     // may be seen
    Revision applied_;  // is in the index
};

}  // namespace tenure::testing
