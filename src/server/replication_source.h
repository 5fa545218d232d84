#pragma once
// ReplicationSource: keeps a session open with the node that this one copies from; the copy's end
// of tenure.replication.v1. Connects anew whenever the session ends, after a pause that doubles up
// to a limit and is never the same twice.

#include <memory>
#include <string>

#include "base/random.h"
#include "node/replicator.h"
#include "server/journal.h"
#include "server/settings.h"

namespace tenure::server {

// Where the source is and who asks; copied from the settings.
struct SourcePlace {
    std::string url;
    std::string ca_file;           // of the cluster's own authority; empty: the machine's
    std::string certificate_file;  // shown to the source; both or none
    std::string key_file;
};

// A follower shows its own certificate to its source.
SourcePlace source_place(const Settings& settings);

// The log of the source, for a new copy's store. Connects, asks and leaves; blocks up to the
// connection's timeout. Error unavailable: it cannot be reached or refuses.
Result<node::LogIdentity> ask_log_identity(const SourcePlace& place);

// Makes the store of a new copy where there is none: `directory` is absent or empty, and the source
// can be asked. Whether it did.
Result<bool> make_copy_if_none(const std::string& directory, const SourcePlace& place,
                               const node::Options& options = {});

class ReplicationSource {
public:
    // All outlive it.
    ReplicationSource(node::Replicator& replicator, SourcePlace place, Random& random,
                      Journal& journal);
    ~ReplicationSource();
    ReplicationSource(const ReplicationSource&) = delete;
    ReplicationSource& operator=(const ReplicationSource&) = delete;

    void start();
    // Before the replicator stops.
    void stop();

private:
    struct State;
    // Its coroutine lives on the replicator's thread for as long as that runs.
    std::shared_ptr<State> state_;
};

}  // namespace tenure::server
