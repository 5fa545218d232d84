#pragma once
// condition: whether a text is a condition, and what it comes to for given attributes. Needs no
// store.

#include <string>

#include "commands/options.h"
#include "domain/condition.h"

namespace tenure::commands {

class ConditionCommand {
public:
    // Adds the command to `app`; both outlive this.
    ConditionCommand(CLI::App& app, Program& program);
    ConditionCommand(const ConditionCommand&) = delete;
    ConditionCommand& operator=(const ConditionCommand&) = delete;

private:
    Exit run();
    Exit check();
    Exit eval();
    // Says what is wrong with the condition.
    Exit wrong(const Error& error);

    Program& program_;
    std::string what_;
    std::string file_;
    std::string attributes_;
    std::string action_;
    std::string sub_operation_;
    std::string at_;
};

}  // namespace tenure::commands
