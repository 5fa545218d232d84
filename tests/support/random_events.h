#pragma once
// Events drawn from a seed: every kind, every combination of optional fields, texts that are hard
// to write down (quotes, control characters, all lengths of UTF-8). They obey the types, not the
// rules of the domain: made for whatever must carry any event faithfully.

#include <cstddef>
#include <string>

#include "base/random.h"
#include "domain/event.h"

namespace tenure::testing {

inline constexpr std::size_t event_kinds = std::variant_size_v<domain::EventBody>;

// `kind` is an index of EventBody.
domain::EventBody random_body(Random& random, std::size_t kind);

// Kind and everything else at random. Revision, term and recorded_at are left out (zero): they are
// not part of an event's body.
domain::Event random_event(Random& random);
domain::Event random_event(Random& random, std::size_t kind);

// A text of valid UTF-8, now and then long.
std::string random_text(Random& random);

// $TENURE_SEED if it is set, else a fixed seed; tests print it when they fail.
std::uint64_t seed_under_test();

}  // namespace tenure::testing
