#pragma once
// Worlds drawn from a seed: a valid history of events, and questions about it. Ids come from small
// pools, so that things collide: scopes and roles in many spellings, scopes whose names are
// prefixes of others, groups in diamonds, windows that begin and end at the very instant of an
// event.
//
// Valid means what decide() lets through, live or imported. The rules are kept here once more,
// apart from the domain's, so that neither can hide the other's mistakes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/event.h"
#include "domain/question.h"

namespace tenure::testing {

enum class WorldShape : std::uint8_t {
    mixed,    // a little of everything
    joiners,  // few principals that join and leave many groups, often
    wide,     // principals with very many assignments
};

struct WorldOptions {
    WorldShape shape = WorldShape::mixed;
    std::size_t events = 150;
    // Built-in roles imported with an effective time before what tenants have done since.
    bool late_built_in_roles = false;
};

// Shape and size drawn from the seed too.
WorldOptions random_options(std::uint64_t seed);

std::vector<domain::Event> random_world(std::uint64_t seed, const WorldOptions& options);

// Every instant and every name a question may be about, in the spellings people use.
class QuestionMaker {
public:
    // `events` up to `head` are known; both outlive it.
    QuestionMaker(Random& random, const std::vector<domain::Event>& events);

    // From now on events up to `head` are known and it is `now`.
    void advance(Revision head, Instant now);

    std::string tenant();
    std::string principal(const std::string& tenant);
    std::string action();
    std::string scope();
    std::string role(const std::string& tenant);
    // Of any kind that history() knows; may never have existed.
    std::string object(const std::string& tenant, const std::string& kind);
    domain::AsOf as_of();
    Instant instant();
    domain::CheckQuestion check();
    domain::WhoCanQuestion who_can();
    domain::WhatCanQuestion what_can();

private:
    std::string one_of(const std::vector<std::string>& texts);
    Random& random_;
    const std::vector<domain::Event>& events_;
    std::size_t head_ = 0;
    Instant now_;
};

// One letter in four changes its case.
std::string respelled(Random& random, std::string text);

}  // namespace tenure::testing
