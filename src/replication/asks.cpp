#include "replication/asks.h"

namespace tenure::replication {

void Asks::answer(const Asked& asked, std::optional<Revision> revision) {
    const Revision known = revision.value_or(revision_none);
    if (!asked.session)
        core_.emit(Answer{asked.id, revision.has_value(), known});
    else if (downstream_.has(*asked.session))
        core_.send(*asked.session, Told{core_.term, asked.id, revision.has_value(), known});
}

bool Asks::confirmed(std::uint64_t round) const {
    if (core_.settings.mode == Mode::async || !core_.rules.reads_ask_members) return true;
    // Whom it has to do with is not known yet.
    if (core_.too_few_members()) return false;
    return std::all_of(core_.settings.members.begin(), core_.settings.members.end(),
                       [&](const Member& member) { return downstream_.answered(member, round); });
}

void Asks::asked(std::optional<SessionId> session, std::uint64_t id) {
    Asked asked{session, id, core_.ticks, core_.committed, 0};
    if (leading_.size() + passed_on_.size() >= core_.settings.asks_max)
        return answer(asked, std::nullopt);
    if (core_.leading) {
        // Before it has committed in its own term it does not know what others have.
        if (core_.committed < core_.term_first) return answer(asked, std::nullopt);
        leading_.push_back(asked);
        return advance();
    }
    if (!upstream_.following()) return answer(asked, std::nullopt);
    passed_on_.emplace(++count_, asked);
    upstream_.ask(count_);
}

void Asks::told(const Told& told) {
    const auto found = passed_on_.find(told.id);
    if (found == passed_on_.end() || told.term != core_.term) return;
    answer(found->second, told.known ? std::optional{told.revision} : std::nullopt);
    passed_on_.erase(found);
}

// One round at a time, however many ask: those who ask meanwhile share the next.
void Asks::advance() {
    while (!leading_.empty()) {
        if (leading_.front().round == 0) {
            const std::uint64_t round = core_.settings.mode == Mode::sync ? downstream_.beat() : 1;
            for (Asked& asked : leading_) asked.round = round;
        }
        if (!confirmed(leading_.front().round)) return;
        answer(leading_.front(), leading_.front().revision);
        leading_.pop_front();
    }
}

void Asks::tick() {
    const auto late = [&](const Asked& asked) {
        return core_.ticks - asked.since_ticks > core_.settings.silence_ticks;
    };
    while (!leading_.empty() && (!core_.leading || late(leading_.front()))) {
        answer(leading_.front(), std::nullopt);
        leading_.pop_front();
    }
    for (auto each = passed_on_.begin(); each != passed_on_.end();) {
        if (!upstream_.following() || late(each->second)) {
            answer(each->second, std::nullopt);
            each = passed_on_.erase(each);
        } else {
            ++each;
        }
    }
}

void Asks::ended(SessionId session) {
    std::erase_if(passed_on_, [&](const auto& each) { return each.second.session == session; });
    std::erase_if(leading_, [&](const Asked& asked) { return asked.session == session; });
}

}  // namespace tenure::replication
