#include "node/recording.h"

#include "codec/event_codec.h"
#include "domain/decide.h"

namespace tenure::node {

Recording::Recording(projection::Index& index, Guardians& guardians, Instant first, Revision last,
                     Term term)
    : batch_{index},
      state_{batch_},
      authority_{index, batch_, state_, guardians},
      next_{first},
      last_{last},
      term_{term} {}

Result<void> Recording::record(const domain::Command& command, const std::string& command_id) {
    auto decided = domain::decide(state_, command, next_);
    // Imported history was judged where it happened.
    if (!command.effective_at) {
        TRY(decided ? authority_.may(command, decided.value(), next_)
                    : authority_.may_know(command, next_));
    }
    TRY(auto bodies, std::move(decided));
    for (domain::EventBody& body : bodies) {
        domain::Event event;
        event.imported = command.effective_at.has_value();
        event.effective_at = command.effective_at.value_or(next_);
        event.tenant = command.tenant;
        event.actor = command.actor;
        event.imported_by = command.imported_by;
        event.command_id = command_id;
        event.cause = {std::string(domain::type_of(command.body)), command.reason, command.ticket,
                       command.source};
        event.body = std::move(body);
        record_event(std::move(event));
    }
    return success();
}

void Recording::record_event(domain::Event event) {
    event.revision = last_ = next(last_);
    event.term = term_;
    event.recorded_at = next_;
    if (!event.imported) event.effective_at = next_;
    next_ = next_ + 1;
    entries_.push_back({event.term, event.recorded_at, codec::encode_event(event)});
    batch_.folder().fold(event);
}

}  // namespace tenure::node
