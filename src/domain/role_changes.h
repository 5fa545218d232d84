#pragma once
// What bringing in role definitions from elsewhere changes: the commands to give, none for what is
// there already.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "domain/command.h"

namespace tenure::domain {

// A role as a file gives it.
struct GivenRole {
    Role role;
    bool id_given = false;   // otherwise the id was made of the name
    std::uint64_t line = 0;  // where it begins, from 1
    bool operator==(const GivenRole&) const = default;
};

struct RoleChanges {
    struct Change {
        CommandBody command;
        std::uint64_t line = 0;  // of its (first) role
    };

    std::vector<Change> changes;  // to be carried out together
    std::size_t defined = 0;
    std::size_t updated = 0;
    std::size_t unchanged = 0;
};

// `present` are the live roles of the tenant and those of the store. A role without an id is the
// one of its name, if there is one. With `take_built_in` built-in roles are provided as such;
// without, one that is not here just so is refused.
Result<RoleChanges> role_changes(std::vector<GivenRole> given, const std::vector<Role>& present,
                                 bool take_built_in);

}  // namespace tenure::domain
