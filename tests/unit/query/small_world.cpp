#include "unit/query/small_world.h"

#include "base/invariant.h"

namespace tenure::query {
namespace {

std::unique_ptr<projection::Index> made_in(const std::string& directory) {
    projection::IndexOptions options;
    options.map_bytes = std::uint64_t{1} << 26U;
    options.create = true;
    auto opened = projection::Index::open(directory, log::LogId{{1, 2}}, options);
    INVARIANT(opened.has_value());
    return std::move(opened.value());
}

}  // namespace

SmallWorld::SmallWorld() : index_{made_in(directory_ / "index")}, engine_{*index_} {}

Revision SmallWorld::fold(domain::Event event) {
    event.revision = next(head());
    event.term = Term{1};
    now_ = now_ + 1;
    event.recorded_at = now_;
    if (!event.imported) event.effective_at = now_;
    events_.push_back(event);
    projection::IndexBatch batch{*index_};
    batch.folder().fold(event);
    const auto committed = batch.commit();
    INVARIANT(committed.has_value());
    index_->set_visible(event.revision);
    return event.revision;
}

Revision SmallWorld::happen(const std::string& tenant, domain::EventBody body) {
    domain::Event event;
    event.tenant = tenant;
    event.body = std::move(body);
    return fold(std::move(event));
}

Revision SmallWorld::import(const std::string& tenant, Instant effective, domain::EventBody body) {
    domain::Event event;
    event.tenant = tenant;
    event.imported = true;
    event.effective_at = effective;
    event.body = std::move(body);
    return fold(std::move(event));
}

void SmallWorld::user(const std::string& id) {
    domain::Principal principal;
    principal.id = id;
    happen("t", domain::PrincipalCreated{principal});
}

void SmallWorld::group(const std::string& id) {
    domain::Principal principal;
    principal.id = id;
    principal.kind = domain::PrincipalKind::group;
    happen("t", domain::PrincipalCreated{principal});
}

void SmallWorld::join(const std::string& group, const std::string& member) {
    happen("t", domain::MemberAdded{group, member});
}

void SmallWorld::role(const std::string& id, std::vector<std::string> actions,
                      const std::string& tenant) {
    domain::Role role;
    role.id = id;
    role.name = "name of " + id;
    role.assignable_scopes = {"/"};
    role.permissions.emplace_back().actions = std::move(actions);
    happen(tenant, domain::RoleDefined{role});
}

Revision SmallWorld::assign(const std::string& id, const std::string& principal,
                            const std::string& role, const std::string& scope) {
    domain::Assignment assignment;
    assignment.id = id;
    assignment.principal = principal;
    assignment.role = role;
    assignment.scope = scope;
    return happen("t", domain::AssignmentCreated{assignment});
}

Moment SmallWorld::moment(Instant closed) const {
    return {now_, closed,
            [this](Revision revision) { return events_.at(revision.value - 1).effective_at; }};
}

domain::CheckQuestion SmallWorld::may(const std::string& principal, const std::string& action,
                                      const std::string& scope, domain::AsOf as_of) const {
    return {"t", principal, action, domain::Plane::control, scope, as_of};
}

CheckAnswer SmallWorld::check(const domain::CheckQuestion& question) {
    engine_.begin();
    const auto answer = engine_.check(question, moment());
    engine_.end();
    INVARIANT(answer.has_value());
    return answer.value();
}

}  // namespace tenure::query
