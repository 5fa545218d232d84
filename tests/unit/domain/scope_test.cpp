#include "domain/scope.h"

#include <gtest/gtest.h>

#include <string>

#include "domain/limits.h"

namespace tenure::domain {
namespace {

std::string parsed(std::string_view text) {
    const auto result = parse_scope(text, "scope");
    EXPECT_TRUE(result) << text;
    return result ? result.value() : "";
}

Error refused(std::string_view text) {
    const auto result = parse_scope(text, "data.scope");
    EXPECT_FALSE(result) << text;
    return result ? Error{} : result.error();
}

TEST(Scope, KeepsCaseAndDropsATrailingSlash) {
    EXPECT_EQ(parsed("/"), "/");
    EXPECT_EQ(parsed("/Subscriptions/S1"), "/Subscriptions/S1");
    EXPECT_EQ(parsed("/subscriptions/s1/"), "/subscriptions/s1");
    EXPECT_EQ(parsed("/a/.hidden/...x"), "/a/.hidden/...x");
}

TEST(Scope, AcceptsTheFormsOfAzure) {
    for (const std::string_view text :
         {"/providers/Microsoft.Management/managementGroups/mg-1",
          "/subscriptions/00000000-0000-0000-0000-000000000001",
          "/subscriptions/s/resourceGroups/rg (old)",
          "/subscriptions/s/resourcegroups/rg/providers/Microsoft.Storage/storageAccounts/a/"
          "blobServices/default/containers/c"})
        EXPECT_EQ(parsed(text), text);
}

TEST(Scope, TakesUnicodeAsItIs) {
    EXPECT_EQ(parsed("/räume/日本"), "/räume/日本");
    EXPECT_EQ(canonical_scope("/RÄUME/É"), "/rÄume/É");  // ASCII letters only
}

TEST(Scope, RefusesWhatIsNoPath) {
    EXPECT_EQ(refused("").field, "data.scope");
    for (const std::string_view text :
         {"subscriptions/s", "//", "/a//b", "/a//", "//a", "/a/./b", "/a/..", "/.", "/a\n",
          "/a\x7f", "/a/*", "/a*b", "/\xC3", "/\xED\xA0\x80", " /a"}) {
        const Error error = refused(text);
        EXPECT_EQ(error.code, Errc::invalid_argument) << text;
        EXPECT_EQ(error.field, "data.scope") << text;
    }
}

TEST(Scope, IsLimitedInLengthAndSegments) {
    const std::string longest = "/" + std::string(limits::scope_length_max - 1, 'a');
    EXPECT_EQ(parsed(longest), longest);
    EXPECT_EQ(refused(longest + "a").code, Errc::limit_exceeded);

    std::string deepest;
    for (std::size_t i = 0; i < limits::scope_segments_max; ++i) deepest += "/s";
    EXPECT_EQ(parsed(deepest), deepest);
    EXPECT_EQ(refused(deepest + "/s").code, Errc::limit_exceeded);
}

TEST(Scope, IsComparedWithoutRegardToCase) {
    EXPECT_EQ(canonical_scope("/subscriptions/S/resourceGroups/RG"),
              canonical_scope("/Subscriptions/s/resourcegroups/rg"));
    EXPECT_EQ(canonical_scope("/A/b/"), "/a/b");
    EXPECT_EQ(canonical_scope("/"), "/");
}

TEST(Scope, ParentIsOneSegmentUp) {
    EXPECT_EQ(parent_by_path("/a/b/c"), "/a/b");
    EXPECT_EQ(parent_by_path("/a/b/"), "/a");
    EXPECT_EQ(parent_by_path("/a"), "/");
    EXPECT_EQ(parent_by_path("/"), "");
    EXPECT_EQ(parent_by_path(""), "");
}

TEST(Scope, CoversByWholeSegmentsOnly) {
    EXPECT_TRUE(covers_by_path("/", "/"));
    EXPECT_TRUE(covers_by_path("/", "/a"));
    EXPECT_TRUE(covers_by_path("/a", "/a"));
    EXPECT_TRUE(covers_by_path("/a", "/a/b/c"));
    EXPECT_FALSE(covers_by_path("/a/b", "/a"));
    EXPECT_FALSE(covers_by_path("/rg/pharma-sales", "/rg/pharma-sales-2"));
    EXPECT_FALSE(covers_by_path("/rg/pharma-sales-2", "/rg/pharma-sales"));
}

TEST(Scope, KnowsManagementGroups) {
    EXPECT_TRUE(is_management_group("/providers/Microsoft.Management/managementGroups/m"));
    EXPECT_TRUE(is_management_group("/providers/microsoft.management/managementgroups/M/"));
    EXPECT_FALSE(is_management_group("/providers/Microsoft.Management/managementGroups"));
    EXPECT_FALSE(is_management_group("/providers/Microsoft.Management/managementGroups/"));
    EXPECT_FALSE(is_management_group("/providers/Microsoft.Management/managementGroups/m/x"));
    EXPECT_FALSE(is_management_group("/subscriptions/s"));
    EXPECT_FALSE(is_management_group("/"));
}

bool fits(std::string_view pattern, std::string_view scope) {
    const auto parsed_pattern = ScopePattern::parse(pattern, "pattern");
    EXPECT_TRUE(parsed_pattern) << pattern;
    return parsed_pattern && parsed_pattern.value().matches(canonical_scope(scope));
}

TEST(ScopePattern, MatchesWholeScopesOfTheSameDepth) {
    EXPECT_TRUE(fits("/orgs/*/repos/*", "/orgs/a/repos/b"));
    EXPECT_TRUE(fits("/Orgs/*/Repos/*", "/orgs/A/repos/B"));
    EXPECT_TRUE(fits("/orgs/*", "/orgs/a"));
    EXPECT_TRUE(fits("/orgs/a", "/ORGS/a"));
    EXPECT_TRUE(fits("/orgs/a/", "/orgs/a"));
    EXPECT_FALSE(fits("/orgs/*/repos/*", "/orgs/a/repos"));
    EXPECT_FALSE(fits("/orgs/*/repos/*", "/orgs/a/repos/b/branches"));
    EXPECT_FALSE(fits("/orgs/*", "/orgs"));
    EXPECT_FALSE(fits("/orgs/*", "/"));
    EXPECT_FALSE(fits("/orgs/a", "/orgs/ab"));
}

TEST(ScopePattern, RootMatchesTheRootOnly) {
    EXPECT_TRUE(fits("/", "/"));
    EXPECT_FALSE(fits("/", "/a"));
    EXPECT_FALSE(fits("/*", "/"));
    EXPECT_TRUE(fits("/*", "/a"));
}

TEST(ScopePattern, RefusesAWildcardInsideASegment) {
    for (const std::string_view text : {"", "a", "/a*", "/*a/b", "/**", "/a//*", "/../*"})
        EXPECT_FALSE(ScopePattern::parse(text, "scope")) << text;
}

}  // namespace
}  // namespace tenure::domain
