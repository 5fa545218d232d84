#pragma once
// Coordinates: where a question stands in the log and in time (docs/ARCHITECTURE.md, "Time").

#include <functional>

#include "base/result.h"
#include "domain/question.h"
#include "projection/index.h"
#include "query/answers.h"
#include "query/facts.h"

namespace tenure::query {

// What the outside knows and the index does not.
struct Moment {
    Instant now;
    // No event will be recorded at or before it any more.
    Instant closed;
    // Effective time of a revision, from the log; only asked when a question needs it.
    std::function<Instant(Revision)> effective_at;
};

// A tenant as far as time goes.
struct TenantTime {
    ObjectId tenant;  // 0: unknown here
    bool open_for_import = false;
};

// The newest revision a question about instant `t` sees: the tenant's last event effective at or
// before `t`, or a change of the store's (built-in roles) since. A change of the store's that was
// recorded after events of the tenant later than `t` does not bring those in.
Revision revision_at(const RowReader& reader, const TenantTime& tenant, Instant t, Revision head);

// Revision and clock of a question; the clock is left out for a question by revision. `head` is the
// newest revision that may be seen.
// Errors: both `at` and `revision`; a revision that is not here yet (unavailable).
Result<Basis> resolve(const RowReader& reader, const TenantTime& tenant, const domain::AsOf& as_of,
                      Revision head, const Moment& moment);

// The clock of a basis, looked up if it was left out.
Instant clock_of(const Basis& basis, const Moment& moment);

}  // namespace tenure::query
