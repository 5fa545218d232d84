#include "domain/activation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

// Cuts the text up to the next `end` off `rest`.
std::string_view cut(std::string_view& rest, char end) {
    const std::size_t at = rest.find(end);
    const std::string_view part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return part;
}

}  // namespace

Result<std::vector<ActivationPolicy>> parse_activation_policies(std::string_view text,
                                                                std::string_view field) {
    std::vector<ActivationPolicy> policies;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = cut(text, '\n');
        if (line.empty()) continue;
        const auto at_line = [&](Error error) {
            error.detail = "policy " + std::to_string(number) + ": " + error.detail;
            return error;
        };
        ActivationPolicy policy;
        policy.role = cut(line, '\t');
        policy.scope = cut(line, '\t');
        const std::string_view longest = cut(line, '\t');
        if (policy.role.empty() || policy.scope.empty() || longest.empty())
            return at_line(invalid(std::string(field),
                                   "role, scope and the longest duration are expected, with tabs "
                                   "between them, and approvers if there are any"));
        if (auto scope = parse_scope(policy.scope, field); !scope)
            return at_line(std::move(scope.error()));
        auto duration = parse_duration(longest, field);
        if (!duration) return at_line(std::move(duration.error()));
        if (duration.value() < duration_min || duration_max < duration.value())
            return at_line(invalid(std::string(field), "duration " + quoted(longest) +
                                                           " is not between " +
                                                           format_duration(duration_min) + " and " +
                                                           format_duration(duration_max)));
        policy.longest = duration.value();
        std::string_view approvers = cut(line, '\t');
        while (!approvers.empty()) {
            std::string_view approver = cut(approvers, ',');
            while (approver.starts_with(' ')) approver.remove_prefix(1);
            while (approver.ends_with(' ')) approver.remove_suffix(1);
            if (!approver.empty()) policy.approvers.emplace_back(approver);
        }
        if (!line.empty())
            return at_line(invalid(std::string(field),
                                   quoted(line) + " is one field too many after the approvers"));
        policies.push_back(std::move(policy));
    }
    return policies;
}

Result<void> check_activation_policies(std::string_view text, std::string_view field) {
    TRY(const auto policies, parse_activation_policies(text, field));
    std::set<std::pair<std::string, std::string>> seen;
    for (const ActivationPolicy& policy : policies)
        if (!seen.emplace(folded(policy.role), canonical_scope(policy.scope)).second)
            return invalid(std::string(field), "role " + quoted(policy.role) + " at " +
                                                   quoted(policy.scope) +
                                                   " has two policies; keep one of them");
    return success();
}

ActivationPolicy activation_policy(const State& state, std::string_view tenant,
                                   std::string_view role, std::string_view scope) {
    const auto text = state.setting(tenant, activation_policies_setting);
    if (text) {
        auto policies = parse_activation_policies(*text, "settings");
        // Imported settings may hold anything.
        if (policies)
            for (ActivationPolicy& policy : policies.value())
                if (folded(policy.role) == folded(role) &&
                    canonical_scope(policy.scope) == canonical_scope(scope))
                    return std::move(policy);
    }
    return {std::string(role), std::string(scope), duration_default, {}};
}

bool is_eligible(const State& state, std::string_view tenant, const Eligibility& eligibility,
                 const std::string& principal) {
    if (principal == eligibility.principal) return true;
    const auto groups = state.direct_groups(tenant, principal);
    return std::ranges::any_of(groups, [&](const std::string& direct) {
        return direct == eligibility.principal ||
               state.is_nested(tenant, direct, eligibility.principal);
    });
}

std::string activation_id(std::string_view eligibility, std::uint64_t n) {
    return std::string(eligibility) + '/' + std::to_string(n);
}

std::uint64_t next_activation(const State& state, std::string_view tenant,
                              std::string_view eligibility) {
    const auto used = [&](std::uint64_t n) {
        return state.assignment(tenant, activation_id(eligibility, n)).has_value();
    };
    // Numbers are used in order: double, then halve.
    std::uint64_t high = 1;
    while (used(high)) high *= 2;
    std::uint64_t low = high / 2;  // used, or 0
    while (low + 1 < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        (used(middle) ? low : high) = middle;
    }
    return high;
}

std::vector<Assignment> live_activations(const State& state, std::string_view tenant,
                                         std::string_view eligibility, Instant now) {
    std::vector<Assignment> live;
    for (std::uint64_t n = next_activation(state, tenant, eligibility) - 1; n > 0; --n) {
        auto activation = state.assignment(tenant, activation_id(eligibility, n));
        if (!activation) break;
        const Window& window = activation->assignment.window;
        if (!window.start || !window.end) continue;  // imported under this name
        // Older ones began earlier, and none lasts longer than that.
        if (*window.start + duration_max.us < now) break;
        if (!activation->revoked && now < *window.end)
            live.push_back(std::move(activation->assignment));
    }
    return live;
}

namespace {

// Whether `principal` is in `group`, directly or through others, once `leaving` has happened.
bool stays_member(const State& state, std::string_view tenant, const std::string& principal,
                  const std::string& group, const Leaving& leaving) {
    std::set<std::string> seen{principal};
    std::vector<std::string> waiting{principal};
    while (!waiting.empty()) {
        const std::string member = std::move(waiting.back());
        waiting.pop_back();
        for (std::string& in : state.direct_groups(tenant, member)) {
            if (in == leaving.group && (leaving.member.empty() || leaving.member == member))
                continue;
            if (in == group) return true;
            if (seen.insert(in).second) waiting.push_back(std::move(in));
        }
    }
    return false;
}

}  // namespace

std::vector<EligibilityDeactivated> activations_left(const State& state, std::string_view tenant,
                                                     const Leaving& leaving, Instant now) {
    std::vector<EligibilityDeactivated> ended;
    for (const std::string& id : state.eligibilities_of_group(tenant, leaving.group)) {
        const auto offer = state.eligibility(tenant, id);
        if (!offer) continue;
        const std::string& eligible = offer->eligibility.principal;
        for (const Assignment& live : live_activations(state, tenant, id, now)) {
            if (live.principal != eligible &&
                !stays_member(state, tenant, live.principal, eligible, leaving))
                ended.push_back({id, live.id});
        }
    }
    return ended;
}

}  // namespace tenure::domain
