#pragma once
// Cluster: replicas, the network between them, their disks and clocks, those who write, and an
// operator who decides who leads; all of it driven by one seed. After every step the promises of
// replication/replica.h are checked; what does not hold is in `broken`.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "replication/replica.h"
#include "simulation/disk.h"

namespace tenure::simulation {

struct World {
    std::uint64_t seed = 1;
    replication::Mode mode = replication::Mode::sync;
    replication::Rules rules;
    // The operator's: only a copy that has entries of the newest term is made the leader.
    bool promote_only_the_newest = true;
    std::size_t nodes = 4;
    std::uint64_t steps = 500;
};

class Cluster {
public:
    explicit Cluster(const World& world);

    // Random work and faults.
    void run();
    // No more faults: everybody has to get everything.
    void settle();

    std::optional<std::string> broken;
    std::uint64_t commits = 0;
    std::uint64_t promotions = 0;
    std::uint64_t cuts = 0;
    std::uint64_t answers = 0;
    std::uint64_t writes_refused = 0;  // no room

private:
    struct Node {
        std::string name;
        Disk disk;
        std::unique_ptr<replication::Replica> replica;  // null: down
        std::vector<replication::Member> members;
        std::optional<replication::SessionId> upstream;
        std::int64_t clock_us = 0;
        // A leader's: nothing is recorded at or before it.
        std::int64_t floor_us = 0;
        // Asked here, and how much was committed anywhere by then.
        std::map<std::uint64_t, std::uint64_t> asked;
    };

    struct Session {
        std::size_t copy = 0;
        std::size_t source = 0;
        bool copy_open = true;
        bool source_open = true;
        std::deque<replication::Message> to_copy;
        std::deque<replication::Message> to_source;
    };

    // What the operator has written down.
    struct Record {
        Term term;
        std::size_t leader = 0;
        std::set<replication::Member> set;  // the leader too
    };

    replication::Member member(std::size_t node) const;
    void start(std::size_t node);
    void lead(std::size_t node);
    void crash(std::size_t node);
    void carry_out(std::size_t node);
    void carry_out_one(std::size_t node, const replication::Effect& effect);
    void write(std::size_t node);
    void ask(std::size_t node);
    void check_answer(Node& node, const replication::Answer& answer);
    void record(Node& node, std::size_t index, std::uint64_t payload);
    void connect(std::size_t node, std::size_t source);
    void end_at(std::uint64_t session, bool copy);
    void deliver(std::uint64_t session, bool to_copy);
    void tick(std::size_t node);
    void promote(std::size_t node);
    void change_members();
    void fault();
    void step();

    void check_entry(const Node& node, Revision revision);
    void check_commit(Node& node, Revision to);
    void check_closed(const Node& node, Instant until);
    void fail(const std::string& what);

    std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

    World world_;
    SeededRandom random_;
    std::vector<Node> nodes_;
    std::map<std::uint64_t, Session> sessions_;
    std::uint64_t session_count_ = 0;
    std::uint64_t store_count_ = 0;
    std::uint64_t payloads_ = 0;
    std::uint64_t asks_ = 0;
    std::int64_t now_us_ = 1'000;
    bool faults_ = true;
    std::set<std::pair<std::size_t, std::size_t>> silent_;  // from, to
    Record record_;

    // What has been seen anywhere: the chain at each (term, revision), and what is committed.
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> seen_;

    struct Committed {
        std::uint64_t chain = 0;
        std::int64_t recorded_us = 0;
    };

    std::vector<Committed> committed_;
    std::int64_t closed_us_ = 0;  // the newest time closed anywhere
};

}  // namespace tenure::simulation
