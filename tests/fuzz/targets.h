#pragma once
// What is fuzzed: one function per decoder of bytes from outside. Each takes any bytes, and aborts
// (INVARIANT) when something that must hold for every input does not.
//
// libFuzzer programs run them on inputs it makes up (libfuzzer_entry.cpp); fuzz_corpus_replay runs
// them on everything in corpus/ in every ordinary build.

#include <array>
#include <string_view>

#include "base/hash.h"

namespace tenure::fuzz {

// Bodies of events and values of the index: what decodes, encodes and decodes as itself.
void event_bytes(Bytes input);
// Lines of commands and of history: what parses is stable, storable, and its events read back.
void import_line(Bytes input);
// Lines of questions: what parses can be written and read as the same question.
void ask_line(Bytes input);
// Files of role definitions: what is read comes back the same from what is written.
void role_definitions(Bytes input);
// Two scopes, one a line: forms are stable, and being below agrees with the chain of parents.
void scope(Bytes input);
// A pattern, a pattern that subtracts, an action, one a line: matching agrees with a naive matcher.
void action_pattern(Bytes input);
// A value, an action, then a condition: what parses has one usual spelling that means the same, and
// its truth follows from its parts; what does not is refused with the place.
void condition(Bytes input);
// The header of a token, then its claims: only what keeps the rules is accepted, well signed.
void bearer_token(Bytes input);
// A JWK Set: what is read can be used, and is the same when it is read again.
void key_set(Bytes input);

// A frame of tenure.query.v1, as questions and as answers: what decodes, encodes as the same.
void query_frame(Bytes input);
// A frame of tenure.replication.v1: what decodes, encodes as the same.
void replication_frame(Bytes input);

struct Target {
    std::string_view name;  // also of its folder in corpus/
    void (*run)(Bytes input);
};

inline constexpr std::array targets{Target{"event_bytes", event_bytes},
                                    Target{"import_line", import_line},
                                    Target{"ask_line", ask_line},
                                    Target{"role_definitions", role_definitions},
                                    Target{"scope", scope},
                                    Target{"action_pattern", action_pattern},
                                    Target{"condition", condition},
                                    Target{"bearer_token", bearer_token},
                                    Target{"key_set", key_set},
                                    Target{"query_frame", query_frame},
                                    Target{"replication_frame", replication_frame}};

inline std::string_view text_of(Bytes input) {
    return {reinterpret_cast<const char*>(input.data()), input.size()};
}

// Takes the text up to the next newline off the front of `text`.
inline std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    return line;
}

}  // namespace tenure::fuzz
