#include "domain/catalog.h"

namespace tenure::domain {
namespace {

template <class Container>
void add(const std::vector<std::string>& names, Plane plane, Container& to) {
    for (const std::string& name : names) to.insert(to.end(), operation(name, plane));
}

}  // namespace

ApplyCatalog application_of(const Catalog& catalog) {
    return {catalog.name, catalog.version, catalog.roles};
}

void add_operations_of(const Catalog& catalog, Operations& to) {
    for (const Role& role : catalog.roles) add_operations_of(role, to);
    add(catalog.actions, Plane::control, to);
    add(catalog.data_actions, Plane::data, to);
    for (const CatalogTask& task : catalog.tasks) {
        add(task.actions, Plane::control, to);
        add(task.data_actions, Plane::data, to);
    }
}

std::vector<Operation> needed_for(const CatalogTask& task) {
    std::vector<Operation> needed;
    add(task.actions, Plane::control, needed);
    add(task.data_actions, Plane::data, needed);
    return needed;
}

}  // namespace tenure::domain
