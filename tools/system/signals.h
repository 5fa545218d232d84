#pragma once

// Signals of the process. A signal handler may do next to nothing: here it remembers, or says one
// sentence and ends the process.

#include <chrono>

namespace tenure::system {

// From here on the first SIGINT or SIGTERM is remembered, for work that stops by itself at a good
// moment; the second one ends the process at once.
void remember_stop_signals();

// The signal that asked to stop, or 0.
int stop_signal();

// Waits for it, at most so long.
int wait_for_stop_signal(std::chrono::milliseconds time);

// What a shell reports for a process ended by `signal`.
int exit_code_of_signal(int signal);

// For a program that serves until it is told otherwise: SIGINT, SIGTERM and SIGHUP are kept from
// all threads started after this, and wait for next_signal().
void hold_signals();
// Waits for one of them.
int next_signal();

// Our own checks end in SIGABRT, having said what is wrong; it is answered by exit code 4.
void end_on_abort();

}  // namespace tenure::system
