#pragma once
// Server: a store behind sockets. start() listens, stop() ends gracefully: it refuses what is new,
// finishes what is under way within limits.stop_timeout_ms, then closes the rest.
//
// Node, Clock and Random outlive it. After stop() the node is stopped before the server dies: its
// writer may still be telling a worker how a change ended, or be asked by a connection that had to
// be abandoned. start, stop and reload belong to one thread.

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "node/node.h"
#include "server/heads.h"
#include "server/metrics.h"
#include "server/settings.h"

namespace tenure::server {

class Journal;
class Worker;

// What a node tells about its commits; made before the node is opened, and told to both.
struct Observer {
    Observer();
    ~Observer();
    Heads heads;
    Metrics metrics;

    // For node::Options::committed.
    void committed(const node::Committed& group);
};

class Server {
public:
    Server(Settings settings, node::Node& node, Observer& observer, Clock& clock, Random& random);
    ~Server();  // stop(), if nobody did
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Listens. Errors: the address is taken, keys or certificates cannot be read, settings are
    // wrong.
    Result<void> start();
    std::uint16_t port() const;
    void stop();
    // Reads certificate, keys of issuers and the decision log's file anew. Sessions stay. Of
    // `wanted` the nodes that may copy from this one, their authority, and a leader's members hold
    // from now on (settings.h), if it is of a node of this name and role. An error leaves all as it
    // was.
    Result<void> reload(const ReplicationSettings& wanted);

    Journal& journal();
    // For streams that do not come from the network.
    Worker& any_worker();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tenure::server
