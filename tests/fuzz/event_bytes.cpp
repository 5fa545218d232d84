#include <cstdint>
#include <cstring>
#include <vector>

#include "base/invariant.h"
#include "codec/event_codec.h"
#include "fuzz/round_trips.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

template <class Decode, class Encode>
void require_stable(Bytes bytes, Decode decode, Encode encode) {
    const auto value = decode(bytes);
    if (!value) {
        INVARIANT(!value.error().detail.empty());
        return;
    }
    const codec::Buffer again = encode(value.value());
    const auto second = decode(again);
    INVARIANT(second.has_value());
    INVARIANT(second.value() == value.value());
    INVARIANT(encode(second.value()) == again);
}

}  // namespace

void event_bytes(Bytes input) {
    // decode_* need aligned bytes, which a fuzzer's need not be.
    std::vector<std::uint64_t> words(input.size() / 8 + 1);
    if (!input.empty()) std::memcpy(words.data(), input.data(), input.size());
    const Bytes bytes = std::as_bytes(std::span{words}).first(input.size());

    if (const auto event = codec::decode_event(bytes)) require_round_trips(event.value());
    require_stable(bytes, codec::decode_event, codec::encode_event);
    require_stable(bytes, codec::decode_principal, codec::encode_principal);
    require_stable(bytes, codec::decode_role, codec::encode_role);
    require_stable(bytes, codec::decode_assignment, codec::encode_assignment);
    require_stable(bytes, codec::decode_deny, codec::encode_deny);
    require_stable(bytes, codec::decode_eligibility, codec::encode_eligibility);
    require_stable(bytes, codec::decode_invitation, codec::encode_invitation);
    require_stable(bytes, codec::decode_token, codec::encode_token);
}

}  // namespace tenure::fuzz
