#pragma once
// One comparison of a condition: two lists of values, an operator, a quantifier
// (docs/ARCHITECTURE.md, "Conditions").

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "domain/condition.h"
#include "domain/condition_code.h"

namespace tenure::domain::condition {

// One side of a comparison. Borrows the program and the attributes.
using ValuesView = std::variant<std::monostate,  // missing
                                std::span<const Literal>, bool, std::span<const std::int64_t>,
                                std::span<const std::string>, Instant>;

struct Compared {
    Truth truth{};
    Doubt doubt{};
};

ValuesView values_of(const Code& code, const AttributeName& name,
                     const CircumstancesView& circumstances);
ValuesView values_of(const Code& code, const Operand& operand,
                     const CircumstancesView& circumstances);

Compared compare(const Code& code, const Comparison& comparison,
                 const CircumstancesView& circumstances);

// Why the comparison is unknown whatever is asked, if it is.
Doubt doubt_of_constants(const Code& code, const Comparison& comparison);

// The instants, in no order, at which a comparison of UtcNow with other values can change.
void add_turning_points(const Code& code, const Comparison& comparison,
                        const CircumstancesView& circumstances, std::vector<Instant>& to);

}  // namespace tenure::domain::condition
