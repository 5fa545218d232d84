#pragma once
// EmbeddedFollower: a copy of a leader's log inside a C++ program, which asks it in process. No
// port, no server: one connection to the source, kept by a thread of its own. Commands are for the
// leader, by HTTP; the revision of its receipt is what wait_for() takes.
//
//   open -> makes the store, if there is none -> opens it -> follows -> stop
//
// A store that is there answers at once, also while the source is away, from what it has; so does
// an open one. How old that is the answers say (query::Basis) and status() does.
//
// Threads: all but open, stop and the destructor may be called from any. A Session belongs to one
// thread: make one for each. Lifetimes: Clock and Random outlive the follower and are called on its
// threads; sessions die before it. stop() ends the following; what is there can be asked until the
// destructor.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "node/node.h"
#include "node/replicator.h"

namespace tenure::server {

struct FollowerSettings {
    std::string directory;  // of its own; made if it is absent
    std::string node;       // its name among those with the same log
    std::string source;     // URL of the node it copies from: the leader, or another follower
    // For a source by https; as `tenure serve` takes them (docs/OPERATIONS.md, "Several nodes").
    std::string ca_file;           // certificates of the cluster's authority
    std::string certificate_file;  // shown to the source; both or none
    std::string key_file;
    // What `tenure serve` would write into its journal, such as "source_connected"; may be empty.
    // Called on the follower's threads, also while open() runs; must be quick.
    std::function<void(std::string_view event, const std::string& detail)> tell = {};
    // That long open() waits to hear whether the source has the same log.
    std::chrono::milliseconds first_word_max{1'000};
};

class EmbeddedFollower {
public:
    // Of `options` the sizes, limits and callbacks count. Errors: invalid_argument, settings that
    // cannot be right, named as in `tenure serve`'s; unavailable, there is no store yet and the
    // source cannot be asked, or the directory is in use; conflict, the directory has a store that
    // is no copy, or one of another log than the source's, as far as that is heard within a second.
    static Result<std::unique_ptr<EmbeddedFollower>> open(FollowerSettings settings, Clock& clock,
                                                          Random& random,
                                                          node::Options options = {});
    ~EmbeddedFollower();  // stop()
    EmbeddedFollower(const EmbeddedFollower&) = delete;
    EmbeddedFollower& operator=(const EmbeddedFollower&) = delete;

    // Whoever waits is told.
    void stop();

    // What is not asked by a session: events, status, verify, backup ...
    node::Node& node();
    // For the caller's thread.
    std::unique_ptr<node::Session> session();

    // How far it is, and `halted`: why it follows no more until somebody has looked.
    node::ReplicaStatus status() const;
    // Why it does not follow now, as far as it is known; empty: nothing is wrong.
    std::string problem() const;

    // Until questions see the revision. Error unavailable: not in time, or stopped; conflict: it
    // will not come by waiting. With the problem, if there is one.
    Result<void> wait_for(Revision revision, std::chrono::milliseconds at_most);
    // Likewise until all that was recorded up to an instant is here, and answers about it are
    // final.
    Result<void> wait_for(Instant closed, std::chrono::milliseconds at_most);

private:
    struct State;
    explicit EmbeddedFollower(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tenure::server
