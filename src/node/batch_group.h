#pragma once
// BatchGroup: batches that become durable together, and what becomes of each of them.
//
//   decide -> (appended, confirmed, folded by the writer) -> answer
//
// A batch whose command id was used before gets the first answer again. One that is refused leaves
// nothing behind: the others are decided as if it had not been there.
//
// Private to node/; the writer's thread.

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "log/event_log.h"
#include "node/node.h"

namespace tenure::node {

class Recording;

// A batch that waits for its turn; `done` gets what became of it, once.
struct Submission {
    domain::Batch batch;
    std::function<void(Result<Receipt>)> done;
    Guard guard;
};

// Whether it has the form of a batch, whatever the state.
Result<void> check_batch(const domain::Batch& batch);

// What the batch's command id was answered with when it came first, or an error; nothing if the log
// does not know it.
std::optional<Result<Receipt>> first_answer(const log::EventLog& log, const domain::Batch& batch);

class BatchGroup {
public:
    explicit BatchGroup(std::vector<Submission> submissions);

    std::size_t size() const { return parts_.size(); }

    // Decides in order what is not settled yet, and folds it. False: `recording` holds the first
    // events of a batch that was refused half way, or its transaction is full; with another
    // recording it goes on without that batch.
    bool decide(Recording& recording, const log::EventLog& log);

    // Those of the batches that decide() has recorded.
    const std::vector<log::NewCommand>& commands() const { return commands_; }

    // Everybody who was not told yet is told: what was decided;
    void answer();
    // what was refused that it was, the others `error`;
    void answer_unless_refused(const Error& error);
    // all of them `error`: refusals may rest on what is lost with the group.
    void answer_all(const Error& error);

private:
    struct Part {
        Submission submission;
        // Of the command id, if it has one.
        log::CommandKey key{};
        log::Digest body_hash{};
        std::optional<Result<Receipt>> settled{};  // for good
        Receipt receipt{};                         // if the group becomes durable
    };

    // A command id of this group, and what it stands for if that becomes durable.
    struct Fresh {
        log::CommandRecord record;
        Instant recorded_at;
    };

    struct KeyHash {
        std::size_t operator()(const log::CommandKey& key) const {
            return static_cast<std::size_t>(key.words[0]);
        }
    };

    // To everybody who was not told yet, what becomes of a part.
    template <class Outcome>
    void tell(Outcome outcome_of);
    // True: the part's command id is known, in the log or in this group.
    bool repeats(Part& part, const log::EventLog& log);

    std::vector<Part> parts_;
    std::unordered_map<log::CommandKey, Fresh, KeyHash> fresh_;
    std::vector<log::NewCommand> commands_;
};

}  // namespace tenure::node
