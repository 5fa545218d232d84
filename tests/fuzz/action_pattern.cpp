#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/text.h"
#include "domain/action.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

// The definition of a match, written down: reach[i] says whether the pattern read so far can end at
// the first i bytes of the text.
bool matches_naively(std::string_view pattern, std::string_view text) {
    std::vector<bool> reach(text.size() + 1);
    reach[0] = true;
    for (const char c : pattern) {
        std::vector<bool> next(text.size() + 1);
        bool before = false;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            before = before || reach[i];
            if (c == '*')
                next[i] = before;
            else
                next[i] = i > 0 && reach[i - 1] && text[i - 1] == c;
        }
        reach = std::move(next);
    }
    return reach.back();
}

}  // namespace

void action_pattern(Bytes input) {
    std::string_view text = text_of(input);
    const std::string_view grant = take_line(text);
    const std::string_view subtract = take_line(text);
    const std::string_view asked = take_line(text);
    const std::string folded_grant = folded(grant);
    const std::string folded_subtract = folded(subtract);
    const std::string folded_asked = folded(asked);
    const bool granted = matches_naively(folded_grant, folded_asked);
    const bool subtracted = matches_naively(folded_subtract, folded_asked);
    INVARIANT(domain::matches_folded(folded_grant, folded_asked) == granted);
    INVARIANT(domain::matches_folded(folded_subtract, folded_asked) == subtracted);

    domain::PermissionBlock block;
    block.actions = {std::string(grant)};
    block.not_actions = {std::string(subtract)};
    const std::vector<domain::PermissionBlock> blocks{block};
    const domain::CompiledPermissions compiled{blocks};
    const auto match = compiled.match(folded_asked, domain::Plane::control);
    INVARIANT(match.unconditional == (granted && !subtracted));
    INVARIANT(!match.conditional);
    INVARIANT(!compiled.match(folded_asked, domain::Plane::data).unconditional);
    const auto explained =
        domain::CompiledPermissions::explain(blocks, folded_asked, domain::Plane::control);
    INVARIANT(explained.size() == (granted ? 1U : 0U));

    if (domain::check_pattern(grant, "pattern", false))
        INVARIANT(domain::check_pattern(grant, "pattern", true).has_value());
    if (const auto action = domain::parse_action(asked, "action")) {
        INVARIANT(action.value() == folded_asked);
        INVARIANT(domain::check_pattern(asked, "pattern", false).has_value());
    }
}

}  // namespace tenure::fuzz
