#include "domain/activation.h"

#include <charconv>

#include "base/text.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

constexpr std::int64_t second_us = 1'000'000;

// Cuts the text up to the next `end` off `rest`.
std::string_view cut(std::string_view& rest, char end) {
    const std::size_t at = rest.find(end);
    const std::string_view part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return part;
}

Error bad_duration(std::string_view text, std::string_view field) {
    return invalid(std::string(field), "duration " + quoted(text) +
                                           " is not of the form PT8H, PT1H30M or P1D (ISO 8601)");
}

}  // namespace

Result<Duration> parse_duration(std::string_view text, std::string_view field) {
    std::string_view rest = text;
    if (!rest.starts_with('P')) return bad_duration(text, field);
    rest.remove_prefix(1);

    // Each unit once, the larger before the smaller.
    struct Unit {
        char letter;
        bool of_day;
        std::int64_t us;
    };

    constexpr Unit units[] = {{'D', false, 24 * 60 * minute_us},
                              {'H', true, 60 * minute_us},
                              {'M', true, minute_us},
                              {'S', true, second_us}};
    constexpr std::int64_t count_max = 1'000'000;
    std::int64_t total = 0;
    bool in_day = false;
    bool any = false;
    for (const Unit& unit : units) {
        if (!in_day && rest.starts_with('T') && unit.of_day) {
            in_day = true;
            rest.remove_prefix(1);
            if (rest.empty()) return bad_duration(text, field);
        }
        std::int64_t count = 0;
        const auto number = std::from_chars(rest.data(), rest.data() + rest.size(), count);
        if (number.ec != std::errc{} || rest.front() == '-') continue;
        if (count > count_max) return bad_duration(text, field);
        const std::string_view after{
            number.ptr, static_cast<std::size_t>(rest.data() + rest.size() - number.ptr)};
        if (!after.starts_with(unit.letter) || unit.of_day != in_day) continue;
        total += count * unit.us;
        any = true;
        rest = after.substr(1);
    }
    if (!rest.empty() || !any) return bad_duration(text, field);
    return Duration{total};
}

std::string format_duration(Duration duration) {
    std::int64_t left = duration.us / second_us;
    const auto take = [&](std::int64_t seconds) {
        const std::int64_t count = left / seconds;
        left -= count * seconds;
        return count;
    };
    const std::int64_t days = take(24 * 3600);
    const std::int64_t hours = take(3600);
    const std::int64_t minutes = take(60);
    std::string text = "P";
    if (days > 0) text += std::to_string(days) + 'D';
    if (hours > 0 || minutes > 0 || left > 0 || days == 0) {
        text += 'T';
        if (hours > 0) text += std::to_string(hours) + 'H';
        if (minutes > 0) text += std::to_string(minutes) + 'M';
        if (left > 0 || (hours == 0 && minutes == 0)) text += std::to_string(left) + 'S';
    }
    return text;
}

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

}  // namespace tenure::domain
