#pragma once
// tenure token issue, token revoke: bearer tokens of the store.

#include <string>
#include <vector>

#include "commands/options.h"
#include "commands/program.h"

namespace tenure::commands {

// Makes a token and records its hash; gives the token itself, which is kept nowhere. `token` says
// what it is for; its id and hash are filled in.
Result<std::string> issue_token(Program& program, node::Node& node, const std::string& tenant,
                                domain::Token token, const CauseTexts& cause);

class TokenCommands {
public:
    // Both outlive it.
    TokenCommands(CLI::App& app, Program& program);
    TokenCommands(const TokenCommands&) = delete;
    TokenCommands& operator=(const TokenCommands&) = delete;

private:
    Exit issue();
    Exit revoke();

    Program& program_;
    CauseTexts cause_;
    std::string principal_;
    std::string name_;
    std::string expires_;
    std::vector<std::string> actions_;
    std::string id_;
};

}  // namespace tenure::commands
