#pragma once
// Scope: a path of segments such as /subscriptions/s1/resourceGroups/rg; "/" is the root.
//
// Rules: compared without regard to ASCII case; a trailing slash is dropped;
// ancestors are whole segments, never string prefixes (/a/b is not above /a/bc).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tenure::domain {

// Checks the form and drops a trailing slash; case is kept. Refused: no leading slash, an empty or
// "." or ".." segment, control characters, invalid UTF-8, "*", more than the limits in limits.h.
Result<std::string> parse_scope(std::string_view text, std::string_view field);

// The canonical form: what scopes are compared by. `scope` is a parsed scope.
std::string canonical_scope(std::string_view scope);

// Path parent of a canonical or parsed scope; empty for "/".
std::string_view parent_by_path(std::string_view scope);

// True if `ancestor` is `scope` or above it by path. Both canonical.
bool covers_by_path(std::string_view ancestor, std::string_view scope);

// /providers/Microsoft.Management/managementGroups/{id}: a parent of subscriptions in Azure, where
// a custom role has rules of its own.
bool is_management_group(std::string_view scope);

// A pattern for lists: segments separated by '/', "*" alone stands for exactly one segment. Matches
// whole scopes of the same number of segments: /orgs/*/repos/* matches /orgs/a/repos/b only.
class ScopePattern {
public:
    static Result<ScopePattern> parse(std::string_view text, std::string_view field);
    bool matches(std::string_view canonical) const;

private:
    std::vector<std::string> segments_;  // folded; "*" any
};

}  // namespace tenure::domain
