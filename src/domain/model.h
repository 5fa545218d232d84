#pragma once
// The nouns of access control as plain values. How each document
// that the models follow comes out in them is in docs/MODELS.md; what they come to, in
// docs/ARCHITECTURE.md.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"

namespace tenure::domain {

// Built-in roles and store settings belong to no customer: they live in this tenant.
inline constexpr std::string_view store_tenant = "";
// The actor of commands given with the store's files at hand.
inline constexpr std::string_view system_actor = "system";

enum class Plane : std::uint8_t { control, data };

enum class PrincipalKind : std::uint8_t { user, group, service_principal, managed_identity };
enum class UserType : std::uint8_t { member, guest };
// Of an invited user: pending until the invitation is accepted. Everybody else:
// none.
enum class Redemption : std::uint8_t { none, pending, accepted };

using AttributeValues = std::variant<bool, std::vector<std::int64_t>, std::vector<std::string>>;

struct Attribute {
    std::string name;
    AttributeValues values;
    bool operator==(const Attribute&) const = default;
};

struct Principal {
    std::string id;  // opaque, compared byte for byte
    PrincipalKind kind{};
    UserType user_type{};
    Redemption redemption{};
    std::string display_name;
    std::string email;
    std::vector<Attribute> attributes;
    bool operator==(const Principal&) const = default;
};

struct Condition {
    std::string text;
    std::string version;  // "2.0", or "1.0" in old data
    bool operator==(const Condition&) const = default;
};

// One entry of a role's permission list. Subtraction is within the entry only.
struct PermissionBlock {
    std::vector<std::string> actions;
    std::vector<std::string> not_actions;
    std::vector<std::string> data_actions;
    std::vector<std::string> not_data_actions;
    std::optional<Condition> condition;
    bool operator==(const PermissionBlock&) const = default;
};

struct Role {
    std::string id;  // compared without regard to ASCII case
    std::string name;
    std::string description;
    bool built_in = false;
    std::vector<std::string> assignable_scopes;
    std::vector<PermissionBlock> permissions;
    bool operator==(const Role&) const = default;
};

// In force at t when start <= t < end. No start: from the beginning; no end: for
// ever.
struct Window {
    std::optional<Instant> start;
    std::optional<Instant> end;

    bool contains(Instant t) const { return (!start || *start <= t) && (!end || t < *end); }

    bool always() const { return !start && !end; }

    bool operator==(const Window&) const = default;
};

struct Assignment {
    std::string id;  // unique in the tenant for ever
    std::string principal;
    std::string role;
    std::string scope;
    std::optional<Condition> condition;
    Window window;
    std::string description;
    bool operator==(const Assignment&) const = default;
};

// Wins over assignments. Principal id "*" stands for everybody in the tenant ("All Principals" in
// Azure) and is allowed in `principals` only.
inline constexpr std::string_view all_principals = "*";

struct DenyAssignment {
    std::string id;
    std::string name;
    std::string description;
    std::string scope;
    bool not_below = false;  // doNotApplyToChildScopes
    std::vector<std::string> principals;
    std::vector<std::string> excluded;
    std::vector<PermissionBlock> permissions;
    bool operator==(const DenyAssignment&) const = default;
};

// An offer to hold a role without holding it yet.
struct Eligibility {
    std::string id;
    std::string principal;
    std::string role;
    std::string scope;
    std::optional<Condition> condition;
    Window window;
    bool operator==(const Eligibility&) const = default;
};

struct RoleAtScope {
    std::string role;
    std::string scope;
    bool operator==(const RoleAtScope&) const = default;
};

enum class InvitationStatus : std::uint8_t { pending, accepted, revoked, expired };

struct Invitation {
    std::string id;
    std::string principal;  // created with it, pending
    std::string email;
    std::string name;
    std::vector<RoleAtScope> roles;
    std::optional<Instant> expires_at;
    std::string secret_hash;  // of the single-use secret; empty if none was made
    bool operator==(const Invitation&) const = default;
};

struct Setting {
    std::string name;
    std::string value;
    bool operator==(const Setting&) const = default;
};

// A bearer token of the store: only its hash is ever kept.
struct Token {
    std::string id;
    std::string principal;
    std::string name;
    std::string secret_hash;
    std::vector<std::string> actions;
    std::optional<Instant> expires_at;
    bool operator==(const Token&) const = default;
};

// Names used in JSON, on the command line and in messages.
std::string_view name_of(Plane plane);
std::string_view name_of(PrincipalKind kind);
std::string_view name_of(UserType type);
std::string_view name_of(Redemption state);
std::string_view name_of(InvitationStatus status);
// "user", "group", "servicePrincipal", "managedIdentity".
std::optional<PrincipalKind> principal_kind_named(std::string_view name);

}  // namespace tenure::domain
