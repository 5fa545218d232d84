#pragma once
// Questions about roles: list, show, diff, who, least, export; and whoami.

#include <string>
#include <vector>

#include "cli/role_text.h"
#include "commands/options.h"

namespace tenure::commands {

class RoleCommands {
public:
    // Adds whoami to `app`, the others to its group "role"; all outlive this.
    RoleCommands(CLI::App& app, CLI::App& group, Program& program);
    RoleCommands(const RoleCommands&) = delete;
    RoleCommands& operator=(const RoleCommands&) = delete;

private:
    // A store opened for reading, the tenant and the moment the question is about.
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

    Exit list();
    Exit show();
    Exit diff();
    Exit who();
    Exit least();
    Exit export_roles();
    Exit whoami();

    Program& program_;
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
