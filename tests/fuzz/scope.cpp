#include "domain/scope.h"

#include <string>

#include "base/invariant.h"
#include "domain/limits.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

void require_stable(const std::string& scope) {
    const auto again = domain::parse_scope(scope, "scope");
    INVARIANT(again.has_value());
    INVARIANT(again.value() == scope);
    const std::string canonical = domain::canonical_scope(scope);
    INVARIANT(domain::canonical_scope(canonical) == canonical);
    INVARIANT(domain::parse_scope(canonical, "scope").value() == canonical);
    const auto pattern = domain::ScopePattern::parse(scope, "pattern");
    INVARIANT(pattern.has_value());
    INVARIANT(pattern.value().matches(canonical));
}

// True if `ancestor` is met on the way from `scope` to the root. Both canonical.
bool is_on_the_way_up(std::string_view ancestor, std::string_view scope) {
    std::size_t steps = 0;
    for (; !scope.empty(); scope = domain::parent_by_path(scope)) {
        INVARIANT(steps++ <= domain::limits::scope_segments_max);
        if (scope == ancestor) return true;
    }
    return false;
}

}  // namespace

void scope(Bytes input) {
    std::string_view text = text_of(input);
    const auto first = domain::parse_scope(take_line(text), "first");
    const auto second = domain::parse_scope(take_line(text), "second");
    if (first) require_stable(first.value());
    if (second) require_stable(second.value());
    if (!first || !second) return;
    const std::string a = domain::canonical_scope(first.value());
    const std::string b = domain::canonical_scope(second.value());
    INVARIANT(domain::covers_by_path(a, b) == is_on_the_way_up(a, b));
    INVARIANT(domain::covers_by_path(b, a) == is_on_the_way_up(b, a));
    INVARIANT(domain::covers_by_path("/", a));
}

}  // namespace tenure::fuzz
