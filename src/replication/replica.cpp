#include "replication/replica.h"

#include "base/invariant.h"
#include "base/text.h"

namespace tenure::replication {

Replica::Replica(Settings settings, const LogView& log, Rules rules)
    : core_{std::move(settings), log, rules},
      upstream_{core_},
      downstream_{core_},
      asks_{core_, upstream_, downstream_} {}

void Replica::lead(Term term, Revision first) {
    INVARIANT(!core_.halted);
    INVARIANT(term >= core_.term);
    INVARIANT(first <= core_.log.last());
    upstream_.give_up("leads now");
    downstream_.close_all("a new term");
    core_.term = core_.kept_term = term;
    core_.leading = true;
    core_.agreed_distance = 0;
    core_.term_first = first;
    served_ = term;
    advance();
}

Result<void> Replica::change_members(std::vector<Member> members, std::size_t members_min) {
    if (!core_.leading) return Error{Errc::unavailable, "this node does not lead"};
    if (members.size() + 1 < members_min)
        return invalid("members", std::to_string(members.size() + 1) + " are too few; at least " +
                                      std::to_string(members_min));
    const auto& now = core_.settings.members;
    for (const Member& member : members) {
        if (std::find(now.begin(), now.end(), member) != now.end()) continue;
        // What a leader in a new term does not know to be committed may be so all the same.
        const Revision needed =
            core_.committed >= core_.term_first ? core_.committed : core_.log.last();
        if (!core_.rules.members_join_caught_up) continue;
        if (downstream_.durable_at(member) < needed)
            return Error{Errc::unavailable,
                         quoted(member.node) + " does not have all that is committed yet"};
        if (!binds(member))
            return Error{Errc::unavailable,
                         quoted(member.node) +
                             " has yet to reserve the time that may have been closed here"};
    }
    core_.settings.mode = members.empty() && members_min <= 1 ? Mode::async : Mode::sync;
    core_.settings.members = std::move(members);
    core_.settings.members_min = members_min;
    core_.settings.joining.clear();
    advance();
    return success();
}

// What it promised in an earlier run it had reserved then.
Instant Replica::promised() const { return std::max(core_.closed, core_.settings.reserved); }

void Replica::wait_also_for(std::vector<Member> joining) {
    core_.settings.joining = std::move(joining);
    advance();
}

void Replica::opened_upstream(SessionId session) { upstream_.opened(session); }

void Replica::opened_downstream(SessionId session) { downstream_.opened(session); }

void Replica::ended(SessionId session) {
    upstream_.ended(session);
    downstream_.ended(session);
    asks_.ended(session);
}

// Somebody knows a newer term: nothing is done in the old one any more.
void Replica::hear_of(Term term) {
    if (term <= core_.term || !core_.rules.reject_older_terms) return;
    core_.term = term;
    core_.agreed_distance = 0;
    core_.keep_term();
    upstream_.give_up("a newer term");
    if (std::exchange(core_.leading, false)) core_.emit(StepDown{term});
}

void Replica::received(SessionId session, const Message& message) {
    if (core_.halted) return;
    if (upstream_.is(session)) {
        if (const auto* told = std::get_if<Told>(&message))
            asks_.told(*told);
        else
            upstream_.received(message);
    } else if (downstream_.has(session)) {
        if (const auto* hello = std::get_if<Hello>(&message))
            if (hello->log == core_.settings.log && plausible(hello->term, core_.term))
                hear_of(hello->term);
        if (const auto* ask = std::get_if<Ask>(&message)) {
            if (downstream_.may_ask(session) && ask->term == core_.term)
                asks_.asked(session, ask->id);
        } else if (downstream_.received(session, message)) {
            advance();
        }
    }
    if (served_ != core_.term) {
        served_ = core_.term;
        downstream_.close_all("a new term");
    }
}

void Replica::term_kept(Term term) {
    core_.keeping_term = false;
    core_.kept_term = std::max(core_.kept_term, term);
    core_.keep_term();
    upstream_.term_kept();
}

void Replica::term_not_kept() {
    core_.keeping_term = false;
    upstream_.term_not_kept();
}

void Replica::reserved(Instant until) { upstream_.reserved(until); }

void Replica::written() {
    upstream_.written();
    downstream_.grown();
}

void Replica::write_failed() { upstream_.write_failed(); }

void Replica::cut() {
    downstream_.close_all("entries were discarded");
    upstream_.cut();
}

void Replica::cut_failed() { upstream_.cut_failed(); }

void Replica::read(SessionId session, const Run& run) { downstream_.read(session, run); }

void Replica::appended() {
    downstream_.grown();
    advance();
}

void Replica::close_time(Instant until, Instant reserved) {
    if (!core_.leading) return;
    core_.reserved = std::max(core_.reserved, reserved);
    Instant bound = std::min(until, core_.reserved);
    if (core_.settings.mode == Mode::sync) {
        // Whom it has to do with is not known yet.
        if (core_.too_few_members()) return;
        for (const Member& member : core_.settings.members)
            bound = std::min(bound, downstream_.reserved_at(member));
    }
    if (!core_.rules.time_closes_when_reserved) bound = until;
    core_.closed = std::max(core_.closed, bound);
}

void Replica::advance() {
    if (!core_.leading || core_.halted) return;
    Revision to = core_.log.last();
    if (core_.settings.mode == Mode::sync) {
        if (core_.too_few_members()) return;
        Revision most;
        for (const Member& member : core_.settings.members) {
            const Revision durable = downstream_.durable_at(member);
            most = std::max(most, durable);
            if (core_.rules.commit_needs_all_members) to = std::min(to, durable);
        }
        for (const Member& member : core_.settings.joining)
            to = std::min(to, downstream_.durable_at(member));
        if (!core_.rules.commit_needs_all_members && !core_.settings.members.empty())
            to = std::min(to, most);
    }
    const Revision before = core_.committed;
    if (to >= core_.term_first) core_.commit(to);
    // The members did not know it when the entries came to them.
    if (core_.settings.mode == Mode::sync && core_.committed > before) downstream_.beat();
    asks_.advance();
}

void Replica::tick() {
    ++core_.ticks;
    core_.keep_term();
    upstream_.tick();
    downstream_.tick();
    asks_.tick();
}

std::vector<Effect> Replica::take_effects() { return std::exchange(core_.effects, {}); }

std::optional<std::uint32_t> Replica::distance() const {
    if (core_.leading) return 0;
    if (core_.agreed_distance == 0) return std::nullopt;
    return core_.agreed_distance;
}

}  // namespace tenure::replication
