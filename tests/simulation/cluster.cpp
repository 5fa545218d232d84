#include "simulation/cluster.h"

#include "base/match.h"

namespace tenure::simulation {

using namespace replication;

namespace {

constexpr std::uint64_t run_entries_max = 3;

}  // namespace

Cluster::Cluster(const World& world) : world_{world}, random_{world.seed}, nodes_(world.nodes) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        nodes_[i].name = std::string(1, static_cast<char>('a' + i));
        nodes_[i].disk.store = {{++store_count_, 1}};
        nodes_[i].clock_us = static_cast<std::int64_t>(below(100));
    }
    record_.set.insert(member(0));
    for (std::size_t i = 0; i < nodes_.size(); ++i) start(i);
    promote(0);
}

Member Cluster::member(std::size_t node) const {
    return {nodes_[node].name, nodes_[node].disk.store};
}

void Cluster::fail(const std::string& what) {
    if (!broken) broken = what;
}

void Cluster::start(std::size_t index) {
    Node& node = nodes_[index];
    Settings settings;
    settings.log = {{7, 7}};
    settings.self = member(index);
    settings.term = node.disk.term;
    settings.reserved = Instant{node.disk.reserved_us};
    settings.mode = world_.mode;
    settings.members = node.members;
    settings.silence_ticks = 8;
    settings.window_bytes = 4 * Run{}.bytes();
    node.replica = std::make_unique<Replica>(settings, node.disk, world_.rules);
    node.upstream.reset();
    node.floor_us = node.disk.reserved_us;
    node.disk.newest_us =
        node.disk.last() == revision_none ? 0 : node.disk.entry(node.disk.last()).recorded_us;
}

// In the newest term, which is this node's.
void Cluster::lead(std::size_t index) {
    Node& node = nodes_[index];
    Revision first;
    for (const TermStart& start : node.disk.terms())
        if (start.term == record_.term) first = start.first;
    node.replica->lead(record_.term, first);
    carry_out(index);
}

void Cluster::crash(std::size_t index) {
    Node& node = nodes_[index];
    if (!node.replica) return;
    node.replica.reset();
    node.asked.clear();
    node.disk.crash(random_);
    for (std::uint64_t r = 1; r <= node.disk.last().value; ++r) check_entry(node, Revision{r});
    for (auto& [id, session] : sessions_) {
        if (session.copy == index) session.copy_open = false;
        if (session.source == index) session.source_open = false;
    }
}

void Cluster::record(Node& node, std::size_t index, std::uint64_t payload) {
    Disk& disk = node.disk;
    disk.newest_us = std::max({node.clock_us, disk.newest_us + 1, node.floor_us + 1});
    const Stored entry{node.replica->term(), disk.newest_us, payload};
    disk.later([&disk, entry] { return disk.add(entry); },
               [this, &node, index](bool kept) {
                   if (!kept) {
                       ++writes_refused;
                       return;
                   }
                   check_entry(node, node.disk.last());
                   node.replica->appended();
                   carry_out(index);
               });
}

void Cluster::write(std::size_t index) {
    Node& node = nodes_[index];
    if (!node.replica || !node.replica->leading()) return;
    record(node, index, ++payloads_);
}

void Cluster::ask(std::size_t index) {
    Node& node = nodes_[index];
    if (!node.replica || node.replica->halted()) return;
    node.asked[++asks_] = committed_.size();
    node.replica->ask(asks_);
    carry_out(index);
}

void Cluster::check_answer(Node& node, const Answer& answer) {
    const auto found = node.asked.find(answer.id);
    if (found == node.asked.end()) return fail(node.name + " answers what nobody asked");
    if (answer.known) {
        ++answers;
        if (world_.mode == Mode::sync && answer.revision.value < found->second)
            fail(node.name + " calls revision " + std::to_string(answer.revision.value) +
                 " the newest when " + std::to_string(found->second) + " was committed");
    }
    node.asked.erase(found);
}

void Cluster::connect(std::size_t index, std::size_t source) {
    Node& node = nodes_[index];
    if (source == index || !node.replica || !nodes_[source].replica || node.upstream ||
        node.replica->leading() || node.replica->halted())
        return;
    const SessionId id{++session_count_};
    Session& session = sessions_[id.value];
    session.copy = index;
    session.source = source;
    node.upstream = id;
    nodes_[source].replica->opened_downstream(id);
    carry_out(source);
    node.replica->opened_upstream(id);
    carry_out(index);
}

// One end learns that the session is over.
void Cluster::end_at(std::uint64_t id, bool copy) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    bool& open = copy ? session.copy_open : session.source_open;
    const std::size_t index = copy ? session.copy : session.source;
    if (!std::exchange(open, false)) return;
    Node& node = nodes_[index];
    if (copy && node.upstream == SessionId{id}) node.upstream.reset();
    if (!node.replica) return;
    node.replica->ended(SessionId{id});
    carry_out(index);
}

void Cluster::deliver(std::uint64_t id, bool to_copy) {
    Session& session = sessions_.at(id);
    auto& queue = to_copy ? session.to_copy : session.to_source;
    if (queue.empty()) return;
    Message message = std::move(queue.front());
    queue.pop_front();
    const std::size_t to = to_copy ? session.copy : session.source;
    const std::size_t from = to_copy ? session.source : session.copy;
    if (silent_.contains({from, to})) return;
    if (!(to_copy ? session.copy_open : session.source_open) || !nodes_[to].replica) return;
    // What no honest connection does; it must be noticed.
    if (faults_ && below(200) == 0) queue.push_front(message);
    if (faults_ && below(200) == 0 && !queue.empty()) std::swap(message, queue.front());
    nodes_[to].replica->received(SessionId{id}, message);
    carry_out(to);
}

void Cluster::carry_out(std::size_t index) {
    Node& node = nodes_[index];
    for (;;) {
        const std::vector<Effect> effects = node.replica->take_effects();
        if (effects.empty()) return;
        for (const Effect& effect : effects) carry_out_one(index, effect);
    }
}

void Cluster::carry_out_one(std::size_t index, const Effect& effect) {
    Node& node = nodes_[index];
    Disk& disk = node.disk;
    const auto send = [&](const Send& e) {
        const auto found = sessions_.find(e.session.value);
        if (found == sessions_.end()) return;
        (found->second.copy == index ? found->second.to_source : found->second.to_copy)
            .push_back(e.message);
    };
    const auto close = [&](const Close& e) {
        const auto found = sessions_.find(e.session.value);
        if (found == sessions_.end()) return;
        const bool copy = found->second.copy == index;
        (copy ? found->second.copy_open : found->second.source_open) = false;
        if (copy && node.upstream == e.session) node.upstream.reset();
        node.replica->ended(e.session);
    };
    const auto keep_term = [&](const KeepTerm& e) {
        disk.later(
            [&disk, e] {
                if (disk.full) return false;
                disk.term = std::max(disk.term, e.term);
                return true;
            },
            [this, &node, index, e](bool kept) {
                if (kept)
                    node.replica->term_kept(e.term);
                else
                    node.replica->term_not_kept();
                carry_out(index);
            });
    };
    const auto write_run = [&](const Write& e) {
        disk.later(
            [&disk, e] {
                if (end_of(disk) != e.run.before || disk.full) return false;
                for (const Stored& entry : Disk::entries_of(e.run)) disk.add(entry);
                if (disk.root(e.run.last) == e.run.root) return true;
                disk.cut(e.run.before.revision);
                return false;
            },
            [this, &node, index, e](bool kept) {
                if (!kept) {
                    node.replica->write_failed();
                } else {
                    for (Revision r = next(e.run.before.revision); r <= e.run.last; r = next(r))
                        check_entry(node, r);
                    node.disk.newest_us = node.disk.entry(e.run.last).recorded_us;
                    node.replica->written();
                }
                carry_out(index);
            });
    };
    const auto cut = [&](const Cut& e) {
        ++cuts;
        if (e.to < disk.committed_) fail(node.name + " cuts below what is committed there");
        disk.later(
            [&disk, e] {
                if (disk.full) return false;
                disk.cut(e.to);
                return true;
            },
            [this, &node, index](bool done) {
                if (done)
                    node.replica->cut();
                else
                    node.replica->cut_failed();
                carry_out(index);
            });
    };
    const auto read = [&](const Read& e) {
        node.replica->read(e.session, disk.run(e.from, 1 + below(run_entries_max)));
    };
    const auto commit = [&](const Commit& e) { check_commit(node, e.to); };
    const auto reserve = [&](const Reserve& e) {
        disk.later(
            [&disk, e] {
                disk.reserved_us = std::max(disk.reserved_us, e.until.us);
                return true;
            },
            [this, &node, index, e](bool) {
                node.replica->reserved(e.until);
                carry_out(index);
            });
    };
    const auto answer = [&](const Answer& e) { check_answer(node, e); };
    const auto close_time = [&](const CloseTime& e) { check_closed(node, e.until); };
    const auto halt = [&](const Halt& e) {
        if (world_.mode == Mode::sync) fail(node.name + " stops: " + e.reason);
    };
    std::visit(match{send, close, keep_term, write_run, cut, read, commit, reserve, close_time,
                     answer, halt, [](const StepDown&) {}},
               effect);
}

void Cluster::check_entry(const Node& node, Revision revision) {
    const std::uint64_t chain = node.disk.chain(revision);
    const auto [known, fresh] =
        seen_.try_emplace({node.disk.entry(revision).term.value, revision.value}, chain);
    if (!fresh && known->second != chain)
        fail(node.name + " has another past than others at revision " +
             std::to_string(revision.value));
}

void Cluster::check_commit(Node& node, Revision to) {
    if (to < node.disk.committed_) fail(node.name + " takes a commit back");
    if (to > node.disk.last()) return fail(node.name + " commits what it does not have");
    if (world_.mode == Mode::sync) {
        for (std::uint64_t r = node.disk.committed_.value + 1; r <= to.value; ++r) {
            const Committed here{node.disk.chain(Revision{r}),
                                 node.disk.entry(Revision{r}).recorded_us};
            if (r <= committed_.size()) {
                if (committed_[r - 1].chain != here.chain)
                    fail(node.name + " commits something else at revision " + std::to_string(r));
                continue;
            }
            if (here.recorded_us <= closed_us_)
                fail("revision " + std::to_string(r) + " is recorded in a time that was closed");
            committed_.push_back(here);
            ++commits;
        }
    }
    node.disk.committed_ = to;
}

void Cluster::check_closed(const Node& node, Instant until) {
    if (world_.mode != Mode::sync) return;
    const std::uint64_t have = node.disk.committed_.value;
    if (have < committed_.size() && committed_[have].recorded_us <= until.us)
        fail(node.name + " closes a time without having all of it");
    closed_us_ = std::max(closed_us_, until.us);
}

void Cluster::tick(std::size_t index) {
    Node& node = nodes_[index];
    if (!node.replica) return;
    if (node.replica->leading()) {
        const Revision committed = node.replica->committed();
        std::int64_t until = node.clock_us;
        if (committed < node.disk.last())
            until = std::min(until, node.disk.entry(next(committed)).recorded_us - 1);
        else if (!node.disk.idle())
            until = std::min(until, node.floor_us);
        node.floor_us = std::max(node.floor_us, until);
        node.replica->close_time(Instant{until}, Instant{node.disk.reserved_us});
        if (node.disk.reserved_us < node.clock_us + 20) {
            Disk& disk = node.disk;
            const std::int64_t bound = node.clock_us + 60;
            disk.later(
                [&disk, bound] {
                    disk.reserved_us = std::max(disk.reserved_us, bound);
                    return true;
                },
                [](bool) {});
        }
    }
    node.replica->tick();
    carry_out(index);
    if (node.replica->leading() || node.upstream) return;
    if (!node.disk.idle()) return;  // a leader's own entries of before
    const bool to_leader = !faults_ || below(2) == 0;
    connect(index, to_leader ? record_.leader : below(nodes_.size()));
}

void Cluster::promote(std::size_t index) {
    Node& node = nodes_[index];
    if (!node.replica || node.replica->halted() || !node.disk.idle() || node.disk.full) return;
    const bool newest = node.disk.last() != revision_none && end_of(node.disk).term == record_.term;
    if (record_.term != Term{} && world_.promote_only_the_newest && !newest) return;
    const auto& set = record_.set;
    const bool of_the_set = world_.rules.members_are_copies
                                ? set.contains(member(index))
                                : std::any_of(set.begin(), set.end(),
                                              [&](const Member& m) { return m.node == node.name; });
    if (!of_the_set) return;
    if (world_.mode == Mode::sync && node.disk.last().value < committed_.size())
        fail(node.name + " is made the leader without what is committed");
    ++promotions;
    record_ = {Term{record_.term.value + 1}, index, {member(index)}};
    // As a program that is started again with another configuration.
    crash(index);
    node.members.clear();
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (i != index && below(2) == 0) node.members.push_back(member(i));
    for (const Member& each : node.members) record_.set.insert(each);
    node.disk.term = record_.term;
    start(index);
    const std::int64_t recorded =
        std::max({node.clock_us, node.disk.newest_us + 1, node.floor_us + 1});
    node.disk.newest_us = recorded;
    node.disk.add({record_.term, recorded, ++payloads_});
    check_entry(node, node.disk.last());
    lead(index);
}

// First write down who may be made the leader, where that becomes less.
void Cluster::change_members() {
    if (world_.mode == Mode::async) return;
    Node& node = nodes_[record_.leader];
    if (!node.replica || !node.replica->leading() || node.replica->term() != record_.term) return;
    std::vector<Member> members;
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (i != record_.leader && (faults_ ? below(2) == 0 : nodes_[i].replica != nullptr) &&
            (faults_ || record_.set.contains(member(i))))
            members.push_back(member(i));
    std::set<Member> wanted{members.begin(), members.end()};
    wanted.insert(member(record_.leader));
    std::set<Member> both;
    for (const Member& each : record_.set)
        if (wanted.contains(each)) both.insert(each);
    const std::set<Member> before = std::exchange(record_.set, both);
    if (node.replica->change_members(members, 1)) {
        record_.set = wanted;
        node.members = members;
    } else {
        record_.set = before;
        node.replica->wait_also_for(members);
    }
    carry_out(record_.leader);
}

void Cluster::fault() {
    const std::size_t index = below(nodes_.size());
    Node& node = nodes_[index];
    switch (below(10)) {
        case 0:
            return crash(index);
        case 1:
        case 2:
            if (node.replica) return;
            start(index);
            if (record_.leader == index && node.disk.term == record_.term) lead(index);
            return;
        case 3: {  // a copy is lost; never the leader's
            if (record_.leader == index) return;
            crash(index);
            node.disk.wipe();
            node.disk.store = {{++store_count_, 1}};
            node.members.clear();
            return;
        }
        case 4:
            silent_.insert({index, below(nodes_.size())});
            return;
        case 5:
            silent_.clear();
            return;
        case 6:
            node.clock_us += static_cast<std::int64_t>(below(400)) - 200;
            return;
        case 7:
            return promote(index);
        case 8:
            return change_members();
        case 9:
            node.disk.full = !node.disk.full;
            return;
    }
}

void Cluster::step() {
    now_us_ += 1;
    for (Node& node : nodes_) node.clock_us += 1;
    const std::size_t index = below(nodes_.size());
    switch (below(8)) {
        case 0:
            if (faults_ && below(3) == 0) fault();
            break;
        case 1:
            if (below(4) == 0) ask(index);
            write(faults_ && below(4) == 0 ? index : record_.leader);
            break;
        case 2:
            tick(index);
            break;
        case 3:
        case 4:
            if (nodes_[index].replica) nodes_[index].disk.complete_one();
            break;
        default: {
            if (sessions_.empty()) break;
            auto place = sessions_.begin();
            std::advance(place, static_cast<std::ptrdiff_t>(below(sessions_.size())));
            const std::uint64_t id = place->first;
            const Session& session = place->second;
            if (!session.copy_open && !session.source_open) {
                sessions_.erase(place);
            } else if (!session.copy_open && session.to_source.empty()) {
                end_at(id, false);
            } else if (!session.source_open && session.to_copy.empty()) {
                end_at(id, true);
            } else if (faults_ && below(60) == 0) {
                end_at(id, below(2) == 0);
            } else {
                deliver(id, below(2) == 0);
            }
        }
    }
}

void Cluster::run() {
    for (std::uint64_t i = 0; i < world_.steps && !broken; ++i) step();
}

void Cluster::settle() {
    faults_ = false;
    silent_.clear();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        nodes_[i].disk.full = false;
        // Who still leads in an old term is told to stop.
        if (record_.leader != i) crash(i);
        if (nodes_[i].replica) continue;
        start(i);
        if (record_.leader == i && nodes_[i].disk.term == record_.term) lead(i);
    }
    change_members();  // without copies that are no more
    const Node& leader = nodes_[record_.leader];
    if (!leader.replica->leading()) return fail("nobody leads");
    for (int round = 0; round < 400 && !broken; ++round) {
        for (int i = 0; i < 20; ++i) step();
        for (std::size_t n = 0; n < nodes_.size(); ++n) {
            tick(n);
            while (!nodes_[n].disk.idle()) nodes_[n].disk.complete_one();
        }
        for (int sweep = 0; sweep < 8; ++sweep) {
            std::vector<std::uint64_t> ids;
            for (const auto& [id, session] : sessions_) ids.push_back(id);
            for (const std::uint64_t id : ids) {
                deliver(id, true);
                deliver(id, false);
            }
        }
    }
    write(record_.leader);
    const auto all_equal = [&] {
        for (const Node& node : nodes_) {
            if (node.replica->halted()) continue;
            if (node.disk.last() != leader.disk.last() ||
                node.replica->committed() != leader.disk.last())
                return false;
        }
        return true;
    };
    for (int round = 0; round < 200 && !broken; ++round) {
        for (std::size_t n = 0; n < nodes_.size(); ++n) {
            while (!nodes_[n].disk.idle()) nodes_[n].disk.complete_one();
            tick(n);
        }
        std::vector<std::uint64_t> ids;
        for (const auto& [id, session] : sessions_) ids.push_back(id);
        for (const std::uint64_t id : ids) {
            for (int i = 0; i < 6; ++i) {
                deliver(id, true);
                deliver(id, false);
            }
            const Session& session = sessions_.at(id);
            if (!session.copy_open) end_at(id, false);
            if (!session.source_open) end_at(id, true);
        }
        if (all_equal()) return;
    }
    std::string ends;
    for (const Node& node : nodes_)
        ends += ' ' + node.name + ':' + std::to_string(node.replica->committed().value) + '/' +
                std::to_string(node.disk.last().value) + "@" +
                std::to_string(node.disk.term.value) + (node.replica->leading() ? "*" : "") +
                (node.upstream ? "" : "-");
    fail("not all copies have come to the same end:" + ends);
}

}  // namespace tenure::simulation
