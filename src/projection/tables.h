#pragma once
// Every table of the index: its key, value and owner. docs/FORMAT.md, "Index", shows the bytes.
//
// A *versioned* table's key is an owner (key_words - 1 words) and ~from, so that the newest version
// comes first and "as of revision R" is one seek to (owner, ~R). Its value is [to, payload ...].
// A *plain* table's value is [payload ...]. Every value ends in one checksum word over key and
// value.
//
// Ids are words handed out in event order, so all copies of a log agree on them.

#include <array>
#include <cstdint>

#include "base/ids.h"
#include "storage/environment.h"

namespace tenure::projection {

// Changes whenever rows would come out differently; an index of another version is rebuilt.
inline constexpr std::uint64_t index_version = 3;

namespace table {
inline constexpr storage::Table meta{0};
inline constexpr storage::Table names{1};
inline constexpr storage::Table texts{2};
inline constexpr storage::Table times{3};
inline constexpr storage::Table tenants{4};
inline constexpr storage::Table principals{5};
inline constexpr storage::Table groups_of{6};
inline constexpr storage::Table members_of{7};
inline constexpr storage::Table ancestors_of{8};
inline constexpr storage::Table descendants_of{9};
inline constexpr storage::Table scopes{10};
inline constexpr storage::Table roles{11};
inline constexpr storage::Table role_names{12};
inline constexpr storage::Table assignments{13};
inline constexpr storage::Table grants_of{14};
inline constexpr storage::Table grants_wide{15};
inline constexpr storage::Table grants_at{16};
inline constexpr storage::Table grants_by_role{17};
inline constexpr storage::Table window_edges{18};
inline constexpr storage::Table denies{19};
inline constexpr storage::Table denies_at{20};
inline constexpr storage::Table denies_of{21};
inline constexpr storage::Table eligibilities{22};
inline constexpr storage::Table invitations{23};
inline constexpr storage::Table settings{24};
inline constexpr storage::Table tokens{25};
inline constexpr storage::Table scope_marks{26};
inline constexpr storage::Table eligibilities_of{27};
}  // namespace table

inline constexpr std::array<storage::TableSpec, 28> index_tables{{
    {"meta", 1},   // [MetaKey] -> word
    {"names", 3},  // plain: [tenant, kind, hash] -> {id, length, text} ...
    {"texts", 1},  // plain: [id] -> tenant, kind | length << 8, text as first spelled
    {"times",
     2},  // plain: [tenant, first instant] -> {instant, revision} ...; tenant 0: recorded at
    {"tenants", 2},         // versioned: [tenant] -> flags, display name
    {"principals", 2},      // versioned: [principal] -> flags, Principal
    {"groups_of", 2},       // set: [member] -> {group}
    {"members_of", 3},      // versioned: [group, member] -> nothing
    {"ancestors_of", 2},    // set: [group] -> {group above it, transitive}
    {"descendants_of", 3},  // versioned: [group, group below it, transitive] -> nothing
    {"scopes", 2},          // versioned: [scope] -> created, explicit parent, display name
    {"roles", 2},           // versioned: [role] -> flags, Role
    {"role_names", 2},      // versioned: [role name] -> role
    {"assignments", 2},     // versioned: [assignment] -> see AssignmentRecord
    {"grants_of", 2},       // set: [subject] -> {scope, assignment; role and flags}
    {"grants_wide", 4},     // versioned: [subject, scope, assignment] -> role and flags
    {"grants_at", 4},       // versioned: [scope, subject, assignment] -> role and flags
    {"grants_by_role", 3},  // versioned: [role, assignment] -> nothing
    {"window_edges", 3},    // plain: [tenant, instant, assignment] -> nothing
    {"denies", 2},          // versioned: [deny] -> scope, DenyAssignment
    {"denies_at", 3},       // versioned: [scope, deny] -> nothing
    {"denies_of", 3},       // versioned: [principal, deny] -> nothing
    {"eligibilities", 2},   // versioned: [eligibility] -> flags, Eligibility
    {"invitations", 2},     // versioned: [invitation] -> status, Invitation
    {"settings", 2},        // versioned: [setting name] -> value
    {"tokens", 2},          // versioned: [token] -> flags, Token
    {"scope_marks", 3},  // plain: [tenant, ScopeMark, scope] -> nothing; set once, never taken away
    {"eligibilities_of", 3},  // versioned: [principal, eligibility] -> nothing
}};

enum class MetaKey : std::uint64_t {
    version = 1,
    log_id_high = 2,
    log_id_low = 3,
    applied = 4,      // newest revision folded in
    last_object = 5,  // newest id handed out
};

// Scopes that a check must look at twice: they have, or once had, an explicit parent or a deny
// assignment.
enum class ScopeMark : std::uint64_t { explicit_parent = 1, deny = 2 };

// What an interned text names. Numbers are part of the format.
enum class Kind : std::uint64_t {
    tenant = 1,
    principal = 2,
    scope = 3,
    role = 4,
    assignment = 5,
    deny = 6,
    invitation = 7,
    eligibility = 8,
    token = 9,
    role_name = 10,
    setting = 11,
};

using ObjectId = Id<struct ObjectTag>;  // 0: none

// The tenant of built-in roles and store settings (domain::store_tenant) is the first object of
// every index.
inline constexpr ObjectId store_tenant_id{1};

}  // namespace tenure::projection
