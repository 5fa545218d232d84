#include "node/replicator.h"

#include <boost/asio/post.hpp>

#include "base/match.h"
#include "log/format.h"

namespace tenure::node {

namespace net = boost::asio;
namespace r = tenure::replication;

namespace {

// Farther behind its source than this, a copy takes the log before it folds it.
constexpr std::uint64_t behind_events_min = 20'000;

}  // namespace

// The log as far as the machine was told of it: the store's thread is ahead by what it has done and
// not yet said.
class Replicator::View final : public r::LogView {
public:
    explicit View(const ReplicatedStore& store) : store_{store} { look(); }

    void look() {
        last_ = store_.last();
        terms_ = store_.terms();
        while (!terms_.empty() && terms_.back().first > last_) terms_.pop_back();
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
        replica_.reset();
        work_.reset();
    });
    thread_.join();
    store_.detach();
}

void Replicator::tick() {
    if (!replica_) return;
    if (replica_->leading()) {
        // All that was recorded up to this time is committed, and the machine sees it below.
        const Instant closed = store_.close_now();
        view_->look();
        replica_->appended();
        closed_ = std::max(closed_, closed);
        replica_->close_time(closed, store_.reserved_until());
    }
    replica_->tick();
    carry_out();
    ticker_.expires_after(settings_.tick);
    ticker_.async_wait([this](const boost::system::error_code& ended) {
        if (!ended) tick();
    });
}

void Replicator::committed() {
    if (grown_posted_.exchange(true)) return;
    net::post(context_, [this] {
        grown_posted_ = false;
        if (!replica_) return;
        view_->look();
        replica_->appended();
        carry_out();
    });
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
        heard_at_ = clock_.now();
        if (const auto* welcome = std::get_if<r::Welcome>(&message)) {
            source_ = welcome->node;
            source_committed_ = welcome->committed;
        } else if (const auto* append = std::get_if<r::Append>(&message)) {
            source_committed_ = std::max(source_committed_, append->committed);
        } else if (const auto* beat = std::get_if<r::Beat>(&message)) {
            source_committed_ = std::max(source_committed_, beat->committed);
        }
    }
    replica_->received(session, message);
    carry_out();
}

void Replicator::ended(r::SessionId session) {
    if (!replica_ || peers_.erase(session.value) == 0) return;
    replica_->ended(session);
    if (upstream_ == session) {
        upstream_.reset();
        source_.clear();
        // What it has it can show.
        if (!leads()) store_.commit(replica_->committed(), false);
    }
    carry_out();
}

bool Replicator::behind() const {
    return upstream_ && source_committed_.value > view_->last().value + behind_events_min;
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
    replica_->ended(session);
    if (upstream_ == session) {
        upstream_.reset();
        source_.clear();
        if (!leads()) store_.commit(replica_->committed(), false);
    }
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
    publish();
}

void Replicator::carry_out(const r::Effect& effect) {
    const auto send = [&](const r::Send& e) {
        const auto found = peers_.find(e.session.value);
        if (found != peers_.end()) found->second->send(e.message);
    };
    const auto keep_term = [&](const r::KeepTerm& e) {
        store_.keep_term(e.term, [this, e](const Result<void>& kept) {
            if (kept) return back([e](r::Replica& replica) { replica.term_kept(e.term); });
            // Nothing may be done in a term that could be forgotten.
            back([why = kept.error().detail](r::Replica& replica) {
                replica.fail("the term could not be kept: " + why);
            });
        });
    };
    const auto write = [&](const r::Write& e) {
        store_.append(e.run, [this](const Result<void>& written) {
            if (written) return back([](r::Replica& replica) { replica.written(); });
            back([this, error = written.error()](r::Replica& replica) {
                // Not of the log that both sides have agreed on: nobody is to go on from there.
                if (error.field == "run") return replica.fail(error.detail);
                if (settings_.tell) settings_.tell("not_written", error.detail);
                replica.write_failed();
            });
        });
    };
    const auto cut = [&](const r::Cut& e) {
        if (settings_.tell)
            settings_.tell("cut", "discards what its source does not have, after revision " +
                                      std::to_string(e.to.value));
        store_.cut(e.to, [this](const Result<void>& done) {
            if (done) return back([](r::Replica& replica) { replica.cut(); });
            back([why = done.error().detail](r::Replica& replica) {
                replica.fail("what its source does not have could not be discarded: " + why);
            });
        });
    };
    const auto read = [&](const r::Read& e) {
        const auto run = store_.read_run(e.from);
        if (run)
            replica_->read(e.session, run.value());
        else
            close(e.session, "the log could not be read: " + run.error().detail);
    };
    const auto commit = [&](const r::Commit& e) {
        if (!leads()) store_.commit(e.to, behind());
    };
    const auto reserve = [&](const r::Reserve& e) {
        store_.reserve(e.until, [this, e](const Result<void>& kept) {
            if (kept) back([e](r::Replica& replica) { replica.reserved(e.until); });
        });
    };
    const auto close_time = [&](const r::CloseTime& e) {
        closed_ = std::max(closed_, e.until);
        if (!leads()) store_.close_time(e.until);
    };
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
        halt(why);
    };
    std::visit(match{send, [&](const r::Close& e) { close(e.session, e.reason); }, keep_term, write,
                     cut, read, commit, reserve, close_time, answer, step_down,
                     [&](const r::Halt& e) { halt(e.reason); }},
               effect);
}

void Replicator::publish() {
    ReplicaStatus now;
    now.leads = replica_->leading();
    now.term = replica_->term();
    now.distance = replica_->distance();
    now.source = source_;
    now.last = view_->last();
    now.committed = replica_->committed();
    now.source_committed = leads() ? now.committed : source_committed_;
    now.closed = closed_;
    now.heard_at = heard_at_;
    now.halted = halted_;
    for (const r::PeerStatus& peer : replica_->peers())
        now.copies.push_back({peer.member.node, peer.sent, peer.durable, peer.applied});
    const std::lock_guard guard{status_mutex_};
    status_ = std::move(now);
}

ReplicaStatus Replicator::status() const {
    const std::lock_guard guard{status_mutex_};
    return status_;
}

}  // namespace tenure::node
