#pragma once
// Members that the JSON of several answers has.

#include <string_view>
#include <vector>

#include "api/events.h"
#include "api/json_text.h"
#include "query/answers.h"

namespace tenure::api {

// "revision", "at", "final".
void basis_members(JsonText& json, const query::Basis& basis);
// A mentioned event; left out if there is none.
void event_member(JsonText& json, std::string_view name, const Events& events, Revision revision);
// "through": the memberships between a principal and an assignment.
void through_member(JsonText& json, const std::vector<query::MembershipStep>& steps,
                    const Events& events);

}  // namespace tenure::api
