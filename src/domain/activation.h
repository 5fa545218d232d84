#pragma once
// Activation: how long an eligible role may be held once it is activated, and who has to approve
// in each case. A tenant's policies are one setting, a line for each role and scope:
//
//   role <tab> scope <tab> longest duration <tab> approvers, separated by commas
//
// One line for a role and a scope. It is for eligibilities at that very scope and not inherited.
// Without one an activation lasts at most duration_default and nobody approves.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/duration.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/state.h"

namespace tenure::domain {

inline constexpr std::string_view activation_policies_setting = "activation.policies";

inline constexpr Duration duration_min{5 * minute_us};
inline constexpr Duration duration_default{8 * 60 * minute_us};
inline constexpr Duration duration_max{24 * 60 * minute_us};

struct ActivationPolicy {
    std::string role;   // as written
    std::string scope;  // as written
    Duration longest = duration_default;
    std::vector<std::string> approvers;
};

Result<std::vector<ActivationPolicy>> parse_activation_policies(std::string_view text,
                                                                std::string_view field);

// Before they are kept: in form, and one at most for a role and a scope.
Result<void> check_activation_policies(std::string_view text, std::string_view field);

// The one for this role at this very scope, or the default; of several that were imported, the
// first.
ActivationPolicy activation_policy(const State& state, std::string_view tenant,
                                   std::string_view role, std::string_view scope);

// Whose it is, or a member of that group, directly or through others.
bool is_eligible(const State& state, std::string_view tenant, const Eligibility& eligibility,
                 const std::string& principal);

// Activations of an eligibility are named "<eligibility>/<n>", from 1 without gaps. The first
// number that is not used yet.
std::uint64_t next_activation(const State& state, std::string_view tenant,
                              std::string_view eligibility);
std::string activation_id(std::string_view eligibility, std::uint64_t n);
// Those in force and not over at `now`, newest first; each has a window with both ends.
std::vector<Assignment> live_activations(const State& state, std::string_view tenant,
                                         std::string_view eligibility, Instant now);

// Who leaves a group: `member`, or everybody if that is empty because the group goes away.
struct Leaving {
    std::string group;
    std::string member;
};

// What ends with it: activations, by their eligibility, of those who were eligible only through the
// membership that ends.
std::vector<EligibilityDeactivated> activations_left(const State& state, std::string_view tenant,
                                                     const Leaving& leaving, Instant now);

}  // namespace tenure::domain
