#pragma once
// Answers about roles as a person reads them.

#include <string>

#include "api/role_json.h"
#include "cli/display.h"
#include "cli/event_text.h"
#include "query/answers.h"

namespace tenure::cli {

using api::LeastRolesAnswer;
using api::RoleComparison;

std::string to_text(const query::RolesAnswer& answer, const Paint& paint);
std::string to_text(const query::RoleAnswer& answer, const Events& events, const Paint& paint);
std::string to_text(const query::RoleHoldersAnswer& answer, const Paint& paint);
std::string to_text(const query::HeldRolesAnswer& answer, const Events& events, const Paint& paint);
std::string to_text(const RoleComparison& comparison, const Paint& paint);
std::string to_text(const LeastRolesAnswer& answer, const Paint& paint);

}  // namespace tenure::cli
