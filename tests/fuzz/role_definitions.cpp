#include "codec/role_definitions.h"

#include "base/invariant.h"
#include "codec/catalogs.h"
#include "fuzz/targets.h"

namespace tenure::fuzz {

void role_definitions(Bytes input) {
    // Readers of other files that share its parts; whatever they say, they say it.
    (void)codec::parse_operations(text_of(input)).has_value();
    (void)codec::parse_catalog(text_of(input)).has_value();

    const auto given = codec::parse_role_definitions(text_of(input));
    if (!given) {
        INVARIANT(given.error().detail.starts_with("line "));
        return;
    }
    std::vector<domain::Role> roles;
    for (const domain::GivenRole& each : given.value()) {
        INVARIANT(!each.role.id.empty());
        roles.push_back(each.role);
    }
    const auto again = codec::parse_role_definitions(codec::role_definitions_json(roles));
    INVARIANT(again.has_value());
    INVARIANT(again.value().size() == roles.size());
    for (std::size_t i = 0; i < roles.size(); ++i) INVARIANT(again.value()[i].role == roles[i]);
}

}  // namespace tenure::fuzz
