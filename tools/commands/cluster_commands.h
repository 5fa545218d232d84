#pragma once
// Commands about several nodes with one log: cluster status, replica promote, replica verify.

#include <string>
#include <vector>

#include "commands/compared.h"
#include "commands/options.h"
#include "commands/remote.h"

namespace tenure::commands {

class ClusterCommands {
public:
    // Adds the commands to `app`; both outlive this.
    ClusterCommands(CLI::App& app, Program& program);
    ClusterCommands(const ClusterCommands&) = delete;
    ClusterCommands& operator=(const ClusterCommands&) = delete;

private:
    Exit status();
    Exit promote();
    // Of the nodes of --among none has more, or leads.
    Result<void> check_may_lead(const node::LogEnd& own);
    Exit verify();
    Exit verify_at(Remote& remote);
    Result<server::ServerUrl> against_url() const;
    // With the copy that --against names. `ca_file`: where --ca names none.
    Exit compare_with(Compared& here, const server::ServerUrl& against, const std::string& ca_file);

    Program& program_;
    std::vector<std::string> urls_;
    std::string ca_file_;
    bool digest_ = false;
    std::optional<std::uint64_t> watch_s_;  // nothing: one look
    std::string against_;
    std::vector<std::string> among_;
};

}  // namespace tenure::commands
