#pragma once
// Engine: check(), as fast for any past instant as for now.
//
// A check needs the principal's state, its groups, what is assigned to them at the scope and above,
// and the roles. Each of these is cached as a *view*: everything about one owner over an interval
// of revisions, every entry with its own interval. A view answers for all revisions in its
// interval, so past and present cost the same, and a closed interval is never stale. A view that
// reaches up to the head is trusted for a newer revision only if `Changes` shows that none of its
// owners changed.
//
// Who is asked about again has all it stands for in one list, and scopes that are asked about again
// have a view too: a check then costs a look-up for each scope of the chain instead of each group.
// Both are made from the other views only after some questions, and again when a subject of the
// list, or the scope, has changed.
//
// Costs: a hot principal costs hash lookups and no seek; a cold one three seeks (state, groups,
// assignments) and one per wide subject and scope; a cold group two (the groups above it,
// assignments).
//
// An Engine belongs to one thread. It allocates only to fill its caches: all views together are
// bounded by cache_bytes_max, names of principals, scopes and actions by their number.

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/question.h"
#include "projection/index.h"
#include "query/answers.h"
#include "query/coordinates.h"

namespace tenure::query {

inline constexpr std::size_t cache_bytes_max = std::size_t{96} << 20U;

class Engine {
public:
    // `index` outlives the engine.
    explicit Engine(const projection::Index& index);
    // The writer's own: reads inside its open transaction, what was folded there included. begin()
    // tells all readers' caches what has been folded since; `batch` outlives the engine.
    Engine(projection::Index& index, const projection::IndexBatch& batch);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // One snapshot for everything until the next begin(): the newest committed state.
    void begin();
    // Gives the snapshot back (an idle reader must not hold pages); begin() first thing after.
    void end();
    // Newest revision of the snapshot.
    Revision head() const;
    RowReader reader() const;

    // Errors: invalid_argument (form of scope or action, both at and revision), unavailable.
    // `clock`, if given, stands in for the basis' own: the rest of a list, another clock.
    Result<CheckAnswer> check(const domain::CheckQuestion& question, const Moment& moment,
                              std::optional<Instant> clock = {});

    // Whether the question, asked about "/", is allowed there and everywhere below: nothing below
    // could take it away. False also where it would take more to know.
    Result<EverywhereAnswer> check_everywhere(const domain::CheckQuestion& question,
                                              const Moment& moment);

    // The decision alone, for lists: ids and canonical texts are known already.
    bool allowed(ObjectId tenant, ObjectId principal, std::string_view folded_action,
                 domain::Plane plane, ObjectId scope, const domain::AskedAttributes& attributes,
                 Basis basis, const Moment& moment);

    // Roles in force for an active principal, with the scope each is assigned at. Without an action
    // a condition cannot be asked: what is assigned on one is told apart.
    struct Held {
        ObjectId role;
        ObjectId scope;
        bool conditional = false;
        auto operator<=>(const Held&) const = default;
    };

    std::vector<Held> holds(ObjectId principal, Basis basis, const Moment& moment);

    const SipKey& sip() const;
    TenantTime tenant_time(std::string_view tenant);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tenure::query
