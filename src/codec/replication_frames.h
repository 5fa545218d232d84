#pragma once
// Frames of tenure.replication.v1 (schema/replication.capnp). Bytes from a peer: sizes, numbers and
// texts are checked, errors say what is wrong. What the entries say is checked by the log.

#include "base/hash.h"
#include "base/result.h"
#include "codec/query_frames.h"
#include "replication/message.h"

namespace tenure::codec {

// Of a frame; larger ones are not read.
inline constexpr std::size_t replication_frame_bytes_max = std::size_t{64} << 20U;
// Of the name of a node.
inline constexpr std::size_t node_name_length_max = 255;

// `bytes` are 8-byte aligned.
Result<replication::Message> decode_message(Bytes bytes);
void encode_message(const replication::Message& message, FrameBytes& to);

}  // namespace tenure::codec
