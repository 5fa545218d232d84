#pragma once
// What there is to permit: operations, and patterns that stand for operations nobody has listed.
// Roles are compared by how much of it they grant.

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "domain/condition.h"
#include "domain/model.h"

namespace tenure::domain {

// One operation, or all that a pattern names.
struct Operation {
    std::string name;  // folded
    Plane plane{};
    std::string spelled = {};  // as it was first given; not compared

    bool operator==(const Operation& other) const {
        return name == other.name && plane == other.plane;
    }

    auto operator<=>(const Operation& other) const {
        return std::tie(name, plane) <=> std::tie(other.name, other.plane);
    }

    bool is_pattern() const { return name.find('*') != std::string::npos; }

    // Everything else changes something, or hands out what lets others change it.
    bool is_read() const { return name.ends_with("/read"); }
};

using Operations = std::set<Operation>;

Operation operation(std::string_view name, Plane plane);
// Every action and pattern that a role speaks of, whether it grants it or takes it away.
void add_operations_of(const Role& role, Operations& to);

// Whether some text is matched by both; both folded.
bool patterns_overlap(std::string_view a, std::string_view b);

enum class Granted {
    no,
    conditionally,  // if attributes or the time are right
    yes,
};

// A role's permissions, folded once to be asked many times.
class GrantedOperations {
public:
    explicit GrantedOperations(const Role& role);

    // Of a pattern: all that it names, by one of the role's own patterns; two that cover it only
    // together are not seen.
    Granted all_of(const Operation& operation) const;
    // Of a pattern: something of what it names, conditions or not.
    bool some_of(const Operation& operation) const;

private:
    struct Block {
        PermissionBlock permissions;  // folded
        std::optional<condition::Program> condition;
        bool depends_on_more =
            false;  // the condition's truth without attributes is not the last word
    };

    static Granted granted_by(const Block& block, const Operation& operation);

    std::vector<Block> blocks_;
};

}  // namespace tenure::domain
