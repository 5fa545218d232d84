#include <algorithm>

#include "base/text.h"
#include "domain/decide_live.h"
#include "domain/scope.h"

namespace tenure::domain {

// A move must not take an assignment of a custom role away from the scope that makes the role
// assignable there. `new_above` is what will be above `scope`.
Result<void> LiveCommands::separates_nothing(std::string_view scope, std::string_view parent,
                                             const std::vector<std::string>& new_above) const {
    const std::string top = canonical_scope(scope);
    std::vector<std::string> lost = state().scope_chain(tenant(), scope);
    std::erase_if(lost, [&](const std::string& above) {
        return above == top || std::ranges::find(new_above, above) != new_above.end();
    });
    if (lost.empty()) return success();

    TRY(const auto below, state().assignments_below(tenant(), scope));
    for (const std::string& id : below) {
        const auto found = state().assignment(tenant(), id);
        if (!found) continue;
        const Assignment& assignment = found->assignment;
        const auto role = state().role(tenant(), assignment.role);
        if (!role || role->deleted || role->role.built_in) continue;
        if (!assignable_in(role->role, lost)) continue;
        auto chain = state().scope_chain(tenant(), assignment.scope);
        chain.erase(std::next(std::ranges::find(chain, top)), chain.end());
        chain.insert(chain.end(), new_above.begin(), new_above.end());
        if (assignable_in(role->role, chain)) continue;
        return conflict("data.parent", "with " + (parent.empty() ? "its path" : quoted(parent)) +
                                           " above scope " + quoted(scope) + " assignment " +
                                           quoted(id) + " would be outside the assignable " +
                                           "scopes of its role " + quoted(assignment.role) + ", " +
                                           quoted_list(role->role.assignable_scopes) +
                                           "; revoke it or widen the role first");
    }
    return success();
}

Decision LiveCommands::operator()(const CreateScope& command) const {
    TRY(rules_.may_create_scope(command.scope));
    TRY(const auto above, rules_.chain_above(command.scope, command.parent, "data.parent"));
    TRY(separates_nothing(command.scope, command.parent, above));
    return only(ScopeCreated{command.scope, command.parent, command.display_name});
}

Decision LiveCommands::operator()(const MoveScope& command) const {
    TRY(const auto before, rules_.created_scope(command.scope, "data.scope"));
    if (canonical_scope(before.parent) == canonical_scope(command.parent))
        return conflict("data.parent",
                        "scope " + quoted(command.scope) + " is already below " +
                            (command.parent.empty() ? "its path" : quoted(command.parent)) +
                            "; there is nothing to do");
    TRY(const auto above, rules_.chain_above(command.scope, command.parent, "data.parent"));
    TRY(separates_nothing(command.scope, command.parent, above));
    return only(ScopeMoved{command.scope, command.parent});
}

Decision LiveCommands::operator()(const DeleteScope& command) const {
    TRY(rules_.created_scope(command.scope, "data.scope"));
    TRY(const auto user, state().scope_user(tenant(), command.scope));
    if (user)
        return conflict("data.scope", "scope " + quoted(command.scope) +
                                          " is still in use: something is in force at " +
                                          quoted(*user) +
                                          "; revoke the assignments and delete the deny "
                                          "assignments and scopes there first");
    return only(ScopeDeleted{command.scope});
}

}  // namespace tenure::domain
