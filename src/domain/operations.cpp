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

GrantedOperations::GrantedOperations(const Role& role) : blocks_{role.permissions} {
    for (PermissionBlock& block : blocks_)
        for (auto* list :
             {&block.actions, &block.not_actions, &block.data_actions, &block.not_data_actions})
            for (std::string& pattern : *list) pattern = folded(pattern);
}

Granted GrantedOperations::all_of(const Operation& operation) const {
    auto best = Granted::no;
    for (const PermissionBlock& block : blocks_) {
        const Side side = side_of(block, operation.plane);
        if (!covers(side.grant, operation.name) || touches(side.subtract, operation.name)) continue;
        if (!block.condition) return Granted::yes;
        best = Granted::conditionally;
    }
    return best;
}

bool GrantedOperations::some_of(const Operation& operation) const {
    return std::ranges::any_of(blocks_, [&](const PermissionBlock& block) {
        const Side side = side_of(block, operation.plane);
        return covers(side.grant, operation.name) && !covers(side.subtract, operation.name);
    });
}

}  // namespace tenure::domain
