#include "base/text.h"
#include "domain/decide_live.h"

namespace tenure::domain {

AssignmentUpdated updated(const Assignment& assignment, const UpdateAssignment& change) {
    AssignmentUpdated event;
    event.assignment = change.assignment;
    event.condition = change.condition ? change.condition : assignment.condition;
    if (event.condition && event.condition->text.empty()) event.condition.reset();
    event.window = change.window.value_or(assignment.window);
    event.description = change.description.value_or(assignment.description);
    return event;
}

Decision LiveCommands::operator()(const CreateAssignment& command) const {
    const Assignment& assignment = command.assignment;
    TRY(rules_.assignment_unused(assignment.id, "data.assignment"));
    TRY(rules_.names_no_activation(assignment.id, "data.assignment"));
    TRY(rules_.live_principal(assignment.principal, "data.principal"));
    TRY(const auto role, rules_.live_role(assignment.role, "data.role"));
    TRY(rules_.may_assign(role.role, assignment.scope, "data.scope"));
    TRY(rules_.not_assigned_yet(assignment.principal, assignment.role, assignment.scope));
    return only(AssignmentCreated{assignment});
}

Decision LiveCommands::operator()(const ChangeAssignmentRole& command) const {
    TRY(const auto found, rules_.assignment_in_force(command.assignment, "data.assignment"));
    const Assignment& before = found.assignment;
    TRY(const auto role, rules_.live_role(command.role, "data.role"));
    if (equal_folded(before.role, command.role))
        return conflict("data.role", "assignment " + quoted(command.assignment) + " has role " +
                                         quoted(command.role) + " already; there is nothing to do");
    TRY(rules_.live_principal(before.principal, "data.assignment"));
    TRY(rules_.may_assign(role.role, before.scope, "data.role"));
    TRY(rules_.not_assigned_yet(before.principal, command.role, before.scope));
    return only(AssignmentRoleChanged{command.assignment, command.role});
}

Decision LiveCommands::operator()(const UpdateAssignment& command) const {
    TRY(const auto found, rules_.assignment_in_force(command.assignment, "data.assignment"));
    return only(updated(found.assignment, command));
}

Decision LiveCommands::operator()(const RevokeAssignment& command) const {
    TRY(rules_.assignment_in_force(command.assignment, "data.assignment"));
    return only(AssignmentRevoked{command.assignment});
}

Decision LiveCommands::operator()(const CreateDeny& command) const {
    TRY(rules_.deny_unused(command.deny.id, "data.deny"));
    TRY(rules_.deny_principals_exist(command.deny));
    return only(DenyCreated{command.deny});
}

Decision LiveCommands::operator()(const DeleteDeny& command) const {
    TRY(rules_.deny_in_force(command.deny, "data.deny"));
    return only(DenyDeleted{command.deny});
}

}  // namespace tenure::domain
