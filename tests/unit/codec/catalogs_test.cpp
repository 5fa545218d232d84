#include "codec/catalogs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "domain/least_roles.h"

namespace tenure::codec {
namespace {

using domain::Plane;

std::set<std::string> names_of(const std::vector<domain::Role>& roles,
                               const domain::RoleChoice& choice) {
    std::set<std::string> ids;
    for (const std::size_t role : choice.roles) ids.insert(roles[role].id);
    return ids;
}

domain::LeastRoles least_for(const domain::Catalog& catalog, const domain::CatalogTask& task) {
    domain::Operations known;
    domain::add_operations_of(catalog, known);
    return domain::least_roles(catalog.roles, domain::needed_for(task), known, 1'000);
}

TEST(Catalogs, AreThoseOfTheFolder) {
    std::vector<std::string> names;
    for (const EmbeddedCatalog& each : embedded_catalogs()) names.push_back(each.catalog.name);

    EXPECT_EQ(names, (std::vector<std::string>{"azure-2015", "azure-ai-foundry", "call-manager",
                                               "communications-gateway"}));
    EXPECT_EQ(find_catalog("call-manager")->catalog.roles.size(), 4U);
    EXPECT_EQ(find_catalog("Call-Manager"), nullptr);
}

TEST(Catalogs, HaveRolesWithIdsAndNamesOfTheirOwn) {
    for (const auto& [text, catalog] : embedded_catalogs()) {
        std::set<std::string> ids;
        std::set<std::string> names;
        for (const domain::Role& role : catalog.roles) {
            EXPECT_TRUE(ids.insert(folded(role.id)).second) << role.id;
            EXPECT_TRUE(names.insert(folded(role.name)).second) << role.name;
            EXPECT_TRUE(role.built_in) << role.name;
            EXPECT_FALSE(role.description.empty()) << role.name;
        }
        for (const domain::Role& role : catalog.templates) EXPECT_FALSE(role.built_in) << role.name;
        const auto known = [&](const std::string& id) { return ids.contains(folded(id)); };
        for (const auto& task : catalog.tasks)
            for (const auto& choice : task.roles)
                for (const std::string& role : choice) EXPECT_TRUE(known(role)) << role;
        for (const auto& role : catalog.default_roles) EXPECT_TRUE(known(role.role)) << role.role;
        for (const auto& grant : catalog.grants)
            for (const auto& place : grant.roles) EXPECT_TRUE(known(place.role)) << place.role;
    }
}

// So that several can be applied to one tenant.
TEST(Catalogs, AgreeOnTheRolesTheyShare) {
    std::map<std::string, domain::Role> by_id;
    std::map<std::string, std::string> id_of_name;
    std::set<std::string> tasks;
    for (const auto& [text, catalog] : embedded_catalogs()) {
        for (const domain::Role& role : catalog.roles) {
            EXPECT_EQ(by_id.emplace(folded(role.id), role).first->second, role) << role.id;
            EXPECT_EQ(id_of_name.emplace(folded(role.name), role.id).first->second, role.id);
        }
        for (const domain::CatalogTask& task : catalog.tasks)
            EXPECT_TRUE(tasks.insert(folded(task.name)).second) << task.name;
    }
}

TEST(Catalogs, DocumentedRolesAreEnoughAndInOrder) {
    for (const auto& [text, catalog] : embedded_catalogs())
        for (const domain::CatalogTask& task : catalog.tasks) {
            SCOPED_TRACE(catalog.name + ": " + task.name);
            const domain::LeastRoles least = least_for(catalog, task);
            EXPECT_TRUE(least.missing.empty());
            ASSERT_FALSE(least.choices.empty());
            std::ptrdiff_t before = -1;
            for (const auto& roles : task.roles) {
                const std::set<std::string> wanted(roles.begin(), roles.end());
                const auto found = std::ranges::find_if(least.choices, [&](const auto& choice) {
                    return names_of(catalog.roles, choice) == wanted;
                });
                ASSERT_NE(found, least.choices.end()) << *wanted.begin();
                EXPECT_GT(found - least.choices.begin(), before) << *wanted.begin();
                before = found - least.choices.begin();
            }
        }
}

TEST(Catalogs, TasksOfTheGatewayNeedWhatIsDocumentedAndNoLess) {
    const domain::Catalog& catalog = find_catalog("communications-gateway")->catalog;
    for (const domain::CatalogTask& task : catalog.tasks) {
        const domain::LeastRoles least = least_for(catalog, task);
        EXPECT_EQ(names_of(catalog.roles, least.choices.front()),
                  (std::set<std::string>{task.roles.front().begin(), task.roles.front().end()}))
            << task.name;
    }
}

TEST(Catalogs, RefuseWhatIsIncomplete) {
    struct Refused {
        std::string text;
        std::string field;
        std::string why;
    };

    const std::string role = R"({"id":"r","roleName":"R","actions":["a"]})";
    for (const Refused& expected : std::vector<Refused>{
             {"{}", "catalog", "missing"},
             {R"({"catalog":"c"})", "version", "from 1"},
             {R"({"catalog":"c","version":0})", "version", "0 is not a version"},
             {R"({"catalog":"c","version":1,"rolls":[]})", "rolls", "known are catalog"},
             {R"({"catalog":"c","version":1,"roles":[{"roleName":"R","actions":[]}]})", "roles",
              "no id"},
             {R"({"catalog":"c","version":1,"tasks":[{}]})", "tasks[0].task", "missing"},
             {R"({"catalog":"c","version":1,"grants":[{"grant":"g","roles":[{"role":"r"}]}]})",
              "grants[0].roles[0].at", "missing"}}) {
        const auto catalog = parse_catalog(expected.text);
        ASSERT_FALSE(catalog) << expected.text;
        EXPECT_EQ(catalog.error().field, expected.field) << catalog.error().detail;
        EXPECT_NE(catalog.error().detail.find(expected.why), std::string::npos)
            << catalog.error().detail;
    }
    EXPECT_TRUE(parse_catalog(R"({"catalog":"c","version":2,"roles":[)" + role + "]}"));
}

}  // namespace
}  // namespace tenure::codec
