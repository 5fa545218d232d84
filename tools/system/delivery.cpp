#include "system/delivery.h"

#include <stdio.h>  // NOLINT: popen is not in <cstdio>
#include <sys/wait.h>

#include <csignal>

#include "base/text.h"

namespace tenure::system {
namespace {

// A reader that goes away is an error here, not the end of the program.
class PipeSignalIgnored {
public:
    PipeSignalIgnored() : before_{std::signal(SIGPIPE, SIG_IGN)} {}

    ~PipeSignalIgnored() { std::signal(SIGPIPE, before_); }

    PipeSignalIgnored(const PipeSignalIgnored&) = delete;
    PipeSignalIgnored& operator=(const PipeSignalIgnored&) = delete;

private:
    void (*before_)(int);
};

}  // namespace

Result<void> hand_to(const std::string& command, const std::string& text) {
    const PipeSignalIgnored ignored;
    FILE* pipe = ::popen(command.c_str(), "w");
    if (pipe == nullptr)
        return Error{Errc::unavailable, quoted(command) + " could not be started", "--deliver"};
    const bool written =
        ::fwrite(text.data(), 1, text.size(), pipe) == text.size() && ::fflush(pipe) == 0;
    const int status = ::pclose(pipe);
    if (status == -1 || !WIFEXITED(status))
        return Error{Errc::unavailable, quoted(command) + " was stopped", "--deliver"};
    if (WEXITSTATUS(status) != 0)
        return Error{
            Errc::unavailable,
            quoted(command) + " ended with exit code " + std::to_string(WEXITSTATUS(status)),
            "--deliver"};
    if (!written)
        return Error{Errc::unavailable, quoted(command) + " did not read the message", "--deliver"};
    return success();
}

}  // namespace tenure::system
