#include "domain/scope.h"

#include "base/text.h"
#include "domain/limits.h"

namespace tenure::domain {
namespace {

// "/a/b/" is "/a/b"; "/" stays, and so does "//", which is no scope.
std::string_view without_trailing_slash(std::string_view scope) {
    if (scope.size() > 1 && scope.back() == '/' && scope != "//") scope.remove_suffix(1);
    return scope;
}

// Calls segment(text) for each segment of "/a/b"; none for "/". Stops at the first false.
template <class Segment>
bool each_segment(std::string_view scope, Segment segment) {
    if (scope.size() <= 1) return true;
    std::size_t from = 1;
    for (;;) {
        const std::size_t slash = scope.find('/', from);
        if (!segment(scope.substr(from, slash - from))) return false;
        if (slash == std::string_view::npos) return true;
        from = slash + 1;
    }
}

// What scopes and patterns of scopes have in common.
Result<void> check_path(std::string_view text, std::string_view field, std::string_view what) {
    const auto refused = [&](const std::string& why) {
        return invalid(std::string(field), std::string(what) + " " + quoted(text) + " " + why);
    };
    if (text.empty())
        return invalid(std::string(field), std::string(what) + " is empty; the topmost one is '/'");
    if (text.size() > limits::scope_length_max)
        return Error{Errc::limit_exceeded,
                     std::string(what) + " " + quoted(text) + " has " +
                         std::to_string(text.size()) + " bytes; at most " +
                         std::to_string(limits::scope_length_max) + " are allowed",
                     std::string(field)};
    if (text.front() != '/') return refused("must start with '/'");
    if (!valid_utf8(text)) return refused("is not valid UTF-8");
    if (has_control(text)) return refused("contains a control character");
    std::size_t segments = 0;
    std::string why;
    const bool fine = each_segment(without_trailing_slash(text), [&](std::string_view segment) {
        ++segments;
        if (segment.empty()) why = "has an empty segment; write one '/' between two segments";
        if (segment == "." || segment == "..")
            why = "has a segment " + quoted(segment) + "; write the whole path";
        return why.empty();
    });
    if (!fine) return refused(why);
    if (segments > limits::scope_segments_max)
        return Error{Errc::limit_exceeded,
                     std::string(what) + " " + quoted(text) + " has " + std::to_string(segments) +
                         " segments; at most " + std::to_string(limits::scope_segments_max) +
                         " are allowed",
                     std::string(field)};
    return success();
}

}  // namespace

Result<std::string> parse_scope(std::string_view text, std::string_view field) {
    TRY(check_path(text, field, "scope"));
    if (text.find('*') != std::string_view::npos)
        return invalid(std::string(field), "scope " + quoted(text) +
                                               " contains '*'; a scope names one place, write it "
                                               "without wildcards");
    return std::string(without_trailing_slash(text));
}

std::string canonical_scope(std::string_view scope) {
    return folded(without_trailing_slash(scope));
}

std::string_view parent_by_path(std::string_view scope) {
    scope = without_trailing_slash(scope);
    if (scope.size() <= 1) return {};
    const std::size_t slash = scope.rfind('/');
    return slash == 0 ? scope.substr(0, 1) : scope.substr(0, slash);
}

bool covers_by_path(std::string_view ancestor, std::string_view scope) {
    if (ancestor == "/") return true;
    return scope.starts_with(ancestor) &&
           (scope.size() == ancestor.size() || scope[ancestor.size()] == '/');
}

bool is_management_group(std::string_view scope) {
    constexpr std::string_view prefix = "/providers/microsoft.management/managementgroups/";
    scope = without_trailing_slash(scope);
    return scope.size() > prefix.size() && equal_folded(scope.substr(0, prefix.size()), prefix) &&
           scope.find('/', prefix.size()) == std::string_view::npos;
}

Result<ScopePattern> ScopePattern::parse(std::string_view text, std::string_view field) {
    TRY(check_path(text, field, "pattern"));
    ScopePattern pattern;
    const bool fine = each_segment(without_trailing_slash(text), [&](std::string_view segment) {
        if (segment.size() > 1 && segment.find('*') != std::string_view::npos) return false;
        pattern.segments_.push_back(folded(segment));
        return true;
    });
    if (!fine)
        return invalid(std::string(field), "pattern " + quoted(text) +
                                               " has '*' inside a segment; '*' must be a segment "
                                               "of its own, as in /orgs/*/repos/*");
    return pattern;
}

bool ScopePattern::matches(std::string_view canonical) const {
    auto wanted = segments_.begin();
    const bool fits = each_segment(canonical, [&](std::string_view segment) {
        if (wanted == segments_.end()) return false;
        const std::string& pattern = *wanted++;
        return pattern == "*" || pattern == segment;
    });
    return fits && wanted == segments_.end();
}

}  // namespace tenure::domain
