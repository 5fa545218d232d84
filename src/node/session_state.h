#pragma once
// What a Session holds. Private to node/.

#include <memory>
#include <unordered_map>

#include "node/node.h"
#include "projection/index.h"
#include "query/engine.h"

namespace tenure::node {

struct Core;

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
    // Now, and the promise that an answer about as_of stays true.
    query::Moment moment(const domain::AsOf& as_of);
    Instant effective_at(Revision revision);
};

}  // namespace tenure::node
