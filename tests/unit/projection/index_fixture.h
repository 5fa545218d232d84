#pragma once
// An index of a tenant "t" that a test folds events into.

#include <gtest/gtest.h>

#include <memory>

#include "base/invariant.h"
#include "projection/index.h"
#include "support/temp_store.h"

namespace tenure::projection {

inline constexpr log::LogId log_id{{7, 11}};

class FoldedIndex : public ::testing::Test {
protected:
    FoldedIndex() {
        IndexOptions options;
        options.map_bytes = std::uint64_t{1} << 26U;
        options.create = true;
        auto opened = Index::open(directory_ / "index", log_id, options);
        INVARIANT(opened.has_value());
        index_ = std::move(opened.value());
    }

    // Recorded and in effect at so many microseconds.
    static domain::Event event_of(Revision revision, domain::EventBody body) {
        domain::Event event;
        event.revision = revision;
        event.recorded_at = event.effective_at = Instant{static_cast<std::int64_t>(revision.value)};
        event.tenant = "t";
        event.body = std::move(body);
        return event;
    }

    testing::TempDir directory_;
    std::unique_ptr<Index> index_;
};

}  // namespace tenure::projection
