// diff: who gained and who lost what between two moments.

#include <algorithm>

#include "base/text.h"
#include "query/enumerate.h"
#include "query/questions.h"

namespace tenure::query {
namespace {

Result<Basis> basis_of(Engine& engine, std::string_view tenant, const domain::AsOf& as_of,
                       const Moment& moment) {
    TRY(Basis basis,
        resolve(engine.reader(), engine.tenant_time(tenant), as_of, engine.head(), moment));
    basis.clock = clock_of(basis, moment);
    return basis;
}

void compare(Engine& engine, ObjectId id, std::string_view text, const Moment& moment,
             DiffAnswer& answer) {
    const auto before = engine.holds(id, answer.from, moment);
    const auto after = engine.holds(id, answer.to, moment);
    if (before == after) return;
    const RowReader reader = engine.reader();
    const auto report = [&](const std::vector<Engine::Held>& have,
                            const std::vector<Engine::Held>& lack, std::vector<Hold>& out) {
        std::vector<Engine::Held> only;
        std::set_difference(have.begin(), have.end(), lack.begin(), lack.end(),
                            std::back_inserter(only));
        for (const Engine::Held& held : only)
            out.push_back({std::string(text), projection::text_of(reader, held.role),
                           projection::text_of(reader, held.scope), held.conditional});
    };
    report(after, before, answer.gained);
    report(before, after, answer.lost);
}

// Roles held on both sides whose definition is not the same.
void compare_roles(Engine& engine, ObjectId tenant, DiffAnswer& answer) {
    for_each_named(engine, tenant, Kind::role, [&](ObjectId id, std::string_view) {
        const auto before = role_at(engine.reader(), id, answer.from.revision);
        const auto after = role_at(engine.reader(), id, answer.to.revision);
        const Revision from = before ? before->range.from : revision_none;
        const Revision to = after ? after->range.from : revision_none;
        if (from != to)
            answer.roles_changed.push_back({(after ? after : before)->value.role.id, from, to});
        return true;
    });
}

}  // namespace

Result<DiffAnswer> diff(Engine& engine, std::string_view tenant, std::string_view principal,
                        const domain::AsOf& from, const domain::AsOf& to, const Moment& moment) {
    engine.begin();
    DiffAnswer answer;
    TRY(answer.from, basis_of(engine, tenant, from, moment));
    TRY(answer.to, basis_of(engine, tenant, to, moment));
    const TenantNames names{engine.reader(), engine.sip(), tenant};
    if (!names.known()) return answer;
    if (!principal.empty()) {
        const auto object = names.find(Kind::principal, principal);
        if (!object)
            return Error{Errc::not_found,
                         "no principal " + quoted(principal) + " was ever known here", "principal"};
        compare(engine, *object, principal, moment, answer);
    } else {
        for_each_named(
            engine, names.tenant(), Kind::principal, [&](ObjectId id, std::string_view text) {
                // Groups are shown by what their members gained and lost.
                const auto flags = principal_flags_at(engine.reader(), id, engine.head());
                if (flags && flags->value.kind != domain::PrincipalKind::group)
                    compare(engine, id, text, moment, answer);
                return true;
            });
    }
    compare_roles(engine, names.tenant(), answer);
    if (names.tenant() != projection::store_tenant_id)
        compare_roles(engine, projection::store_tenant_id, answer);
    std::sort(answer.gained.begin(), answer.gained.end());
    std::sort(answer.lost.begin(), answer.lost.end());
    std::sort(answer.roles_changed.begin(), answer.roles_changed.end(),
              [](const RoleDiff& a, const RoleDiff& b) { return a.role < b.role; });
    return answer;
}

}  // namespace tenure::query
