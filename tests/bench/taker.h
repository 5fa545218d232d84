#pragma once
// Takers: copies that acknowledge whatever a leader sends and keep nothing, in a process of their
// own, so that what they cost the leader can be told from what a copy costs itself.

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace tenure::bench {

class Takers {
public:
    // Of the node at the URL. They are there when its /v1/replication says so.
    Takers(const std::string& url, std::size_t count);
    ~Takers();
    Takers(const Takers&) = delete;
    Takers& operator=(const Takers&) = delete;

private:
    pid_t process_ = 0;
};

// The process: takes until it is killed.
inline constexpr const char* take_flag = "--take";
[[noreturn]] void take(const std::string& url, std::size_t count);

}  // namespace tenure::bench
