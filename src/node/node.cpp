#include "node/node.h"

#include <algorithm>
#include <filesystem>
#include <future>

#include "base/hex_words.h"
#include "domain/limits.h"
#include "log/format.h"
#include "node/copy_notes.h"
#include "node/core.h"
#include "node/import.h"
#include "node/maintenance.h"
#include "node/replicated_store.h"
#include "node/session_state.h"
#include "node/writer.h"
#include "projection/digest.h"
#include "query/facts.h"

namespace tenure::node {
namespace {

namespace fs = std::filesystem;

std::string log_directory(const std::string& directory) { return directory + "/log"; }

Result<void> require_empty(const std::string& directory) {
    std::error_code error;
    if (fs::exists(directory, error) && !fs::is_empty(directory, error))
        return Error{Errc::already_exists,
                     directory + " is not empty: a store needs a directory of its own"};
    if (error)
        return Error{Errc::storage_failed, "cannot read " + directory + ": " + error.message()};
    return make_directory(directory);
}

// What follows the committed entries is not for this node to discard: a copy's is for its source to
// judge, a leader's may be at its members.
Result<bool> others_may_have_the_tail(const log::EventLog& log) {
    if (copies_another(log)) return true;
    TRY(const auto named, members(log));
    return !named.empty();
}

// Brings the index of an exclusively opened store in step with its log.
Result<void> mend(Core& core) {
    TRY(const bool tail_stands, others_may_have_the_tail(*core.log));
    const std::uint64_t discarded =
        tail_stands ? 0 : core.log->last().value - core.log->committed().value;
    if (discarded > 0) {
        TRY(core.generations->mark_stale());
        TRY(core.log->discard_uncommitted());
        core.repairs.push_back("discarded " + std::to_string(discarded) +
                               " events of an import that was not finished");
    }
    core.generations->remove_leftovers();
    std::string why = core.generations->distrust();
    if (why.empty()) {
        projection::IndexOptions options;
        options.map_bytes = core.options.index_map_bytes;
        auto opened = projection::Index::open(core.generations->path(core.generations->current()),
                                              core.log->id(), options);
        if (!opened) {
            if (opened.error().code == Errc::storage_full) return opened.error();
            why = opened.error().detail;
        } else {
            core.index = std::move(opened.value());
            core.index->environment().clear_stale_readers();
            why = core.generations->distrust(*core.index);
            if (!why.empty()) core.index.reset();
        }
        if (core.index) {
            // An index sees what members, or a copy's source, have said to be committed before the
            // log does.
            if (tail_stands && core.index->applied() > core.log->committed() &&
                core.index->applied() <= core.log->last()) {
                TRY(core.log->commit_to(core.index->applied()));
            }
            // The log is always written first and its tail never discarded before the index is
            // called stale: it can be ahead of the log only if that lost what it had.
            if (core.index->applied() > core.log->committed())
                return Error{Errc::storage_damaged,
                             "the log ends at revision " +
                                 std::to_string(core.log->committed().value) +
                                 ", but the index has seen revision " +
                                 std::to_string(core.index->applied().value) +
                                 ": the log has lost events; restore a backup, or remove " +
                                 core.index->directory() + " to go on without them"};
        }
    }
    if (!why.empty()) {
        TRY(core.rebuild_index());
        core.repairs.push_back("rebuilt the index, because " + why);
        return success();
    }
    const Revision applied = core.index->applied();
    const Revision committed = core.log->committed();
    if (cheaper_anew(applied, committed)) {
        const auto rebuilt = core.rebuild_index();
        if (rebuilt) {
            core.repairs.push_back("rebuilt the index, which had not seen " +
                                   std::to_string(committed.value - applied.value) + " events");
            return success();
        }
        // There may be room for what it lacks, if not for another beside it.
        if (rebuilt.error().code != Errc::storage_full) return rebuilt;
        core.generations->remove_leftovers();
    }
    if (applied < committed) {
        TRY(core.mark_in_use());
        TRY(catch_up(*core.index, *core.log, committed,
                     [&](Revision done) { core.report("rebuild", done.value, committed.value); }));
        core.repairs.push_back("folded " + std::to_string(committed.value - applied.value) +
                               " events that the index had not seen");
    }
    core.index->set_visible(committed);
    return success();
}

// Whether a store can be read as it is, without repairs.
Result<void> open_for_reading(Core& core) {
    const auto needs = [](std::string what) {
        return Error{Errc::unavailable, "the store needs a repair: " + std::move(what)};
    };
    TRY(const bool tail_stands, others_may_have_the_tail(*core.log));
    if (core.log->last() != core.log->committed() && !tail_stands)
        return needs("an import was not finished");
    if (const std::string why = core.generations->distrust(); !why.empty()) return needs(why);
    projection::IndexOptions options;
    options.map_bytes = core.options.index_map_bytes;
    options.read_only = true;
    auto opened = projection::Index::open(core.generations->path(core.generations->current()),
                                          core.log->id(), options);
    if (!opened) return needs(opened.error().detail);
    core.index = std::move(opened.value());
    if (const std::string why = core.generations->distrust(*core.index); !why.empty())
        return needs(why);
    if (core.index->applied() != core.log->committed()) return needs("its index is behind");
    core.index->set_visible(core.log->committed());
    return success();
}

// Of the newest committed entry: all that was recorded up to then is committed.
Result<Instant> committed_recorded_at(const log::EventLog& log) {
    if (log.committed() == revision_none) return instant_min;
    TRY(const auto entries, log.read(log.committed(), 1));
    return entries[0].recorded_at;
}

// A log and an index without events.
Result<void> create_empty(const std::string& directory, const LogIdentity& identity,
                          const Options& options, bool copies) {
    log::OpenOptions log_options;
    log_options.map_bytes = options.log_map_bytes;
    TRY(const auto made, log::EventLog::create(log_directory(directory), identity.id,
                                               identity.created_at, log_options));
    if (copies) {
        TRY(begin_to_copy(*made));
    }
    Generations generations{directory, *made};
    TRY(auto index, build_index(generations.path(1), *made, revision_none,
                                {options.index_map_bytes, options.rebuild_memory_bytes}, {}));
    TRY(generations.switch_to(1));
    TRY(index->environment().sync());
    index.reset();
    return generations.mark_clean();
}

}  // namespace

struct Node::State {
    Core core;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<ReplicatedStore> replicated;
    bool stopped = false;
};

Node::Node(std::unique_ptr<State> state) : state_{std::move(state)} {}

Node::~Node() { stop(); }

Result<void> Node::create(const std::string& directory, const Init& init, Clock& clock,
                          Random& random, const Options& options) {
    if (init.tenant.empty() && !init.owner.empty())
        return invalid("owner", "an owner needs a tenant to own");
    TRY(require_empty(directory));
    const LogIdentity identity{{{random.next() | 1U, random.next()}}, clock.now()};
    TRY(create_empty(directory, identity, options, false));
    if (init.tenant.empty()) return success();
    TRY(auto node, open(directory, clock, random, options));
    domain::Batch batch;
    domain::Command command;
    command.tenant = init.tenant;
    command.actor = domain::system_actor;
    command.body = domain::CreateTenant{{}, false, init.owner};
    batch.commands.push_back(std::move(command));
    TRY(node->submit(std::move(batch)));
    return success();
}

Result<void> Node::create_copy(const std::string& directory, const LogIdentity& of,
                               const Options& options) {
    TRY(require_empty(directory));
    return create_empty(directory, of, options, true);
}

namespace {

Result<LogEnd> end_of(const log::EventLog& log) {
    TRY(const auto newest, log.read(std::max(log.last(), Revision{1}), 1));
    return LogEnd{log.id(), log.last(), newest.empty() ? Term{} : newest[0].term};
}

}  // namespace

Result<Term> Node::promote(const std::string& directory,
                           const std::function<Result<void>(const LogEnd&)>& may_lead) {
    std::error_code error;
    const std::uintmax_t file_bytes = fs::file_size(log_directory(directory) + "/data.mdb", error);
    if (error) return Error{Errc::not_found, "there is no store in " + directory};
    TRY(const auto lock, StoreLock::take(directory, StoreLock::Mode::exclusive));
    log::OpenOptions log_options;
    // What is written replaces what is there, and a few notes.
    log_options.map_bytes = 2 * file_bytes + notes_bytes;
    TRY(const auto log, log::EventLog::open(log_directory(directory), log_options));
    TRY(const Term known, known_term(*log));
    TRY(const Term leads, leading_term(*log));
    if (!copies_another(*log)) {
        if (known == leads)
            return Error{Errc::conflict, directory + " copies nobody's log: it leads already"};
    }
    if (may_lead) {
        TRY(const LogEnd end, end_of(*log));
        TRY(may_lead(end));
    }
    if (!copies_another(*log)) {
        TRY(const bool tail_stands, others_may_have_the_tail(*log));
        // Otherwise it is an import that was not finished.
        if (!tail_stands) {
            TRY(log->discard_uncommitted());
        }
    }
    TRY(log->commit_to(log->last()));
    return lead_in_a_new_term(*log);
}

Result<std::unique_ptr<Node>> Node::open(const std::string& directory, Clock& clock, Random& random,
                                         const Options& options) {
    std::error_code error;
    if (!fs::exists(log_directory(directory) + "/data.mdb", error))
        return Error{Errc::not_found, "there is no store in " + directory +
                                          ": tenure init --store " + directory + " makes one"};
    auto state = std::make_unique<State>();
    Core& core = state->core;
    core.directory = directory;
    core.options = options;
    core.clock = &clock;
    core.random = &random;
    TRY(core.lock, StoreLock::take(directory, options.read_only ? StoreLock::Mode::shared
                                                                : StoreLock::Mode::exclusive));
    log::OpenOptions log_options;
    log_options.map_bytes = options.log_map_bytes;
    bool durable = true;
    auto opened = log::EventLog::open(log_directory(directory), log_options);
    if (!opened && options.read_only &&
        (opened.error().code == Errc::storage_failed || opened.error().code == Errc::unavailable)) {
        // Read-only media, or another reader: all can be asked, no promise can be written down.
        log_options.read_only = true;
        durable = false;
        opened = log::EventLog::open(log_directory(directory), log_options);
    }
    TRY(core.log, std::move(opened));
    core.generations = std::make_unique<Generations>(directory, *core.log);
    const bool was_copy = copies_another(*core.log);
    if (was_copy && !options.read_only && !options.copies)
        return Error{Errc::unavailable,
                     directory +
                         " copies the log of another node: serve it with "
                         "replication.source, or have it lead (tenure replica promote)"};
    if (options.must_be_copy && !was_copy)
        return Error{Errc::conflict,
                     directory +
                         " has a log of its own and copies nobody's: a follower needs a "
                         "directory that is empty, or that it made itself"};
    // What a copy has reserved it keeps for whoever leads; nobody was told of it.
    TRY(const Instant before_tail, committed_recorded_at(*core.log));
    const Instant closed = was_copy || options.copies
                               ? before_tail
                               : std::max(core.log->last_recorded_at(), core.log->reserved_until());
    core.closed_time = std::make_unique<ClosedTime>(
        *core.log, !options.read_only, durable && !was_copy && !options.copies, closed);
    TRY(const auto named, members(*core.log));
    if (!named.empty() && !options.copies && !options.replicated && !options.read_only)
        return Error{Errc::unavailable, "what is recorded in " + directory +
                                            " must come to other nodes as well (" +
                                            names_of(named) + "): serve it with replication.node"};
    // Until the replicator has looked: whoever leads next may not know what this node has promised.
    if ((!named.empty() && !options.copies) || options.needs_members)
        core.closed_time->bound(before_tail);
    core.needs_members =
        !options.copies && !options.read_only && (options.needs_members || !named.empty());
    TRY(core.term, leading_term(*core.log));
    TRY(const Term known, known_term(*core.log));
    if (known > core.term && !was_copy && !options.read_only && !options.copies)
        return Error{
            Errc::unavailable,
            "another node leads the log of " + directory + " since term " +
                std::to_string(known.value) + "; this one led in term " +
                std::to_string(core.term.value) +
                ": serve it with replication.source, or have it lead again (tenure replica "
                "promote)"};
    if (!options.read_only) {
        TRY(mend(core));
        if (options.copies && !was_copy) {
            TRY(begin_to_copy(*core.log));
        }
        if (core.needs_members && core.log->last() > core.log->committed()) {
            // What an earlier run left in flight may be committed yet: until it is, no moment is
            // closed that it may belong to.
            TRY(const auto tail, core.log->read(next(core.log->committed()), 1));
            core.closed_time->recording_since(tail[0].recorded_at);
        }
        state->writer = std::make_unique<Writer>(core);
        state->replicated = std::make_unique<ReplicatedStore>(core, state->writer.get());
        return std::unique_ptr<Node>{new Node{std::move(state)}};
    }
    state->replicated = std::make_unique<ReplicatedStore>(core, nullptr);
    const auto readable = open_for_reading(core);
    if (readable) return std::unique_ptr<Node>{new Node{std::move(state)}};
    if (!durable) return readable.error();
    // Mend it as its only user, then read it.
    state.reset();
    Options writable = options;
    writable.read_only = false;
    writable.copies = was_copy;
    writable.replicated = true;
    TRY(auto mended, open(directory, clock, random, writable));
    std::vector<std::string> repairs = mended->repairs();
    mended.reset();
    TRY(auto node, open(directory, clock, random, options));
    node->state_->core.repairs = std::move(repairs);
    return node;
}

void Node::stop() {
    if (state_->stopped) return;
    state_->stopped = true;
    Core& core = state_->core;
    if (!state_->writer) return;
    state_->writer->stop();
    {
        // What was confirmed and not written down is found out again otherwise.
        const std::lock_guard guard{core.log_writes};
        const auto kept = core.log->commit_to(core.log->committed());
        static_cast<void>(kept);
    }
    if (!core.index_changed || core.why_broken()) return;
    // Only an index that is on disk as it is may be called clean.
    if (core.index->environment().sync()) {
        const std::lock_guard guard{core.log_writes};
        const auto marked = core.generations->mark_clean();
        static_cast<void>(marked);  // a store that could not be marked is checked at the next open
    }
}

const std::vector<std::string>& Node::repairs() const { return state_->core.repairs; }

std::optional<Error> Node::writing_broken() const { return state_->core.why_broken(); }

namespace {

Error read_only_error() { return Error{Errc::unavailable, "the store is open for reading only"}; }

Error copy_error() {
    return Error{Errc::unavailable,
                 "this node copies the log of another: changes are made at the leader"};
}

}  // namespace

Result<Receipt> Node::submit(domain::Batch batch) {
    std::promise<Result<Receipt>> promise;
    auto future = promise.get_future();
    TRY(submit_later(std::move(batch),
                     [&](Result<Receipt> receipt) { promise.set_value(std::move(receipt)); }));
    return future.get();
}

Result<void> Node::submit_later(domain::Batch batch, std::function<void(Result<Receipt>)> done,
                                Guard guard) {
    if (!state_->writer) return read_only_error();
    if (state_->core.options.copies) return copy_error();
    return state_->writer->submit({std::move(batch), std::move(done), std::move(guard)});
}

Result<ImportReport> Node::import(std::istream& input, const ImportOptions& options) {
    if (!state_->writer) return read_only_error();
    if (state_->core.options.copies) return copy_error();
    ImportReport report;
    TRY(state_->writer->run([&]() -> Result<void> {
        if (const auto broken = state_->core.why_broken()) return *broken;
        if (state_->core.needs_members)
            return Error{Errc::unavailable,
                         "history cannot be imported while other nodes must have what is recorded: "
                         "take the members out for as long (replication.members)"};
        TRY(report, import_history(state_->core, input, options));
        return success();
    }));
    return report;
}

Result<domain::Event> Node::event(Revision revision) const {
    const log::EventLog& log = *state_->core.log;
    if (revision == revision_none || revision > log.committed())
        return Error{Errc::not_found,
                     "there is no event at revision " + std::to_string(revision.value) +
                         "; the newest is " + std::to_string(log.committed().value),
                     "revision"};
    TRY(const auto entries, log.read(revision, 1));
    return event_of(entries[0]);
}

ReplicatedStore& Node::replicated() { return *state_->replicated; }

void Node::promise_ahead() {
    state_->core.closed_time->promise_ahead(state_->core.clock->now(), state_->core.log_writes);
}

std::vector<std::string> Node::tenants() const {
    std::vector<std::string> names;
    for (const TenantStatus& tenant : status().tenants)
        if (tenant.id != domain::store_tenant) names.push_back(tenant.id);
    return names;
}

std::unique_ptr<Session> Node::session() {
    return std::unique_ptr<Session>{new Session{std::make_unique<Session::State>(state_->core)}};
}

const log::EventLog& Node::event_log() const { return *state_->core.log; }

Status Node::status() const {
    const Core& core = state_->core;
    const log::EventLog& log = *core.log;
    const auto index = core.current_index();
    Status status;
    status.directory = core.directory;
    status.log_id = hex_of(log.id().words);
    status.log_format = log::format::version;
    status.last = log.last();
    status.committed = log.committed();
    status.applied = index->applied();
    status.term = log.last_term();
    status.created_at = log.created_at();
    status.last_recorded_at = log.last_recorded_at();
    status.closed_until = core.closed_time->closed();
    status.root = log::hex(log.root(log.committed().value));
    status.index_generation = index_generation();
    status.index_version = projection::index_version;
    status.log_bytes = log.file_bytes();
    status.index_bytes = index->environment().file_bytes();
    status.log_tables = log.table_use();
    status.index_tables = index->environment().table_use();
    status.repairs = core.repairs;

    const storage::ReadTxn txn{index->environment()};
    const projection::RowReader reader{txn};
    std::vector<std::pair<projection::ObjectId, std::string>> tenants;
    reader.scan_plain(projection::table::names,
                      projection::Key{0, static_cast<std::uint64_t>(projection::Kind::tenant), 0},
                      2, [&](const projection::Key&, projection::Words value) {
                          std::size_t at = 0;
                          while (at < value.size()) {
                              const projection::ObjectId id{value[at++]};
                              tenants.emplace_back(id, projection::take_text(value, at));
                          }
                          return true;
                      });
    for (const auto& [id, name] : tenants) {
        TenantStatus tenant;
        tenant.id = name;
        if (const auto record =
                reader.at(projection::table::tenants, projection::Key{id.value}, index->visible()))
            tenant.open_for_import =
                projection::decode_tenant_record(record->payload).open_for_import;
        else if (name != domain::store_tenant)
            continue;  // being imported, not committed yet
        if (const auto last = projection::time_floor(reader, id, instant_max)) {
            tenant.last_revision = last->revision;
            tenant.last_effective = last->instant;
        } else {
            continue;  // the store's own tenant, and nothing happened there
        }
        status.tenants.push_back(std::move(tenant));
    }
    std::sort(status.tenants.begin(), status.tenants.end(),
              [](const TenantStatus& a, const TenantStatus& b) { return a.id < b.id; });
    return status;
}

Result<void> Node::events(const EventFilter& filter,
                          const std::function<bool(const domain::Event&)>& visit) const {
    return each_event(state_->core, filter, visit);
}

Result<VerifyReport> Node::verify(const std::function<void(const Progress&)>& progress) const {
    return verify_store(
        state_->core,
        [&](const std::function<Result<void>()>& work) {
            return state_->writer && !state_->stopped ? state_->writer->run(work) : work();
        },
        progress);
}

namespace {

Error not_that_far(Revision at, Revision newest) {
    return Error{Errc::unavailable,
                 "the store is at revision " + std::to_string(newest.value) + ", not yet at " +
                     std::to_string(at.value),
                 "revision"};
}

// Taken while a digest is made.
class Digesting {
public:
    explicit Digesting(std::atomic<bool>& taken) : taken_{taken}, mine_{!taken.exchange(true)} {}

    ~Digesting() {
        if (mine_) taken_ = false;
    }

    Digesting(const Digesting&) = delete;
    Digesting& operator=(const Digesting&) = delete;

    bool mine() const { return mine_; }

private:
    std::atomic<bool>& taken_;
    const bool mine_;
};

}  // namespace

std::uint64_t Node::index_generation() const { return state_->core.generations->current(); }

Result<LogRoot> Node::log_root(std::optional<Revision> at) const {
    const log::EventLog& log = *state_->core.log;
    const Revision committed = log.committed();
    const Revision revision = at.value_or(committed);
    if (revision > committed) return not_that_far(revision, committed);
    return LogRoot{hex_of(log.id().words), revision, log::hex(log.root(revision.value)), committed,
                   state_->core.current_index()->visible()};
}

Result<IndexDigest> Node::index_digest(std::optional<Revision> at,
                                       const std::function<bool(std::uint64_t rows)>& go_on) const {
    const Digesting digesting{state_->core.digesting};
    if (!digesting.mine())
        return Error{Errc::unavailable, "another digest of the index is being made; try again"};
    // Kept, should a rebuild put another in its place meanwhile.
    const auto index = state_->core.current_index();
    const Revision revision = at.value_or(index->visible());
    if (revision > index->visible()) return not_that_far(revision, index->visible());
    TRY(LogRoot root, log_root(revision));
    const auto found = projection::digest_as_of(*index, revision, go_on);
    if (!found) return Error{Errc::unavailable, "stopped before the digest was made"};
    return IndexDigest{std::move(root), log::hex(found->digest), found->rows, found->bytes,
                       projection::index_version};
}

Result<void> Node::backup(const std::string& directory,
                          const std::function<void(const Progress&)>& progress) const {
    // What members have confirmed and the disk has not been told of belongs to it.
    std::promise<void> written;
    const auto write = [&] {
        const std::lock_guard guard{state_->core.log_writes};
        const auto done = state_->core.log->commit_to(state_->core.log->committed());
        static_cast<void>(done);  // a disk that is full keeps what it has
        written.set_value();
    };
    if (state_->writer && state_->writer->post(write)) written.get_future().wait();
    return backup_store(state_->core, directory, progress);
}

Result<void> Node::rebuild() {
    if (!state_->writer) return read_only_error();
    return state_->writer->run([&]() -> Result<void> {
        const auto disk = state_->core.check_disk();
        if (!disk) return disk.error();
        return state_->core.rebuild_index();
    });
}

}  // namespace tenure::node
