#pragma once
// Events in words.

#include <string>
#include <string_view>

#include "api/events.h"
#include "domain/event.h"

namespace tenure::api {

// What happened, as a short sentence without a full stop: "dana joins group leads".
std::string describe(const domain::EventBody& body);

// Who, when and why: "revision 12, group.memberAdded by lee at 2025-02-03T09:00:00Z: new in the
// team [HR-7]". A revision that is not among `events` is named alone.
std::string credit(const Events& events, Revision revision);

// "Dana Kim (dana)", or the id alone if there is no name or it says the same.
std::string named(std::string_view id, std::string_view name);

// Reason and ticket of an event: "new in the team [HR-7]"; empty if it has neither.
std::string why(const domain::Event& event);

}  // namespace tenure::api
