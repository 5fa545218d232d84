#pragma once
// tenure token issue, token list, token revoke: bearer tokens of the store.

#include <string>
#include <vector>

#include "commands/options.h"
#include "commands/program.h"

namespace tenure::commands {

// Makes a token: fills in the id and hash of `token` and gives the token itself, which is kept
// nowhere.
std::string make_token(Program& program, domain::Token& token);

class TokenCommands {
public:
    // Both outlive it.
    TokenCommands(CLI::App& app, Program& program);
    TokenCommands(const TokenCommands&) = delete;
    TokenCommands& operator=(const TokenCommands&) = delete;

private:
    // `remote`: the server that is asked; null: the store.
    Exit issue(Remote* remote);
    Exit revoke(Remote* remote);
    Exit list();
    Exit list_at(Remote& remote);

    Program& program_;
    CauseTexts cause_;
    std::string principal_;
    std::string name_;
    std::string expires_;
    std::vector<std::string> actions_;
    std::string id_;
    query::Page page_;
    cli::CoordinateTexts as_of_;
};

}  // namespace tenure::commands
