#include "domain/model.h"

#include "base/invariant.h"

namespace tenure::domain {

std::string_view name_of(Plane plane) {
    switch (plane) {
        case Plane::control:
            return "control";
        case Plane::data:
            return "data";
    }
    INVARIANT(false && "a plane");
}

std::string_view name_of(PrincipalKind kind) {
    switch (kind) {
        case PrincipalKind::user:
            return "user";
        case PrincipalKind::group:
            return "group";
        case PrincipalKind::service_principal:
            return "servicePrincipal";
        case PrincipalKind::managed_identity:
            return "managedIdentity";
    }
    INVARIANT(false && "a kind of principal");
}

std::string_view name_of(UserType type) {
    switch (type) {
        case UserType::member:
            return "member";
        case UserType::guest:
            return "guest";
    }
    INVARIANT(false && "a type of user");
}

std::string_view name_of(Redemption state) {
    switch (state) {
        case Redemption::none:
            return "none";
        case Redemption::pending:
            return "pending";
        case Redemption::accepted:
            return "accepted";
    }
    INVARIANT(false && "a state of redemption");
}

std::string_view name_of(InvitationStatus status) {
    switch (status) {
        case InvitationStatus::pending:
            return "pending";
        case InvitationStatus::accepted:
            return "accepted";
        case InvitationStatus::revoked:
            return "revoked";
        case InvitationStatus::expired:
            return "expired";
    }
    INVARIANT(false && "a status of an invitation");
}

std::optional<PrincipalKind> principal_kind_named(std::string_view name) {
    for (const PrincipalKind kind :
         {PrincipalKind::user, PrincipalKind::group, PrincipalKind::service_principal,
          PrincipalKind::managed_identity})
        if (name_of(kind) == name) return kind;
    return std::nullopt;
}

}  // namespace tenure::domain
