#pragma once
// SmallWorld: an index that a test tells what happened, event by event, and asks.

#include <memory>
#include <string>
#include <vector>

#include "domain/event.h"
#include "projection/index.h"
#include "query/engine.h"
#include "support/temp_store.h"

namespace tenure::query {

class SmallWorld {
public:
    SmallWorld();

    // Happens now, one microsecond after the event before. Returns its revision.
    Revision happen(const std::string& tenant, domain::EventBody body);
    // Is imported: took effect at `effective`, is recorded now.
    Revision import(const std::string& tenant, Instant effective, domain::EventBody body);

    // Shorthands, all in tenant "t".
    void user(const std::string& id);
    void group(const std::string& id);
    void join(const std::string& group, const std::string& member);
    // A role that allows these action patterns; also in the store (tenant "").
    void role(const std::string& id, std::vector<std::string> actions,
              const std::string& tenant = "t");
    Revision assign(const std::string& id, const std::string& principal, const std::string& role,
                    const std::string& scope);

    // Recording time of the newest event; what follows happens after it.
    Instant now() const { return now_; }

    // Lets time pass.
    void wait(std::int64_t us) { now_ = now_ + us; }

    Revision head() const { return Revision{events_.size()}; }

    Engine& engine() { return engine_; }

    projection::Index& index() { return *index_; }

    // Everything up to now is closed.
    Moment moment() const { return moment(now_); }

    Moment moment(Instant closed) const;

    domain::CheckQuestion may(const std::string& principal, const std::string& action,
                              const std::string& scope, domain::AsOf as_of = {}) const;
    // The answer, which must not be an error.
    CheckAnswer check(const domain::CheckQuestion& question);

private:
    Revision fold(domain::Event event);
    testing::TempDir directory_;
    std::vector<domain::Event> events_;
    Instant now_{1'000'000};
    std::unique_ptr<projection::Index> index_;
    Engine engine_;
};

}  // namespace tenure::query
