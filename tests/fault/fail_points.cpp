#include "fault/fail_points.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT: kill is not in <csignal>
#include <stdio.h>   // NOLINT: rename is declared here
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

namespace tenure::fault {
namespace {

std::atomic<std::uint64_t> fail_points_left{0};

bool dies_here() { return fail_points_left.load() != 0 && fail_points_left.fetch_sub(1) == 1; }

}  // namespace

void die_at_fail_point(std::uint64_t count) { fail_points_left = count; }

void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

}  // namespace tenure::fault

// NOLINTBEGIN: the C library's names
extern "C" {

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    if (tenure::fault::dies_here()) {
        ::syscall(SYS_pwrite64, fd, bytes, size / 2, at);
        tenure::fault::die();
    }
    return ::syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
    return pwrite(fd, bytes, size, at);
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t at) {
    if (tenure::fault::dies_here()) {
        ::syscall(SYS_pwritev, fd, parts, count / 2, at, 0);
        tenure::fault::die();
    }
    return ::syscall(SYS_pwritev, fd, parts, count, at, 0);
}

ssize_t pwritev64(int fd, const struct iovec* parts, int count, off64_t at) {
    return pwritev(fd, parts, count, at);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
    if (tenure::fault::dies_here()) {
        ::syscall(SYS_writev, fd, parts, count / 2);
        tenure::fault::die();
    }
    return ::syscall(SYS_writev, fd, parts, count);
}

int fdatasync(int fd) {
    if (tenure::fault::dies_here()) tenure::fault::die();
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

int fsync(int fd) {
    if (tenure::fault::dies_here()) tenure::fault::die();
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

int rename(const char* from, const char* to) noexcept {
    if (tenure::fault::dies_here()) tenure::fault::die();
    return static_cast<int>(::syscall(SYS_rename, from, to));
}

int unlinkat(int directory, const char* name, int flags) noexcept {
    if (tenure::fault::dies_here()) tenure::fault::die();
    return static_cast<int>(::syscall(SYS_unlinkat, directory, name, flags));
}
}
// NOLINTEND
