#pragma once
// TestRows: an environment with the tables of the index and nothing in them.

#include <gtest/gtest.h>

#include <memory>

#include "projection/rows.h"
#include "storage/environment.h"
#include "support/temp_store.h"

namespace tenure::projection {

class TestRows {
public:
    TestRows() {
        storage::EnvironmentOptions options;
        options.map_bytes = std::uint64_t{1} << 26U;
        options.sync = storage::Sync::relaxed;
        options.create = true;
        auto opened = storage::Environment::open(directory_ / "rows", index_tables, options);
        INVARIANT(opened.has_value());
        environment_ = std::move(opened.value());
    }

    storage::Environment& environment() { return *environment_; }

    // Writes in a transaction of its own.
    template <class Change>
    void write(Change change) {
        storage::WriteTxn txn{*environment_};
        LmdbRows rows{txn};
        change(rows);
        ASSERT_FALSE(rows.failure().has_value());
        ASSERT_TRUE(txn.commit().has_value());
    }

    template <class Look>
    auto read(Look look) const {
        const storage::ReadTxn txn{*environment_};
        return look(RowReader{txn});
    }

private:
    testing::TempDir directory_;
    std::unique_ptr<storage::Environment> environment_;
};

inline std::vector<std::uint64_t> owned(Words words) { return {words.begin(), words.end()}; }

}  // namespace tenure::projection
