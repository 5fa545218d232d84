#pragma once
// The least roles for a task: which role, or which few roles together, grant all of its operations
// and as little else as possible.
//
// "Little else" is counted: of all operations and patterns that are known (Operations), those that
// a choice grants and the task does not need. Fewer changes come first, then fewer reads; an
// operation is a read if its name ends in "/read". A pattern counts as one operation more: it
// stands for those that nobody has listed. Ties go to the choice whose roles grant less taken one
// by one, then to one without conditions, then by id.

#include <cstddef>
#include <vector>

#include "domain/model.h"
#include "domain/operations.h"

namespace tenure::domain {

inline constexpr std::size_t needed_operations_max = 64;
// How many roles a choice may combine.
inline constexpr std::size_t roles_together_max = 6;
// How many partial choices a search looks at before it gives up.
inline constexpr std::size_t role_search_steps_max = 200'000;

struct RoleChoice {
    std::vector<std::size_t> roles;  // places in the list given, by id
    // Known operations granted that are not needed.
    std::size_t unneeded_changes = 0;
    std::size_t unneeded_reads = 0;
    std::size_t granted = 0;   // known operations, role by role
    bool conditional = false;  // something needed is granted under a condition only
};

struct LeastRoles {
    // Of one role each if any single role is enough, otherwise of as few as are enough; least
    // first.
    std::vector<RoleChoice> choices;
    std::vector<Operation> missing;  // needed operations that no role grants
    bool complete = true;            // false: the search gave up, there may be better choices
};

// At most needed_operations_max are needed. At most `choices_max` choices are kept.
LeastRoles least_roles(const std::vector<Role>& roles, const std::vector<Operation>& needed,
                       const Operations& known, std::size_t choices_max);

}  // namespace tenure::domain
