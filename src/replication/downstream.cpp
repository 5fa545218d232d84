#include "replication/downstream.h"

namespace tenure::replication {

void Downstream::opened(SessionId session) {
    if (core_.halted || peers_.size() >= core_.settings.sessions_max)
        return core_.emit(Close{session, core_.halted ? "stopped" : "too many copies"});
    Peer& peer = peers_[session.value];
    peer.status.session = session;
    peer.heard_ticks = core_.ticks;
}

void Downstream::drop(SessionId session, const std::string& reason) {
    const auto found = peers_.find(session.value);
    const std::string node = found->second.status.member.node;
    peers_.erase(found);
    core_.emit(Close{session, node.empty() ? reason : node + ": " + reason});
}

void Downstream::close_all(const std::string& reason) {
    for (const auto& [session, peer] : peers_) core_.emit(Close{SessionId{session}, reason});
    peers_.clear();
    known_.clear();
}

bool Downstream::may_ask(SessionId session) {
    Peer& peer = peers_.at(session.value);
    if (!peer.status.following) {
        drop(session, "asked before both sides agreed");
        return false;
    }
    peer.heard_ticks = core_.ticks;
    return true;
}

bool Downstream::received(SessionId session, const Message& message) {
    Peer& peer = peers_.at(session.value);
    peer.heard_ticks = core_.ticks;
    if (const auto* said = std::get_if<Hello>(&message))
        hello(peer, *said);
    else if (const auto* ack = std::get_if<Ack>(&message))
        return acknowledged(peer, *ack);
    else
        drop(session, "a message that only a source sends");
    return false;
}

void Downstream::refuse(const Peer& peer, Refused why, const std::string& reason) {
    const SessionId session = peer.status.session;
    core_.send(session, Refusal{why, core_.term});
    drop(session, "refused: " + reason);
}

// A copy has one session: the others are what is left of broken links. Or the directory was copied,
// and both go by one name; then each ends the other's session again and again.
void Downstream::drop_others_of(const Peer& peer) {
    std::vector<SessionId> others;
    for (const auto& [session, other] : peers_)
        if (&other != &peer && other.status.member == peer.status.member)
            others.push_back(SessionId{session});
    for (const SessionId other : others)
        drop(other,
             "the same copy has come again; if that goes on, two directories have one store id: "
             "give one of them another node name");
}

void Downstream::hello(Peer& peer, const Hello& hello) {
    if (peer.welcomed) return drop(peer.status.session, "a second hello");
    peer.status.member = hello.member;
    if (hello.log != core_.settings.log)
        return refuse(peer, Refused::stranger, "it is a copy of another log");
    if (hello.format != core_.settings.format)
        return refuse(peer, Refused::format, "its entries are of another format");
    if (hello.term > core_.term && core_.rules.reject_older_terms)
        return refuse(peer, Refused::term, "it knows a newer term");
    if (!core_.leading && core_.agreed_distance == 0)
        return refuse(peer, Refused::not_ready, "this node follows nobody yet");
    const Revision last = core_.log.last();
    const Revision keep = agreed(core_.log.terms(), last, hello.terms, hello.last);
    // A leader's log says what stands. A relay's may just be behind.
    if (!core_.leading && core_.rules.relays_wait && keep == last && hello.last > last)
        return refuse(peer, Refused::not_ready, "this node is behind it");
    peer.welcomed = true;
    peer.keep = keep;
    core_.send(peer.status.session, Welcome{core_.term, core_.settings.self.node,
                                            core_.leading ? 0 : core_.agreed_distance, keep,
                                            core_.log.root(keep), core_.committed});
}

bool Downstream::acknowledged(Peer& peer, const Ack& ack) {
    PeerStatus& status = peer.status;
    if (!peer.welcomed || ack.term != core_.term || ack.round > round_) {
        drop(status.session, "acknowledged what was not sent");
        return false;
    }
    if (!status.following) {
        if (ack.durable != peer.keep) {
            drop(status.session, "did not keep what it was told to");
            return false;
        }
        // Its disk was put back to an older state: what it counted for is gone.
        if (ack.durable < durable_at(status.member)) {
            drop(status.session, "has lost what it had made durable");
            return false;
        }
        // Not before: one that has lost something ends nobody's session.
        drop_others_of(peer);
        status.following = true;
        status.sent = ack.durable;
    } else if (ack.durable > status.sent || ack.durable < status.durable) {
        drop(status.session, "acknowledged what was not sent");
        return false;
    }
    Known& known = known_of(status.member);
    const bool more = ack.durable > status.durable || ack.round > known.round;
    status.durable = ack.durable;
    status.applied = ack.applied;
    known.round = std::max(known.round, ack.round);
    known.durable = std::max(known.durable, ack.durable);
    known.reserved = std::max(known.reserved, ack.reserved);
    while (!peer.in_flight.empty() && peer.in_flight.front().last <= ack.durable) {
        peer.in_flight_bytes -= peer.in_flight.front().bytes;
        peer.in_flight.pop_front();
    }
    pump(peer);
    return more;
}

void Downstream::pump(Peer& peer) {
    if (!peer.status.following || peer.reading) return;
    if (peer.in_flight_bytes >= core_.settings.window_bytes) return;
    if (peer.status.sent >= core_.log.last()) return;
    peer.reading = true;
    core_.emit(Read{peer.status.session, next(peer.status.sent)});
}

void Downstream::read(SessionId session, const Run& run) {
    const auto found = peers_.find(session.value);
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    peer.reading = false;
    if (run.before.revision != peer.status.sent || run.last <= peer.status.sent)
        return drop(session, "the log was cut while it was read");
    peer.status.sent = run.last;
    const std::uint64_t bytes = run.bytes();
    peer.in_flight.push_back({run.last, bytes});
    peer.in_flight_bytes += bytes;
    core_.send(session, Append{core_.term, run, core_.committed});
    pump(peer);
}

void Downstream::grown() {
    for (auto& [session, peer] : peers_) pump(peer);
}

void Downstream::tick() {
    std::vector<SessionId> silent;
    for (const auto& [session, peer] : peers_)
        if (core_.ticks - peer.heard_ticks > core_.settings.silence_ticks)
            silent.push_back(SessionId{session});
    for (const SessionId session : silent) drop(session, "silent");
    if (core_.ticks % core_.settings.beat_ticks == 0) beat();
}

std::uint64_t Downstream::beat() {
    ++round_;
    // What a relay has heard of closed times may be ahead of what its disk has reserved.
    const Instant closed = core_.rules.time_closes_when_reserved
                               ? std::min(core_.closed, core_.reserved)
                               : core_.closed;
    for (const auto& [session, peer] : peers_)
        if (peer.status.following)
            core_.send(SessionId{session},
                       Beat{core_.term, round_, core_.committed, closed, core_.reserved});
    return round_;
}

const Downstream::Known* Downstream::known(const Member& member) const {
    const auto found = known_.find(member);
    return found == known_.end() ? nullptr : &found->second;
}

// With room for it: a peer may invent a store id for each of its sessions.
Downstream::Known& Downstream::known_of(const Member& member) {
    if (known_.size() >= core_.settings.copies_known_max && !known_.contains(member)) {
        const auto among = [](const std::vector<Member>& set, const Member& copy) {
            return std::ranges::find(set, copy) != set.end();
        };
        const auto served = [&](const Member& copy) {
            return std::ranges::any_of(
                peers_, [&](const auto& each) { return each.second.status.member == copy; });
        };
        std::erase_if(known_, [&](const auto& each) {
            const Member& copy = each.first;
            return !among(core_.settings.members, copy) && !among(core_.settings.joining, copy) &&
                   !served(copy);
        });
    }
    return known_[member];
}

bool Downstream::answered(const Member& member, std::uint64_t round) const {
    const Known* copy = known(member);
    return copy != nullptr && copy->round >= round;
}

Revision Downstream::durable_at(const Member& member) const {
    if (core_.rules.members_are_copies) {
        const Known* copy = known(member);
        return copy == nullptr ? revision_none : copy->durable;
    }
    Revision durable;
    for (const auto& [other, copy] : known_)
        if (other.node == member.node) durable = std::max(durable, copy.durable);
    return durable;
}

Instant Downstream::reserved_at(const Member& member) const {
    const Known* copy = known(member);
    return copy == nullptr ? instant_min : copy->reserved;
}

std::vector<PeerStatus> Downstream::peers() const {
    std::vector<PeerStatus> all;
    for (const auto& [session, peer] : peers_) all.push_back(peer.status);
    return all;
}

}  // namespace tenure::replication
