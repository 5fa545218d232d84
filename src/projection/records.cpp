#include "projection/records.h"

#include "codec/event_codec.h"
#include "projection/times.h"
#include "storage/damage.h"

namespace tenure::projection {
namespace {

// The rows' checksums held, so bytes that do not decode were written wrongly: a broken invariant of
// our own, which a rebuild mends.
template <class T>
T expect_decoded(Result<T> result, const char* what) {
    if (!result)
        storage::fatal_damage(std::string("index record of ") + what +
                              " cannot be read: " + result.error().detail);
    return std::move(result.value());
}

constexpr std::uint64_t deleted_flag = 1;

constexpr std::uint64_t assignment_revoked = 1;
constexpr std::uint64_t assignment_starts = 2;
constexpr std::uint64_t assignment_ends = 4;
constexpr std::uint64_t assignment_has_text = 8;

}  // namespace

std::uint64_t word_of(const PrincipalFlags& flags) {
    return static_cast<std::uint64_t>(flags.kind) |
           static_cast<std::uint64_t>(flags.user_type) << 8U |
           static_cast<std::uint64_t>(flags.redemption) << 16U |
           std::uint64_t{flags.enabled} << 24U | std::uint64_t{flags.deleted} << 25U;
}

PrincipalFlags principal_flags(std::uint64_t word) {
    return {static_cast<domain::PrincipalKind>(word & 0xFFU),
            static_cast<domain::UserType>(word >> 8U & 0xFFU),
            static_cast<domain::Redemption>(word >> 16U & 0xFFU), (word >> 24U & 1U) != 0,
            (word >> 25U & 1U) != 0};
}

Payload encode_principal_record(const PrincipalFlags& flags, domain::Principal principal) {
    principal.id.clear();  // the names table has it
    Payload payload{word_of(flags)};
    push_bytes(payload, codec::encode_principal(principal));
    return payload;
}

domain::PrincipalState decode_principal_record(Words payload, std::string id) {
    const PrincipalFlags flags = principal_flags(payload[0]);
    domain::PrincipalState state;
    state.principal =
        expect_decoded(codec::decode_principal(as_byte_span(payload.subspan(1))), "a principal");
    state.principal.id = std::move(id);
    state.principal.kind = flags.kind;
    state.principal.user_type = flags.user_type;
    state.principal.redemption = flags.redemption;
    state.enabled = flags.enabled;
    state.deleted = flags.deleted;
    return state;
}

Payload encode_role_record(const domain::Role& role, bool deleted) {
    Payload payload{deleted ? deleted_flag : 0};
    push_bytes(payload, codec::encode_role(role));
    return payload;
}

domain::RoleState decode_role_record(Words payload) {
    return {expect_decoded(codec::decode_role(as_byte_span(payload.subspan(1))), "a role"),
            (payload[0] & deleted_flag) != 0};
}

Payload encode_assignment_record(const AssignmentRecord& record) {
    const bool has_text = record.condition.has_value() || !record.description.empty();
    const std::uint64_t flags =
        (record.revoked ? assignment_revoked : 0) | (record.window.start ? assignment_starts : 0) |
        (record.window.end ? assignment_ends : 0) | (has_text ? assignment_has_text : 0);
    Payload payload{record.principal.value, record.role.value, record.scope.value, flags};
    if (record.window.start) payload.push_back(word_of(*record.window.start));
    if (record.window.end) payload.push_back(word_of(*record.window.end));
    if (has_text) {
        domain::Assignment texts;
        texts.condition = record.condition;
        texts.description = record.description;
        push_bytes(payload, codec::encode_assignment(texts));
    }
    return payload;
}

AssignmentRecord decode_assignment_record(Words payload) {
    AssignmentRecord record{ObjectId{payload[0]},
                            ObjectId{payload[1]},
                            ObjectId{payload[2]},
                            (payload[3] & assignment_revoked) != 0,
                            {},
                            {},
                            {}};
    std::size_t at = 4;
    if ((payload[3] & assignment_starts) != 0) record.window.start = instant_of(payload[at++]);
    if ((payload[3] & assignment_ends) != 0) record.window.end = instant_of(payload[at++]);
    if ((payload[3] & assignment_has_text) != 0) {
        auto texts = expect_decoded(codec::decode_assignment(as_byte_span(payload.subspan(at))),
                                    "an assignment");
        record.condition = std::move(texts.condition);
        record.description = std::move(texts.description);
    }
    return record;
}

Payload encode_deny_record(ObjectId scope, const domain::DenyAssignment& deny, bool deleted) {
    Payload payload{scope.value, deleted ? deleted_flag : 0};
    push_bytes(payload, codec::encode_deny(deny));
    return payload;
}

DenyRecord decode_deny_record(Words payload) {
    return {ObjectId{payload[0]},
            {expect_decoded(codec::decode_deny(as_byte_span(payload.subspan(2))), "a deny"),
             (payload[1] & deleted_flag) != 0}};
}

Payload encode_scope_record(const ScopeRecord& record) {
    Payload payload{record.created ? 1U : 0U, record.parent.value};
    push_text(payload, record.display_name);
    return payload;
}

ScopeRecord decode_scope_record(Words payload) {
    std::size_t at = 2;
    return {payload[0] != 0, ObjectId{payload[1]}, std::string(take_text(payload, at))};
}

Payload encode_invitation_record(const domain::Invitation& invitation,
                                 domain::InvitationStatus status) {
    Payload payload{static_cast<std::uint64_t>(status)};
    push_bytes(payload, codec::encode_invitation(invitation));
    return payload;
}

domain::InvitationState decode_invitation_record(Words payload) {
    return {
        expect_decoded(codec::decode_invitation(as_byte_span(payload.subspan(1))), "an invitation"),
        static_cast<domain::InvitationStatus>(payload[0])};
}

Payload encode_eligibility_record(const domain::Eligibility& eligibility, bool removed) {
    Payload payload{removed ? deleted_flag : 0};
    push_bytes(payload, codec::encode_eligibility(eligibility));
    return payload;
}

domain::EligibilityState decode_eligibility_record(Words payload) {
    return {expect_decoded(codec::decode_eligibility(as_byte_span(payload.subspan(1))),
                           "an eligibility"),
            (payload[0] & deleted_flag) != 0};
}

Payload encode_token_record(const domain::Token& token, bool revoked) {
    Payload payload{revoked ? deleted_flag : 0};
    push_bytes(payload, codec::encode_token(token));
    return payload;
}

domain::TokenState decode_token_record(Words payload) {
    return {expect_decoded(codec::decode_token(as_byte_span(payload.subspan(1))), "a token"),
            (payload[0] & deleted_flag) != 0};
}

Payload encode_tenant_record(const TenantRecord& record) {
    Payload payload{record.open_for_import ? 1U : 0U};
    push_text(payload, record.display_name);
    return payload;
}

TenantRecord decode_tenant_record(Words payload) {
    std::size_t at = 1;
    return {payload[0] != 0, std::string(take_text(payload, at))};
}

}  // namespace tenure::projection
