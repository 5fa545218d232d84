#pragma once
// Answers about roles as JSON. A role is written as its definition (codec/role_definitions.h).

#include <set>
#include <string>

#include "cli/role_text.h"

namespace tenure::cli {

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

}  // namespace tenure::cli
