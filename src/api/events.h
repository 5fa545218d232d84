#pragma once
// Events that an answer mentions, so that it can say who, when and why.

#include <map>

#include "base/result.h"
#include "domain/event.h"
#include "node/node.h"

namespace tenure::api {

using Events = std::map<Revision, domain::Event>;

// Looked up in the log.
template <class Revisions>
Result<Events> events_of(const node::Node& node, const Revisions& revisions) {
    Events events;
    for (const Revision revision : revisions) {
        TRY(auto event, node.event(revision));
        events.emplace(revision, std::move(event));
    }
    return events;
}

}  // namespace tenure::api
