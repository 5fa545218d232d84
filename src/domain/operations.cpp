#include "domain/operations.h"

#include <algorithm>

#include "base/text.h"
#include "domain/action.h"

namespace tenure::domain {
namespace {

struct Side {
    const std::vector<std::string>& grant;
    const std::vector<std::string>& subtract;
};

Side side_of(const PermissionBlock& block, Plane plane) {
    if (plane == Plane::control) return {block.actions, block.not_actions};
    return {block.data_actions, block.not_data_actions};
}

// Some pattern names all of the operation: the '*' of a pattern asked about is a character like any
// other, which only another '*' matches.
bool covers(const std::vector<std::string>& patterns, const std::string& name) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return matches_folded(pattern, name); });
}

bool touches(const std::vector<std::string>& patterns, const std::string& name) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return patterns_overlap(pattern, name); });
}

}  // namespace

Operation operation(std::string_view name, Plane plane) {
    return {folded(name), plane, std::string(name)};
}

void add_operations_of(const Role& role, Operations& to) {
    for (const PermissionBlock& block : role.permissions)
        for (const Plane plane : {Plane::control, Plane::data}) {
            const Side side = side_of(block, plane);
            for (const auto* list : {&side.grant, &side.subtract})
                for (const std::string& pattern : *list) to.insert(operation(pattern, plane));
        }
}

bool patterns_overlap(std::string_view a, std::string_view b) {
    // row[j]: the pattern read so far and the first j characters of b have a text in common.
    std::vector<bool> row(b.size() + 1);
    row[0] = true;
    for (std::size_t j = 1; j <= b.size(); ++j) row[j] = row[j - 1] && b[j - 1] == '*';
    for (const char c : a) {
        std::vector<bool> next(b.size() + 1);
        next[0] = row[0] && c == '*';
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const char d = b[j - 1];
            if (c == '*' || d == '*')
                // Either wildcard takes nothing, or one character more of the other.
                next[j] = next[j - 1] || row[j];
            else
                next[j] = c == d && row[j - 1];
        }
        row = std::move(next);
    }
    return row[b.size()];
}

GrantedOperations::GrantedOperations(const Role& role) {
    for (const PermissionBlock& permissions : role.permissions) {
        Block block{permissions, {}, false};
        for (auto* list : {&block.permissions.actions, &block.permissions.not_actions,
                           &block.permissions.data_actions, &block.permissions.not_data_actions})
            for (std::string& pattern : *list) pattern = folded(pattern);
        if (permissions.condition) {
            auto program = condition::Program::compile(*permissions.condition, "condition");
            // What cannot be read grants nothing.
            if (!program) continue;
            // A comparison without its attributes is unknown, and what is true then stays true.
            // Only these look at more without being unknown.
            const std::string text = folded(permissions.condition->text);
            block.depends_on_more = program.value().reads_clock() ||
                                    text.find("exists") != std::string::npos ||
                                    text.find("suboperationmatches") != std::string::npos;
            block.condition = std::move(program.value());
        }
        blocks_.push_back(std::move(block));
    }
}

Granted GrantedOperations::granted_by(const Block& block, const Operation& operation) {
    const Side side = side_of(block.permissions, operation.plane);
    if (!covers(side.grant, operation.name) || touches(side.subtract, operation.name))
        return Granted::no;
    if (!block.condition) return Granted::yes;
    if (block.depends_on_more || operation.is_pattern()) return Granted::conditionally;
    condition::CircumstancesView asked;
    asked.action = operation.name;
    return block.condition->evaluate(asked) == condition::Truth::yes ? Granted::yes
                                                                     : Granted::conditionally;
}

Granted GrantedOperations::all_of(const Operation& operation) const {
    auto best = Granted::no;
    for (const Block& block : blocks_) best = std::max(best, granted_by(block, operation));
    return best;
}

bool GrantedOperations::some_of(const Operation& operation) const {
    return std::ranges::any_of(blocks_, [&](const Block& block) {
        const Side side = side_of(block.permissions, operation.plane);
        return covers(side.grant, operation.name) && !covers(side.subtract, operation.name);
    });
}

}  // namespace tenure::domain
