#pragma once
// tenure watch: a server's feed of changes, line by line.

#include <cstdint>
#include <optional>
#include <string>

#include "commands/options.h"
#include "commands/program.h"

namespace tenure::commands {

class WatchCommand {
public:
    // Both outlive it.
    WatchCommand(CLI::App& app, Program& program);
    WatchCommand(const WatchCommand&) = delete;
    WatchCommand& operator=(const WatchCommand&) = delete;

private:
    Exit watch(Remote& remote);
    Exit watch_usual();

    Program& program_;
    std::optional<std::uint64_t> from_;
    std::string type_;
    std::string principal_;
    std::string scope_;
    bool effects_ = false;
    std::optional<std::uint64_t> count_;
};

}  // namespace tenure::commands
