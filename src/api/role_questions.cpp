#include "api/role_questions.h"

#include <algorithm>

#include "base/text.h"
#include "codec/catalogs.h"
#include "domain/action.h"

namespace tenure::api {
namespace {

Result<const domain::CatalogTask*> find_task(std::string_view name, std::string_view catalog) {
    std::string known;
    for (const auto& each : codec::embedded_catalogs()) {
        if (!catalog.empty() && each.catalog.name != catalog) continue;
        for (const domain::CatalogTask& task : each.catalog.tasks) {
            if (equal_folded(task.name, name)) return &task;
            known += (known.empty() ? "" : ", ") + quoted(task.name);
        }
    }
    return Error{Errc::not_found, "no task is called " + quoted(name) + "; known are " + known,
                 "task"};
}

Result<void> add_needed(const std::vector<std::string>& names, domain::Plane plane,
                        const char* field, domain::Operations& to) {
    for (const std::string& name : names) {
        TRY(domain::check_pattern(name, field, true));
        to.insert(domain::operation(name, plane));
    }
    return success();
}

}  // namespace

Result<std::vector<domain::Operation>> needed_operations(const Need& need) {
    domain::Operations needed;
    if (!need.task.empty()) {
        TRY(const auto* task, find_task(need.task, need.catalog));
        for (domain::Operation& operation : domain::needed_for(*task))
            needed.insert(std::move(operation));
    }
    TRY(add_needed(need.actions, domain::Plane::control, "actions", needed));
    TRY(add_needed(need.data_actions, domain::Plane::data, "dataActions", needed));
    if (needed.empty())
        return invalid("actions", "nothing is needed: give actions, dataActions or a task");
    if (needed.size() > domain::needed_operations_max)
        return Error{Errc::limit_exceeded,
                     std::to_string(needed.size()) + " operations are needed; at most " +
                         std::to_string(domain::needed_operations_max) + " are looked for at once",
                     "actions"};
    return std::vector<domain::Operation>(needed.begin(), needed.end());
}

domain::Operations operations_of_catalogs(std::string_view catalog) {
    domain::Operations known;
    for (const auto& each : codec::embedded_catalogs())
        if (catalog.empty() || each.catalog.name == catalog)
            domain::add_operations_of(each.catalog, known);
    return known;
}

RoleComparison compare(query::RoleAnswer from, query::RoleAnswer to, domain::Operations known) {
    for (const auto* side : {&from, &to}) domain::add_operations_of(side->role.role, known);
    RoleComparison comparison{std::move(from), std::move(to), {}, 0};
    comparison.difference =
        domain::role_difference(comparison.from.role.role, comparison.to.role.role, known);
    comparison.operations = static_cast<std::size_t>(std::ranges::count_if(
        known, [](const domain::Operation& each) { return !each.is_pattern(); }));
    return comparison;
}

LeastRolesAnswer least_roles(std::vector<domain::Role> roles, std::vector<domain::Operation> needed,
                             domain::Operations known, std::size_t choices_max) {
    for (const domain::Role& role : roles) domain::add_operations_of(role, known);
    LeastRolesAnswer answer;
    answer.needed = std::move(needed);
    answer.least = domain::least_roles(roles, answer.needed, known, choices_max);
    answer.roles = std::move(roles);
    return answer;
}

}  // namespace tenure::api
