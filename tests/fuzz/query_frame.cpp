
#include "base/invariant.h"
#include "codec/query_frames.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

constexpr std::size_t checks_max = 64;

// Frames come from a socket into memory of their own.
codec::FrameBytes aligned(Bytes input) { return {input.begin(), input.end()}; }

}  // namespace

void query_frame(Bytes input) {
    const codec::FrameBytes bytes = aligned(input);
    codec::QuestionFrame frame;
    if (const auto decoded = codec::decode_questions(bytes, "contoso", checks_max, frame)) {
        INVARIANT(frame.size <= checks_max);
        codec::FrameBytes written;
        codec::encode_questions(frame, written);
        codec::QuestionFrame again;
        INVARIANT(codec::decode_questions(written, "contoso", checks_max, again).has_value());
        INVARIANT(again.id == frame.id);
        INVARIANT(again.at_least == frame.at_least);
        INVARIANT(again.size == frame.size);
        for (std::size_t i = 0; i < frame.size; ++i) INVARIANT(again.checks[i] == frame.checks[i]);
    } else {
        INVARIANT(!decoded.error().detail.empty());
    }
    if (const auto answers = codec::decode_answers(bytes)) {
        codec::FrameBytes written;
        codec::encode_answers(answers.value(), written);
        const auto again = codec::decode_answers(written);
        INVARIANT(again.has_value());
        INVARIANT(again.value().answers.size() == answers.value().answers.size());
    }
}

}  // namespace tenure::fuzz
