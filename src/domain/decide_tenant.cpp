#include "base/text.h"
#include "domain/activation.h"
#include "domain/decide_live.h"

namespace tenure::domain {

Decision LiveCommands::operator()(const CreateTenant& command) const {
    std::vector<EventBody> events{TenantCreated{command.display_name, command.open_for_import}};
    if (command.owner.empty()) return events;

    // Whoever creates a tenant can go on at once: with the store's Owner, or with one of its own.
    constexpr std::string_view owner = "owner";
    Principal principal;
    principal.id = command.owner;
    events.push_back(PrincipalCreated{std::move(principal)});
    const auto known = state().role(tenant(), owner);
    if (!known || known->deleted) {
        Role role;
        role.id = owner;
        role.name = "Owner";
        role.built_in = true;
        role.assignable_scopes = {"/"};
        role.permissions.emplace_back().actions = {"*"};
        events.push_back(RoleDefined{std::move(role)});
    }
    Assignment assignment;
    assignment.id = owner;
    assignment.principal = command.owner;
    assignment.role = owner;
    assignment.scope = "/";
    events.push_back(AssignmentCreated{std::move(assignment)});
    return events;
}

Decision LiveCommands::operator()(const SealTenant&) const {
    const auto sealed = state().tenant(tenant());
    if (!sealed->open_for_import)
        return conflict("tenant", "tenant " + quoted(tenant()) +
                                      " is not open for import, so there is nothing to seal");
    return only(TenantSealed{});
}

Decision LiveCommands::operator()(const ChangeSettings& command) const {
    for (const Setting& setting : command.settings)
        if (setting.name.starts_with("catalog."))
            return Error{
                Errc::conflict,
                "setting " + quoted(setting.name) + " is kept by catalog.apply; apply the catalog",
                "data.settings"};
    for (const Setting& setting : command.settings) {
        const std::string field = "data.settings." + setting.name;
        if (setting.name == activation_policies_setting) {
            TRY(check_activation_policies(setting.value, field));
        }
        if (setting.name == guests_directory_setting && setting.value != "member" &&
            setting.value != "named" && setting.value != "own")
            return invalid(field, quoted(setting.value) + " is not member, named or own");
        if (setting.name == invitation_default_role_setting && !setting.value.empty()) {
            TRY(const auto role, rules_.live_role(setting.value, field));
            TRY(rules_.may_assign(role.role, "/", field));
        }
    }
    return only(SettingsChanged{command.settings});
}

Decision LiveCommands::operator()(const RecordEvent& command) const {
    // check_form has refused it.
    return invalid("type", "event type " + quoted(type_of(command.body)) + " can only be imported");
}

}  // namespace tenure::domain
