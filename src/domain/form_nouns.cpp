#include "domain/form_nouns.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "domain/action.h"
#include "domain/condition.h"
#include "domain/limits.h"
#include "domain/rules.h"
#include "domain/scope.h"

namespace tenure::domain {
namespace {

bool has_control_beside_lines(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
    });
}

bool tenant_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

// Of tenants and settings: fits into a URL and on a command line.
bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), tenant_id_character) &&
           text.front() != '.' && text.front() != '-';
}

}  // namespace

std::string member(std::string_view object, std::string_view name) {
    return std::string(object) + "." + std::string(name);
}

std::string element(std::string_view list, std::size_t i) {
    return std::string(list) + "[" + std::to_string(i) + "]";
}

Result<void> check_text(std::string_view text, std::string_view field, const TextRule& rule) {
    const auto refused = [&](std::string_view why) {
        return invalid(std::string(field),
                       std::string(rule.what) + " " + quoted(text) + " " + std::string(why));
    };
    if (text.empty() && rule.required)
        return invalid(std::string(field), std::string(rule.what) + " is empty; it is required");
    if (text.size() > rule.length_max)
        return limit_exceeded(std::string(field),
                              std::string(rule.what) + " " + quoted(text) + " has " +
                                  std::to_string(text.size()) + " bytes; at most " +
                                  std::to_string(rule.length_max) + " are allowed");
    if (!valid_utf8(text)) return refused("is not valid UTF-8");
    if (rule.lines ? has_control_beside_lines(text) : has_control(text))
        return refused("contains a control character");
    return success();
}

Result<void> check_id(std::string_view id, std::string_view field, std::string_view noun) {
    return check_text(id, field, {std::string(noun) + " id", limits::id_length_max, true});
}

Result<void> check_count(std::size_t count, std::size_t count_max, std::string_view field,
                         std::string_view what) {
    if (count <= count_max) return success();
    return limit_exceeded(std::string(field), std::to_string(count) + " " + std::string(what) +
                                                  " are given; at most " +
                                                  std::to_string(count_max) + " are allowed");
}

Result<void> check_instant(std::optional<Instant> t, std::string_view field) {
    if (!t || (instant_min <= *t && *t <= instant_max)) return success();
    return invalid(std::string(field), "the time is outside the years 0000 to 9999");
}

Result<void> check_attributes(const std::vector<Attribute>& all, std::string_view field) {
    TRY(check_count(all.size(), limits::attributes_max, field, "attributes"));
    std::set<std::string> names;
    for (const Attribute& attribute : all) {
        TRY(check_text(attribute.name, field, {"attribute name", limits::id_length_max, true}));
        if (!names.insert(condition::canonical_attribute(attribute.name)).second)
            return invalid(std::string(field), "attribute " + quoted(attribute.name) +
                                                   " is given twice; names are compared "
                                                   "without regard to case");
        const auto count = [&](std::size_t n) -> Result<void> {
            if (n == 0)
                return invalid(std::string(field),
                               "attribute " + quoted(attribute.name) +
                                   " has no value; give one or leave the attribute out");
            return check_count(n, limits::attribute_values_max, field,
                               "values of attribute " + quoted(attribute.name));
        };
        if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&attribute.values)) {
            TRY(count(numbers->size()));
        }
        if (const auto* texts = std::get_if<std::vector<std::string>>(&attribute.values)) {
            TRY(count(texts->size()));
            for (const std::string& text : *texts) {
                TRY(check_text(text, field,
                               {"attribute value", limits::attribute_value_length_max}));
            }
        }
    }
    return success();
}

Result<void> check_attributes(const condition::GivenAttributes& given) {
    TRY(check_attributes(given.request, "request"));
    TRY(check_attributes(given.resource, "resource"));
    TRY(check_attributes(given.principal, "principal"));
    return check_attributes(given.environment, "environment");
}

Result<void> NounForm::tenant(std::string_view name) const {
    if (!is_name(tenant_))
        return invalid("tenant",
                       "tenant id " + quoted(tenant_) +
                           " is not made of ASCII letters, digits, '-', '_' and '.', starting "
                           "with a letter, a digit or '_'");
    TRY(check_text(tenant_, "tenant", {"tenant id", limits::tenant_id_length_max, true}));
    return display_name(name);
}

Result<void> NounForm::principal_id(std::string_view id, std::string_view field) const {
    TRY(check_id(id, field, "principal"));
    if (id == all_principals)
        return invalid(std::string(field),
                       "principal id '*' stands for everybody and is allowed among the "
                       "principals of a deny assignment only; name one principal");
    if (equal_folded(id, system_actor))
        return invalid(std::string(field), "principal id " + quoted(id) +
                                               " stands for the operator of the store; choose "
                                               "another id");
    return success();
}

Result<void> NounForm::display_name(std::string_view name) const {
    return check_text(name, "data.displayName", {"display name", limits::display_name_length_max});
}

Result<void> NounForm::description(std::string_view text, std::string_view object) const {
    return check_text(text, member(object, "description"),
                      {"description", limits::description_length_max, false, true});
}

Result<void> NounForm::email(std::string_view text, bool required) const {
    TRY(check_text(text, "data.email", {"e-mail address", limits::email_length_max, required}));
    const std::size_t at = text.find('@');
    if (!imported_ && !text.empty() &&
        (at == std::string_view::npos || at == 0 || at + 1 == text.size()))
        return invalid("data.email",
                       "e-mail address " + quoted(text) + " does not have the form name@domain");
    return success();
}

Result<void> NounForm::attributes(const std::vector<Attribute>& all) const {
    return check_attributes(all, "data.attributes");
}

Result<void> NounForm::principal(const Principal& value) const {
    TRY(principal_id(value.id, "data.principal"));
    TRY(display_name(value.display_name));
    TRY(email(value.email, false));
    return attributes(value.attributes);
}

Result<void> NounForm::new_principal(const Principal& value) const {
    TRY(principal(value));
    if (imported_) return success();
    if (value.user_type == UserType::guest && value.kind != PrincipalKind::user)
        return invalid("data.userType", "a " + std::string(name_of(value.kind)) +
                                            " cannot be a guest; only a user can");
    if (value.redemption != Redemption::none)
        return invalid("data.redemption",
                       "redemption " + quoted(name_of(value.redemption)) +
                           " comes from an invitation; use invitation.create, or leave "
                           "redemption out");
    return success();
}

Result<void> NounForm::membership(std::string_view group, std::string_view joining) const {
    TRY(principal_id(group, "data.group"));
    return principal_id(joining, "data.member");
}

Result<void> NounForm::scope(std::string_view text) const {
    TRY(parse_scope(text, "data.scope"));
    return success();
}

Result<void> NounForm::scope_with_parent(std::string_view text, std::string_view parent) const {
    TRY(scope(text));
    if (parent.empty()) return success();
    TRY(parse_scope(parent, "data.parent"));
    return success();
}

Result<void> NounForm::condition(const std::optional<Condition>& value,
                                 std::string_view object) const {
    if (!value) return success();
    TRY(check_text(value->text, member(object, "condition"),
                   {"condition", limits::condition_length_max, true, true}));
    // Some built-in roles are old.
    const bool may_be_old = imported_ || in_store_;
    if (value->version != "2.0" && !(may_be_old && value->version == "1.0"))
        return invalid(member(object, "conditionVersion"),
                       "condition version " + quoted(value->version) +
                           (may_be_old ? " is neither '2.0' nor '1.0'" : " is not '2.0'"));
    // What was granted elsewhere with a condition that is none is kept, and grants nothing.
    if (imported_) return success();
    TRY(condition::Program::parse(value->text, member(object, "condition")));
    return success();
}

Result<void> NounForm::window(const Window& value, std::string_view object) const {
    TRY(check_instant(value.start, member(object, "start")));
    TRY(check_instant(value.end, member(object, "end")));
    if (!imported_ && value.start && value.end && *value.end <= *value.start)
        return invalid(member(object, "end"), "end " + format_instant(*value.end) +
                                                  " is not after start " +
                                                  format_instant(*value.start));
    return success();
}

Result<void> NounForm::patterns(const std::vector<std::string>& list, std::string_view field,
                                bool any_wildcards) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
        TRY(check_pattern(list[i], element(field, i), any_wildcards));
    }
    return success();
}

Result<void> NounForm::permissions(const std::vector<PermissionBlock>& blocks,
                                   bool any_wildcards) const {
    TRY(check_count(blocks.size(), limits::permission_blocks_max, "data.permissions",
                    "permission blocks"));
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const PermissionBlock& block = blocks[i];
        // A single block may be written without its list.
        const std::string at = blocks.size() == 1 ? "data" : element("data.permissions", i);
        TRY(patterns(block.actions, member(at, "actions"), any_wildcards));
        TRY(patterns(block.not_actions, member(at, "notActions"), any_wildcards));
        TRY(patterns(block.data_actions, member(at, "dataActions"), any_wildcards));
        TRY(patterns(block.not_data_actions, member(at, "notDataActions"), any_wildcards));
        TRY(condition(block.condition, at));
    }
    return success();
}

Result<void> NounForm::names_an_action(const std::vector<PermissionBlock>& blocks,
                                       std::string_view what) const {
    const bool names = std::any_of(blocks.begin(), blocks.end(), [](const auto& block) {
        return !block.actions.empty() || !block.data_actions.empty();
    });
    if (names) return success();
    return invalid("data.actions", std::string(what) +
                                       " names no action; give at least one in actions or "
                                       "dataActions");
}

Result<void> NounForm::role(const Role& value) const {
    TRY(check_id(value.id, "data.role", "role"));
    TRY(check_text(value.name, "data.name",
                   {"role name", limits::role_name_length_max, !imported_}));
    TRY(description(value.description, "data"));
    TRY(permissions(value.permissions, imported_ || value.built_in));
    TRY(check_count(value.assignable_scopes.size(), limits::assignable_scopes_max,
                    "data.assignableScopes", "assignable scopes"));
    TRY(role_size(value));
    if (in_store_ && !value.built_in)
        return invalid("data.builtIn", "role " + quoted(value.id) +
                                           " is not built in; the store itself holds built-in "
                                           "roles only, define it in a tenant");
    if (imported_) {
        for (std::size_t i = 0; i < value.assignable_scopes.size(); ++i) {
            TRY(check_text(value.assignable_scopes[i], element("data.assignableScopes", i),
                           {"assignable scope", limits::scope_length_max, true}));
        }
        return success();
    }
    return in_store_ ? built_in_role(value) : custom_role(value);
}

Result<void> NounForm::built_in_role(const Role& value) const {
    if (value.assignable_scopes == std::vector<std::string>{"/"}) return success();
    return invalid(
        "data.assignableScopes",
        "role " + quoted(value.id) + " is built in and must have '/' as its only assignable scope");
}

Result<void> NounForm::custom_role(const Role& value) const {
    constexpr std::string_view field = "data.assignableScopes";
    if (value.built_in)
        return invalid("data.builtIn", "role " + quoted(value.id) +
                                           " cannot be built in; built-in roles are defined in "
                                           "the store itself, leave builtIn out");
    TRY(names_an_action(value.permissions, "role " + quoted(value.id)));
    if (value.assignable_scopes.empty())
        return invalid(std::string(field),
                       "role " + quoted(value.id) +
                           " has no assignable scope; give at least one scope below '/'");
    std::string_view management_group;
    for (std::size_t i = 0; i < value.assignable_scopes.size(); ++i) {
        const std::string& text = value.assignable_scopes[i];
        TRY(const std::string parsed, parse_scope(text, element(field, i)));
        if (parsed == "/")
            return invalid(element(field, i),
                           "assignable scope '/' is for built-in roles only; name scopes "
                           "below it");
        if (!is_management_group(parsed)) continue;
        if (!management_group.empty() && !equal_folded(management_group, parsed))
            return invalid(element(field, i), "management groups " + quoted(management_group) +
                                                  " and " + quoted(text) +
                                                  " are both assignable scopes; a custom role "
                                                  "may have one");
        management_group = text;
    }
    return success();
}

Result<void> NounForm::role_size(const Role& value) const {
    std::size_t size = value.id.size() + value.name.size() + value.description.size();
    const auto add = [&](const std::vector<std::string>& list) {
        for (const std::string& text : list) size += text.size();
    };
    add(value.assignable_scopes);
    for (const PermissionBlock& block : value.permissions) {
        add(block.actions);
        add(block.not_actions);
        add(block.data_actions);
        add(block.not_data_actions);
        if (block.condition) size += block.condition->text.size();
    }
    if (size <= limits::role_size_max) return success();
    return limit_exceeded("data", "role " + quoted(value.id) + " has " + std::to_string(size) +
                                      " bytes of text; at most " +
                                      std::to_string(limits::role_size_max) + " are allowed");
}

Result<void> NounForm::assignment_id(std::string_view id) const {
    return check_id(id, "data.assignment", "assignment");
}

Result<void> NounForm::assignment(const Assignment& value, std::string_view object) const {
    TRY(check_id(value.id, member(object, "assignment"), "assignment"));
    TRY(principal_id(value.principal, member(object, "principal")));
    TRY(check_id(value.role, member(object, "role"), "role"));
    TRY(parse_scope(value.scope, member(object, "scope")));
    TRY(condition(value.condition, object));
    TRY(window(value.window, object));
    return description(value.description, object);
}

Result<void> NounForm::deny(const DenyAssignment& value) const {
    TRY(check_id(value.id, "data.deny", "deny assignment"));
    TRY(check_text(value.name, "data.name", {"name", limits::display_name_length_max}));
    TRY(description(value.description, "data"));
    TRY(scope(value.scope));
    TRY(permissions(value.permissions, true));
    TRY(check_count(value.principals.size(), limits::deny_principals_max, "data.principals",
                    "principals"));
    TRY(check_count(value.excluded.size(), limits::deny_principals_max, "data.excludePrincipals",
                    "principals"));
    TRY(deny_principals(value));
    if (imported_) return success();
    if (value.principals.empty())
        return invalid("data.principals", "deny assignment " + quoted(value.id) +
                                              " names no principal; name at least one, or '*' "
                                              "for everybody");
    return names_an_action(value.permissions, "deny assignment " + quoted(value.id));
}

Result<void> NounForm::deny_principals(const DenyAssignment& value) const {
    std::set<std::string_view> seen;
    for (const std::string& id : value.principals) {
        if (id != all_principals) {
            TRY(principal_id(id, "data.principals"));
        }
        if (!seen.insert(id).second)
            return invalid("data.principals",
                           "principal " + quoted(id) + " is given twice; name it once");
    }
    seen.clear();
    for (const std::string& id : value.excluded) {
        if (id == all_principals)
            return invalid("data.excludePrincipals",
                           "'*' cannot be excluded; name single principals or groups");
        TRY(principal_id(id, "data.excludePrincipals"));
        if (!seen.insert(id).second)
            return invalid("data.excludePrincipals",
                           "principal " + quoted(id) + " is given twice; name it once");
    }
    return success();
}

Result<void> NounForm::eligibility_id(std::string_view id) const {
    return check_id(id, "data.eligibility", "eligibility");
}

Result<void> NounForm::eligibility(const Eligibility& value) const {
    TRY(eligibility_id(value.id));
    TRY(principal_id(value.principal, "data.principal"));
    TRY(check_id(value.role, "data.role", "role"));
    TRY(scope(value.scope));
    TRY(condition(value.condition, "data"));
    return window(value.window, "data");
}

Result<void> NounForm::invitation_id(std::string_view id) const {
    return check_id(id, "data.invitation", "invitation");
}

Result<void> NounForm::secret_hash(std::string_view hash) const {
    return check_text(hash, "data.secretHash", {"secret hash", limits::secret_hash_length_max});
}

Result<void> NounForm::invitation(const Invitation& value) const {
    TRY(invitation_id(value.id));
    TRY(principal_id(value.principal, "data.principal"));
    TRY(email(value.email, !imported_));
    TRY(check_text(value.name, "data.name", {"name", limits::display_name_length_max}));
    TRY(secret_hash(value.secret_hash));
    TRY(check_instant(value.expires_at, "data.expiresAt"));
    TRY(check_count(value.roles.size(), limits::invitation_roles_max, "data.roles", "roles"));
    for (std::size_t i = 0; i < value.roles.size(); ++i) {
        const std::string at = element("data.roles", i);
        TRY(check_id(value.roles[i].role, member(at, "role"), "role"));
        TRY(parse_scope(value.roles[i].scope, member(at, "scope")));
    }
    // Its assignments are named "<invitation>/<n>".
    const std::string last = value.id + "/" + std::to_string(value.roles.size());
    if (!imported_ && !value.roles.empty() && last.size() > limits::id_length_max)
        return limit_exceeded("data.invitation",
                              "invitation id " + quoted(value.id) +
                                  " is too long: its assignment " + quoted(last) + " would have " +
                                  std::to_string(last.size()) + " bytes; at most " +
                                  std::to_string(limits::id_length_max) + " are allowed");
    return success();
}

Result<void> NounForm::settings(const std::vector<Setting>& all) const {
    constexpr std::string_view field = "data.settings";
    if (all.empty()) return invalid(std::string(field), "no setting is given; give at least one");
    TRY(check_count(all.size(), limits::settings_max, field, "settings"));
    std::set<std::string_view> names;
    for (const Setting& setting : all) {
        if (!is_name(setting.name))
            return invalid(std::string(field),
                           "setting name " + quoted(setting.name) +
                               " is not made of ASCII letters, digits, '-', '_' and '.', "
                               "starting with a letter, a digit or '_'");
        TRY(check_text(setting.name, field, {"setting name", limits::id_length_max, true}));
        TRY(check_text(setting.value, member(field, setting.name),
                       {"setting value", limits::setting_value_length_max, false, true}));
        if (!names.insert(setting.name).second)
            return invalid(std::string(field),
                           "setting " + quoted(setting.name) + " is given twice; give it once");
    }
    return success();
}

// As a role of the store, also where it is provided for one tenant.
Result<void> NounForm::provided_role(const Role& value) const {
    NounForm store = *this;
    store.in_store_ = true;
    return store.role(value);
}

Result<void> NounForm::catalog(std::string_view name, std::uint64_t version,
                               const std::vector<Role>& roles) const {
    constexpr std::string_view field = "data.roles";
    if (!name.empty() && !is_name(name))
        return invalid("data.catalog", "catalog name " + quoted(name) +
                                           " is not made of ASCII letters, digits, '-', '_' and "
                                           "'.', starting with a letter, a digit or '_'");
    TRY(check_text(name, "data.catalog", {"catalog name", limits::catalog_name_length_max}));
    if ((version == 0) != name.empty())
        return invalid("data.version",
                       name.empty()
                           ? "a version is given without a catalog; name it"
                           : "catalog " + quoted(name) + " has no version; they begin at 1");
    if (roles.empty()) return invalid(std::string(field), "no role is given; give at least one");
    TRY(check_count(roles.size(), limits::catalog_roles_max, field, "roles"));
    std::set<std::string> ids;
    std::set<std::string> names;
    for (std::size_t i = 0; i < roles.size(); ++i) {
        if (auto form = provided_role(roles[i]); !form) {
            // "data.name" of one role is "data.roles[3].name" here.
            std::string& at = form.error().field;
            at = element(field, i) + at.substr(std::string_view{"data"}.size());
            return form;
        }
        if (!ids.insert(folded(roles[i].id)).second)
            return invalid(member(element(field, i), "role"),
                           "role " + quoted(roles[i].id) + " is given twice; give it once");
        if (!names.insert(folded(roles[i].name)).second)
            return invalid(
                member(element(field, i), "name"),
                "role name " + quoted(roles[i].name) + " is given twice; give each role its own");
    }
    return success();
}

Result<void> NounForm::token(const Token& value) const {
    TRY(check_id(value.id, "data.token", "token"));
    TRY(principal_id(value.principal, "data.principal"));
    TRY(check_text(value.name, "data.name", {"name", limits::display_name_length_max}));
    TRY(secret_hash(value.secret_hash));
    TRY(check_count(value.actions.size(), limits::token_actions_max, "data.actions", "actions"));
    TRY(patterns(value.actions, "data.actions", true));
    return check_instant(value.expires_at, "data.expiresAt");
}

}  // namespace tenure::domain
