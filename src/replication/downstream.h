#pragma once
// Downstream: the side of a replica that others copy from. It serves while the replica leads, or
// has agreed with its own source in this term (a tree of followers).

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "replication/core.h"

namespace tenure::replication {

// A copy that is being served, for those who look after it.
struct PeerStatus {
    Member member;
    SessionId session;
    bool following = false;  // both sides agree, entries flow
    Revision sent;
    Revision durable;
    Revision applied;
};

class Downstream {
public:
    explicit Downstream(Core& core) : core_{core} {}

    bool has(SessionId session) const { return peers_.contains(session.value); }

    void opened(SessionId session);

    void ended(SessionId session) { peers_.erase(session.value); }

    // Whether the session may ask: it is given up if not.
    bool may_ask(SessionId session);
    // All but Ask. True: somebody has made more durable, or answered a later beat.
    bool received(SessionId session, const Message& message);
    void read(SessionId session, const Run& run);
    // The log has grown.
    void grown();
    void tick();
    // A beat at once; its number, for answered().
    std::uint64_t beat();
    // Whether the member has answered this beat or a later one, in this term.
    bool answered(const Member& member, std::uint64_t round) const;
    void close_all(const std::string& reason);
    // What counts as durable at a member in this term.
    Revision durable_at(const Member& member) const;
    Instant reserved_at(const Member& member) const;
    std::vector<PeerStatus> peers() const;

private:
    struct Peer {
        PeerStatus status;
        bool welcomed = false;
        bool reading = false;
        Revision keep;
        std::uint64_t heard_ticks = 0;

        struct Sent {
            Revision last;
            std::uint64_t bytes = 0;
        };

        std::deque<Sent> in_flight;
        std::uint64_t in_flight_bytes = 0;
    };

    void drop_others_of(const Peer& peer);
    void hello(Peer& peer, const Hello& hello);
    bool acknowledged(Peer& peer, const Ack& ack);
    void refuse(const Peer& peer, Refused why, const std::string& reason);
    void drop(SessionId session, const std::string& reason);
    void pump(Peer& peer);

    // What a copy has acknowledged in this term. It outlives the session: of members because their
    // word counts, of others to know a disk that was put back.
    struct Known {
        Revision durable;
        Instant reserved = instant_min;
        std::uint64_t round = 0;
    };

    const Known* known(const Member& member) const;
    Known& known_of(const Member& member);

    Core& core_;
    std::map<std::uint64_t, Peer> peers_;
    std::map<Member, Known> known_;
    std::uint64_t round_ = 0;
};

}  // namespace tenure::replication
