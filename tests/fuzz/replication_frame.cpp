#include "base/invariant.h"
#include "codec/replication_frames.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {

void replication_frame(Bytes input) {
    // Frames come from a socket into memory of their own.
    const codec::FrameBytes bytes{input.begin(), input.end()};
    const auto message = codec::decode_message(bytes);
    if (!message) {
        INVARIANT(!message.error().detail.empty());
        return;
    }
    codec::FrameBytes written;
    codec::encode_message(message.value(), written);
    const auto again = codec::decode_message(written);
    INVARIANT(again.has_value());
    INVARIANT(again.value().index() == message.value().index());
    codec::FrameBytes twice;
    codec::encode_message(again.value(), twice);
    INVARIANT(twice == written);
}

}  // namespace tenure::fuzz
