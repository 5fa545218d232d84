#pragma once
// The events whose bytes are kept in events/, one list per version of the format. An event is never
// changed once its file is committed; README.md says how to add the next version.

#include <string>
#include <vector>

#include "domain/event.h"

namespace tenure::testing {

struct GoldenEvent {
    std::string name;  // of its file, without ".bin"
    domain::Event event;
};

// Every kind with all optional fields, and bare forms of those that have the most of them.
std::vector<GoldenEvent> golden_events_v1();

}  // namespace tenure::testing
