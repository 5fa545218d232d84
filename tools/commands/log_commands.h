#pragma once
// What is in the log: history of one object, events by filter.

#include <cstdint>
#include <optional>
#include <string>

#include "commands/options.h"

namespace tenure::commands {

class LogCommands {
public:
    // Adds the commands to `app`; both outlive this.
    LogCommands(CLI::App& app, Program& program);
    LogCommands(const LogCommands&) = delete;
    LogCommands& operator=(const LogCommands&) = delete;

private:
    struct EventOptions {
        std::optional<std::uint64_t> from;
        std::optional<std::uint64_t> to;
        std::string since;
        std::string until;
        std::string type;
        std::string actor;
        std::string object;
        std::uint64_t limit = 0;
        std::string file;
    };

    class EventList;

    Exit history();
    Exit events();
    Exit kept_events(const node::EventFilter& chosen);
    // False: enough.
    bool show(const domain::Event& event, EventList& list) const;
    Exit end(EventList& list, const Result<void>& read);
    Exit history_at(Remote& remote);
    Exit events_at(Remote& remote);
    Result<node::EventFilter> filter() const;

    Program& program_;
    cli::CoordinateTexts as_of_;
    std::string kind_;
    std::string id_;
    EventOptions events_;
};

}  // namespace tenure::commands
