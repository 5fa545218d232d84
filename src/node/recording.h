#pragma once
// Recording: from a command to entries of the log and rows of the index, inside one open index
// transaction. Shared by the writer's groups and by the import.

#include <vector>

#include "base/result.h"
#include "domain/command.h"
#include "log/event_log.h"
#include "node/authority.h"
#include "projection/index.h"
#include "query/index_state.h"

namespace tenure::node {

class Recording {
public:
    // `index` and `guardians` outlive it. `first` is the earliest instant the first event may be
    // recorded at, `last` the log's last revision, `term` that of the new entries.
    Recording(projection::Index& index, Guardians& guardians, Instant first, Revision last,
              Term term);

    // Decides and folds. On an error nothing of this command was folded.
    Result<void> record(const domain::Command& command, const std::string& command_id);

    // After all commands of a batch: what holds for them together.
    Result<void> end_batch() { return authority_.end_batch(next_); }

    // Without asking: for events the store itself makes.
    void record_event(domain::Event event);

    std::size_t events() const { return entries_.size(); }

    Revision last() const { return last_; }

    Instant last_recorded_at() const { return Instant{next_.us - 1}; }

    domain::State& state() { return state_; }

    const std::vector<log::NewEntry>& entries() const { return entries_; }

    projection::IndexBatch& batch() { return batch_; }

private:
    projection::IndexBatch batch_;
    query::IndexState state_;
    Authority authority_;
    Instant next_;
    Revision last_;
    const Term term_;
    std::vector<log::NewEntry> entries_;
};

}  // namespace tenure::node
