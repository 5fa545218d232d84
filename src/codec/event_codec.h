#pragma once
// Domain values <-> Cap'n Proto bytes (schema/event.capnp). The bytes are single-segment, unpacked,
// whole 8-byte words, and canonical in the sense that one value always gives the same bytes.
//
// decode_* accept bytes from anywhere: sizes, pointers, enumerators and texts are checked, and the
// error says what is wrong. They need 8-byte aligned input (INVARIANT). Cap'n Proto exceptions do
// not leave this layer.

#include <cstddef>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/model.h"

namespace tenure::codec {

using Buffer = std::vector<std::byte>;

// The body of a log entry: everything of an Event except revision, term and recorded_at.
Buffer encode_event(const domain::Event& event);
Result<domain::Event> decode_event(Bytes body);

// Values of index tables.
Buffer encode_principal(const domain::Principal& value);
Buffer encode_role(const domain::Role& value);
Buffer encode_assignment(const domain::Assignment& value);
Buffer encode_deny(const domain::DenyAssignment& value);
Buffer encode_eligibility(const domain::Eligibility& value);
Buffer encode_invitation(const domain::Invitation& value);
Buffer encode_token(const domain::Token& value);
Result<domain::Principal> decode_principal(Bytes bytes);
Result<domain::Role> decode_role(Bytes bytes);
Result<domain::Assignment> decode_assignment(Bytes bytes);
Result<domain::DenyAssignment> decode_deny(Bytes bytes);
Result<domain::Eligibility> decode_eligibility(Bytes bytes);
Result<domain::Invitation> decode_invitation(Bytes bytes);
Result<domain::Token> decode_token(Bytes bytes);

}  // namespace tenure::codec
