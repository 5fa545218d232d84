// Questions about single objects: what one principal, assignment or token was.

#include <algorithm>

#include "domain/command.h"
#include "query/enumerate.h"
#include "query/questions.h"

namespace tenure::query {
namespace {

using projection::Key;
namespace table = projection::table;

// Where the question stands, and its tenant's names.
struct Place {
    TenantNames names;
    Basis basis;
};

Result<Place> place_of(Engine& engine, std::string_view tenant, const domain::AsOf& as_of,
                       const Moment& moment) {
    engine.begin();
    const RowReader reader = engine.reader();
    Place place{TenantNames{reader, engine.sip(), tenant}, {}};
    TRY(place.basis, resolve(reader, engine.tenant_time(tenant), as_of, engine.head(), moment));
    return place;
}

std::string guests_directory(const RowReader& reader, const Place& place) {
    const auto id = place.names.find(Kind::setting, domain::guests_directory_setting);
    if (!id) return {};
    const auto version = reader.at(table::settings, Key{id->value}, place.basis.revision);
    if (!version) return {};
    std::size_t at = 0;
    return std::string(projection::take_text(version->payload, at));
}

std::string text(const RowReader& reader, ObjectId id) { return projection::text_of(reader, id); }

}  // namespace

Result<PrincipalAnswer> principal(Engine& engine, std::string_view tenant,
                                  std::string_view principal, const domain::AsOf& as_of,
                                  const Moment& moment) {
    TRY(const Place place, place_of(engine, tenant, as_of, moment));
    const RowReader reader = engine.reader();
    PrincipalAnswer answer;
    answer.basis = place.basis;
    const auto id = place.names.find(Kind::principal, principal);
    if (!id) return answer;
    auto found = principal_at(reader, *id, place.basis.revision);
    if (!found) return answer;
    answer.principal = std::move(found->value);
    answer.since = found->range.from;
    answer.guests_directory = guests_directory(reader, place);
    for (const Membership& in : direct_groups_at(reader, *id, place.basis.revision))
        answer.in.push_back({answer.principal->principal.id, text(reader, in.group), in.since});
    return answer;
}

std::optional<domain::PrincipalKind> kind_of(Engine& engine, std::string_view tenant,
                                             std::string_view principal, Revision at) {
    engine.begin();
    const RowReader reader = engine.reader();
    const auto id = TenantNames{reader, engine.sip(), tenant}.find(Kind::principal, principal);
    const auto flags = id ? principal_flags_at(reader, *id, at) : std::nullopt;
    if (!flags) return std::nullopt;
    return flags->value.kind;
}

Result<AssignmentAnswer> assignment(Engine& engine, std::string_view tenant,
                                    std::string_view assignment, const domain::AsOf& as_of,
                                    const Moment& moment) {
    TRY(const Place place, place_of(engine, tenant, as_of, moment));
    const RowReader reader = engine.reader();
    AssignmentAnswer answer;
    answer.basis = place.basis;
    const auto id = place.names.find(Kind::assignment, assignment);
    if (!id) return answer;
    const auto found = assignment_at(reader, *id, place.basis.revision);
    if (!found) return answer;
    const projection::AssignmentRecord& record = found->value;
    domain::Assignment& value = answer.assignment.emplace();
    value.id = text(reader, *id);
    value.principal = text(reader, record.principal);
    value.role = text(reader, record.role);
    value.scope = text(reader, record.scope);
    value.condition = record.condition;
    value.window = record.window;
    value.description = record.description;
    answer.revoked = record.revoked;
    answer.since = found->range.from;
    return answer;
}

Result<TokenAnswer> token(Engine& engine, std::string_view tenant, std::string_view token,
                          const Moment& moment) {
    TRY(const Place place, place_of(engine, tenant, {}, moment));
    const RowReader reader = engine.reader();
    TokenAnswer answer;
    answer.basis = place.basis;
    const auto id = place.names.find(Kind::token, token);
    if (!id) return answer;
    const auto version = reader.at(table::tokens, Key{id->value}, place.basis.revision);
    if (!version) return answer;
    answer.token = projection::decode_token_record(version->payload);
    answer.guests_directory = guests_directory(reader, place);
    const auto holder = place.names.find(Kind::principal, answer.token->token.principal);
    if (!holder) return answer;
    if (auto found = principal_at(reader, *holder, place.basis.revision))
        answer.holder = std::move(found->value);
    return answer;
}

Revision last_revision(Engine& engine, std::string_view tenant) {
    engine.begin();
    const auto last =
        projection::time_floor(engine.reader(), engine.tenant_time(tenant).tenant, instant_max);
    return last ? last->revision : revision_none;
}

}  // namespace tenure::query
