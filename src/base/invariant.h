#pragma once

// INVARIANT(condition): a promise the program makes to itself, checked in every build.
// A broken one logs the place and aborts: a restart replays the log, a wrong answer does not heal.

namespace tenure {

[[noreturn]] void invariant_failed(const char* condition, const char* file, int line);

}  // namespace tenure

#define INVARIANT(condition)            \
    ((condition) ? static_cast<void>(0) \
                 : ::tenure::invariant_failed(#condition, __FILE__, __LINE__))
