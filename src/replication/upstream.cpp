#include "replication/upstream.h"

#include "base/match.h"

namespace tenure::replication {

void Upstream::opened(SessionId session) {
    if (core_.halted || core_.leading) return core_.emit(Close{session, "copies from nobody"});
    if (session_) give_up("another session was opened");
    session_ = session;
    heard_ticks_ = core_.ticks;
    stage_ = Stage::settling;
    settle();
}

void Upstream::settle() {
    if (writing_.empty() && !cutting_) greet();
}

void Upstream::ended(SessionId session) {
    if (is(session)) session_.reset();
}

void Upstream::give_up(const std::string& reason) {
    if (!session_) return;
    core_.emit(Close{*session_, reason});
    session_.reset();
}

void Upstream::greet() {
    if (!core_.rules.cut_where_logs_part && core_.log.last() > core_.committed) {
        cutting_ = true;
        return core_.emit(Cut{core_.committed});
    }
    stage_ = Stage::greeted;
    heard_ticks_ = core_.ticks;
    closing_.reset();
    closing_later_.reset();
    source_committed_ = revision_none;
    round_ = 0;  // each source counts its own
    core_.send(*session_, Hello{core_.settings.log, core_.settings.format, core_.settings.self,
                                core_.term, core_.log.last(), core_.log.terms()});
}

void Upstream::received(const Message& message) {
    if (!session_) return;
    heard_ticks_ = core_.ticks;
    std::visit(match{[&](const Welcome& m) { welcome(m); }, [&](const Append& m) { append(m); },
                     [&](const Beat& m) { beat(m); }, [&](const Refusal& m) { refused(m); },
                     [&](const auto&) { give_up("a message that only a copy sends"); }},
               message);
}

bool Upstream::heard_in(Term term) {
    if (term >= core_.term || !core_.rules.reject_older_terms) return true;
    give_up("the source is of an older term");
    return false;
}

bool Upstream::of_session(Term term) {
    if (!heard_in(term)) return false;
    if (term == welcome_.term || !core_.rules.reject_older_terms) return true;
    give_up("a message of another term than the session's");
    return false;
}

void Upstream::refused(const Refusal& refusal) {
    switch (refusal.why) {
        case Refused::stranger:
            return give_up("the source has another log");
        case Refused::format:
            return give_up("the source's log has another format");
        case Refused::term:
            return give_up("the source is of an older term");
        case Refused::not_ready:
            return give_up("the source is not ready");
    }
}

void Upstream::welcome(const Welcome& welcome) {
    if (stage_ != Stage::greeted) return give_up("a second welcome");
    if (!heard_in(welcome.term)) return;
    if (!plausible(welcome.term, core_.term))
        return give_up("term " + std::to_string(welcome.term.value) + " of the source is too far " +
                       "after " + std::to_string(core_.term.value) + ", the newest known here");
    welcome_ = welcome;
    if (welcome.term > core_.term) {
        core_.term = welcome.term;
        core_.agreed_distance = 0;
    }
    // Also one that an earlier session has told of may not be kept yet.
    if (core_.term_is_kept()) return agree();
    stage_ = Stage::keeping_term;
    core_.keep_term();
}

void Upstream::term_kept() {
    if (session_ && stage_ == Stage::keeping_term && core_.term_is_kept()) agree();
}

void Upstream::term_not_kept() {
    if (stage_ == Stage::keeping_term) give_up("the term could not be kept");
}

void Upstream::agree() {
    if (!core_.rules.commit_after_agreement) {
        source_committed_ = welcome_.committed;
        advance();
    }
    const Revision last = core_.log.last();
    if (welcome_.keep > last) return give_up("told to keep what is not here");
    if (core_.log.root(welcome_.keep) != welcome_.root)
        return core_.halt("this copy and that of " + welcome_.node +
                          " differ at or before revision " + std::to_string(welcome_.keep.value) +
                          ", where they must be equal");
    if (welcome_.keep < core_.committed)
        return core_.halt(welcome_.node + " has other events than this copy after revision " +
                          std::to_string(welcome_.keep.value) + ", but those up to " +
                          std::to_string(core_.committed.value) + " are committed here");
    if (welcome_.keep == last) return follow();
    stage_ = Stage::cutting;
    cutting_ = true;
    core_.emit(Cut{welcome_.keep});
}

void Upstream::cut() {
    cutting_ = false;
    if (!session_) return;
    if (stage_ == Stage::settling) return settle();
    if (stage_ == Stage::cutting) follow();
}

void Upstream::cut_failed() {
    cutting_ = false;
    if (session_ && stage_ == Stage::settling) return settle();
    give_up("what its source does not have could not be discarded");
}

void Upstream::follow() {
    stage_ = Stage::following;
    expected_ = end_of(core_.log);
    source_committed_ = std::max(source_committed_, welcome_.committed);
    core_.agreed_distance = welcome_.distance + 1;
    acknowledge(expected_.revision);
    advance();
}

void Upstream::append(const Append& append) {
    if (stage_ != Stage::following) return give_up("entries before both sides agreed");
    if (!of_session(append.term)) return;
    const Run& run = append.run;
    if (run.before != expected_ || run.last <= expected_.revision)
        return give_up("entries that do not follow revision " +
                       std::to_string(expected_.revision.value));
    if (!run.terms.empty() && run.terms.back().term > welcome_.term)
        return give_up("entries of a term that the source does not know itself");
    const std::uint64_t bytes = run.bytes();
    if (writing_bytes_ + bytes > core_.settings.taken_bytes_max)
        return give_up("entries beyond any window");
    expected_ = {run.terms.empty() ? expected_.term : run.terms.back().term, run.last};
    writing_.push_back(bytes);
    writing_bytes_ += bytes;
    core_.emit(Write{run});
    source_committed_ = std::max(source_committed_, append.committed);
    if (!core_.rules.acknowledge_when_durable) acknowledge(run.last);
}

void Upstream::write_ended() {
    writing_bytes_ -= writing_.front();
    writing_.pop_front();
}

void Upstream::written() {
    write_ended();
    if (!session_) return;
    if (stage_ == Stage::settling) return settle();
    if (stage_ != Stage::following) return;
    if (core_.rules.acknowledge_when_durable) acknowledge(core_.log.last());
    advance();
}

void Upstream::write_failed() {
    write_ended();
    if (session_ && stage_ == Stage::settling) return settle();
    give_up("what came could not be written");
}

void Upstream::beat(const Beat& beat) {
    if (stage_ != Stage::following) return give_up("a beat before both sides agreed");
    if (!of_session(beat.term)) return;
    if (beat.closed > beat.reserved && core_.rules.time_closes_when_reserved)
        return give_up("a time closed beyond what is reserved");
    round_ = std::max(round_, beat.round);
    source_committed_ = std::max(source_committed_, beat.committed);
    (closing_ ? closing_later_ : closing_) = beat;
    to_reserve_ = std::max(to_reserve_, beat.reserved);
    reserve();
    acknowledge(core_.log.last());
    advance();
}

void Upstream::acknowledge(Revision durable) {
    core_.send(*session_, Ack{welcome_.term, round_, durable, applied_, core_.reserved});
}

// One at a time, however many beats come.
void Upstream::reserve() {
    if (to_reserve_ <= core_.reserved || std::exchange(reserving_, true)) return;
    core_.emit(Reserve{to_reserve_});
}

void Upstream::reserved(Instant until) {
    reserving_ = false;
    // What could not be done the next beat asks for again.
    if (until <= core_.reserved) return;
    core_.reserved = until;
    if (following()) acknowledge(core_.log.last());
    reserve();
}

void Upstream::advance() {
    core_.commit(std::min(source_committed_, core_.log.last()));
    while (closing_ &&
           (closing_->committed <= core_.committed || !core_.rules.time_closes_with_commit)) {
        if (closing_->closed > core_.closed) {
            core_.closed = closing_->closed;
            core_.emit(CloseTime{core_.closed});
        }
        closing_ = std::exchange(closing_later_, std::nullopt);
    }
}

void Upstream::tick() {
    // Until it is greeted it has nothing to say.
    if (stage_ == Stage::settling) return;
    if (session_ && core_.ticks - heard_ticks_ > core_.settings.silence_ticks)
        give_up("the source is silent");
}

}  // namespace tenure::replication
