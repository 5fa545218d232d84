// Searches: who may, where, and what. Each finds all there is as of one moment and cuts a page out
// of it.

#include <algorithm>

#include "api/json_parts.h"
#include "base/text.h"
#include "codec/catalogs.h"
#include "domain/operations.h"
#include "server/authzen_answers.h"
#include "server/authzen_page.h"
#include "server/authzen_request.h"
#include "server/reading.h"

namespace tenure::server::authzen {
namespace {

struct Found {
    std::string key;   // what they are sorted by, all different
    std::string name;  // id of a subject or resource, name of an action
    domain::Plane plane{};
};

struct Finds {
    std::vector<Found> found;  // sorted
    query::Basis basis;
};

struct Wanted {
    const Search& asked;
    domain::AsOf as_of;
    std::string_view after;
    std::size_t limit;
};

// The moment that an answer was about, to be asked about again.
domain::AsOf same_moment(const query::Basis& basis) {
    domain::AsOf as_of;
    as_of.revision = basis.revision;
    as_of.clock = basis.clock;
    return as_of;
}

// One more than the page holds tells that there are others.
bool is_over(const Wanted& wanted, const Finds& finds) { return finds.found.size() > wanted.limit; }

// Whether there is such a subject: an evaluation, too, is about nobody if the type is another.
bool is_of_type(Call& call, node::Session& session, const Search& asked, Revision at) {
    return session.kind_of(call.tenant, asked.principal, at) == asked.kind;
}

Result<Finds> subjects(Call& call, node::Session& session, const Wanted& wanted) {
    const Search& asked = wanted.asked;
    const auto answer = session.who_can(
        {call.tenant, asked.action, asked.plane, *asked.scope, wanted.as_of, asked.attributes},
        false, {});
    if (!answer) return answer.error();
    Finds finds{{}, answer.value().basis};
    for (const query::WhoCanEntry& entry : answer.value().principals)
        if (entry.kind == asked.kind && entry.principal > wanted.after && !is_over(wanted, finds))
            finds.found.push_back({entry.principal, entry.principal});
    return finds;
}

Result<Finds> resources(Call& call, node::Session& session, const Wanted& wanted) {
    const Search& asked = wanted.asked;
    const auto answer = session.what_can(
        {call.tenant, asked.principal, asked.action, asked.plane, wanted.as_of, asked.attributes},
        {}, {});
    if (!answer) return answer.error();
    Finds finds{{}, answer.value().basis};
    if (!is_of_type(call, session, asked, finds.basis.revision)) return finds;
    const auto prefix = scope_prefix(asked.resource_type);
    for (const query::WhatCanEntry& entry : answer.value().scopes) {
        std::string canonical = folded(entry.scope);
        if (!prefix || !canonical.starts_with(*prefix) || canonical <= wanted.after) continue;
        if (is_over(wanted, finds)) break;
        finds.found.push_back(
            {std::move(canonical), std::string(id_of_scope(asked.resource_type, entry.scope))});
    }
    return finds;
}

// Nobody lists all operations there are: those are known that a role of the tenant or a catalog
// names in full.
Result<Finds> actions(Call& call, node::Session& session, const Wanted& wanted) {
    const Search& asked = wanted.asked;
    const auto roles = session.roles(call.tenant, {}, wanted.as_of);
    if (!roles) return roles.error();
    Finds finds{{}, roles.value().basis};
    if (!is_of_type(call, session, asked, finds.basis.revision)) return finds;
    domain::Operations known;
    for (const query::DatedRole& dated : roles.value().roles)
        domain::add_operations_of(dated.role, known);
    for (const codec::EmbeddedCatalog& each : codec::embedded_catalogs())
        domain::add_operations_of(each.catalog, known);

    std::vector<Found> candidates;
    for (const domain::Operation& operation : known) {
        const std::string plane{domain::name_of(operation.plane)};
        Found candidate{operation.name + '\n' + plane, operation.spelled, operation.plane};
        if (!operation.is_pattern() && candidate.key > wanted.after)
            candidates.push_back(std::move(candidate));
    }
    std::ranges::sort(candidates, {}, &Found::key);
    domain::CheckQuestion question{
        call.tenant,     asked.principal, {}, {}, *asked.scope, same_moment(finds.basis),
        asked.attributes};
    for (Found& candidate : candidates) {
        if (is_over(wanted, finds)) break;
        question.action = candidate.name;
        question.plane = candidate.plane;
        const auto answer = session.check(question);
        if (answer && answer.value().allowed) finds.found.push_back(std::move(candidate));
    }
    return finds;
}

void add_found(api::JsonText& json, const Search& asked, const Found& found) {
    json.begin_object();
    if (asked.searched == Searched::action) {
        json.member("name", found.name);
        if (found.plane == domain::Plane::data) {
            json.name("properties");
            json.begin_object();
            json.member("plane", domain::name_of(found.plane));
            json.end_object();
        }
    } else {
        const bool subject = asked.searched == Searched::subject;
        json.member("type", subject ? asked.subject_type : asked.resource_type);
        json.member("id", found.name);
    }
    json.end_object();
}

// `next` is empty where the list ends. A page comes first in its answer.
std::string page_json(const Search& asked, const Finds& finds, std::string_view next,
                      bool has_basis) {
    api::JsonText json;
    json.begin_object();
    json.name("page");
    json.begin_object();
    json.member("next_token", next);
    json.member("count", std::uint64_t{finds.found.size()});
    json.end_object();
    if (has_basis) {
        json.name("context");
        json.begin_object();
        api::basis_members(json, finds.basis);
        json.end_object();
    }
    json.name("results");
    json.begin_array();
    for (const Found& found : finds.found) add_found(json, asked, found);
    json.end_array();
    json.end_object();
    return json.take();
}

using Find = Result<Finds> (*)(Call&, node::Session&, const Wanted&);

// What cannot be is nowhere and nobody's.
bool can_be(const Search& asked) {
    if (!asked.kind) return false;
    if (asked.searched == Searched::resource) return scope_prefix(asked.resource_type).has_value();
    return asked.scope.has_value();
}

Reply search(Call& call, node::Session& session, Searched searched, Find find) {
    const auto parsed = parse_search(call.request.body(), searched);
    if (!parsed) return refused(parsed.error());
    const Search& asked = parsed.value();
    if (auto early = too_early(call, asked.at_least)) return *early;
    if (!can_be(asked)) {
        Reply reply;
        reply.body = page_json(asked, {}, {}, false);
        reply.headers.emplace_back("Cache-Control", "no-store");
        return reply;
    }
    const std::string self = searched == Searched::subject ? std::string{} : asked.principal;
    if (auto denied = unless_self_or_may(call, session, self, action::assignments_read,
                                         asked.scope.value_or("/")))
        return *denied;
    const auto page = page_of(asked, call.tenant);
    if (!page) return refused(page.error());
    const Limits& limits = call.service.settings.limits;
    const Wanted wanted{asked, page.value().as_of, page.value().after,
                        static_cast<std::size_t>(std::min<std::uint64_t>(
                            asked.limit.value_or(limits.page_entries), limits.page_entries_max))};
    auto finds = find(call, session, wanted);
    if (!finds) return refused(finds.error());
    std::string next;
    if (is_over(wanted, finds.value())) {
        finds.value().found.resize(wanted.limit);
        next = token_of(asked, call.tenant,
                        {same_moment(finds.value().basis), finds.value().found.back().key});
    }
    return answered(call, page_json(asked, finds.value(), next, true), finds.value().basis, false);
}

}  // namespace

Reply search_subject(Call& call, node::Session& session) {
    return search(call, session, Searched::subject, subjects);
}

Reply search_resource(Call& call, node::Session& session) {
    return search(call, session, Searched::resource, resources);
}

Reply search_action(Call& call, node::Session& session) {
    return search(call, session, Searched::action, actions);
}

}  // namespace tenure::server::authzen
