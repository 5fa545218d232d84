#include "system/signals.h"

#include <poll.h>
#include <signal.h>  // NOLINT: sigaction is not in <csignal>
#include <unistd.h>

#include <atomic>

namespace tenure::system {
namespace {

constexpr int storage_exit = 4;

std::atomic<int> stop_asked{0};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

void on_stop(int signal) { stop_asked.store(signal); }

void on_abort(int) { ::_exit(storage_exit); }

void handle(int signal, void (*handler)(int), int flags) {
    struct sigaction action {};

    action.sa_handler = handler;
    action.sa_flags = flags;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

sigset_t held_signals() {
    sigset_t held;
    ::sigemptyset(&held);
    ::sigaddset(&held, SIGINT);
    ::sigaddset(&held, SIGTERM);
    ::sigaddset(&held, SIGHUP);
    return held;
}

}  // namespace

void remember_stop_signals() {
    // No SA_RESTART: a read that waits for input must come back.
    handle(SIGINT, on_stop, static_cast<int>(SA_RESETHAND));
    handle(SIGTERM, on_stop, static_cast<int>(SA_RESETHAND));
}

int stop_signal() { return stop_asked.load(); }

int wait_for_stop_signal(std::chrono::milliseconds time) {
    // Held back from the look to the wait, so that none comes between them.
    sigset_t held;
    sigset_t usual;
    ::sigemptyset(&held);
    ::sigaddset(&held, SIGINT);
    ::sigaddset(&held, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &held, &usual);
    if (stop_signal() == 0) {
        const timespec limit{time.count() / 1'000, time.count() % 1'000 * 1'000'000};
        ::ppoll(nullptr, 0, &limit, &usual);
    }
    ::pthread_sigmask(SIG_SETMASK, &usual, nullptr);
    return stop_signal();
}

int exit_code_of_signal(int signal) { return 128 + signal; }

void hold_signals() {
    sigset_t held = held_signals();
    ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

int next_signal() {
    const sigset_t held = held_signals();
    int signal = 0;
    while (::sigwait(&held, &signal) != 0) {
    }
    return signal;
}

void end_on_abort() { handle(SIGABRT, on_abort, 0); }

}  // namespace tenure::system
