#pragma once
// Answers about roles as a person reads them.

#include <string>
#include <vector>

#include "cli/display.h"
#include "cli/event_text.h"
#include "domain/least_roles.h"
#include "domain/role_difference.h"
#include "query/answers.h"

namespace tenure::cli {

// Two roles, or two versions of one, and what they differ in.
struct RoleComparison {
    query::RoleAnswer from;
    query::RoleAnswer to;
    domain::RoleDifference difference;
    std::size_t operations = 0;  // that were compared by
};

// What would be enough for some operations. Without a store there is no basis.
struct LeastRolesAnswer {
    std::vector<domain::Role> roles;  // that were chosen from
    std::vector<domain::Operation> needed;
    std::string scope;  // where they must be assignable; may be empty
    domain::LeastRoles least;
    std::optional<query::Basis> basis;
};

std::string to_text(const query::RolesAnswer& answer, const Paint& paint);
std::string to_text(const query::RoleAnswer& answer, const Events& events, const Paint& paint);
std::string to_text(const query::RoleHoldersAnswer& answer, const Paint& paint);
std::string to_text(const query::HeldRolesAnswer& answer, const Events& events, const Paint& paint);
std::string to_text(const RoleComparison& comparison, const Paint& paint);
std::string to_text(const LeastRolesAnswer& answer, const Paint& paint);

}  // namespace tenure::cli
