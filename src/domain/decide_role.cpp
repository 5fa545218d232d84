#include <algorithm>
#include <set>

#include "base/text.h"
#include "domain/decide_live.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

bool same_scopes_or_more(const Role& before, const Role& after) {
    return std::ranges::all_of(before.assignable_scopes, [&](const std::string& scope) {
        const std::string canonical = canonical_scope(scope);
        return std::ranges::any_of(after.assignable_scopes, [&](const std::string& other) {
            return canonical_scope(other) == canonical;
        });
    });
}

}  // namespace

// Built-in roles come with catalogs, also those of the store itself.
Result<void> LiveCommands::changeable_role(std::string_view id) const {
    TRY(const auto found, rules_.live_role(id, "data.role"));
    if (!found.role.built_in) return success();
    return conflict("data.role", "role " + quoted(id) +
                                     " is built in and cannot be changed or deleted; define a "
                                     "role of your own instead");
}

Result<void> LiveCommands::role_name_free(const Role& role) const {
    const auto own = state().role_named(tenant(), role.name);
    if (own && !equal_folded(*own, role.id)) return name_taken(role, "role", *own, "data.name");
    if (tenant() == store_tenant) return success();
    if (const auto built_in = state().role_named(store_tenant, role.name))
        return name_taken(role, "the built-in role", *built_in, "data.name");
    return success();
}

// Assignments in force stay inside the role's assignable scopes.
Result<void> LiveCommands::strands_nothing(const Role& before, const Role& after) const {
    const bool more_data = has_data_actions(after) && !has_data_actions(before);
    if (same_scopes_or_more(before, after) && !more_data) return success();
    const auto scopes = state().role_scopes(tenant(), after.id);
    for (const std::string& scope : std::set<std::string>(scopes.begin(), scopes.end())) {
        if (more_data && is_management_group(scope))
            return conflict("data.dataActions",
                            "role " + quoted(after.id) + " is assigned at management group " +
                                quoted(scope) +
                                ", where a custom role cannot have data actions; revoke that "
                                "assignment first");
        const auto chain = state().scope_chain(tenant(), scope);
        if (!assignable_in(after, chain) && assignable_in(before, chain))
            return conflict("data.assignableScopes",
                            "role " + quoted(after.id) + " is assigned at " + quoted(scope) +
                                ", which the new assignable scopes leave out; keep a scope at or "
                                "above it, or revoke that assignment first");
    }
    return success();
}

Decision LiveCommands::operator()(const DefineRole& command) const {
    TRY(rules_.role_unused(command.role.id, "data.role"));
    TRY(role_name_free(command.role));
    return only(RoleDefined{command.role});
}

Decision LiveCommands::operator()(const UpdateRole& command) const {
    TRY(changeable_role(command.role.id));
    TRY(role_name_free(command.role));
    const auto before = state().role(tenant(), command.role.id);
    TRY(strands_nothing(before->role, command.role));
    return only(RoleUpdated{command.role});
}

Decision LiveCommands::operator()(const DeleteRole& command) const {
    TRY(changeable_role(command.role));
    if (const auto user = state().role_user(tenant(), command.role))
        return conflict("data.role", "role " + quoted(command.role) + " is in use by assignment " +
                                         quoted(*user) +
                                         "; revoke its assignments or change their role first");
    return only(RoleDeleted{command.role});
}

}  // namespace tenure::domain
