#pragma once
// Canonical bytes of a batch: equal batches give equal bytes and different ones different bytes.
// What a command id is compared by (log: CommandRecord::body_hash). Not stored, not sent.

#include <string>

#include "domain/command.h"

namespace tenure::codec {

// Without command_id itself.
std::string canonical_bytes(const domain::Batch& batch);

}  // namespace tenure::codec
