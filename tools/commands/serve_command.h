#pragma once
// tenure serve: the store behind HTTP and WebSocket, until a signal ends it.

#include <optional>
#include <string>

#include "commands/options.h"
#include "commands/program.h"
#include "server/settings.h"

namespace tenure::commands {

class ServeCommand {
public:
    // Both outlive it.
    ServeCommand(CLI::App& app, Program& program);
    ServeCommand(const ServeCommand&) = delete;
    ServeCommand& operator=(const ServeCommand&) = delete;

private:
    Exit serve();
    // The file, and the flags over it.
    Result<server::Settings> settings() const;
    // Makes a store where there is none. True: it did, and there is an owner.
    Result<bool> make_store(const server::Settings& settings);
    // Tells the owner's token, once.
    Result<void> tell_token(const std::string& directory);

    Program& program_;
    std::string config_;
    std::string address_;
    std::string node_;
    std::string source_;
    std::optional<std::uint64_t> port_;
    bool no_authentication_ = false;
    bool check_config_ = false;
};

}  // namespace tenure::commands
