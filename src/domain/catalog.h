#pragma once
// A catalog: the built-in roles of one product, and what its documentation says about using them.
// schema/catalogs/ has those that the program knows; docs/FORMAT.md, "Catalogs", their form.

#include <cstdint>
#include <string>
#include <vector>

#include "domain/command.h"
#include "domain/model.h"
#include "domain/operations.h"

namespace tenure::domain {

// Something people do, the operations it takes, and the roles that are documented for it.
struct CatalogTask {
    std::string name;
    std::string at;  // where the roles are given: "resource group"
    std::vector<std::string> actions;
    std::vector<std::string> data_actions;
    std::vector<std::vector<std::string>> roles;  // ids; choices of roles that go together
};

// A role that somebody or something gets without asking.
struct DefaultRole {
    std::string when;
    std::string role;
    std::string at;
};

struct RoleAtPlace {
    std::string role;
    std::string at;
};

// Roles that are given together.
struct GrantTemplate {
    std::string name;
    std::string description;
    std::vector<RoleAtPlace> roles;
};

struct Catalog {
    std::string name;
    std::uint64_t version = 0;
    std::string title;
    std::string description;
    std::string source;
    std::vector<Role> roles;
    // Roles to copy and adapt: they have places to fill in and are never applied.
    std::vector<Role> templates;
    std::vector<std::string> actions;  // known operations beside those in the roles
    std::vector<std::string> data_actions;
    std::vector<CatalogTask> tasks;
    std::vector<DefaultRole> default_roles;
    std::vector<GrantTemplate> grants;
};

ApplyCatalog application_of(const Catalog& catalog);
// What its roles and tasks speak of.
void add_operations_of(const Catalog& catalog, Operations& to);
std::vector<Operation> needed_for(const CatalogTask& task);

}  // namespace tenure::domain
