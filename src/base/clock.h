#pragma once
// Clock: the only way the program learns what time it is. Tests and simulations use their own.

#include "base/instant.h"

namespace tenure {

class Clock {
public:
    virtual ~Clock() = default;
    // May go backwards (operators set clocks); whoever needs order makes it (see log/event_log.h).
    virtual Instant now() = 0;
};

}  // namespace tenure
