// Eligible assignments: an offer to hold a role for a while, taken when it is
// needed.

#include <algorithm>

#include "base/text.h"
#include "domain/activation.h"
#include "domain/decide_live.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

Result<void> not_over(const Window& window, Instant now, std::string_view what) {
    if (!window.end || now < *window.end) return success();
    return invalid("data.end", std::string(what) + " would end at " + format_instant(*window.end) +
                                   ", which is not after now, " + format_instant(now) +
                                   "; give a later time or none");
}

std::vector<std::string> ids_of(const std::vector<Assignment>& assignments) {
    std::vector<std::string> ids;
    for (const Assignment& each : assignments) ids.push_back(each.id);
    return ids;
}

}  // namespace

// Its activations will be named after it.
Result<void> LiveCommands::activations_free(std::string_view id, std::string_view field) const {
    const std::string first = activation_id(id, 1);
    if (!state().assignment(tenant(), first)) return success();
    return already_exists(std::string(field), "the id " + quoted(first) +
                                                  " of its first activation is taken by an "
                                                  "assignment; choose another id");
}

Decision LiveCommands::operator()(const CreateEligibility& command) const {
    const Eligibility& wanted = command.eligibility;
    TRY(rules_.eligibility_unused(wanted.id, "data.eligibility"));
    TRY(activations_free(wanted.id, "data.eligibility"));
    TRY(const auto principal, rules_.live_principal(wanted.principal, "data.principal"));
    const PrincipalKind kind = principal.principal.kind;
    if (kind != PrincipalKind::user && kind != PrincipalKind::group)
        return invalid("data.principal", "principal " + quoted(wanted.principal) + " is a " +
                                             std::string(name_of(kind)) +
                                             "; only users and groups can be eligible");
    TRY(const auto role, rules_.live_role(wanted.role, "data.role"));
    TRY(rules_.may_assign(role.role, wanted.scope, "data.scope"));
    TRY(not_over(wanted.window, now_, "the eligibility"));
    return only(EligibilityCreated{wanted});
}

Decision LiveCommands::operator()(const ExtendEligibility& command) const {
    TRY(const auto before, rules_.live_eligibility(command.eligibility, "data.eligibility"));
    TRY(rules_.eligibility_unused(command.as, "data.as"));
    TRY(activations_free(command.as, "data.as"));
    if (const auto live = live_activations(state(), tenant(), before.eligibility.id, now_);
        !live.empty())
        return conflict("data.eligibility", "eligibility " + quoted(command.eligibility) +
                                                " is active (" + quoted_list(ids_of(live)) +
                                                "); extend it when that is over or ended");
    Eligibility extended = before.eligibility;
    extended.id = command.as;
    extended.window.end = command.end;
    TRY(not_over(extended.window, now_, "the eligibility"));
    std::vector<EventBody> events{EligibilityRemoved{command.eligibility},
                                  EligibilityCreated{std::move(extended)}};
    return events;
}

Decision LiveCommands::operator()(const RemoveEligibility& command) const {
    TRY(const auto before, rules_.live_eligibility(command.eligibility, "data.eligibility"));
    std::vector<EventBody> events;
    for (const Assignment& live : live_activations(state(), tenant(), before.eligibility.id, now_))
        events.push_back(EligibilityDeactivated{before.eligibility.id, live.id});
    events.push_back(EligibilityRemoved{command.eligibility});
    return events;
}

Decision LiveCommands::operator()(const ActivateEligibility& command) const {
    TRY(const auto found, rules_.live_eligibility(command.eligibility, "data.eligibility"));
    const Eligibility& offer = found.eligibility;
    if (!offer.window.contains(now_))
        return conflict("data.eligibility",
                        "eligibility " + quoted(offer.id) + " can be activated " +
                            (offer.window.start && now_ < *offer.window.start
                                 ? "from " + format_instant(*offer.window.start) + " on"
                                 : "until " + format_instant(*offer.window.end)) +
                            ", and it is " + format_instant(now_));

    Assignment activation;
    activation.principal = command.principal.empty() ? offer.principal : command.principal;
    TRY(const auto principal, rules_.live_principal(activation.principal, "data.principal"));
    if (principal.principal.kind == PrincipalKind::group)
        return invalid("data.principal", "principal " + quoted(activation.principal) +
                                             " is a group; name the member who activates it");
    if (!is_eligible(state(), tenant(), offer, activation.principal))
        return conflict("data.principal", "principal " + quoted(activation.principal) +
                                              " is not eligible: eligibility " + quoted(offer.id) +
                                              " is of " + quoted(offer.principal));

    activation.scope = command.scope.empty() ? offer.scope : command.scope;
    const auto chain = state().scope_chain(tenant(), activation.scope);
    if (std::ranges::find(chain, canonical_scope(offer.scope)) == chain.end())
        return invalid("data.scope", "scope " + quoted(activation.scope) + " is not at or below " +
                                         quoted(offer.scope) + ", where the eligibility is");

    const ActivationPolicy policy = activation_policy(state(), tenant(), offer.role, offer.scope);
    TRY(const Duration duration, command.duration.empty()
                                     ? Result<Duration>{policy.longest}
                                     : parse_duration(command.duration, "data.duration"));
    if (duration < duration_min || policy.longest < duration)
        return invalid("data.duration", "duration " + quoted(format_duration(duration)) +
                                            " is not between " + format_duration(duration_min) +
                                            " and " + format_duration(policy.longest) +
                                            ", the longest for role " + quoted(offer.role) +
                                            " at " + quoted(offer.scope));

    for (const Assignment& live : live_activations(state(), tenant(), offer.id, now_))
        if (live.principal == activation.principal)
            return conflict("data.eligibility", "eligibility " + quoted(offer.id) +
                                                    " is active already until " +
                                                    format_instant(*live.window.end) +
                                                    "; deactivate it first to activate it anew");
    activation.role = offer.role;
    activation.condition = offer.condition;
    activation.window.start = now_;
    activation.window.end = now_ + duration.us;
    // It ends with what it came from.
    if (offer.window.end)
        activation.window.end = std::min(*activation.window.end, *offer.window.end);
    activation.id = activation_id(offer.id, next_activation(state(), tenant(), offer.id));
    TRY(rules_.assignment_unused(activation.id, "data.eligibility"));
    return only(EligibilityActivated{offer.id, std::move(activation), command.justification});
}

Decision LiveCommands::operator()(const DeactivateEligibility& command) const {
    TRY(const auto offer, rules_.live_eligibility(command.eligibility, "data.eligibility"));
    auto live = live_activations(state(), tenant(), offer.eligibility.id, now_);
    if (!command.principal.empty())
        std::erase_if(live,
                      [&](const Assignment& each) { return each.principal != command.principal; });
    if (live.empty())
        return conflict(
            "data.eligibility",
            "eligibility " + quoted(command.eligibility) + " is not active" +
                (command.principal.empty() ? std::string{} : " for " + quoted(command.principal)));
    if (live.size() > 1)
        return invalid("data.principal", "eligibility " + quoted(command.eligibility) +
                                             " is active for several members; name one");
    const Instant earliest = *live.front().window.start + duration_min.us;
    if (now_ < earliest)
        return conflict("data.eligibility", "activation " + quoted(live.front().id) +
                                                " began less than five minutes ago; "
                                                "it can be ended from " +
                                                format_instant(earliest) + " on");
    return only(EligibilityDeactivated{offer.eligibility.id, live.front().id});
}

}  // namespace tenure::domain
