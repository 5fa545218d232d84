// Built-in roles: what a catalog provides, in the store for all tenants or in one tenant.

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "domain/decide_live.h"
#include "domain/limits.h"
#include "domain/needs.h"
#include "domain/operations.h"

namespace tenure::domain {
namespace {

bool same_but_for_case_of_id(Role a, const Role& b) {
    if (!equal_folded(a.id, b.id)) return false;
    a.id = b.id;
    return a == b;
}

bool names_role(const ApplyCatalog& command, std::string_view id) {
    return std::ranges::any_of(command.roles,
                               [&](const Role& role) { return equal_folded(role.id, id); });
}

std::uint64_t version_in(std::string_view setting) {
    std::uint64_t version = 0;
    std::from_chars(setting.data(), setting.data() + setting.size(), version);
    return version;
}

}  // namespace

// The event that makes the role what the catalog says, if it is not that already.
Result<std::optional<EventBody>> LiveCommands::provided_role(const Role& role,
                                                             const ApplyCatalog& command) const {
    const auto taken = [&](std::string_view where) -> std::optional<std::string> {
        auto id = state().role_named(where, role.name);
        if (!id || equal_folded(*id, role.id) || names_role(command, *id)) return std::nullopt;
        return id;
    };
    const auto found = state().role(tenant(), role.id);
    if (found && found->deleted)
        return already_exists("data.roles", "role " + quoted(role.id) +
                                                " was deleted, and an id is never used again; "
                                                "leave it out or give it another id");
    if (found && !found->role.built_in)
        return conflict("data.roles", "role " + quoted(role.id) +
                                          " is a custom role here; delete it, or give the "
                                          "built-in one another id");
    if (found && same_but_for_case_of_id(found->role, role)) return std::nullopt;
    if (const auto own = taken(tenant())) return name_taken(role, "role", *own, "data.roles");
    if (tenant() != store_tenant) {
        if (const auto of_store = taken(store_tenant))
            return name_taken(role, "the built-in role", *of_store, "data.roles");
        // What is kept for all tenants is not replaced for one: assignments lead to it.
        const auto of_store = state().role(store_tenant, role.id);
        if (of_store && found && of_store->role == found->role)
            return conflict("data.roles", "role " + quoted(role.id) +
                                              " is kept for all tenants with another definition; "
                                              "apply this one for all tenants, too");
    }
    if (!found) return RoleDefined{role};
    TRY(keeps_guardians(found->role, role));
    return RoleUpdated{role};
}

// Tenants are managed by whoever has a role of the store that gives the right to assign roles. No
// batch of theirs takes it away from the last one who can; so no catalog may, either.
Result<void> LiveCommands::keeps_guardians(const Role& before, const Role& after) const {
    if (tenant() != store_tenant) return success();
    const Operation assigning = operation(action::assignments_write, Plane::control);
    const auto gives = [&](const Role& role) { return GrantedOperations{role}.all_of(assigning); };
    if (gives(after) >= gives(before)) return success();
    const auto refusal = [&](const std::string& why) {
        return conflict("data.roles", "role " + quoted(before.id) + " would no longer give " +
                                          std::string(action::assignments_write) + ", and " + why);
    };
    if (equal_folded(before.id, "owner") || equal_folded(before.name, "owner"))
        return refusal("whoever owns a tenant has it; keep that action in the role");
    const std::size_t uses =
        state().role_use_count(tenant(), before.id, limits::role_uses_counted_max + 1);
    if (uses == 0) return success();
    const bool many = uses > limits::role_uses_counted_max;
    return refusal((many ? "more than " + counted(limits::role_uses_counted_max, "assignment")
                         : counted(uses, "assignment")) +
                   (uses == 1 ? " uses it" : " use it") +
                   "; revoke those first, or keep that action in the role");
}

Result<std::optional<EventBody>> LiveCommands::newer_version(const ApplyCatalog& command) const {
    if (command.catalog.empty()) return std::nullopt;
    const std::string setting = "catalog." + command.catalog;
    const auto before = state().setting(tenant(), setting);
    const std::uint64_t known = before ? version_in(*before) : 0;
    if (command.version < known)
        return conflict("data.version", "version " + std::to_string(command.version) +
                                            " of catalog " + quoted(command.catalog) +
                                            " is older than " + std::to_string(known) +
                                            ", which is applied here; apply that or a later one");
    if (command.version == known) return std::nullopt;
    return SettingsChanged{{{setting, std::to_string(command.version)}}};
}

Decision LiveCommands::operator()(const ApplyCatalog& command) const {
    TRY(auto version, newer_version(command));
    std::vector<EventBody> events;
    for (const Role& role : command.roles) {
        TRY(auto event, provided_role(role, command));
        if (event) events.push_back(*std::move(event));
    }
    if (version) events.push_back(*std::move(version));
    return events;
}

}  // namespace tenure::domain
