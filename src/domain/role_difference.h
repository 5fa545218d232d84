#pragma once
// What two roles, or two versions of one, differ in: as they are written, and in what they come to.

#include <string>
#include <vector>

#include "domain/model.h"
#include "domain/operations.h"

namespace tenure::domain {

struct RoleDifference {
    // A text that one side has and the other lacks: a pattern of one of the lists, an assignable
    // scope, a condition. Patterns are compared without regard to case, over all blocks.
    struct Line {
        std::string member;  // "actions", "notDataActions", "assignableScopes", "condition"
        std::string text;
        bool added = false;  // the second has it
        bool operator==(const Line&) const = default;
    };

    // A member of one value each.
    struct Change {
        std::string member;  // "roleName", "description", "roleType"
        std::string from;
        std::string to;
        bool operator==(const Change&) const = default;
    };

    std::vector<Change> changes;
    std::vector<Line> lines;
    // The same permissions, cut into blocks differently.
    bool regrouped = false;
    // Known operations, patterns left out, that only one of them grants, conditions or not.
    std::vector<Operation> lost;
    std::vector<Operation> gained;

    bool empty() const { return changes.empty() && lines.empty() && !regrouped; }
};

RoleDifference role_difference(const Role& from, const Role& to, const Operations& known);

}  // namespace tenure::domain
