#pragma once
// Records: the payloads of the versioned tables as values. Each has one writer (fold.cpp) and is
// read through these functions only.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/model.h"
#include "domain/state.h"
#include "projection/rows.h"
#include "projection/tables.h"

namespace tenure::projection {

// What a check needs to know of a principal: one word.
struct PrincipalFlags {
    domain::PrincipalKind kind{};
    domain::UserType user_type{};
    domain::Redemption redemption{};
    bool enabled = true;
    bool deleted = false;

    // May hold access at all.
    bool active() const { return enabled && !deleted && redemption != domain::Redemption::pending; }
};

std::uint64_t word_of(const PrincipalFlags& flags);
PrincipalFlags principal_flags(std::uint64_t word);

// Role word of a grant: the role's id and what a check must look at before it trusts the grant.
inline constexpr std::uint64_t grant_conditional = std::uint64_t{1} << 63U;
inline constexpr std::uint64_t grant_windowed = std::uint64_t{1} << 62U;
inline constexpr std::uint64_t grant_role_mask = (std::uint64_t{1} << 56U) - 1;

struct AssignmentRecord {
    ObjectId principal;
    ObjectId role;
    ObjectId scope;
    bool revoked = false;
    domain::Window window;
    std::optional<domain::Condition> condition;
    std::string description;

    std::uint64_t role_word() const {
        return role.value | (condition ? grant_conditional : 0) |
               (window.always() ? 0 : grant_windowed);
    }
};

using Payload = std::vector<std::uint64_t>;

Payload encode_principal_record(const PrincipalFlags& flags, domain::Principal principal);
domain::PrincipalState decode_principal_record(Words payload, std::string id);

Payload encode_role_record(const domain::Role& role, bool deleted);
domain::RoleState decode_role_record(Words payload);

Payload encode_assignment_record(const AssignmentRecord& record);
AssignmentRecord decode_assignment_record(Words payload);

struct DenyRecord {
    ObjectId scope;
    domain::DenyState state;
};

Payload encode_deny_record(ObjectId scope, const domain::DenyAssignment& deny, bool deleted);
DenyRecord decode_deny_record(Words payload);

struct ScopeRecord {
    bool created = false;
    ObjectId parent;
    std::string display_name;
};

Payload encode_scope_record(const ScopeRecord& record);
ScopeRecord decode_scope_record(Words payload);

Payload encode_invitation_record(const domain::Invitation& invitation,
                                 domain::InvitationStatus status);
domain::InvitationState decode_invitation_record(Words payload);

Payload encode_eligibility_record(const domain::Eligibility& eligibility, bool removed);
domain::EligibilityState decode_eligibility_record(Words payload);

Payload encode_token_record(const domain::Token& token, bool revoked);
domain::TokenState decode_token_record(Words payload);

struct TenantRecord {
    bool open_for_import = false;
    std::string display_name;
};

Payload encode_tenant_record(const TenantRecord& record);
TenantRecord decode_tenant_record(Words payload);

}  // namespace tenure::projection
