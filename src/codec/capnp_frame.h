#pragma once
// Frames in Cap'n Proto's standard framing, as messages from a peer come and go. Private to the
// .cpp files of this folder.

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <kj/io.h>

#include <cstdint>
#include <string>

#include "base/hash.h"
#include "base/invariant.h"
#include "base/result.h"
#include "codec/query_frames.h"

namespace tenure::codec {

// Calls read(root) for a message of type Root in `bytes`, which are 8-byte aligned and outlive it.
// Exceptions of KJ end here.
template <class Root, class Read>
Result<void> read_frame(Bytes bytes, Read&& read) {
    constexpr int nesting_max = 12;
    if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
        return invalid(
            "", "a frame is whole words of 8 bytes, " + std::to_string(bytes.size()) + " came");
    INVARIANT(reinterpret_cast<std::uintptr_t>(bytes.data()) % sizeof(capnp::word) == 0);
    const kj::ArrayPtr<const capnp::word> words{reinterpret_cast<const capnp::word*>(bytes.data()),
                                                bytes.size() / sizeof(capnp::word)};
    capnp::ReaderOptions options;
    // Each word a few times (a list counts whenever it is asked for): a frame cannot make us read
    // much more than was sent.
    options.traversalLimitInWords = 4 * words.size() + 1024;
    options.nestingLimit = nesting_max;
    const auto caught = kj::runCatchingExceptions([&] {
        capnp::FlatArrayMessageReader message{words, options};
        read(message.getRoot<Root>());
    });
    KJ_IF_MAYBE (exception, caught) {
        return invalid(
            "", "the frame is not well formed: " + std::string(exception->getDescription().cStr()));
    }
    return success();
}

inline void write_frame(capnp::MessageBuilder& message, FrameBytes& to) {
    const auto segments = message.getSegmentsForOutput();
    to.resize(capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word));
    kj::ArrayOutputStream stream{{reinterpret_cast<kj::byte*>(to.data()), to.size()}};
    capnp::writeMessage(stream, segments);
}

}  // namespace tenure::codec
