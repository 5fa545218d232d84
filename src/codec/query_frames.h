#pragma once
// Frames of tenure.query.v1 (schema/query.capnp). Bytes from a peer: sizes, pointers, texts and
// instants are checked, errors say what is wrong, nothing is allocated for what is refused.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "domain/question.h"

namespace tenure::codec {

struct QuestionFrame {
    std::uint64_t id = 0;
    std::optional<Revision> at_least;
    // The first `size` are of this frame; the rest is room kept from frames before.
    std::vector<domain::CheckQuestion> checks;
    std::size_t size = 0;
};

struct FrameAnswer {
    enum class Decision : std::uint8_t { none, deny, allow } decision{};
    bool final = false;
    Revision revision;
    std::optional<Instant> clock;
    std::optional<Error> problem;  // of none
};

struct AnswerFrame {
    std::uint64_t id = 0;
    std::optional<Error> problem;  // of the frame as a whole
    std::vector<FrameAnswer> answers;
};

using FrameBytes = std::vector<std::byte>;

// Into `to`, whose memory is used again. `bytes` are 8-byte aligned. limit_exceeded: too many
// checks; then the id is set.
Result<void> decode_questions(Bytes bytes, std::string_view tenant, std::size_t checks_max,
                              QuestionFrame& to);
void encode_questions(const QuestionFrame& frame, FrameBytes& to);

Result<AnswerFrame> decode_answers(Bytes bytes);
void encode_answers(const AnswerFrame& frame, FrameBytes& to);

}  // namespace tenure::codec
