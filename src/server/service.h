#pragma once
// Service: what all threads of the server share. Everything here may be used from any thread.

#include <atomic>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "node/node.h"
#include "node/replicator.h"
#include "server/copy_admission.h"
#include "server/decision_log.h"
#include "server/digest_memory.h"
#include "server/forwarder.h"
#include "server/heads.h"
#include "server/identity.h"
#include "server/journal.h"
#include "server/metrics.h"
#include "server/settings.h"
#include "server/token_uses.h"

namespace tenure::server {

struct Service {
    const Settings& settings;
    node::Node& node;
    Clock& clock;
    Random& random;
    const Authenticator& authenticator;
    Metrics& metrics;
    Heads& heads;
    Pool<node::Session>& long_questions;  // lists, differences, explanations
    Journal& journal;
    DecisionLog& decision_log;
    TokenUses& token_uses;
    DigestMemory& digests;
    std::string public_url;  // without a slash at the end
    // Whether the server is ready for questions; false while it stops.
    const std::atomic<bool>& ready;
    std::atomic<std::size_t>& open_connections;
    CopyAdmission& copies;
    node::Replicator* replicator;  // null: the node is alone
    Forwarder* forwarder;          // null: changes are not sent on
};

}  // namespace tenure::server
