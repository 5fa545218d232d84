#include "node/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tenure::node {

Result<std::unique_ptr<StoreLock>> StoreLock::take(const std::string& directory, Mode mode) {
    const std::string path = directory + "/lock";
    int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    // A copy on read-only media can be read all the same.
    if (file < 0 && mode == Mode::shared) file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return Error{Errc::storage_failed,
                     "cannot open " + path + ": " + std::generic_category().message(errno)};
    std::unique_ptr<StoreLock> lock{new StoreLock{file}};
    if (::flock(file, (mode == Mode::exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK)
        return Error{Errc::storage_failed,
                     "cannot lock " + path + ": " + std::generic_category().message(errno)};
    return Error{Errc::unavailable, "the store in " + directory + " is open in another program"};
}

StoreLock::~StoreLock() { ::close(file_); }

}  // namespace tenure::node
