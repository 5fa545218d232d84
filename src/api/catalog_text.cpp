#include "api/catalog_text.h"

#include "api/json_text.h"
#include "api/table.h"
#include "base/text.h"

namespace tenure::api {
namespace {

// The name of a role of the catalog.
std::string role_name(const domain::Catalog& catalog, const std::string& id) {
    for (const domain::Role& role : catalog.roles)
        if (role.id == id) return role.name;
    return id;
}

std::string choice_text(const domain::Catalog& catalog, const std::vector<std::string>& roles) {
    return joined(roles, " + ", [&](const std::string& id) { return role_name(catalog, id); });
}

std::size_t pattern_count(const domain::Role& role) {
    std::size_t count = 0;
    for (const domain::PermissionBlock& block : role.permissions)
        count += block.actions.size() + block.not_actions.size() + block.data_actions.size() +
                 block.not_data_actions.size();
    return count;
}

}  // namespace

std::string to_json(const std::vector<codec::EmbeddedCatalog>& catalogs) {
    api::JsonText json;
    json.begin_array();
    for (const auto& [text, catalog] : catalogs) {
        json.begin_object();
        json.member("catalog", catalog.name);
        json.member("version", catalog.version);
        json.member("title", catalog.title);
        json.member("roles", std::uint64_t{catalog.roles.size()});
        json.member("tasks", std::uint64_t{catalog.tasks.size()});
        json.member("source", catalog.source);
        json.end_object();
    }
    json.end_array();
    return json.take();
}

std::string to_text(const std::vector<codec::EmbeddedCatalog>& catalogs, const Paint& paint) {
    Table table{{{"CATALOG"},
                 {"VERSION", Table::Align::right},
                 {"ROLES", Table::Align::right},
                 {"TASKS", Table::Align::right},
                 {"TITLE"}}};
    for (const auto& [text, catalog] : catalogs)
        table.add({catalog.name, std::to_string(catalog.version),
                   std::to_string(catalog.roles.size()), std::to_string(catalog.tasks.size()),
                   catalog.title});
    return table.take(paint);
}

std::string to_text(const domain::Catalog& catalog, const Paint& paint) {
    std::string text = paint(Colour::title, catalog.title) + "  " + catalog.name + ", version " +
                       std::to_string(catalog.version) + '\n' + catalog.description + '\n' +
                       paint(Colour::faint, "after: " + catalog.source) + "\n\n";
    Table roles{{{"ROLE"}, {"ID"}, {"PATTERNS", Table::Align::right}, {"DESCRIPTION"}}};
    for (const domain::Role& role : catalog.roles)
        roles.add({role.name, role.id, std::to_string(pattern_count(role)), role.description});
    for (const domain::Role& role : catalog.templates)
        roles.add({role.name,
                   {Colour::faint, "(to adapt)"},
                   std::to_string(pattern_count(role)),
                   role.description});
    text += roles.take(paint);
    if (!catalog.tasks.empty()) {
        Table tasks{{{"TASK"}, {"AT"}, {"ROLES"}}};
        for (const domain::CatalogTask& task : catalog.tasks) {
            const std::string choices = joined(task.roles, ", or ", [&](const auto& choice) {
                return choice_text(catalog, choice);
            });
            tasks.add({task.name, task.at, choices});
        }
        text += '\n' + tasks.take(paint);
    }
    if (!catalog.default_roles.empty()) {
        Table defaults{{{"WHEN"}, {"ROLE"}, {"AT"}}};
        for (const domain::DefaultRole& role : catalog.default_roles)
            defaults.add({role.when, role_name(catalog, role.role), role.at});
        text += '\n' + defaults.take(paint);
    }
    if (!catalog.grants.empty()) {
        Table grants{{{"GRANT"}, {"ROLES"}, {"DESCRIPTION"}}};
        for (const domain::GrantTemplate& grant : catalog.grants) {
            const std::string places =
                joined(grant.roles, ", ", [&](const domain::RoleAtPlace& place) {
                    return role_name(catalog, place.role) + " at " + place.at;
                });
            grants.add({grant.name, places, grant.description});
        }
        text += '\n' + grants.take(paint);
    }
    return text;
}

std::string to_json(const CatalogApplied& applied) {
    api::JsonText json;
    json.begin_object();
    json.member("catalog", applied.catalog);
    json.member("version", applied.version);
    json.text_member("tenant", applied.tenant);
    json.member("defined", std::uint64_t{applied.defined});
    json.member("updated", std::uint64_t{applied.updated});
    json.member("changed", applied.changed);
    json.member("revision", applied.revision);
    json.end_object();
    return json.take();
}

std::string to_text(const CatalogApplied& applied) {
    std::string text = "catalog " + applied.catalog + ", version " +
                       std::to_string(applied.version) + ", for " +
                       (applied.tenant.empty() ? "all tenants" : "tenant " + applied.tenant) + ": ";
    if (!applied.changed) return text + "nothing to change\n";
    return text + counted(applied.defined, "role") + " defined, " +
           std::to_string(applied.updated) + " changed; revision " +
           std::to_string(applied.revision.value) + '\n';
}

}  // namespace tenure::api
