#pragma once
// Requests of the HTTP API: what is asked, by members of a JSON body or by parameters of a URL, and
// what is to be changed. JSON spells names in camelCase, a URL in snake_case. Whatever a request
// does not take is refused.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/command.h"
#include "domain/question.h"

namespace tenure::codec {

// What a request takes beside `at`, `revision`, `knownAt` and `atLeast`.
struct Takes {
    bool principal = false;
    bool principal_needed = true;  // with principal
    bool action = false;
    bool action_needed = true;  // with action
    bool scope = false;
    bool scope_needed = true;    // with scope
    bool circumstances = false;  // subOperation, attributes; attributes by body only
    bool page = false;           // limit, cursor
    bool groups = false;
    bool within = false;
    bool span = false;        // from, to
    bool from_needed = true;  // with span; left out: now
    bool other = false;       // beside the object of the path
};

struct Asked {
    std::string principal;
    std::string action;
    domain::Plane plane{};
    std::string scope;
    domain::AsOf as_of;
    std::optional<Revision> at_least;
    domain::AskedAttributes attributes;
    std::optional<std::uint64_t> limit;
    std::string cursor;
    bool groups = false;
    std::string within;
    std::string other;
    // Some coordinate of time is "now": the same request is about another moment next time.
    bool says_now = false;
    domain::AsOf from;
    domain::AsOf to;
};

using Parameters = std::span<const std::pair<std::string, std::string>>;

// `now` is what the text "now" means.
Result<Asked> parse_asked(std::string_view body, const Takes& takes, Instant now);
Result<Asked> parse_asked(Parameters query, const Takes& takes, Instant now);

// {"checks":[{...}],"atLeast":7}
struct AskedChecks {
    std::vector<domain::CheckQuestion> checks;
    std::optional<Revision> at_least;
};

Result<AskedChecks> parse_checks(std::string_view body, std::string_view tenant,
                                 std::size_t checks_max);

// {"actions":[...],"dataActions":[...],"task":"...","scope":"...","limit":10}, and the moment.
struct AskedLeastRoles {
    std::vector<std::string> actions;
    std::vector<std::string> data_actions;
    std::string task;
    std::string scope;
    std::optional<std::uint64_t> limit;
    domain::AsOf as_of;
    std::optional<Revision> at_least;
};

Result<AskedLeastRoles> parse_asked_least_roles(std::string_view body);

// {"commands":[{"type","data","reason","ticket"}],"expectedRevision":7}, by one actor in one
// tenant.
Result<domain::Batch> parse_commands(std::string_view body, std::string_view tenant,
                                     std::string_view actor);

// Which events: from, to, since, until, type, actor, object, limit.
struct AskedEvents {
    Revision from{1};
    Revision to = revision_max;
    std::optional<Instant> since;
    std::optional<Instant> until;
    std::string type;
    std::string actor;
    std::string object;
    std::optional<std::uint64_t> limit;
    std::optional<Revision> at_least;
};

Result<AskedEvents> parse_asked_events(Parameters query, Instant now);

// revision, if there is one.
Result<std::optional<Revision>> parse_asked_revision(Parameters query);

}  // namespace tenure::codec
