#include "commands/catalog_commands.h"

#include "api/catalog_text.h"
#include "base/text.h"

namespace tenure::commands {
namespace {

Result<const codec::EmbeddedCatalog*> catalog_named(const std::string& name) {
    if (const auto* found = codec::find_catalog(name)) return found;
    const std::string known =
        joined(codec::embedded_catalogs(), ", ",
               [](const codec::EmbeddedCatalog& each) { return each.catalog.name; });
    return Error{Errc::not_found,
                 "there is no catalog " + tenure::quoted(name) + "; known are " + known, "name"};
}

}  // namespace

CatalogCommands::CatalogCommands(CLI::App& app, Program& program) : program_{program} {
    CLI::App& group =
        add_group(app, program, "catalog", "Built-in roles that come with the program");
    add_command(group, program, "list", "The catalogs there are", [this] { return list(); });
    add_command(group, program, "show", "The roles and tasks of one; as JSON its file", [this] {
        return show();
    }).argument("name", name_, "CATALOG", "Such as azure-2015");
    add_command(group, program, "apply",
                "Define or update its roles, all or none: in --tenant, or else for all tenants",
                [this] { return apply(); })
        .argument("name", name_, "CATALOG", "Such as azure-2015")
        .cause(cause_);
}

Exit CatalogCommands::list() {
    if (program_.json())
        program_.print_line(api::to_json(codec::embedded_catalogs()));
    else
        program_.print(api::to_text(codec::embedded_catalogs(), program_.paint()));
    return Exit::ok;
}

Exit CatalogCommands::show() {
    const auto found = catalog_named(name_);
    if (!found) return program_.fail(found.error());
    if (program_.json())
        program_.print(found.value()->text);
    else
        program_.print(api::to_text(found.value()->catalog, program_.paint()));
    return Exit::ok;
}

Exit CatalogCommands::apply() {
    const auto found = catalog_named(name_);
    if (!found) return program_.fail(found.error());
    const domain::Catalog& catalog = found.value()->catalog;
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    domain::Command command;
    if (program_.global.tenant_given) {
        auto tenant = program_.tenant(*node.value());
        if (!tenant) return program_.fail(tenant.error());
        command.tenant = std::move(tenant.value());
    }
    command.actor = cause_.actor;
    command.reason = cause_.reason;
    command.ticket = cause_.ticket;
    command.body = domain::application_of(catalog);
    api::CatalogApplied applied;
    applied.catalog = catalog.name;
    applied.version = catalog.version;
    applied.tenant = command.tenant;
    domain::Batch batch;
    batch.commands.push_back(std::move(command));
    const auto receipt = node.value()->submit(std::move(batch));
    if (!receipt) return program_.fail(receipt.error());

    applied.revision = receipt.value().last;
    applied.changed = receipt.value().first <= receipt.value().last;
    for (Revision at = receipt.value().first; at <= receipt.value().last; at = next(at)) {
        const auto event = node.value()->event(at);
        if (!event) return program_.fail(event.error());
        if (std::holds_alternative<domain::RoleDefined>(event.value().body)) ++applied.defined;
        if (std::holds_alternative<domain::RoleUpdated>(event.value().body)) ++applied.updated;
    }
    if (program_.json())
        program_.print_line(api::to_json(applied));
    else
        program_.print(api::to_text(applied));
    return Exit::ok;
}

}  // namespace tenure::commands
