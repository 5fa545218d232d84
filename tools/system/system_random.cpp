#include "system/system_random.h"

#include <sys/random.h>

#include "base/invariant.h"

namespace tenure::system {

std::uint64_t SystemRandom::next() {
    std::uint64_t word = 0;
    // Eight bytes come at once or, interrupted before the system has any, not at all.
    ssize_t got = 0;
    do {
        got = ::getrandom(&word, sizeof word, 0);
    } while (got < 0);
    INVARIANT(got == static_cast<ssize_t>(sizeof word));
    return word;
}

}  // namespace tenure::system
