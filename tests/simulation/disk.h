#pragma once
// Disk: a log on a pretended disk. What is asked for becomes durable later, in order; a crash loses
// what has not, from some point on.

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "base/random.h"
#include "replication/log_view.h"

namespace tenure::simulation {

struct Stored {
    Term term;
    std::int64_t recorded_us = 0;
    std::uint64_t payload = 0;
};

class Disk final : public replication::LogView {
public:
    // LogView, of what is durable.
    Revision last() const override { return Revision{entries_.size()}; }

    Revision committed() const override { return committed_; }

    std::vector<replication::TermStart> terms() const override { return terms_; }

    replication::Root root(Revision size) const override;

    // At once; changes that wait use these too. False: no room.
    bool add(const Stored& entry);
    void cut(Revision to);

    // `change` is made, then `done` called if the program still runs, with what `change` said:
    // whether it could be made.
    void later(std::function<bool()> change, std::function<void(bool)> done);

    bool idle() const { return waiting_.empty(); }

    // Entries find no room.
    bool full = false;

    // The oldest change that waits.
    void complete_one();
    // Some of those that wait, from the oldest on, are made; nobody hears of it.
    void crash(Random& random);
    void wipe();

    const Stored& entry(Revision revision) const { return entries_.at(revision.value - 1); }

    // Of everything up to it.
    std::uint64_t chain(Revision revision) const;
    replication::Run run(Revision from, std::uint64_t count) const;
    static std::vector<Stored> entries_of(const replication::Run& run);

    Term term;
    std::int64_t reserved_us = 0;
    Revision committed_;
    replication::StoreId store;
    std::int64_t newest_us = 0;  // recorded, durable or on its way

private:
    struct Waiting {
        std::function<bool()> change;
        std::function<void(bool)> done;
    };

    std::vector<Stored> entries_;
    std::vector<std::uint64_t> chain_;
    std::vector<replication::TermStart> terms_;
    std::deque<Waiting> waiting_;
};

}  // namespace tenure::simulation
