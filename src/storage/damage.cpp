#include "storage/damage.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT: sigaction is not in <csignal>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "storage/environment.h"

namespace tenure::storage {
namespace {

thread_local std::atomic<const Environment*> touched{nullptr};
static_assert(std::atomic<const Environment*>::is_always_lock_free, "used in a signal handler");

struct sigaction handled_before[NSIG];

void put(int file, std::string_view text) {
    const ssize_t written = ::write(file, text.data(), text.size());
    static_cast<void>(written);  // there is nobody left to tell
}

// Only what a signal handler may call.
void note(const Environment& environment, std::string_view what) {
    if (environment.damage_path().empty()) return;
    const int file =
        ::open(environment.damage_path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return;
    put(file, what);
    ::fsync(file);
    ::close(file);
}

// A page of a mapped file that the file system has no room for ends like one that is not there.
bool no_room(const Environment& environment) {
    constexpr std::uint64_t bytes_min = std::uint64_t{1} << 20U;

    struct statvfs use {};

    return ::statvfs(environment.directory().c_str(), &use) == 0 &&
           std::uint64_t{use.f_bavail} * use.f_frsize < bytes_min;
}

void on_fault(int signal, siginfo_t*, void*) {
    const Environment* const environment = touched.load();
    if (environment == nullptr) {
        // Not ours: the instruction fails once more, before whoever handled this.
        ::sigaction(signal, &handled_before[signal], nullptr);
        return;
    }
    if (signal == SIGBUS && no_room(*environment)) {
        put(STDERR_FILENO, "tenure: storage full: the file system of '");
        put(STDERR_FILENO, environment->directory());
        put(STDERR_FILENO, "' has no room left; make some, then try again\n");
        std::abort();
    }
    constexpr std::string_view what = "reading it led out of the file; a page of it is damaged";
    put(STDERR_FILENO, "tenure: storage failure: the database in '");
    put(STDERR_FILENO, environment->directory());
    put(STDERR_FILENO, "': ");
    put(STDERR_FILENO, what);
    put(STDERR_FILENO, "; 'tenure verify' says more, 'tenure restore' brings back a backup\n");
    note(*environment, what);
    std::abort();
}

}  // namespace

std::string noted_damage(const std::string& directory) {
    std::ifstream file{directory + "/" + damage_note};
    if (!file) return {};
    std::string what;
    std::getline(file, what);
    return what.empty() ? "it was found damaged" : what;
}

void fatal_damage(const std::string& what) {
    if (const Environment* const environment = touched.load()) note(*environment, what);
    fatal_storage(what);
}

void end_on_damage() {
    struct sigaction action {};

    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    ::sigemptyset(&action.sa_mask);
    for (const int signal : {SIGBUS, SIGSEGV})
        ::sigaction(signal, &action, &handled_before[signal]);
}

void touch(const Environment* environment) {
    touched.store(environment, std::memory_order_relaxed);
}

void untouch(const Environment* environment) {
    if (touched.load(std::memory_order_relaxed) == environment) touch(nullptr);
}

}  // namespace tenure::storage
