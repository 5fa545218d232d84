#pragma once
// Catalogs of built-in roles: list, show, apply.

#include <string>

#include "commands/options.h"

namespace tenure::commands {

class CatalogCommands {
public:
    // Adds the commands to `app`; both outlive this.
    CatalogCommands(CLI::App& app, Program& program);
    CatalogCommands(const CatalogCommands&) = delete;
    CatalogCommands& operator=(const CatalogCommands&) = delete;

private:
    Exit list();
    Exit show();
    Exit apply();

    Program& program_;
    std::string name_;
    CauseTexts cause_;
};

}  // namespace tenure::commands
