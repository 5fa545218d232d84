#include "free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/invariant.h"

namespace tenure::testing {

std::string free_port() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* at = reinterpret_cast<sockaddr*>(&address);
    INVARIANT(::bind(listener, at, size) == 0);
    INVARIANT(::getsockname(listener, at, &size) == 0);
    ::close(listener);
    return std::to_string(ntohs(address.sin_port));
}

}  // namespace tenure::testing
