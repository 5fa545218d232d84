#pragma once
// The system's clock, as the command line has it.

#include <chrono>

#include "base/clock.h"

namespace tenure::fault {

class SystemClock final : public Clock {
public:
    Instant now() override {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return Instant{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
    }
};

}  // namespace tenure::fault
