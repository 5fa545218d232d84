#include "codec/json_roles.h"

#include <algorithm>

#include "base/text.h"

namespace tenure::codec {
namespace {

using Kind = JsonValue::Kind;

std::string described(const JsonValue& value) {
    switch (value.kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return value.integer != 0 ? "true" : "false";
        case Kind::integer:
            return std::to_string(value.integer);
        case Kind::number:
            return "a number";
        case Kind::text:
            return quoted(value.text);
        case Kind::array:
            return "an array";
        case Kind::object:
            return "an object";
    }
    return {};
}

// The id in "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/id", or the text
// itself.
std::string_view id_in_path(std::string_view text) {
    constexpr std::string_view marker = "/roledefinitions/";
    const std::size_t at = folded(text).rfind(marker);
    return at == std::string::npos ? text : text.substr(at + marker.size());
}

// What says that a role is built in, in the words of the several tools.
class BuiltIn {
public:
    explicit BuiltIn(RoleReading& reading) : reading_{reading} {}

    void take_type(JsonIndex at) {
        std::string type;
        reading_.read(at, type);
        if (equal_folded(type, "BuiltInRole"))
            say(at, true);
        else if (equal_folded(type, "CustomRole"))
            say(at, false);
        else
            reading_.refuse(at, quoted(type) + " is not BuiltInRole or CustomRole");
    }

    // "type" is the type of the role, or of the resource that a role is.
    void take_resource_type(JsonIndex at) {
        std::string type;
        reading_.read(at, type);
        if (!equal_folded(type, "Microsoft.Authorization/roleDefinitions")) take_type(at);
    }

    void take_custom(JsonIndex at) {
        bool custom = true;
        reading_.read(at, custom);
        say(at, !custom);
    }

    bool value() const { return value_.value_or(false); }

private:
    void say(JsonIndex at, bool built_in) {
        if (value_ && *value_ != built_in)
            reading_.refuse(at, "the role is called built in and custom at once; say one of them");
        value_ = built_in;
    }

    RoleReading& reading_;
    std::optional<bool> value_;
};

}  // namespace

FoldedMembers::FoldedMembers(RoleReading& reading, JsonIndex object)
    : reading_{reading}, object_{object} {
    if (reading_.source()[object].kind != Kind::object) reading_.refuse_type(object, "an object");
}

JsonIndex FoldedMembers::find(std::initializer_list<std::string_view> names) {
    known_.push_back(*names.begin());
    JsonDocument& source = reading_.source();
    if (source[object_].kind != Kind::object) return 0;
    JsonIndex found = 0;
    for (JsonIndex at = object_ + 1; at < source[object_].end; at = source[at].end) {
        const bool named = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
            return equal_folded(name, source[at].name);
        });
        if (!named) continue;
        source[at].taken = true;
        if (found != 0)
            reading_.refuse(at, quoted(source[at].name) + " is given as " +
                                    quoted(source[found].name) +
                                    " already; the case of a name means nothing, give one of them");
        found = at;
    }
    return found != 0 && source[found].kind == Kind::null ? 0 : found;
}

void FoldedMembers::finish() {
    JsonDocument& source = reading_.source();
    if (source[object_].kind != Kind::object) return;
    for (JsonIndex at = object_ + 1; at < source[object_].end; at = source[at].end) {
        if (source[at].taken) continue;
        return reading_.refuse(at, quoted(source[at].name) +
                                       " is not a member of this object; known are " +
                                       joined(known_));
    }
}

Error RoleReading::located(Error refusal) const {
    refusal.detail = "line " + std::to_string(line_at(source_.offset_of_refusal())) + ": " +
                     std::move(refusal.detail);
    return refusal;
}

std::uint64_t RoleReading::line_at(std::size_t offset) const {
    const std::string_view before = text_.substr(0, offset);
    return first_line_ + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
}

std::uint64_t RoleReading::line_of(JsonIndex at) const { return line_at(source_.offset_of(at)); }

void RoleReading::refuse(JsonIndex at, std::string_view detail, std::string_view below) {
    if (failed()) return;
    std::string path = source_.path_of(at);
    if (!below.empty()) path += (path.empty() ? "" : ".") + std::string(below);
    error_ = invalid(std::move(path),
                     "line " + std::to_string(line_of(at)) + ": " + std::string(detail));
}

void RoleReading::refuse_type(JsonIndex at, std::string_view expected) {
    refuse(at, described(source_[at]) + " is not " + std::string(expected));
}

void RoleReading::read(JsonIndex at, std::string& to) {
    if (source_[at].kind != Kind::text) return refuse_type(at, "a text");
    to = source_[at].text;
}

void RoleReading::read(JsonIndex at, bool& to) {
    if (source_[at].kind != Kind::boolean) return refuse_type(at, "true or false");
    to = source_[at].integer != 0;
}

void RoleReading::read(JsonIndex at, std::vector<std::string>& to) {
    if (source_[at].kind != Kind::array) return refuse_type(at, "an array of texts");
    to.resize(source_[at].size);
    JsonIndex element = at + 1;
    for (std::string& text : to) {
        read(element, text);
        element = source_[element].end;
    }
}

domain::PermissionBlock RoleReading::read_block(JsonIndex at) {
    domain::PermissionBlock block;
    FoldedMembers members{*this, at};
    members.take({"actions"}, block.actions);
    members.take({"notActions"}, block.not_actions);
    members.take({"dataActions"}, block.data_actions);
    members.take({"notDataActions"}, block.not_data_actions);
    domain::Condition condition{{}, "2.0"};
    const bool conditional = members.take({"condition"}, condition.text);
    if (const JsonIndex version = members.find({"conditionVersion"}); version != 0) {
        read(version, condition.version);
        if (!conditional) refuse(version, "a version is given for a condition that is not there");
    }
    if (conditional) block.condition = std::move(condition);
    members.finish();
    return block;
}

domain::GivenRole RoleReading::read_role(JsonIndex at) {
    domain::GivenRole definition;
    domain::Role& role = definition.role;
    definition.line = at == 0 ? first_line_ : line_of(at);
    FoldedMembers outer{*this, at};
    const JsonIndex properties = outer.find({"properties"});
    FoldedMembers inner{*this, properties != 0 ? properties : at};
    FoldedMembers& fields = properties != 0 ? inner : outer;
    BuiltIn built_in{*this};

    // With a role name beside it, "name" is the id.
    const bool named = fields.take({"roleName"}, role.name);
    std::string name;
    const JsonIndex name_at = outer.find({"name"});
    if (name_at != 0) read(name_at, name);
    std::string id;
    const JsonIndex id_at = outer.find({"id"});
    if (id_at != 0) read(id_at, id);
    role.id = id_in_path(id);
    if (named && !name.empty()) {
        name = id_in_path(name);
        if (!role.id.empty() && !equal_folded(role.id, name))
            refuse(name_at, "the id is " + quoted(name) + " here and " + quoted(role.id) +
                                " in 'id'; give one of them");
        role.id = name;
    } else if (!named && properties == 0) {
        role.name = name;
    }
    if (const JsonIndex type = outer.find({"type"}); type != 0) built_in.take_resource_type(type);
    if (properties != 0)
        if (const JsonIndex type = inner.find({"type"}); type != 0) built_in.take_type(type);
    if (const JsonIndex type = fields.find({"roleType"}); type != 0) built_in.take_type(type);
    if (const JsonIndex custom = fields.find({"isCustom"}); custom != 0)
        built_in.take_custom(custom);
    role.built_in = built_in.value();
    fields.take({"description"}, role.description);
    fields.take({"assignableScopes"}, role.assignable_scopes);
    // Azure's own records, which mean nothing here.
    for (const std::string_view record : {"createdOn", "createdBy", "updatedOn", "updatedBy"})
        fields.find({record});

    const JsonIndex blocks = fields.find({"permissions"});
    domain::PermissionBlock flat;
    bool is_flat = false;
    const auto take = [&](std::string_view list, std::vector<std::string>& to) {
        const JsonIndex given = fields.find({list});
        if (given == 0) return;
        if (blocks != 0)
            refuse(given, "give either 'permissions' or " + quoted(list) + ", not both");
        read(given, to);
        is_flat = true;
    };
    take("actions", flat.actions);
    take("notActions", flat.not_actions);
    take("dataActions", flat.data_actions);
    take("notDataActions", flat.not_data_actions);
    if (blocks != 0 && source_[blocks].kind != Kind::array) {
        refuse_type(blocks, "an array of permission blocks");
    } else if (blocks != 0) {
        JsonIndex block = blocks + 1;
        for (std::uint32_t i = 0; i < source_[blocks].size; ++i) {
            role.permissions.push_back(read_block(block));
            block = source_[block].end;
        }
    } else if (is_flat) {
        role.permissions.push_back(std::move(flat));
    }
    if (properties != 0) inner.finish();
    outer.finish();
    // Last: what is missing may be there by a name that was refused.
    if (role.name.empty()) refuse(fields.object(), "the role has no name", "roleName");
    if (blocks == 0 && !is_flat)
        refuse(fields.object(), "the role has no permissions", "permissions");

    definition.id_given = !role.id.empty();
    if (!definition.id_given) role.id = role_id_of_name(role.name);
    if (role.id.empty())
        refuse(fields.object(), "no id can be made of name " + quoted(role.name) + "; give one",
               "id");
    return definition;
}

std::vector<domain::GivenRole> RoleReading::read_roles(JsonIndex array) {
    std::vector<domain::GivenRole> roles;
    if (source_[array].kind != Kind::array) {
        refuse_type(array, "an array of roles");
        return roles;
    }
    JsonIndex at = array + 1;
    for (std::uint32_t i = 0; i < source_[array].size && !failed(); ++i) {
        roles.push_back(read_role(at));
        at = source_[at].end;
    }
    return roles;
}

}  // namespace tenure::codec
