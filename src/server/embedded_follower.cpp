#include "server/embedded_follower.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "node/replicated_store.h"
#include "server/journal.h"
#include "server/replication_source.h"

namespace tenure::server {
namespace {

constexpr std::chrono::milliseconds look_again{100};

Settings settings_of(const FollowerSettings& given) {
    Settings settings;
    settings.store = given.directory;
    settings.replication.node = given.node;
    settings.replication.source = given.source;
    settings.replication.ca_file = given.ca_file;
    settings.tls = {given.certificate_file, given.key_file};
    return settings;
}

Result<void> check(const Settings& settings) {
    if (settings.store.empty()) return invalid("directory", "a follower needs a directory");
    if (settings.replication.source.empty())
        return invalid("replication.source", "a follower needs the URL of the node it copies from");
    return check_settings(settings);
}

}  // namespace

struct EmbeddedFollower::State {
    State(Settings given, std::function<void(std::string_view, const std::string&)> given_tell)
        : settings{std::move(given)},
          tell{std::move(given_tell)},
          journal{[this](std::string_view event, const Journal::Facts& facts) {
              heard(event, facts.empty() ? std::string() : facts.front().second);
          }} {}

    // Of replication: what is told and what is written in the journal.
    void heard(std::string_view event, const std::string& detail) {
        {
            const std::lock_guard guard{mutex};
            heard_of_source = true;
            other_log = event == "source_has_another_log";
            if (event == "source_connected")
                problem.clear();
            else if (!halted && event != "cut" && event != "source_clock_ahead")
                problem = detail.empty() ? std::string(event) : detail;
            if (event == "replication_halted") halted = true;
        }
        changed.notify_all();
        if (tell) tell(event, detail);
    }

    // More can be seen.
    void advanced() {
        // Whoever is about to wait has looked before this, or looks after it.
        { const std::lock_guard guard{mutex}; }
        changed.notify_all();
    }

    bool hopeless() const { return halted || other_log || node->writing_broken(); }

    std::string what_is_wrong() const {
        const auto broken = node->writing_broken();
        return broken ? broken->detail : problem;
    }

    // `what` is not there: why, to whoever waited.
    Error not_there(std::string what, std::string field) const {
        if (stopped)
            what += ", and the follower has stopped";
        else if (const std::string why = what_is_wrong(); !why.empty())
            what += ": " + why;
        const bool waiting_helps = stopped || !hopeless();
        return Error{waiting_helps ? Errc::unavailable : Errc::conflict, std::move(what),
                     std::move(field)};
    }

    // True when `there` is, in time.
    template <class There>
    bool wait(std::unique_lock<std::mutex>& guard, std::chrono::milliseconds at_most, There there) {
        // A store that breaks down tells nobody.
        for (auto left = at_most; left.count() > 0; left -= look_again) {
            const auto now = std::min(left, look_again);
            if (changed.wait_for(guard, now, [&] { return there() || stopped || hopeless(); }))
                break;
        }
        return there();
    }

    const Settings settings;
    const std::function<void(std::string_view, const std::string&)> tell;
    Journal journal;

    std::mutex mutex;  // of what follows
    std::condition_variable changed;
    bool heard_of_source = false;
    bool other_log = false;
    bool halted = false;
    bool stopped = false;
    std::string problem;

    std::unique_ptr<node::Node> node;
    std::unique_ptr<node::Replicator> replicator;
    std::unique_ptr<ReplicationSource> source;
};

EmbeddedFollower::EmbeddedFollower(std::unique_ptr<State> state) : state_{std::move(state)} {}

EmbeddedFollower::~EmbeddedFollower() { stop(); }

Result<std::unique_ptr<EmbeddedFollower>> EmbeddedFollower::open(FollowerSettings settings,
                                                                 Clock& clock, Random& random,
                                                                 node::Options options) {
    auto state = std::make_unique<State>(settings_of(settings), std::move(settings.tell));
    State& s = *state;
    TRY(check(s.settings));
    const SourcePlace place = source_place(s.settings);
    options.read_only = false;
    options.copies = true;
    options.must_be_copy = true;
    options.committed = [&s, then = std::move(options.committed)](const node::Committed& group) {
        s.advanced();
        if (then) then(group);
    };
    TRY(const bool made, make_copy_if_none(s.settings.store, place, options));
    TRY(s.node, node::Node::open(s.settings.store, clock, random, options));
    node::ReplicatorSettings replication;
    replication.node = s.settings.replication.node;
    replication.tell = [&s](std::string_view event, const std::string& detail) {
        s.heard(event, detail);
    };
    s.replicator =
        std::make_unique<node::Replicator>(s.node->replicated(), clock, std::move(replication));
    s.source = std::make_unique<ReplicationSource>(*s.replicator, place, random, s.journal);
    s.node->replicated().on_closed([&s] { s.advanced(); });
    TRY(s.replicator->start());
    s.source->start();
    std::unique_ptr<EmbeddedFollower> follower{new EmbeddedFollower{std::move(state)}};
    if (made) return follower;
    std::unique_lock guard{s.mutex};
    s.changed.wait_for(guard, settings.first_word_max, [&s] { return s.heard_of_source; });
    if (!s.other_log) return follower;
    return Error{Errc::conflict, s.settings.store + " is a copy of another log: " + s.problem};
}

void EmbeddedFollower::stop() {
    State& s = *state_;
    {
        const std::lock_guard guard{s.mutex};
        if (std::exchange(s.stopped, true)) return;
    }
    s.changed.notify_all();
    s.source->stop();
    s.replicator->stop();
    s.node->stop();
}

node::Node& EmbeddedFollower::node() { return *state_->node; }

std::unique_ptr<node::Session> EmbeddedFollower::session() { return state_->node->session(); }

node::ReplicaStatus EmbeddedFollower::status() const { return state_->replicator->status(); }

std::string EmbeddedFollower::problem() const {
    const std::lock_guard guard{state_->mutex};
    return state_->what_is_wrong();
}

Result<void> EmbeddedFollower::wait_for(Revision revision, std::chrono::milliseconds at_most) {
    State& s = *state_;
    const node::ReplicatedStore& store = s.node->replicated();
    std::unique_lock guard{s.mutex};
    if (s.wait(guard, at_most, [&] { return store.applied() >= revision; })) return success();
    return s.not_there("revision " + std::to_string(revision.value) +
                           " is not here yet; the newest is " +
                           std::to_string(store.applied().value),
                       "revision");
}

Result<void> EmbeddedFollower::wait_for(Instant closed, std::chrono::milliseconds at_most) {
    State& s = *state_;
    const node::ReplicatedStore& store = s.node->replicated();
    std::unique_lock guard{s.mutex};
    if (s.wait(guard, at_most, [&] { return store.closed() >= closed; })) return success();
    return s.not_there("not all that was recorded up to " + format_instant(closed) + " is here yet",
                       "at");
}

}  // namespace tenure::server
