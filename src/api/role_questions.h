#pragma once
// Questions about roles that need the catalogs: what two roles differ in, which roles are enough.

#include <string>
#include <string_view>
#include <vector>

#include "api/role_json.h"
#include "base/result.h"
#include "domain/operations.h"

namespace tenure::api {

// What somebody needs to do: operations by name, and what a task of a catalog needs.
struct Need {
    std::vector<std::string> actions{};  // a pattern stands for all it names
    std::vector<std::string> data_actions{};
    std::string task{};     // of the catalog or, without one, of any
    std::string catalog{};  // empty: any

    bool empty() const { return actions.empty() && data_actions.empty() && task.empty(); }
};

// Errors name "actions", "dataActions" or "task".
Result<std::vector<domain::Operation>> needed_operations(const Need& need);

// Operations that a catalog names, or all catalogs.
domain::Operations operations_of_catalogs(std::string_view catalog = {});

// Both are measured by `known` and by what the two roles name themselves.
RoleComparison compare(query::RoleAnswer from, query::RoleAnswer to, domain::Operations known);

// The least of the roles, measured by `known` and by what the roles name themselves.
LeastRolesAnswer least_roles(std::vector<domain::Role> roles, std::vector<domain::Operation> needed,
                             domain::Operations known, std::size_t choices_max);

}  // namespace tenure::api
