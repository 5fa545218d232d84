#include "base/text.h"
#include "domain/decide_live.h"
#include "domain/limits.h"

namespace tenure::domain {

Principal updated(Principal principal, const UpdatePrincipal& change) {
    if (change.display_name) principal.display_name = *change.display_name;
    if (change.email) principal.email = *change.email;
    if (change.user_type) principal.user_type = *change.user_type;
    if (change.attributes) principal.attributes = *change.attributes;
    return principal;
}

Decision delete_with_all(const std::string& principal, const Holdings& holdings) {
    const std::size_t events_count =
        holdings.assignments.size() + holdings.groups.size() + holdings.members.size() + 1;
    if (events_count > limits::command_events_max)
        return limit_exceeded("data.removeAll",
                              "deleting principal " + quoted(principal) +
                                  " with all it holds would take " + std::to_string(events_count) +
                                  " events; at most " + std::to_string(limits::command_events_max) +
                                  " are allowed, remove some of its members or assignments first");
    std::vector<EventBody> events;
    events.reserve(events_count);
    for (const std::string& assignment : holdings.assignments)
        events.push_back(AssignmentRevoked{assignment});
    for (const std::string& group : holdings.groups)
        events.push_back(MemberRemoved{group, principal});
    for (const std::string& member : holdings.members)
        events.push_back(MemberRemoved{principal, member});
    events.push_back(PrincipalDeleted{principal});
    return events;
}

Decision LiveCommands::operator()(const CreatePrincipal& command) const {
    TRY(rules_.principal_unused(command.principal.id, "data.principal"));
    return only(PrincipalCreated{command.principal});
}

Decision LiveCommands::operator()(const UpdatePrincipal& command) const {
    TRY(auto before, rules_.live_principal(command.principal, "data.principal"));
    const PrincipalKind kind = before.principal.kind;
    if (command.user_type == UserType::guest && kind != PrincipalKind::user)
        return invalid("data.userType", "principal " + quoted(command.principal) + " is a " +
                                            std::string(name_of(kind)) +
                                            " and cannot be a guest; only a user can");
    return only(PrincipalUpdated{updated(std::move(before.principal), command)});
}

Decision LiveCommands::operator()(const DisablePrincipal& command) const {
    TRY(const auto before, rules_.live_principal(command.principal, "data.principal"));
    if (!before.enabled)
        return conflict("data.principal", "principal " + quoted(command.principal) +
                                              " is disabled already; there is nothing to do");
    return only(PrincipalDisabled{command.principal});
}

Decision LiveCommands::operator()(const EnablePrincipal& command) const {
    TRY(const auto before, rules_.live_principal(command.principal, "data.principal"));
    if (before.enabled)
        return conflict("data.principal", "principal " + quoted(command.principal) +
                                              " is enabled already; there is nothing to do");
    return only(PrincipalEnabled{command.principal});
}

Decision LiveCommands::operator()(const DeletePrincipal& command) const {
    TRY(rules_.live_principal(command.principal, "data.principal"));
    const Holdings holdings = state().holdings(tenant(), command.principal);
    // Deny assignments that name it stay as they are: they grant nothing, and bind others as well.
    if (!command.remove_all && !holdings.empty())
        return still_holds(command.principal, holdings, "remove that first, or give removeAll");
    return delete_with_all(command.principal, holdings);
}

Decision LiveCommands::operator()(const AddMember& command) const {
    TRY(rules_.may_add_member(command.group, command.member));
    return only(MemberAdded{command.group, command.member});
}

Decision LiveCommands::operator()(const RemoveMember& command) const {
    TRY(rules_.may_remove_member(command.group, command.member));
    return only(MemberRemoved{command.group, command.member});
}

}  // namespace tenure::domain
