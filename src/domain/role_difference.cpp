#include "domain/role_difference.h"

#include <map>

#include "base/text.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

// Everything a role says, by member: what it is compared by, and how it is written.
using Texts = std::map<std::string, std::map<std::string, std::string>>;

Texts texts_of(const Role& role) {
    Texts texts;
    for (const PermissionBlock& block : role.permissions) {
        const auto add = [&](const char* member, const std::vector<std::string>& list) {
            for (const std::string& text : list) texts[member].emplace(folded(text), text);
        };
        add("actions", block.actions);
        add("notActions", block.not_actions);
        add("dataActions", block.data_actions);
        add("notDataActions", block.not_data_actions);
        if (block.condition)
            texts["condition"].emplace(block.condition->text, block.condition->text);
    }
    for (const std::string& scope : role.assignable_scopes)
        texts["assignableScopes"].emplace(canonical_scope(scope), scope);
    return texts;
}

std::string_view type_name(const Role& role) {
    return role.built_in ? "BuiltInRole" : "CustomRole";
}

}  // namespace

RoleDifference role_difference(const Role& from, const Role& to, const Operations& known) {
    RoleDifference result;
    const auto change = [&](const char* member, std::string_view a, std::string_view b) {
        if (a != b) result.changes.push_back({member, std::string(a), std::string(b)});
    };
    change("roleName", from.name, to.name);
    change("roleType", type_name(from), type_name(to));
    change("description", from.description, to.description);

    Texts before = texts_of(from);
    Texts after = texts_of(to);
    for (const char* member : {"actions", "notActions", "dataActions", "notDataActions",
                               "condition", "assignableScopes"}) {
        const auto& old_texts = before[member];
        const auto& new_texts = after[member];
        for (const auto& [key, text] : old_texts)
            if (!new_texts.contains(key)) result.lines.push_back({member, text, false});
        for (const auto& [key, text] : new_texts)
            if (!old_texts.contains(key)) result.lines.push_back({member, text, true});
    }
    result.regrouped = result.lines.empty() && from.permissions != to.permissions;

    const GrantedOperations old_role{from};
    const GrantedOperations new_role{to};
    for (const Operation& operation : known) {
        if (operation.is_pattern()) continue;
        const bool old_grants = old_role.some_of(operation);
        const bool new_grants = new_role.some_of(operation);
        if (old_grants && !new_grants) result.lost.push_back(operation);
        if (new_grants && !old_grants) result.gained.push_back(operation);
    }
    return result;
}

}  // namespace tenure::domain
