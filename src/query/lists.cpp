// Lists that come in pages: who-can, what-can, tokens.

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/text.h"
#include "domain/action.h"
#include "domain/scope.h"
#include "query/enumerate.h"
#include "query/questions.h"
#include "query/views.h"

namespace tenure::query {
namespace {

// A cursor is "revision:clock:last", last being the text the page before ended with: anyone may ask
// for the rest at the same basis, however much has happened since.
struct Cursor {
    Basis basis;
    std::string after;
};

std::string cursor_text(const Basis& basis, std::string_view last) {
    return std::to_string(basis.revision.value) + ':' + std::to_string(basis.clock->us) + ':' +
           (basis.final ? "f:" : "o:") + std::string(last);
}

Result<Cursor> parse_cursor(std::string_view text, Revision head) {
    Cursor cursor;
    const Error bad = invalid("cursor", quoted(text) + " is not a cursor of an earlier page");
    const char* end = text.data() + text.size();
    auto number = std::from_chars(text.data(), end, cursor.basis.revision.value);
    if (number.ec != std::errc{} || number.ptr == end || *number.ptr != ':') return bad;
    Instant clock;
    number = std::from_chars(number.ptr + 1, end, clock.us);
    if (number.ec != std::errc{} || end - number.ptr < 3 || number.ptr[0] != ':' ||
        (number.ptr[1] != 'f' && number.ptr[1] != 'o') || number.ptr[2] != ':')
        return bad;
    if (clock < instant_min || clock > instant_max) return bad;
    cursor.basis.clock = clock;
    cursor.basis.final = number.ptr[1] == 'f';
    cursor.after.assign(number.ptr + 3, end);
    if (cursor.basis.revision > head)
        return Error{Errc::unavailable,
                     "the cursor is of revision " + std::to_string(cursor.basis.revision.value) +
                         ", which is not here; the newest is " + std::to_string(head.value),
                     "cursor"};
    return cursor;
}

std::string revision_text(Revision revision) {
    return "revision " + std::to_string(revision.value);
}

// A page of one moment is no page of another.
Result<void> check_same_moment(const Cursor& cursor, const domain::AsOf& as_of,
                               const Basis& asked) {
    const auto other = [](const char* field, const std::string& has, const std::string& says) {
        return invalid(field, "the cursor is of " + has + ", not of " + says + ": leave out " +
                                  quoted(field) + ", or the cursor");
    };
    if (as_of.at && as_of.at != cursor.basis.clock)
        return other("at", format_instant(*cursor.basis.clock), format_instant(*as_of.at));
    if (asked.revision == cursor.basis.revision) return success();
    if (as_of.revision)
        return other("revision", revision_text(cursor.basis.revision),
                     revision_text(asked.revision));
    if (as_of.known_at)
        return other("known_at", revision_text(cursor.basis.revision),
                     revision_text(asked.revision));
    // A moment whose events were not all there yet.
    return success();
}

Result<Cursor> start(Engine& engine, std::string_view tenant, const domain::AsOf& as_of,
                     const Page& page, const Moment& moment) {
    engine.begin();
    if (page.cursor.empty()) {
        TRY(Basis basis,
            resolve(engine.reader(), engine.tenant_time(tenant), as_of, engine.head(), moment));
        basis.clock = clock_of(basis, moment);
        return Cursor{basis, {}};
    }
    TRY(Cursor cursor, parse_cursor(page.cursor, engine.head()));
    TRY(const Basis asked,
        resolve(engine.reader(), engine.tenant_time(tenant), as_of, engine.head(), moment));
    TRY(check_same_moment(cursor, as_of, asked));
    return cursor;
}

// Cuts a sorted list to the page: what comes after the cursor, at most `limit`.
template <class T, class TextOf>
std::string cut(std::vector<T>& sorted, const Cursor& cursor, const Page& page, TextOf text_of) {
    if (!cursor.after.empty()) {
        const auto first = std::upper_bound(
            sorted.begin(), sorted.end(), cursor.after,
            [&](const std::string& after, const T& entry) { return after < text_of(entry); });
        sorted.erase(sorted.begin(), first);
    }
    if (page.limit == 0 || sorted.size() <= page.limit) return {};
    sorted.resize(page.limit);
    return cursor_text(cursor.basis, text_of(sorted.back()));
}

bool window_open(const RowReader& reader, const Grant& grant, const Basis& basis) {
    if ((grant.role_word & projection::grant_windowed) == 0) return true;
    const auto detail = assignment_at(reader, grant.assignment, basis.revision);
    return detail && detail->value.window.contains(*basis.clock);
}

WhoCanEntry entry_of(const RowReader& reader, ObjectId id, Revision at) {
    const auto state = principal_at(reader, id, at);
    if (!state) return {projection::text_of(reader, id), {}, {}};
    return {state->value.principal.id, state->value.principal.kind,
            state->value.principal.display_name};
}

}  // namespace

Result<WhoCanAnswer> who_can(Engine& engine, const domain::WhoCanQuestion& question, bool groups,
                             const Page& page, const Moment& moment) {
    TRY(const std::string action, domain::parse_action(question.action, "action"));
    TRY(const std::string scope, domain::parse_scope(question.scope, "scope"));
    TRY(const Cursor cursor, start(engine, question.tenant, question.as_of, page, moment));
    const Basis& basis = cursor.basis;
    WhoCanAnswer answer;
    answer.basis = basis;
    const RowReader reader = engine.reader();
    const ObjectId tenant = engine.tenant_time(question.tenant).tenant;
    if (tenant == ObjectId{}) return answer;

    const auto chain = scope_chain_at(reader, engine.sip(), tenant, domain::canonical_scope(scope),
                                      basis.revision);
    RoleOracle roles{action, question.plane, basis.revision};
    std::set<ObjectId> subjects;
    // A deny assignment may name anybody, and a condition may read the principal: then each is
    // asked the whole question.
    bool ask_each = false;
    for (const ObjectId at : chain) {
        ask_each = ask_each || !denies_at_scope(reader, at, basis.revision).empty();
        for (const Grant& grant : grants_at_scope(reader, at, basis.revision)) {
            const RoleSays role_says = roles.ask(reader, grant.role());
            if (role_says == RoleSays::no || !window_open(reader, grant, basis)) continue;
            subjects.insert(grant.subject);
            ask_each = ask_each || role_says == RoleSays::on_condition ||
                       (grant.role_word & projection::grant_conditional) != 0;
        }
    }

    // Groups lead to the groups in them and to everybody's members.
    std::set<ObjectId> people;
    std::set<ObjectId> leading;
    const auto is_group = [&](ObjectId id) {
        const auto flags = principal_flags_at(reader, id, basis.revision);
        return flags && flags->value.kind == domain::PrincipalKind::group;
    };
    for (const ObjectId subject : subjects) {
        if (!is_group(subject)) {
            people.insert(subject);
            continue;
        }
        leading.insert(subject);
        for (const ObjectId below : descendant_groups_at(reader, subject, basis.revision))
            leading.insert(below);
    }
    for (const ObjectId group : leading)
        for (const Membership& member : members_at(reader, group, basis.revision))
            if (!leading.contains(member.group) && !is_group(member.group))
                people.insert(member.group);

    for (const ObjectId person : people) {
        const auto flags = principal_flags_at(reader, person, basis.revision);
        if (!flags || !flags->value.active()) continue;
        if (ask_each && !engine
                             .check({question.tenant,
                                     projection::text_of(reader, person),
                                     question.action,
                                     question.plane,
                                     question.scope,
                                     {{}, basis.revision, {}},
                                     question.attributes},
                                    moment, *basis.clock)
                             .value()
                             .allowed)
            continue;
        answer.principals.push_back(entry_of(reader, person, basis.revision));
    }
    const auto by_id = [](const WhoCanEntry& a, const WhoCanEntry& b) {
        return a.principal < b.principal;
    };
    std::sort(answer.principals.begin(), answer.principals.end(), by_id);
    answer.next =
        cut(answer.principals, cursor, page,
            [](const WhoCanEntry& entry) -> const std::string& { return entry.principal; });
    if (groups) {
        for (const ObjectId group : leading)
            answer.groups.push_back(entry_of(reader, group, basis.revision));
        std::sort(answer.groups.begin(), answer.groups.end(), by_id);
    }
    return answer;
}

Result<WhatCanAnswer> what_can(Engine& engine, const domain::WhatCanQuestion& question,
                               std::string_view within, const Page& page, const Moment& moment) {
    std::string action;
    if (!question.action.empty()) {
        TRY(action, domain::parse_action(question.action, "action"));
    }
    std::optional<domain::ScopePattern> pattern;
    if (!within.empty()) {
        TRY(pattern, domain::ScopePattern::parse(within, "within"));
    }
    TRY(const Cursor cursor, start(engine, question.tenant, question.as_of, page, moment));
    const Basis& basis = cursor.basis;
    WhatCanAnswer answer;
    answer.basis = basis;
    const TenantNames names{engine.reader(), engine.sip(), question.tenant};
    const auto principal = names.find(Kind::principal, question.principal);
    if (!principal) return answer;

    std::map<ObjectId, std::set<std::string>> roles_at;
    if (action.empty()) {
        for (const Engine::Held& held : engine.holds(*principal, basis, moment)) {
            const auto role = role_at(engine.reader(), held.role, basis.revision);
            if (role) roles_at[held.scope].insert(role->value.role.id);
        }
        for (const auto& [scope, roles] : roles_at) {
            std::string text = projection::text_of(engine.reader(), scope);
            if (pattern && !pattern->matches(domain::canonical_scope(text))) continue;
            answer.scopes.push_back({std::move(text), {roles.begin(), roles.end()}});
        }
    } else {
        for_each_named(
            engine, names.tenant(), Kind::scope, [&](ObjectId scope, std::string_view canonical) {
                if (pattern && !pattern->matches(canonical)) return true;
                if (engine.allowed(names.tenant(), *principal, action, question.plane, scope,
                                   question.attributes, basis, moment) &&
                    scope_known_at(engine.reader(), scope, basis.revision, *basis.clock))
                    answer.scopes.push_back({projection::text_of(engine.reader(), scope), {}});
                return true;
            });
    }
    std::sort(answer.scopes.begin(), answer.scopes.end(),
              [](const WhatCanEntry& a, const WhatCanEntry& b) {
                  return folded(a.scope) < folded(b.scope);
              });
    answer.next = cut(answer.scopes, cursor, page,
                      [](const WhatCanEntry& entry) { return folded(entry.scope); });
    return answer;
}

Result<TokensAnswer> tokens(Engine& engine, std::string_view tenant, std::string_view principal,
                            const domain::AsOf& as_of, const Page& page, const Moment& moment) {
    TRY(const Cursor cursor, start(engine, tenant, as_of, page, moment));
    TokensAnswer answer;
    answer.basis = cursor.basis;
    const ObjectId id = engine.tenant_time(tenant).tenant;
    if (id == ObjectId{}) return answer;
    for_each_named(engine, id, Kind::token, [&](ObjectId token, std::string_view) {
        const auto version = engine.reader().at(
            projection::table::tokens, projection::Key{token.value}, cursor.basis.revision);
        if (!version) return true;
        domain::TokenState state = projection::decode_token_record(version->payload);
        if (principal.empty() || state.token.principal == principal)
            answer.tokens.push_back({std::move(state), version->range.from});
        return true;
    });
    const auto place = [](const DatedToken& dated) {
        return dated.state.token.principal + ' ' + dated.state.token.id;
    };
    std::ranges::sort(answer.tokens, {}, place);
    answer.next = cut(answer.tokens, cursor, page, place);
    return answer;
}

}  // namespace tenure::query
