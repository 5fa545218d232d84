#include "bench/crowd.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "bench/measure.h"

namespace tenure::bench {
namespace {

constexpr int slow_byte_every_ms = 100;

// The child of a process with threads may not allocate: everything below is plain calls.
bool connect_to(std::uint16_t port, int& to) {
    to = ::socket(AF_INET, SOCK_STREAM, 0);
    if (to < 0) return false;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(to, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool ask(int connection, const std::string& request) {
    std::array<char, 4096> answer{};
    return ::write(connection, request.data(), request.size()) ==
               static_cast<ssize_t>(request.size()) &&
           ::read(connection, answer.data(), answer.size()) > 0;
}

[[noreturn]] void hold(const CrowdPlan& plan, std::vector<int>& connections, int ready) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::size_t count = 0;
    for (int& each : connections) {
        if (!connect_to(plan.port, each)) ::_exit(1);
        if (count++ >= plan.slow && !ask(each, plan.request)) ::_exit(1);
    }
    if (::write(ready, "r", 1) != 1) ::_exit(1);
    for (;;) {
        for (std::size_t i = 0; i < plan.slow; ++i)
            if (::send(connections[i], "G", 1, MSG_NOSIGNAL) != 1) ::_exit(1);
        ::poll(nullptr, 0, slow_byte_every_ms);
    }
}

}  // namespace

Crowd::Crowd(const CrowdPlan& plan) {
    std::vector<int> connections(plan.slow + plan.idle);
    std::array<int, 2> ready{};
    if (::pipe(ready.data()) != 0) give_up("no pipe");
    process_ = ::fork();
    if (process_ == 0) hold(plan, connections, ready[1]);
    ::close(ready[1]);
    char said{};
    const bool well = process_ > 0 && ::read(ready[0], &said, 1) == 1;
    ::close(ready[0]);
    if (!well) give_up("not all connections were taken: is `ulimit -n` high enough?");
}

Crowd::~Crowd() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace tenure::bench
