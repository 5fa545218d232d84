#pragma once
// Core: what the two sides of a replica share. Private to this folder.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "replication/effect.h"
#include "replication/log_view.h"
#include "replication/settings.h"

namespace tenure::replication {

struct Core {
    Core(Settings given, const LogView& view, Rules which)
        : settings{std::move(given)},
          rules{which},
          log{view},
          term{settings.term},
          kept_term{settings.term},
          committed{view.committed()},
          reserved{settings.reserved} {}

    Settings settings;
    const Rules rules;
    const LogView& log;
    Term term;       // the newest known
    Term kept_term;  // the newest that is durable here
    Revision committed;
    bool leading = false;
    Revision term_first;  // of the term it leads in
    bool halted = false;
    // Agreed with the source in this term, so that others may copy from here. 1 or more: how far
    // from the leader; 0: not.
    std::uint32_t agreed_distance = 0;
    Instant closed = instant_min;
    Instant reserved;  // durable here
    bool keeping_term = false;
    std::uint64_t ticks = 0;
    std::vector<Effect> effects;

    void emit(Effect effect) { effects.push_back(std::move(effect)); }

    void send(SessionId to, Message message) { emit(Send{to, std::move(message)}); }

    void halt(std::string reason) {
        if (!std::exchange(halted, true)) emit(Halt{std::move(reason)});
    }

    // Nothing is done in a term that could be forgotten.
    bool term_is_kept() const { return kept_term >= term || !rules.keep_terms; }

    void keep_term() {
        if (!term_is_kept() && !std::exchange(keeping_term, true)) emit(KeepTerm{term});
    }

    // Members that are to be are not known yet.
    bool too_few_members() const { return settings.members.size() + 1 < settings.members_min; }

    void commit(Revision to) {
        if (to <= committed) return;
        committed = to;
        emit(Commit{to});
    }
};

}  // namespace tenure::replication
