// The roles of the population: three general ones, then four for each type of resource, in the
// shape of cloud role catalogs.

#include "bench/population.h"

namespace tenure::bench {
namespace {

constexpr std::array<std::string_view, 14> resource_types{
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/disks",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Sql/servers",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/loadBalancers",
    "Microsoft.KeyVault/vaults",
    "Microsoft.Web/sites",
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.EventHub/namespaces",
    "Microsoft.Insights/components",
    "Microsoft.Cache/redis",
    "Microsoft.DocumentDB/databaseAccounts",
    "Microsoft.ServiceBus/namespaces",
};

domain::Role role_named(std::string id, std::string name) {
    domain::Role role;
    role.id = std::move(id);
    role.name = std::move(name);
    role.assignable_scopes = {"/"};
    role.permissions.emplace_back();
    return role;
}

std::vector<domain::Role> make_roles() {
    std::vector<domain::Role> all;
    all.push_back(role_named("role-owner", "Owner"));
    all.back().permissions[0].actions = {"*"};
    all.push_back(role_named("role-contributor", "Contributor"));
    all.back().permissions[0].actions = {"*"};
    all.back().permissions[0].not_actions = {"Microsoft.Authorization/*/Delete",
                                             "Microsoft.Authorization/*/Write",
                                             "Microsoft.Authorization/elevateAccess/Action"};
    all.push_back(role_named("role-reader", "Reader"));
    all.back().permissions[0].actions = {"*/read"};
    for (const std::string_view type : resource_types) {
        const std::string prefix{type};
        const std::string short_name = prefix.substr(prefix.find('/') + 1);
        const auto add = [&](const std::string& kind) -> domain::PermissionBlock& {
            all.push_back(role_named("role-" + short_name + "-" + prefix.substr(10, 4) + "-" + kind,
                                     short_name + " of " + prefix.substr(10, 4) + " " + kind));
            domain::PermissionBlock& block = all.back().permissions[0];
            block.actions = {"Microsoft.Authorization/*/read", "Microsoft.Resources/deployments/*",
                             "Microsoft.Resources/subscriptions/resourceGroups/read",
                             "Microsoft.Insights/alertRules/*", "Microsoft.Support/*"};
            return block;
        };
        add("viewer").actions.push_back(prefix + "/*/read");
        domain::PermissionBlock& admin = add("admin");
        admin.actions.push_back(prefix + "/*");
        admin.not_actions = {prefix + "/delete", prefix + "/locks/*"};
        domain::PermissionBlock& operating = add("operator");
        for (const char* operation : {"/read", "/start/action", "/restart/action",
                                      "/deallocate/action", "/instanceView/read"})
            operating.actions.push_back(prefix + operation);
        domain::PermissionBlock& data = add("dataOwner");
        data.actions.push_back(prefix + "/read");
        data.data_actions = {prefix + "/data/*"};
        data.not_data_actions = {prefix + "/data/purge/action"};
    }
    return all;
}

std::vector<Action> make_actions() {
    std::vector<Action> all;
    for (const std::string_view type : resource_types) {
        for (const char* operation : {"/read", "/write", "/start/action", "/instanceView/read"})
            all.push_back({std::string(type) + operation, domain::Plane::control});
        all.push_back({std::string(type) + "/data/read", domain::Plane::data});
    }
    return all;
}

}  // namespace

const std::vector<domain::Role>& roles() {
    static const std::vector<domain::Role> all = make_roles();
    return all;
}

const std::vector<Action>& actions() {
    static const std::vector<Action> all = make_actions();
    return all;
}

}  // namespace tenure::bench
