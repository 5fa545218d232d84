#pragma once
// SystemClock: the machine's clock. The only place of the program that reads it.

#include "base/clock.h"

namespace tenure::system {

class SystemClock final : public Clock {
public:
    Instant now() override;
};

// A clock that stands still, for tests of the whole program (docs/TESTING.md).
class StoppedClock final : public Clock {
public:
    explicit StoppedClock(Instant at) : at_{at} {}

    Instant now() override { return at_; }

private:
    Instant at_;
};

// Milliseconds since some moment before the program started; never goes back.
std::uint64_t monotonic_ms();

}  // namespace tenure::system
