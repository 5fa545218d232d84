#pragma once
// Crowd: many connections that ask next to nothing, held by a process of their own, so that they
// share neither memory nor descriptors with the server they are held against.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace tenure::bench {

struct CrowdPlan {
    std::uint16_t port = 0;
    // Have asked once and been answered, and stay.
    std::size_t idle = 0;
    // Send a byte of a request ten times a second, and never the last one.
    std::size_t slow = 0;
    // What the idle ones ask.
    std::string request;
};

class Crowd {
public:
    // Returns when all are connected and the idle ones have been answered.
    explicit Crowd(const CrowdPlan& plan);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

private:
    pid_t process_ = 0;
};

}  // namespace tenure::bench
