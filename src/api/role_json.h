#pragma once
// Answers about roles as JSON. A role is written as its definition (codec/role_definitions.h).

#include <set>
#include <string>
#include <vector>

#include "api/events.h"
#include "domain/least_roles.h"
#include "domain/role_difference.h"
#include "query/answers.h"

namespace tenure::api {

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

// The events whose who and when an answer needs.
std::set<Revision> mentioned(const query::RoleAnswer& answer);
std::set<Revision> mentioned(const query::RoleHoldersAnswer& answer);
std::set<Revision> mentioned(const query::HeldRolesAnswer& answer);

std::string to_json(const query::RolesAnswer& answer);
std::string to_json(const query::RoleAnswer& answer, const Events& events);
std::string to_json(const query::RoleHoldersAnswer& answer, const Events& events);
std::string to_json(const query::HeldRolesAnswer& answer, const Events& events);
std::string to_json(const RoleComparison& comparison);
std::string to_json(const LeastRolesAnswer& answer);

}  // namespace tenure::api
