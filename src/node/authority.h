#pragma once
// Authority: whether the actor of a command may have it carried out, decided by
// the engine inside the writer's open transaction, at the revision the command is applied to.
//
// It also keeps every tenant manageable: while someone can give roles at "/", a batch that would
// leave nobody who can is refused. Time and changes of the store's own roles can still take the
// right away; then the operator gives it anew.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
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

// Whether somebody can give roles at "/", as far as the writer looks.
enum class Guarded : std::uint8_t { no, yes, not_known };

// Principals looked at for one who can, and rows read to find them. Where nobody is found within
// these limits it is not known, and what could lock the tenant out is refused until somebody is
// named: by the same batch, which gives the right to a user.
inline constexpr std::size_t guardians_looked_at_max = 1'000;
inline constexpr std::size_t guardian_rows_max = 100'000;

class Authority {
public:
    // All outlive it; `batch` is open and of `index`.
    Authority(projection::Index& index, projection::IndexBatch& batch, const domain::State& state,
              Guardians& guardians);

    // Before the events of a live command are folded. Error: forbidden, with the action and scope
    // that are missing and the roles that would do. A scope that only the state names is told to
    // those who may read there; others hear "/", as of what is not there.
    Result<void> may(const domain::Command& command, std::span<const domain::EventBody> events,
                     Instant now);

    // Of a live command that was refused by the state: forbidden if its actor could not have it
    // carried out anyway, so that they do not learn what the state is.
    Result<void> may_know(const domain::Command& command, Instant now);

    // After a batch: that nobody was locked out by it. Forgets the batch.
    Result<void> end_batch(Instant now);

private:
    query::Engine& engine();
    bool allowed(const std::string& tenant, const std::string& principal, const domain::Need& need,
                 Instant now);
    bool active(const std::string& tenant, const std::string& principal) const;
    bool can_give_at_root(const std::string& tenant, const std::string& principal, Instant now);
    Guarded guarded(const std::string& tenant, Instant now);
    Result<void> all_allowed(const domain::Command& command, std::span<const domain::Need> needs,
                             Instant now);
    Error refusal(const domain::Command& command, const domain::Need& missing, Instant now);
    bool may_be_told(const domain::Command& command, const domain::Need& need, Instant now);

    projection::Index& index_;
    projection::IndexBatch& batch_;
    const domain::State& state_;
    Guardians& guardians_;
    std::unique_ptr<query::Engine> engine_;  // made when it is first needed
    // Tenants, as of the last look in this transaction. Where nobody could, it stays at that: one
    // who came to be able in the very same transaction may go again in it.
    std::map<std::string, Guarded> guarded_;
    std::map<std::string, Guarded> at_risk_;  // by this batch; whether someone could before it
    // Looked at before all others: who acts in this batch, and whom it gives roles at "/".
    std::map<std::string, std::set<std::string>> candidates_;
};

}  // namespace tenure::node
