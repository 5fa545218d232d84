#pragma once
// Index: one generation of the index on disk, DIRECTORY/index-<generation>/.
//
// Made from the log and from nothing else; it may be thrown away at any time. Its LMDB environment
// does not sync (a machine that stops uncleanly costs a rebuild, see node). The writer thread folds
// through an IndexBatch; readers use RowReaders over their own transactions.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "domain/event.h"
#include "log/event_log.h"
#include "projection/changes.h"
#include "projection/fold.h"
#include "projection/names.h"
#include "projection/rows.h"
#include "storage/environment.h"

namespace tenure::projection {

struct IndexOptions {
    std::uint64_t map_bytes = std::uint64_t{1} << 40U;
    bool read_only = false;
    bool create = false;
};

// Key of the names' hash, from the log's id: equal on all copies of a log.
SipKey sip_key_of(const log::LogId& id);

class Index {
public:
    // Errors: storage_damaged (also: an index of another log or of another index_version; the
    // caller rebuilds), storage_failed, storage_full.
    static Result<std::unique_ptr<Index>> open(const std::string& directory, const log::LogId& log,
                                               const IndexOptions& options);
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;

    const std::string& directory() const { return environment_->directory(); }

    storage::Environment& environment() { return *environment_; }

    const storage::Environment& environment() const { return *environment_; }

    const SipKey& sip() const { return sip_; }

    // Newest revision in the committed rows.
    Revision applied() const;

    // Newest revision questions may see: applied, less what is not committed in the log yet.
    Revision visible() const { return Revision{visible_.load(std::memory_order_acquire)}; }

    void set_visible(Revision to) { visible_.store(to.value, std::memory_order_release); }

    Changes& changes() { return changes_; }

    const Changes& changes() const { return changes_; }

    WriterNames& writer_names() { return writer_names_; }

private:
    Index(std::unique_ptr<storage::Environment> environment, const SipKey& sip);
    std::unique_ptr<storage::Environment> environment_;
    SipKey sip_;
    Changes changes_;
    WriterNames writer_names_;
    std::atomic<std::uint64_t> visible_{0};
};

// One write transaction of the index: folds, then commits, or aborts in its destructor.
class IndexBatch {
public:
    explicit IndexBatch(Index& index);
    ~IndexBatch();
    IndexBatch(const IndexBatch&) = delete;
    IndexBatch& operator=(const IndexBatch&) = delete;

    Folder& folder() { return folder_; }

    const Folder& folder() const { return folder_; }

    // For decide(): the state after the last fold.
    RowReader reader() const { return RowReader{txn_}; }

    // The writer's own look-up, which remembers: decide() and fold() ask for the same names.
    std::optional<ObjectId> find(ObjectId tenant, Kind kind, std::string_view text) {
        const auto name = index_.writer_names().find(rows_, tenant, kind, text);
        return name ? std::optional{name->id} : std::nullopt;
    }

    // The first error of a write, if any.
    const std::optional<Error>& failure() const { return rows_.failure(); }

    Result<void> commit();

private:
    Index& index_;
    storage::WriteTxn txn_;
    LmdbRows rows_;
    Folder folder_;
    bool committed_ = false;
};

// The first row that is not what was written, or nothing: every row's checksum, the order of keys
// and the number of rows. Together they find what damage to LMDB's own pages hides. One
// transaction.
std::optional<std::string> first_flaw(const Index& index);

// The first row in which two indexes of one log differ, or nothing. Short transactions; both must
// be at rest.
std::optional<std::string> first_difference(
    const Index& a, const Index& b, const std::function<void(std::uint64_t rows)>& progress);

}  // namespace tenure::projection
