#pragma once
// Upstream: the side of a replica that copies. It agrees with the source on what both have, cuts
// what the source's term says does not stand, and then takes what comes.

#include <cstdint>
#include <deque>
#include <optional>

#include "replication/core.h"

namespace tenure::replication {

class Upstream {
public:
    explicit Upstream(Core& core) : core_{core} {}

    bool is(SessionId session) const { return session_ == session; }

    // Both sides agree, entries flow.
    bool following() const { return session_ && stage_ == Stage::following; }

    void ask(std::uint64_t id) { core_.send(*session_, Ask{welcome_.term, id}); }

    void opened(SessionId session);
    void ended(SessionId session);
    // All but Told, which goes to whoever asked.
    void received(const Message& message);
    void term_kept();
    void term_not_kept();
    void reserved(Instant until);
    void written();
    void write_failed();
    void cut();
    void cut_failed();

    // `applied` goes with the next acknowledgement.
    void applied(Revision revision) { applied_ = revision; }

    void tick();
    // The term is over, or the replica leads now.
    void give_up(const std::string& reason);

private:
    enum class Stage {
        settling,  // what an earlier session left is still being written
        greeted,
        keeping_term,
        cutting,
        following,
    };

    // Greets once nothing of an earlier session is under way.
    void settle();
    void greet();
    void welcome(const Welcome& welcome);
    void agree();
    void follow();
    void append(const Append& append);
    void beat(const Beat& beat);
    void reserve();
    void refused(const Refusal& refusal);
    // False: of an older term, and the session is given up.
    bool heard_in(Term term);
    // Likewise, for what follows the welcome.
    bool of_session(Term term);
    void acknowledge(Revision durable);
    // The oldest run is on the disk or will not be.
    void write_ended();
    void advance();

    Core& core_;
    std::optional<SessionId> session_;
    Stage stage_ = Stage::settling;
    Welcome welcome_;
    Position expected_;                  // of the newest entry that was taken, durable or not
    std::deque<std::uint64_t> writing_;  // bytes of the runs on their way to the disk
    std::uint64_t writing_bytes_ = 0;
    bool cutting_ = false;
    Instant to_reserve_ = instant_min;
    bool reserving_ = false;
    Revision source_committed_;
    Revision applied_;
    std::uint64_t round_ = 0;
    std::uint64_t heard_ticks_ = 0;
    // Closed times whose events are not all here yet: the first one that came and the newest.
    std::optional<Beat> closing_;
    std::optional<Beat> closing_later_;
};

}  // namespace tenure::replication
