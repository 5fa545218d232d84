#pragma once
// Questions about roles: list, show, diff, who, least, export; and whoami.

#include <string>
#include <vector>

#include "api/role_text.h"
#include "commands/options.h"

namespace tenure::commands {

class RoleCommands {
public:
    // Adds whoami to `app`, the others to its group "role"; all outlive this.
    RoleCommands(CLI::App& app, CLI::App& group, Program& program);
    RoleCommands(const RoleCommands&) = delete;
    RoleCommands& operator=(const RoleCommands&) = delete;

private:
    // A store opened for reading and the tenant, unless a server is asked; the moment the question
    // is about.
    struct Setting {
        std::unique_ptr<node::Node> node;
        std::unique_ptr<node::Session> session;
        std::string tenant;
        domain::AsOf as_of;
    };

    // What to choose from, and by what to measure.
    struct Choosing {
        std::vector<domain::Role> roles;
        std::optional<query::Basis> basis;
        domain::Operations known;
    };

    Result<Setting> open();
    Result<domain::Operations> known_operations() const;
    Result<Choosing> choosing();

    // Of the store, or of the server.
    Result<query::RoleAnswer> find_role(const Setting& setting, const std::string& role,
                                        const domain::AsOf& as_of);
    Result<query::RolesAnswer> find_roles(const Setting& setting, const std::string& scope);
    Exit show_path(const std::string& path);

    Exit list();
    Exit show();
    Exit diff();
    Exit who();
    Exit least();
    Exit export_roles();
    Exit whoami();
    // The same of a server, where it gives the answer as it is printed.
    Exit list_at();
    Exit show_at();
    Exit who_at();
    Exit whoami_at();

    Program& program_;
    Remote* remote_ = nullptr;  // null: a store is asked
    cli::CoordinateTexts as_of_;
    std::string role_;
    std::string other_;
    std::vector<std::string> roles_;
    std::string scope_;
    std::string principal_;
    bool groups_ = false;
    bool custom_ = false;
    std::string from_;
    std::string to_;
    std::vector<std::string> actions_;
    std::vector<std::string> data_actions_;
    std::string task_;
    std::string catalog_;
    std::string operations_;
    std::size_t limit_ = 10;
};

}  // namespace tenure::commands
