#pragma once
// What a Session holds. Private to node/.

#include <memory>
#include <unordered_map>

#include "node/node.h"
#include "projection/index.h"
#include "query/engine.h"

namespace tenure::node {

struct Core;

// One snapshot of an engine, given back however the question ends.
class Look {
public:
    explicit Look(query::Engine& engine) : engine_{engine} { engine_.begin(); }

    ~Look() { engine_.end(); }

    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;

private:
    query::Engine& engine_;
};

struct Session::State {
    explicit State(Core& c) : core{c} {}

    Core& core;
    std::shared_ptr<projection::Index> index;  // outlives the engine
    std::unique_ptr<query::Engine> engine;
    std::uint64_t index_number = 0;
    // Effective times of revisions asked about; they never change.
    static constexpr std::size_t effective_max = 100'000;
    std::unordered_map<Revision, Instant> effective;

    // The engine over the index in use; a new one after a rebuild.
    query::Engine& current_engine();
    // Now, and the promise that an answer about as_of stays true. Before current_engine(): the
    // index may be replaced, and time closed that the old one does not show.
    query::Moment moment(const domain::AsOf& as_of);
    Instant effective_at(Revision revision);

    // What `question(engine)` answers, in one snapshot. Moments are taken before.
    template <class Question>
    auto look(Question&& question) {
        query::Engine& current = current_engine();
        const Look snapshot{current};
        return question(current);
    }

    // What `question(engine, moment)` answers about as_of, in one snapshot.
    template <class Question>
    auto ask(const domain::AsOf& as_of, Question&& question) {
        const query::Moment taken = moment(as_of);
        return look([&](query::Engine& current) { return question(current, taken); });
    }
};

}  // namespace tenure::node
