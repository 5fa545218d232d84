#pragma once
// The promise that joins both forms of an event.

#include "domain/event.h"

namespace tenure::fuzz {

// Aborts unless `event` is the same after being written as bytes and read, and written as a line
// and read. Events that JSON cannot hold (names given twice, attributes without values, which the
// domain refuses) are compared as bytes only.
void require_round_trips(const domain::Event& event);

}  // namespace tenure::fuzz
