#pragma once
// Answers about roles as a person reads them.

#include <string>

#include "api/display.h"
#include "api/event_text.h"
#include "api/role_json.h"
#include "query/answers.h"

namespace tenure::api {

std::string to_text(const query::RolesAnswer& answer, const Paint& paint);
std::string to_text(const query::RoleAnswer& answer, const Events& events, const Paint& paint);
std::string to_text(const query::RoleHoldersAnswer& answer, const Paint& paint);
std::string to_text(const query::HeldRolesAnswer& answer, const Events& events, const Paint& paint);
std::string to_text(const RoleComparison& comparison, const Paint& paint);
std::string to_text(const LeastRolesAnswer& answer, const Paint& paint);

}  // namespace tenure::api
