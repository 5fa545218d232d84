#pragma once
// invite: makes an invitation (or a new secret for one) and the message that takes it to a person.
// The secret is shown here and nowhere else; the store keeps its hash.

#include <string>
#include <vector>

#include "commands/options.h"

namespace tenure::commands {

class InviteCommand {
public:
    // Adds the commands to `app`; both outlive this.
    InviteCommand(CLI::App& app, Program& program);
    InviteCommand(const InviteCommand&) = delete;
    InviteCommand& operator=(const InviteCommand&) = delete;

private:
    struct Made {
        std::string invitation;
        std::string secret;
        std::string message;
        Revision revision;
    };

    // `remote`: the server that is asked; null: the store.
    Exit invite(Remote* remote);
    Exit resend(Remote* remote);
    Exit accept(Remote* remote);
    Exit submit(Remote* remote, domain::CommandBody body, Made made);
    // Gives the message to --deliver, after the commit: a failure undoes nothing.
    Exit deliver(const Made& made);
    std::string new_secret();
    std::string message(const Made& made) const;

    Program& program_;
    std::string invitation_;
    std::string email_;
    std::string principal_;
    std::string name_;
    std::vector<std::string> roles_;
    std::string expires_;
    std::string link_;
    std::string deliver_;
    std::string secret_;
    bool member_ = false;
    CauseTexts cause_;
};

}  // namespace tenure::commands
