#pragma once
// StoreLock: flock on DIRECTORY/lock. One program may write a store, or several may only read it.
// The operating system lets go when the program ends, however it ends.

#include <memory>
#include <string>

#include "base/result.h"

namespace tenure::node {

class StoreLock {
public:
    enum class Mode { exclusive, shared };
    // Error unavailable: somebody else has it. Never waits.
    static Result<std::unique_ptr<StoreLock>> take(const std::string& directory, Mode mode);
    ~StoreLock();
    StoreLock(const StoreLock&) = delete;
    StoreLock& operator=(const StoreLock&) = delete;

private:
    explicit StoreLock(int file) : file_{file} {}

    int file_;
};

}  // namespace tenure::node
