#include <algorithm>
#include <set>

#include "base/text.h"
#include "domain/activation.h"
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

Decision delete_with_all(const std::string& principal, const Holdings& holdings,
                         const std::vector<EligibilityDeactivated>& ended) {
    const std::size_t events_count = ended.size() + holdings.assignments.size() +
                                     holdings.eligibilities.size() + holdings.groups.size() +
                                     holdings.members.size() + 1;
    if (events_count > limits::command_events_max)
        return limit_exceeded("data.removeAll",
                              "deleting principal " + quoted(principal) +
                                  " with all it holds would take " + std::to_string(events_count) +
                                  " events; at most " + std::to_string(limits::command_events_max) +
                                  " are allowed, remove some of its members or assignments first");
    std::vector<EventBody> events;
    events.reserve(events_count);
    std::set<std::string_view> over;
    for (const EligibilityDeactivated& each : ended)
        if (over.insert(each.activation).second) events.push_back(each);
    for (const std::string& assignment : holdings.assignments)
        if (!over.contains(assignment)) events.push_back(AssignmentRevoked{assignment});
    for (const std::string& eligibility : holdings.eligibilities)
        events.push_back(EligibilityRemoved{eligibility});
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
    std::vector<EligibilityDeactivated> ended;
    for (const std::string& eligibility : holdings.eligibilities)
        for (const Assignment& live : live_activations(state(), tenant(), eligibility, now_))
            ended.push_back({eligibility, live.id});
    const auto also_ended = [&](const Leaving& leaving) {
        for (EligibilityDeactivated& each : activations_left(state(), tenant(), leaving, now_))
            ended.push_back(std::move(each));
    };
    if (!holdings.members.empty()) also_ended({command.principal, {}});
    for (const std::string& group : holdings.groups) also_ended({group, command.principal});
    return delete_with_all(command.principal, holdings, ended);
}

Decision LiveCommands::operator()(const AddMember& command) const {
    TRY(rules_.may_add_member(command.group, command.member));
    return only(MemberAdded{command.group, command.member});
}

Decision LiveCommands::operator()(const RemoveMember& command) const {
    TRY(rules_.may_remove_member(command.group, command.member));
    std::vector<EventBody> events;
    for (EligibilityDeactivated& ended :
         activations_left(state(), tenant(), {command.group, command.member}, now_))
        events.push_back(std::move(ended));
    events.push_back(MemberRemoved{command.group, command.member});
    return events;
}

}  // namespace tenure::domain
