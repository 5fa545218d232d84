#include "domain/role_changes.h"

#include <map>
#include <utility>

#include "base/text.h"

namespace tenure::domain {

Result<RoleChanges> role_changes(std::vector<GivenRole> given, const std::vector<Role>& present,
                                 bool take_built_in) {
    std::map<std::string, const Role*> by_id;
    std::map<std::string, const Role*> by_name;
    for (const Role& role : present) {
        by_id.emplace(folded(role.id), &role);
        by_name.emplace(folded(role.name), &role);
    }
    RoleChanges result;
    ApplyCatalog provided;
    std::uint64_t first_provided = 0;
    for (GivenRole& one : given) {
        Role& role = one.role;
        if (!one.id_given)
            if (const auto same = by_name.find(folded(role.name)); same != by_name.end())
                role.id = same->second->id;
        const auto known = by_id.find(folded(role.id));
        const Role* before = known != by_id.end() ? known->second : nullptr;
        if (before != nullptr) {
            role.id = before->id;
            if (*before == role) {
                ++result.unchanged;
                continue;
            }
        }
        ++(before != nullptr ? result.updated : result.defined);
        if (role.built_in) {
            if (!take_built_in)
                return Error{Errc::conflict, "line " + std::to_string(one.line) + ": role " +
                                                 quoted(role.name) +
                                                 " is built in, and there is no such built-in "
                                                 "role here"};
            if (provided.roles.empty()) first_provided = one.line;
            provided.roles.push_back(std::move(role));
        } else if (before != nullptr) {
            result.changes.push_back({UpdateRole{std::move(role)}, one.line});
        } else {
            result.changes.push_back({DefineRole{std::move(role)}, one.line});
        }
    }
    // Built-in names first: a custom role may not take one of them.
    if (!provided.roles.empty())
        result.changes.insert(result.changes.begin(), {std::move(provided), first_provided});
    return result;
}

}  // namespace tenure::domain
