#pragma once
// Authority: whether the actor of a command may have it carried out (design section 6), decided by
// the engine inside the writer's open transaction, at the revision the command is applied to.
//
// It also keeps every tenant manageable: while someone can give roles at "/", a batch that would
// leave nobody who can is refused. Time and changes of the store's own roles can still take the
// right away; then the operator gives it anew.

#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "domain/command.h"
#include "domain/needs.h"
#include "domain/state.h"
#include "projection/index.h"
#include "query/engine.h"

namespace tenure::node {

// Of each tenant, somebody who could give roles at "/" when last looked at: looked at first the
// next time.
using Guardians = std::map<std::string, std::string, std::less<>>;

// Principals looked at for one who can give roles at "/"; beyond them one is taken to be there.
inline constexpr std::size_t guardians_looked_at_max = 10'000;

class Authority {
public:
    // All outlive it; `batch` is open and of `index`.
    Authority(projection::Index& index, projection::IndexBatch& batch, const domain::State& state,
              Guardians& guardians);

    // Before the events of a live command are folded. Error: forbidden, with the action and scope
    // that are missing and the roles that would do.
    Result<void> may(const domain::Command& command, std::span<const domain::EventBody> events,
                     Instant now);

    // After a batch: that nobody was locked out by it. Forgets the batch.
    Result<void> end_batch(Instant now);

private:
    query::Engine& engine();
    bool allowed(const std::string& tenant, const std::string& principal, const domain::Need& need,
                 Instant now);
    bool active(const std::string& tenant, const std::string& principal) const;
    bool can_give_at_root(const std::string& tenant, const std::string& principal, Instant now);
    bool someone_can_give_at_root(const std::string& tenant, Instant now);
    Error refusal(const domain::Command& command, const domain::Need& need, Instant now);

    projection::Index& index_;
    projection::IndexBatch& batch_;
    const domain::State& state_;
    Guardians& guardians_;
    std::unique_ptr<query::Engine> engine_;  // made when it is first needed
    // Tenants, as of the last look in this transaction. Where nobody could, it stays at that: one
    // who came to be able in the very same transaction may go again in it.
    std::map<std::string, bool> guarded_;
    std::map<std::string, bool> at_risk_;  // by this batch; whether someone could before it
};

}  // namespace tenure::node
