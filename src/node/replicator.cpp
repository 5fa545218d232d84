#include "node/replicator.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <iterator>

#include "base/match.h"
#include "base/text.h"
#include "log/format.h"
#include "node/copy_notes.h"

namespace tenure::node {

namespace net = boost::asio;
namespace r = tenure::replication;

namespace {

// Farther behind, a copy becomes a member later: commits would wait for it.
constexpr std::uint64_t joining_events_max = 10'000;
// Likewise one that may still build its index in bulk: it has no time for commits.
constexpr std::uint64_t folding_events_max = 50'000;
// What comes to a copy that is far behind has ceased to come when nothing did for so long.
constexpr std::uint64_t quiet_ticks = 10;

// What this copy reserves, whoever leads after its source records after. A leader's clock that is
// wrong by years is not to move the time of all nodes for ever.
constexpr std::int64_t day_us = std::int64_t{24} * 3'600 * 1'000'000;
constexpr std::int64_t clock_ahead_us_max = 30 * day_us;

// A disk that is full gets room again, a writer that stops has others that go on.
bool may_pass(const Error& error) {
    return error.code == Errc::storage_full || error.code == Errc::unavailable;
}

constexpr std::string_view members_taken_in = "members are being taken in";

}  // namespace

// The log as far as the machine was told of it: the store's thread is ahead by what it has done and
// not yet said.
class Replicator::View final : public r::LogView {
public:
    explicit View(const ReplicatedStore& store) : store_{store} { look(); }

    void look() {
        last_ = store_.last();
        terms_ = store_.terms(last_);
    }

    Revision last() const override { return last_; }

    Revision committed() const override { return store_.committed(); }

    std::vector<r::TermStart> terms() const override { return terms_; }

    r::Root root(Revision size) const override { return store_.root(size); }

private:
    const ReplicatedStore& store_;
    Revision last_;
    std::vector<r::TermStart> terms_;
};

Replicator::Replicator(ReplicatedStore& store, Clock& clock, ReplicatorSettings settings)
    : store_{store}, clock_{clock}, settings_{std::move(settings)} {}

Replicator::~Replicator() { stop(); }

Result<void> Replicator::start() {
    r::Settings settings;
    settings.log = {store_.log_id().words};
    settings.format = log::format::version;
    TRY(const r::StoreId id, store_.store_id(settings_.node));
    settings.self = {settings_.node, id};
    TRY(settings.term, store_.term());
    settings.reserved = store_.reserved_until();
    settings.silence_ticks = settings_.silence_ticks;
    settings.window_bytes = settings_.window_bytes;
    settings.sessions_max = settings_.copies_max;
    wanted_ = settings_.members;
    if (leads()) {
        TRY(members_, store_.members());
        settings.mode = store_.needs_members() ? r::Mode::sync : r::Mode::async;
        settings.members = members_;
        if (store_.needs_members() && members_.empty()) settings.members_min = 2;
        if (store_.needs_members()) closed_before_ = store_.closed();
        members_settled_ = std::ranges::is_permutation(
            members_, wanted_, {}, [](const r::Member& member) { return member.node; });
        store_.on_in_flight([this] { grown(); });
    }
    progress_ = {clock_.now(), 0};
    view_ = std::make_unique<View>(store_);
    replica_ = std::make_unique<r::Replica>(std::move(settings), *view_);
    if (leads()) {
        Revision first = view_->last();
        for (const r::TermStart& start : view_->terms())
            if (start.term == replica_->term()) first = start.first;
        replica_->lead(replica_->term(), first);
    } else {
        replica_->applied(store_.applied());
        store_.on_applied(
            [this](Revision to) { back([to](r::Replica& replica) { replica.applied(to); }); });
    }
    carry_out();
    publish();
    thread_ = std::thread{[this] { context_.run(); }};
    net::post(context_, [this] { tick(); });
    return success();
}

void Replicator::stop() {
    if (!thread_.joinable()) return;
    net::post(context_, [this] {
        ticker_.cancel();
        for (auto& [id, peer] : std::exchange(peers_, {})) peer->close("this node stops");
        for (auto& [id, answer] : std::exchange(asked_, {})) answer(std::nullopt);
        publish();
        replica_.reset();
        work_.reset();
    });
    thread_.join();
    if (leads() && store_.needs_members()) store_.hold_up("this node replicates no more");
    store_.detach();
}

void Replicator::tick() {
    if (!replica_) return;
    if (replica_->leading()) {
        // All that was recorded up to this time is committed, and the machine sees it below.
        const Instant closed = store_.close_now();
        view_->look();
        replica_->appended();
        replica_->close_time(closed, store_.reserved_until());
        closed_ = std::max(closed_, store_.needs_members() ? replica_->closed() : closed);
        change_members();
        store_.bound_closed(store_.needs_members() ? std::max(closed_before_, replica_->closed())
                                                   : instant_max);
        hold_up(look_after_members());
    }
    // While more comes, that carries what is to be written down.
    quiet_ = std::exchange(last_at_tick_, view_->last()) == view_->last() ? quiet_ + 1 : 0;
    if (quiet_ > 0 && (!leads() || store_.needs_members())) store_.keep_confirmed();
    if (quiet_ == quiet_ticks && !leads()) store_.commit(replica_->committed(), behind());
    ++ticks_;
    replica_->tick();
    carry_out();
    ticker_.expires_after(settings_.tick);
    ticker_.async_wait([this](const boost::system::error_code& ended) {
        if (!ended) tick();
    });
}

void Replicator::grown() {
    if (grown_posted_.exchange(true)) return;
    net::post(context_, [this] {
        grown_posted_ = false;
        if (!replica_) return;
        view_->look();
        replica_->appended();
        carry_out();
    });
}

void Replicator::want_members(std::vector<std::string> nodes) {
    net::post(context_, [this, nodes = std::move(nodes)] {
        wanted_ = nodes;
        ++members_wanted_;
        members_settled_ = false;
        not_changed_.clear();
    });
}

bool Replicator::here(const r::Member& member) const {
    return std::ranges::any_of(replica_->peers(), [&](const r::PeerStatus& peer) {
        return peer.following && peer.member == member;
    });
}

Replicator::Wanted Replicator::wanted_members() const {
    Wanted wanted;
    const auto peers = replica_->peers();
    const Revision last = view_->last();
    for (const std::string& node : wanted_) {
        const auto of_node = [&](const r::Member& member) { return member.node == node; };
        // The newest session: a node may have come back with another copy.
        const auto peer = std::find_if(
            peers.rbegin(), peers.rend(),
            [&](const r::PeerStatus& each) { return each.following && of_node(each.member); });
        const auto known = std::ranges::find_if(members_, of_node);
        if (peer == peers.rend()) {
            if (known == members_.end())
                wanted.missing.push_back(node);
            else
                wanted.set.push_back(*known);
            continue;
        }
        wanted.set.push_back(peer->member);
        const bool is_new = known == members_.end() || *known != peer->member;
        if (peer->durable.value + joining_events_max < last.value ||
            (is_new && peer->applied.value + folding_events_max < replica_->committed().value))
            wanted.missing.push_back(node);
        else if (!store_.needs_members() && !replica_->binds(peer->member))
            // Until it has, this leader had better go on alone.
            wanted.missing.push_back(node + " (has yet to reserve the time closed here)");
    }
    std::ranges::sort(wanted.set);
    return wanted;
}

// Those that are to be members come to have all that is committed, because nothing is committed
// without them any more; then they are written down; then they alone count. Whatever is written
// down when this node ends, its members have all that was committed.
void Replicator::change_members() {
    if (changing_members_) return;
    const Wanted wanted = wanted_members();
    if ((members_settled_ && wanted.set == members_) || !wanted.missing.empty()) {
        wait_for_members_alone();
        if (!members_settled_) put_off("not here, or far behind: " + joined(wanted.missing));
        return;
    }
    if (!store_.needs_members()) {
        if (wanted.set.empty()) {
            members_settled_ = true;
            return;
        }
        // Nothing is recorded until they are members: they have the rest in a moment.
        hold_up(std::string(members_taken_in));
        changing_members_ = taking_in_ = true;
        return store_.need_members([this](const Result<void>& done) {
            back([this, why = done ? std::string() : done.error().detail](r::Replica&) {
                changing_members_ = taking_in_ = false;
                if (!why.empty()) put_off(why);
            });
        });
    }
    std::vector<r::Member> both;
    std::ranges::set_union(wanted.set, members_, std::back_inserter(both));
    if (const auto ready = replica_->change_members(both, 1); !ready) {
        replica_->wait_also_for(wanted.set);
        return put_off(ready.error().detail);
    }
    changing_members_ = true;
    store_.keep_members(wanted.set, [this, set = wanted.set,
                                     as_wanted = members_wanted_](const Result<void>& kept) {
        back([this, set, as_wanted,
              why = kept ? std::string() : kept.error().detail](r::Replica& replica) {
            changing_members_ = false;
            if (!why.empty()) return put_off(why);
            members_ = set;
            members_settled_ = as_wanted == members_wanted_;
            not_changed_.clear();
            if (settings_.tell)
                settings_.tell("members_changed", set.empty() ? "none" : names_of(set));
            // Refused to nobody but one who leads no more.
            const auto changed = replica.change_members(set, 1);
            static_cast<void>(changed);
        });
    });
}

// Who was to be a member and went away counts no more.
void Replicator::wait_for_members_alone() {
    replica_->wait_also_for({});
    if (members_.empty() || replica_->members() == members_) return;
    // All of them have what was committed with more.
    const auto changed = replica_->change_members(members_, 1);
    static_cast<void>(changed);
}

void Replicator::put_off(const std::string& why) {
    if (settings_.tell && not_changed_ != why) settings_.tell("members_not_changed", why);
    not_changed_ = why;
}

void Replicator::hold_up(std::string why) {
    // The store waits for the first word.
    if (held_up_told_ && why == held_up_) return;
    held_up_told_ = true;
    if (settings_.tell && why != held_up_)
        settings_.tell(why.empty() ? "recording_again" : "held_up", why);
    held_up_ = std::move(why);
    store_.hold_up(held_up_);
}

std::string Replicator::look_after_members() {
    // What is asked of the store has not been done yet.
    if (!store_.needs_members()) return taking_in_ ? std::string(members_taken_in) : std::string();
    if (!halted_.empty()) return halted_;
    // Only with members that are written down is what is in flight kept at a restart.
    if (members_.empty())
        return std::string(members_taken_in) + (not_changed_.empty() ? "" : ": " + not_changed_);
    const Watch now{clock_.now(), ticks_};
    if (view_->last() <= replica_->committed() || replica_->committed() != progressed_to_) {
        progressed_to_ = replica_->committed();
        progress_ = now;
    }
    std::vector<std::string> away;
    for (const r::Member& member : replica_->members()) {
        Watch& seen = seen_.try_emplace(member, now).first->second;
        if (here(member)) seen = now;
        if (now.ticks - seen.ticks > settings_.commit_ticks)
            away.push_back(quoted(member.node) + " since " + format_instant(seen.since));
    }
    if (!away.empty()) return "members are away: " + joined(away);
    if (now.ticks - progress_.ticks <= settings_.commit_ticks) return {};
    return "the members have not confirmed what was recorded since " +
           format_instant(progress_.since);
}

void Replicator::ask(std::function<void(std::optional<Revision>)> answer) {
    net::post(context_, [this, answer = std::move(answer)] {
        if (!replica_ || replica_->halted()) return answer(std::nullopt);
        asked_.emplace(++asks_, answer);
        replica_->ask(asks_);
        carry_out();
    });
}

r::SessionId Replicator::opened(std::shared_ptr<ReplicationPeer> peer, bool upstream) {
    const r::SessionId session{++sessions_};
    if (!replica_) {
        peer->close("this node stops");
        return session;
    }
    peers_.emplace(session.value, std::move(peer));
    if (upstream) {
        upstream_ = session;
        replica_->opened_upstream(session);
    } else {
        replica_->opened_downstream(session);
    }
    carry_out();
    return session;
}

void Replicator::received(r::SessionId session, const r::Message& message) {
    if (!replica_ || !peers_.contains(session.value)) return;
    if (upstream_ == session) {
        if (const auto* welcome = std::get_if<r::Welcome>(&message)) {
            source_ = welcome->node;
            source_committed_ = welcome->committed;
        } else if (const auto* append = std::get_if<r::Append>(&message)) {
            source_committed_ = std::max(source_committed_, append->committed);
        } else if (const auto* beat = std::get_if<r::Beat>(&message)) {
            source_committed_ = std::max(source_committed_, beat->committed);
            return take_beat(*beat);
        }
    }
    take(session, message);
}

void Replicator::take_beat(r::Beat beat) {
    // By whole days: each new bound is written down.
    const Instant today{clock_.now().us / day_us * day_us};
    const Instant most = std::max(today, store_.last_recorded_at()) + clock_ahead_us_max;
    const bool ahead = beat.reserved > most;
    if (ahead && !source_ahead_ && settings_.tell)
        settings_.tell("source_clock_ahead", source_ + " or its leader reserves time up to " +
                                                 format_instant(beat.reserved) + ", here it is " +
                                                 format_instant(clock_.now()) +
                                                 ": one of the two clocks is wrong");
    source_ahead_ = ahead;
    beat.reserved = std::min(beat.reserved, most);
    beat.closed = std::min(beat.closed, most);
    take(*upstream_, beat);
}

void Replicator::take(r::SessionId session, const r::Message& message) {
    replica_->received(session, message);
    carry_out();
    // What is refused, or of an older term, ends the session.
    if (upstream_ == session) heard_at_ = clock_.now();
}

void Replicator::ended(r::SessionId session) {
    if (!replica_ || peers_.erase(session.value) == 0) return;
    forget(session);
    carry_out();
}

void Replicator::forget(r::SessionId session) {
    replica_->ended(session);
    if (upstream_ != session) return;
    upstream_.reset();
    source_.clear();
    // What it has it can show.
    if (!leads()) store_.commit(replica_->committed(), false);
}

bool Replicator::behind() const {
    return upstream_ && quiet_ < quiet_ticks &&
           source_committed_.value > view_->last().value + far_behind_events;
}

void Replicator::back(std::function<void(r::Replica&)> work) {
    net::post(context_, [this, work = std::move(work)] {
        if (!replica_) return;
        view_->look();
        work(*replica_);
        carry_out();
    });
}

void Replicator::close(r::SessionId session, const std::string& reason) {
    const auto found = peers_.find(session.value);
    if (found == peers_.end()) return;
    const auto peer = std::move(found->second);
    peers_.erase(found);
    if (settings_.tell)
        settings_.tell(upstream_ == session ? "source_closed" : "copy_closed", reason);
    peer->close(reason);
    forget(session);
}

bool Replicator::told_of(const Result<void>& written, std::string_view what) {
    const bool told = std::exchange(not_written_, !written);
    if (settings_.tell && !written && !told)
        settings_.tell("not_written", std::string(what) + written.error().detail);
    return written.has_value();
}

void Replicator::halt(const std::string& reason) {
    if (upstream_) close(*upstream_, "stopped");
    halted_ = reason;
    if (settings_.tell) settings_.tell("replication_halted", reason);
}

// Effects may bring about more effects.
void Replicator::carry_out() {
    if (std::exchange(carrying_out_, true)) return;
    for (;;) {
        const auto effects = replica_->take_effects();
        if (effects.empty()) break;
        for (const r::Effect& effect : effects) carry_out(effect);
    }
    carrying_out_ = false;
    publish_soon();
}

void Replicator::carry_out(const r::Effect& effect) {
    const auto send = [&](const r::Send& e) {
        const auto found = peers_.find(e.session.value);
        if (found != peers_.end()) found->second->send(e.message);
    };
    const auto keep_term = [&](const r::KeepTerm& e) {
        store_.keep_term(e.term, [this, e](const Result<void>& kept) {
            back([this, e, kept](r::Replica& replica) {
                constexpr std::string_view failed = "the term could not be kept: ";
                if (told_of(kept, failed)) return replica.term_kept(e.term);
                replica.term_not_kept();
                if (!may_pass(kept.error()))
                    replica.fail(std::string(failed) + kept.error().detail);
            });
        });
    };
    const auto write = [&](const r::Write& e) {
        store_.append(e.run, [this](const Result<void>& written) {
            back([this, written](r::Replica& replica) {
                // Not of the log that both sides have agreed on: nobody is to go on from there.
                if (!written && written.error().field == "run")
                    return replica.fail(written.error().detail);
                // Those that came after it.
                if (!written && replica.halted()) return replica.write_failed();
                if (told_of(written, ""))
                    replica.written();
                else
                    replica.write_failed();
            });
        });
    };
    const auto cut = [&](const r::Cut& e) {
        const Revision last = view_->last();
        // Before, so that it is known whatever happens; if it failed it has been.
        if (settings_.tell && e.to < last && !not_written_)
            settings_.tell("cut", "discards " + std::to_string(last.value - e.to.value) +
                                      " events that its source does not have; they are kept in " +
                                      ReplicatedStore::cut_name(next(e.to), last));
        store_.cut(e.to, [this](const Result<void>& done) {
            back([this, done](r::Replica& replica) {
                constexpr std::string_view failed =
                    "what its source does not have could not be discarded: ";
                run_.reset();
                if (told_of(done, failed)) return replica.cut();
                replica.cut_failed();
                if (!may_pass(done.error()))
                    replica.fail(std::string(failed) + done.error().detail);
            });
        });
    };
    const auto read = [&](const r::Read& e) {
        const auto run = run_from(e.from);
        if (run)
            replica_->read(e.session, run.value());
        else
            close(e.session, "the log could not be read: " + run.error().detail);
    };
    const auto commit = [&](const r::Commit& e) {
        if (leads())
            store_.confirmed(e.to);
        else
            store_.commit(e.to, behind());
    };
    const auto reserve = [&](const r::Reserve& e) {
        store_.reserve(e.until, [this](const Result<void>&) {
            back([until = store_.reserved_until()](r::Replica& replica) {
                replica.reserved(until);
            });
        });
    };
    const auto close_time = [&](const r::CloseTime& e) { store_.close_time(e.until); };
    const auto answer = [&](const r::Answer& e) {
        const auto found = asked_.find(e.id);
        if (found == asked_.end()) return;
        const auto told = std::move(found->second);
        asked_.erase(found);
        told(e.known ? std::optional{e.revision} : std::nullopt);
    };
    const auto step_down = [&](const r::StepDown& e) {
        const std::string why = "another node leads since term " + std::to_string(e.term.value) +
                                ": this one must become its follower";
        store_.step_down(why);
        // It hears of no more terms: what leads by mistake would end each that it talks to.
        replica_->fail(why);
    };
    std::visit(match{send, [&](const r::Close& e) { close(e.session, e.reason); }, keep_term, write,
                     cut, read, commit, reserve, close_time, answer, step_down,
                     [&](const r::Halt& e) { halt(e.reason); }},
               effect);
}

Result<r::Run> Replicator::run_from(Revision from) {
    if (!run_ || next(run_->before.revision) != from) {
        TRY(run_, store_.read_run(from));
    }
    return *run_;
}

void Replicator::publish_soon() {
    if (std::exchange(publishing_, true)) return;
    net::post(context_, [this] {
        publishing_ = false;
        if (replica_) publish();
    });
}

void Replicator::publish() {
    const auto peers = replica_->peers();
    ReplicaStatus now;
    now.leads = replica_->leading();
    now.needs_members = now.leads && store_.needs_members();
    now.held_up = held_up_;
    for (const r::Member& member : replica_->members()) {
        now.members.push_back({member.node, here(member), replica_->durable_at(member)});
    }
    now.term = replica_->term();
    now.distance = replica_->distance();
    now.source = source_;
    now.last = view_->last();
    now.last_term = r::term_at(view_->terms(), now.last);
    now.committed = replica_->committed();
    now.source_committed = leads() ? now.committed : source_committed_;
    // A copy's answers are final as far as its index follows.
    now.closed = leads() ? closed_ : store_.closed();
    now.heard_at = heard_at_;
    now.halted = halted_;
    for (const r::PeerStatus& peer : peers)
        now.copies.push_back({peer.member.node, peer.sent, peer.durable, peer.applied});
    const std::lock_guard guard{status_mutex_};
    status_ = std::move(now);
}

ReplicaStatus Replicator::status() const {
    const std::lock_guard guard{status_mutex_};
    return status_;
}

}  // namespace tenure::node
