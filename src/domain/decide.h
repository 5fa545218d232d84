#pragma once
// decide: the whole write rule as one pure function. It reads the state through its port and the
// time from its arguments, and answers with the events to append or with a refusal that names the
// field, the value and what would be right. It never changes anything.
//
// Two strictnesses. A live command must obey every rule of the models (docs/MODELS.md).
// An imported one (Command::effective_at present) happened under another system's rules: only what
// the index rests on is checked: ids unique for ever, references exist, groups acyclic, limits,
// order of time.
//
// Who may ask is not decided here.

#include <vector>

#include "base/result.h"
#include "domain/command.h"
#include "domain/event.h"
#include "domain/state.h"

namespace tenure::domain {

// Events of one command, in order. `now` is the recording time the first of them will get.
Result<std::vector<EventBody>> decide(const State& state, const Command& command, Instant now);

// The checks that need no state: form, lengths, required fields. decide() calls it first; readers
// of files call it to name the line.
Result<void> check_form(const Command& command);

}  // namespace tenure::domain
