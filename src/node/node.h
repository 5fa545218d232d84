#pragma once
// Node: one live store. Open a directory, submit commands, ask questions. It needs no server; the
// command line and the server are two of its users, a C++ program may be another.
//
//   DIRECTORY/log/                the log (the truth; durable)
//   DIRECTORY/index-<generation>/ the index (made from the log; replaced when it has to be)
//   DIRECTORY/lock                taken for as long as the store is open
//
// Threads: a Node may be shared. One writer thread inside it carries out all commands (group
// commit). Questions go through a Session, which belongs to one thread.
//
// Opening repairs what can be repaired and says so in `repairs()`: an unfinished import is
// discarded, an index that is behind is caught up, one that is damaged or from an unclean machine
// stop is rebuilt.

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "domain/command.h"
#include "domain/question.h"
#include "log/event_log.h"
#include "query/answers.h"

namespace tenure::node {

struct Options {
    // Without it this program alone may have the store open. With it others may read as well, and
    // nothing is changed but the closed timestamp.
    bool read_only = false;
    // The store copies another's log (node/replicated_store.h): commands and imports are refused.
    // Once opened so, it is opened for writing in no other way until it is promoted.
    bool copies = false;
    // With `copies`: a store that does not copy another's log yet is refused, rather than made to.
    bool must_be_copy = false;
    // A replicator (node/replicator.h) will see to it that what is recorded comes to the nodes that
    // must have it. Without, a store that such nodes were named for is not opened for writing.
    bool replicated = false;
    // Such nodes are to be named: until they have been, nothing is recorded.
    bool needs_members = false;
    std::uint64_t log_map_bytes = std::uint64_t{1} << 40U;
    std::uint64_t index_map_bytes = std::uint64_t{1} << 40U;
    // Writes are refused when the file system has less free than this.
    std::uint64_t disk_free_bytes_min = std::uint64_t{64} << 20U;
    std::size_t group_commit_batches_max = 512;
    std::size_t writer_queue_batches_max = 8192;
    // What a rebuild may hold in memory before it writes; more is faster.
    std::uint64_t rebuild_memory_bytes = std::uint64_t{4} << 30U;
    // Called on the writer thread after each group that is durable and visible, before its commands
    // are answered; must be quick. May be empty.
    std::function<void(const struct Committed&)> committed;
    // Called for long work (rebuild at open too); may be empty.
    std::function<void(const struct Progress&)> progress;
};

// A group of batches that was committed together. Times are by the store's clock, in microseconds.
struct Committed {
    Revision last;
    std::size_t batches = 0;
    std::size_t events = 0;
    std::int64_t decide_us = 0;   // and fold
    std::int64_t append_us = 0;   // with its fsync
    std::int64_t confirm_us = 0;  // until the members had it
    std::int64_t index_us = 0;
    std::size_t waiting = 0;  // batches in the queue by then
};

struct Progress {
    std::string_view work;  // "rebuild", "import", "verify", "backup", "export"
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: unknown
};

// What the sender of a batch asks for besides, looked at when its turn has come. No part of what a
// command id stands for: a repeated command gets its first answer whatever has happened since.
struct Guard {
    // Nothing was recorded after it in the tenant of the first command. Error conflict, field
    // "guard".
    std::optional<Revision> tenant_at;
    // Something does not hold already: the error for who may make the change.
    std::optional<Error> unmet;
};

// What a batch did.
struct Receipt {
    Revision first;         // its events are [first, last]; first > last: none
    Revision last;          // also the revision to ask `at_least`
    Instant recorded_at;    // of the last one
    bool repeated = false;  // the command id was known: this is the first answer again
};

struct ImportOptions {
    std::string tenant = "default";  // for lines that name none
    std::string imported_by{domain::system_actor};
    bool keep_open = false;   // do not seal at the end
    bool keep_going = false;  // skip bad lines instead of giving up
};

struct BadLine {
    std::uint64_t line{};  // from 1
    Error error;
};

struct ImportReport {
    std::uint64_t lines = 0;
    std::uint64_t events = 0;
    std::vector<BadLine> bad_lines;  // with keep_going: the first 1,000; otherwise none
    std::uint64_t bad_line_count = 0;
    Revision last;
};

struct TenantStatus {
    std::string id;
    bool open_for_import = false;
    Revision last_revision;
    Instant last_effective;
};

struct Status {
    std::string directory;
    std::string log_id;
    std::uint64_t log_format = 0;
    Revision last;
    Revision committed;
    Revision applied;
    Term term;
    Instant created_at;
    Instant last_recorded_at;
    Instant closed_until;
    std::string root;  // hex, of the tree over the committed events
    std::uint64_t index_generation = 0;
    std::uint64_t index_version = 0;
    std::uint64_t log_bytes = 0;
    std::uint64_t index_bytes = 0;
    std::vector<storage::TableUse> log_tables;
    std::vector<storage::TableUse> index_tables;
    std::vector<TenantStatus> tenants;
    std::vector<std::string> repairs;
};

struct VerifyReport {
    Revision events;
    std::string root;
    bool index_equal = false;   // same rows as a fresh replay
    std::string index_problem;  // table and key of the first difference
    std::string log_problem;    // names the revision

    bool ok() const { return index_equal && log_problem.empty(); }
};

// What copies of a log are compared by. Texts are hexadecimal digits.
struct LogRoot {
    std::string log_id;
    Revision revision;
    std::string root;    // of the tree over the events up to it
    Revision committed;  // the newest there is one of
    Revision applied;    // the newest there is a digest of the index of
};

struct IndexDigest {
    LogRoot log;         // as of the same revision
    std::string digest;  // projection/digest.h
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::uint64_t index_version = 0;
};

struct EventFilter {
    Revision from{1};
    Revision to = revision_max;    // inclusive
    std::optional<Instant> since;  // effective at
    std::optional<Instant> until;  // effective at, exclusive
    std::string tenant;            // empty with any_tenant: all
    bool any_tenant = true;
    std::string type;  // "assignment.created", or "assignment." for all of that noun
    std::string actor;
    std::string object;  // id of a principal, role, scope, assignment ... named in the event
};

// Whether an event names an object: ids byte for byte, scopes and roles without regard to case.
bool names(const domain::Event& event, const std::string& object);

// EventFilter::type of a text: a type, or a noun ("assignment" or "assignment."). Empty stays
// empty.
Result<std::string> parse_event_type(std::string_view text, std::string_view field);

// Events of a file in which a copy has kept what it discards or refuses (docs/REPLICATION.md,
// "cut-FIRST-LAST" and "refused-FIRST-LAST"), those that the filter takes. Stops when visit returns
// false. Errors: it cannot be read, is larger than kept_bytes_max, or holds what is no entry (after
// those before it were visited).
inline constexpr std::uint64_t kept_bytes_max = std::uint64_t{1} << 30U;
Result<void> kept_events(const std::string& path, const EventFilter& filter,
                         const std::function<bool(const domain::Event&)>& visit);

class ReplicatedStore;
class Session;

// What two copies of a log have in common.
struct LogIdentity {
    log::LogId id;
    Instant created_at;
};

// Where the log of a copy ends, committed or not.
struct LogEnd {
    log::LogId id;
    Revision last;
    Term term;  // of that entry; 0: there is none
};

class Node {
public:
    struct Init {
        std::string tenant;  // empty: none yet
        std::string owner;   // of the tenant
    };

    // Makes a store in `directory`, which must not exist or be empty.
    static Result<void> create(const std::string& directory, const Init& init, Clock& clock,
                               Random& random, const Options& options = {});
    // Makes a store without events in such a directory, to be opened with Options::copies.
    static Result<void> create_copy(const std::string& directory, const LogIdentity& of,
                                    const Options& options = {});
    // A store that copied another's log leads from now on: what it has is committed, what it
    // records is of a newer term than any it knows of. The store must not be open. Returns the
    // term. Whether it has all that the old leader had committed nobody can know from here: it is
    // for who calls this to see to; `may_lead` is asked before anything is changed, while nobody
    // else can open the store, and ends it by an error.
    static Result<Term> promote(const std::string& directory,
                                const std::function<Result<void>(const LogEnd&)>& may_lead = {});
    // Clock and Random outlive the Node.
    static Result<std::unique_ptr<Node>> open(const std::string& directory, Clock& clock,
                                              Random& random, const Options& options = {});
    ~Node();  // stop(), if nobody did
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // Refuses new work, finishes what is queued, marks the stop as clean.
    void stop();

    const std::vector<std::string>& repairs() const;

    // Why nothing can be written until the store is opened again; nothing if it can.
    std::optional<Error> writing_broken() const;

    // Carries out a batch: decided, durable and visible when it returns. Any thread.
    Result<Receipt> submit(domain::Batch batch);
    // The same without waiting. `done` is called on the writer thread. Error unavailable at once
    // when the queue is full.
    Result<void> submit_later(domain::Batch batch, std::function<void(Result<Receipt>)> done,
                              Guard guard = {});

    // Reads lines until the end of `input`; all of them or (without keep_going) none. The error's
    // detail begins with "line N: ". Nothing else can be written meanwhile.
    Result<ImportReport> import(std::istream& input, const ImportOptions& options);

    // Events as stored, in order, copied in short transactions. Stops when visit returns false.
    Result<void> events(const EventFilter& filter,
                        const std::function<bool(const domain::Event&)>& visit) const;
    // One committed event.
    Result<domain::Event> event(Revision revision) const;
    Status status() const;
    // Another one for each index that took an older one's place.
    std::uint64_t index_generation() const;
    Result<VerifyReport> verify(const std::function<void(const Progress&)>& progress) const;
    // As of a revision, or of the newest. Error unavailable, field "revision": not that far yet.
    Result<LogRoot> log_root(std::optional<Revision> at) const;
    // Likewise, of the index; reads all of it, in short transactions, while anything may be
    // written. One at a time: error unavailable while another is made, or when `go_on` says no,
    // which it is asked every few milliseconds, with how many rows were looked at.
    Result<IndexDigest> index_digest(std::optional<Revision> at,
                                     const std::function<bool(std::uint64_t rows)>& go_on) const;
    // Builds a new index from the log and puts it in the old one's place.
    Result<void> rebuild();
    // A consistent copy of the store, verified, in a directory that must not exist or be empty.
    Result<void> backup(const std::string& directory,
                        const std::function<void(const Progress&)>& progress) const;
    // Keeps a promise ahead of what questions about now will need, so that none of them has to wait
    // for the disk: to be called a few times a second by whoever answers many.
    void promise_ahead();
    // Names of the tenants, for --tenant's default.
    std::vector<std::string> tenants() const;

    // For the caller's thread; at most one a thread; dies before the Node.
    std::unique_ptr<Session> session();

    const log::EventLog& event_log() const;

    // The store as replication sees and drives it; lives as long as the node.
    ReplicatedStore& replicated();

private:
    friend class Session;
    struct State;
    explicit Node(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// A verified copy made by Node::backup becomes a store in `directory`: one that leads, in a new
// term, or one that copies another's log (Options::copies) and has this much of it.
enum class RestoreAs { leader, follower };
Result<void> restore(const std::string& backup, const std::string& directory,
                     RestoreAs as = RestoreAs::leader);

// Asks questions on one thread. Every call takes its own short look at the newest state.
class Session {
public:
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Result<query::CheckAnswer> check(const domain::CheckQuestion& question);
    // Whether it is allowed at "/", which `question` asks about, and so at every scope.
    Result<query::EverywhereAnswer> check_everywhere(const domain::CheckQuestion& question);
    std::vector<Result<query::CheckAnswer>> check_all(
        const std::vector<domain::CheckQuestion>& questions);
    Result<query::Explanation> explain(const domain::CheckQuestion& question);
    Result<query::WhoCanAnswer> who_can(const domain::WhoCanQuestion& question, bool groups,
                                        const query::Page& page);
    // An empty action asks for roles by scope. `within` is a scope pattern, may be empty.
    Result<query::WhatCanAnswer> what_can(const domain::WhatCanQuestion& question,
                                          std::string_view within, const query::Page& page);
    Result<query::WhenAnswer> when(const domain::CheckQuestion& question);
    // as_of.at and as_of.revision of `from` and `to`; principal narrows it, may be empty.
    Result<query::DiffAnswer> diff(std::string_view tenant, std::string_view principal,
                                   const domain::AsOf& from, const domain::AsOf& to);
    // kind: "principal", "role", "scope", "assignment", "deny", "invitation", "eligibility".
    Result<query::HistoryAnswer> history(std::string_view tenant, std::string_view kind,
                                         std::string_view id, const domain::AsOf& as_of);

    // Roles (query/questions.h): by id or name, at a scope or (empty) anywhere.
    Result<query::RolesAnswer> roles(std::string_view tenant, std::string_view scope,
                                     const domain::AsOf& as_of);
    Result<query::RoleAnswer> role(std::string_view tenant, std::string_view role,
                                   const domain::AsOf& as_of);
    Result<query::RoleHoldersAnswer> role_holders(std::string_view tenant, std::string_view role,
                                                  std::string_view scope, bool groups,
                                                  const domain::AsOf& as_of);
    Result<query::HeldRolesAnswer> held_roles(std::string_view tenant, std::string_view principal,
                                              std::string_view scope, const domain::AsOf& as_of);

    // Single objects; nothing if there was none by that id.
    Result<query::PrincipalAnswer> principal(std::string_view tenant, std::string_view principal,
                                             const domain::AsOf& as_of);
    // What kind of principal it was as of a revision, of an answer mostly.
    std::optional<domain::PrincipalKind> kind_of(std::string_view tenant,
                                                 std::string_view principal, Revision at);
    Result<query::AssignmentAnswer> assignment(std::string_view tenant, std::string_view assignment,
                                               const domain::AsOf& as_of);
    // Who a token stands for, at head: it, its holder's state.
    Result<query::TokenAnswer> token(std::string_view tenant, std::string_view token);

    // All tokens of a tenant, or of one principal of it.
    Result<query::TokensAnswer> tokens(std::string_view tenant, std::string_view principal,
                                       const domain::AsOf& as_of, const query::Page& page);

    // The newest event of a tenant, as Batch::expected_revision means it.
    Revision last_revision(std::string_view tenant);
    // The newest revision questions can see, of the whole store.
    Revision head();

    // For benchmarks: index seeks made so far.
    std::uint64_t seeks() const;

private:
    friend class Node;
    struct State;
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tenure::node
