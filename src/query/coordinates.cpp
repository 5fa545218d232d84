#include "query/coordinates.h"

#include <algorithm>

namespace tenure::query {

Revision revision_at(const RowReader& reader, const TenantTime& tenant, Instant t, Revision head) {
    const auto newest = [&](ObjectId id) {
        const auto last = projection::time_floor(reader, id, t);
        return last ? last->revision : revision_none;
    };
    const bool known = tenant.tenant != ObjectId{};
    const Revision own = known ? newest(tenant.tenant) : revision_none;
    Revision of_store = newest(projection::store_tenant_id);
    if (known && own < of_store)
        if (const auto later = projection::first_after(reader, tenant.tenant, t))
            of_store = std::min(of_store, Revision{later->revision.value - 1});
    return std::min(std::max(own, of_store), head);
}

Result<Basis> resolve(const RowReader& reader, const TenantTime& tenant, const domain::AsOf& as_of,
                      Revision head, const Moment& moment) {
    if (as_of.at && as_of.revision)
        return invalid("at", "a question has either a time or a revision, not both");
    Basis basis;
    if (as_of.revision) {
        if (*as_of.revision > head)
            return Error{Errc::unavailable,
                         "revision " + std::to_string(as_of.revision->value) +
                             " is not here; the newest is " + std::to_string(head.value),
                         "revision"};
        basis.revision = *as_of.revision;
        basis.clock = as_of.clock;
    } else {
        basis.clock = as_of.at.value_or(moment.now);
        basis.revision = as_of.at ? revision_at(reader, tenant, *as_of.at, head) : head;
        // While history is still coming in, only what lies before its newest event is settled; what
        // an unfinished import knows does not count.
        Instant settled = moment.closed;
        if (tenant.tenant == ObjectId{}) {
            settled = instant_min;  // it may be imported, past and all
        } else if (tenant.open_for_import) {
            const auto last = projection::time_floor(reader, tenant.tenant, head);
            settled = last ? std::min(settled, last->instant + -1) : instant_min;
        }
        basis.final = *basis.clock <= settled;
    }
    if (as_of.known_at) {
        const auto known =
            projection::time_floor(reader, projection::by_recording, *as_of.known_at);
        basis.revision = std::min(basis.revision, known ? known->revision : revision_none);
        // What was recorded by then is settled, however much is imported later.
        basis.final =
            *as_of.known_at <= moment.closed && (!basis.clock || *basis.clock <= moment.closed);
    }
    return basis;
}

Instant clock_of(const Basis& basis, const Moment& moment) {
    if (basis.clock) return *basis.clock;
    if (basis.revision == revision_none) return instant_min;
    return moment.effective_at(basis.revision);
}

}  // namespace tenure::query
