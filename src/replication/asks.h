#pragma once
// Asks: how a reader on any copy learns what it has to wait for to see nothing older than now (a
// read index round). Copies pass the question up. The leader notes what is committed, has every
// member answer a beat sent after that, and so knows that none of them followed, or was, another
// leader when it was asked.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "replication/downstream.h"
#include "replication/upstream.h"

namespace tenure::replication {

class Asks {
public:
    Asks(Core& core, Upstream& upstream, Downstream& downstream)
        : core_{core}, upstream_{upstream}, downstream_{downstream} {}

    // Of a copy, or of this node itself.
    void asked(std::optional<SessionId> session, std::uint64_t id);
    // From the source.
    void told(const Told& told);
    // A member may have answered.
    void advance();
    // Gives up what has waited too long, or has nobody to wait for.
    void tick();
    void ended(SessionId session);

private:
    struct Asked {
        std::optional<SessionId> session;  // none: this node itself
        std::uint64_t id = 0;
        std::uint64_t since_ticks = 0;
        // A leader's: what was committed, and the beat that has to be answered.
        Revision revision;
        std::uint64_t round = 0;
    };

    void answer(const Asked& asked, std::optional<Revision> revision);
    bool confirmed(std::uint64_t round) const;

    Core& core_;
    Upstream& upstream_;
    Downstream& downstream_;
    std::deque<Asked> leading_;                 // in the order of their rounds
    std::map<std::uint64_t, Asked> passed_on_;  // by the number they were passed on with
    std::uint64_t count_ = 0;
};

}  // namespace tenure::replication
