#include "codec/json_members.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "base/text.h"
#include "codec/json_fields.h"

namespace tenure::codec {
namespace {

using Kind = JsonValue::Kind;

// Enumerators as they are listed in messages; their names are the domain's.
constexpr std::array principal_kinds{domain::PrincipalKind::user, domain::PrincipalKind::group,
                                     domain::PrincipalKind::service_principal,
                                     domain::PrincipalKind::managed_identity};
constexpr std::array user_types{domain::UserType::member, domain::UserType::guest};
constexpr std::array redemptions{domain::Redemption::none, domain::Redemption::pending,
                                 domain::Redemption::accepted};
constexpr std::array planes{domain::Plane::control, domain::Plane::data};

constexpr std::string_view condition_version_default = "2.0";

std::string describe(const JsonValue& value) {
    switch (value.kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return value.integer != 0 ? "true" : "false";
        case Kind::integer:
            return std::to_string(value.integer);
        case Kind::number:
            return "a number that is not whole or too large";
        case Kind::text:
            return quoted(value.text);
        case Kind::array:
            return "an array";
        case Kind::object:
            return "an object";
    }
    INVARIANT(!"a kind of JSON value");
}

// "a, b or c"
template <class Names>
std::string listed(const Names& names) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) list += i + 1 < names.size() ? ", " : " or ";
        list += names[i];
    }
    return list;
}

}  // namespace

void JsonReading::refuse_type(JsonIndex at, std::string_view expected) {
    // The first refusal counts, and a path takes time in a long line.
    if (!failed())
        refuse(source_.path_of(at), describe(source_[at]) + " is not " + std::string(expected));
}

JsonMembers::JsonMembers(JsonReading& reading, JsonIndex at)
    : reading_{reading}, object_{at}, next_{at + 1} {
    if (reading_.source()[at].kind != Kind::object) reading_.refuse_type(at, "an object");
}

JsonIndex JsonMembers::find(std::string_view name) {
    if (names_count_ < names_max) names_[names_count_++] = name;
    JsonDocument& source = reading_.source();
    const JsonValue& object = source[object_];
    if (object.kind != Kind::object) return 0;
    for (std::uint32_t i = 0; i < object.size; ++i) {
        if (next_ == object.end) next_ = object_ + 1;
        const JsonIndex at = next_;
        JsonValue& member = source[at];
        next_ = member.end;
        if (member.name == name) {
            member.taken = true;
            return at;
        }
    }
    return 0;
}

std::string JsonMembers::path_of(std::string_view name) const {
    std::string path = reading_.source().path_of(object_);
    if (!path.empty()) path += '.';
    path += name;
    return path;
}

void JsonMembers::missing(std::string_view name) { refuse(name, quoted(name) + " is missing"); }

void JsonMembers::finish() {
    JsonDocument& source = reading_.source();
    const JsonValue& object = source[object_];
    if (object.kind != Kind::object) return;
    for (JsonIndex at = object_ + 1; at < object.end; at = source[at].end) {
        if (source[at].taken) continue;
        std::vector<std::string_view> known;
        for (std::size_t i = 0; i < names_count_; ++i)
            if (std::ranges::find(known, names_[i]) == known.end()) known.push_back(names_[i]);
        return reading_.refuse(
            source.path_of(at),
            quoted(source[at].name) + " is not a member of this object: " +
                (known.empty() ? "none is expected" : listed(known) + " is expected"));
    }
}

void JsonMembers::read(JsonIndex at, std::string& to) {
    const JsonValue& value = reading_.source()[at];
    if (value.kind != Kind::text) return reading_.refuse_type(at, "a text");
    to = value.text;
}

void JsonMembers::read(JsonIndex at, bool& to) {
    const JsonValue& value = reading_.source()[at];
    if (value.kind != Kind::boolean) return reading_.refuse_type(at, "true or false");
    to = value.integer != 0;
}

void JsonMembers::read(JsonIndex at, std::uint64_t& to) {
    const JsonValue& value = reading_.source()[at];
    if (value.kind != Kind::integer || value.integer < 0)
        return reading_.refuse_type(at, "a whole number from 0");
    to = static_cast<std::uint64_t>(value.integer);
}

void JsonMembers::read(JsonIndex at, Instant& to) {
    const JsonValue& value = reading_.source()[at];
    if (value.kind != Kind::text)
        return reading_.refuse_type(at, "a time such as \"2024-05-01T12:00:00Z\"");
    auto instant = parse_instant(value.text, "");
    if (instant)
        to = instant.value();
    else
        reading_.refuse(reading_.source().path_of(at), std::move(instant.error().detail));
}

void JsonMembers::read(JsonIndex at, std::optional<Instant>& to) {
    if (reading_.source()[at].kind == Kind::null)
        to.reset();
    else
        read(at, to.emplace());
}

template <class Enum, std::size_t n>
void JsonMembers::read_name(JsonIndex at, Enum& to, const std::array<Enum, n>& all) {
    const JsonValue& value = reading_.source()[at];
    if (value.kind == Kind::text) {
        for (const Enum candidate : all) {
            if (domain::name_of(candidate) != value.text) continue;
            to = candidate;
            return;
        }
    }
    std::array<std::string_view, n> names;
    for (std::size_t i = 0; i < n; ++i) names[i] = domain::name_of(all[i]);
    reading_.refuse_type(at, listed(names));
}

void JsonMembers::read(JsonIndex at, domain::PrincipalKind& to) {
    read_name(at, to, principal_kinds);
}

void JsonMembers::read(JsonIndex at, domain::UserType& to) { read_name(at, to, user_types); }

void JsonMembers::read(JsonIndex at, domain::Redemption& to) { read_name(at, to, redemptions); }

void JsonMembers::read(JsonIndex at, domain::Plane& to) { read_name(at, to, planes); }

void JsonMembers::read(JsonIndex at, domain::RoleAtScope& to) {
    JsonMembers members{reading_, at};
    members.required("role", to.role);
    members.required("scope", to.scope);
    members.finish();
}

void JsonMembers::read(JsonIndex at, domain::PermissionBlock& to) {
    JsonMembers members{reading_, at};
    members.optional("actions", to.actions);
    members.optional("notActions", to.not_actions);
    members.optional("dataActions", to.data_actions);
    members.optional("notDataActions", to.not_data_actions);
    members.condition(to.condition);
    members.finish();
}

void JsonMembers::read(JsonIndex at, domain::Role& to) {
    JsonMembers members{reading_, at};
    fields(members, to);
    members.finish();
}

// One value or a list of values of one type; a flag stands alone.
void JsonMembers::read(JsonIndex at, domain::AttributeValues& to) {
    const JsonDocument& source = reading_.source();
    const JsonValue& value = source[at];
    const bool many = value.kind == Kind::array;
    const Kind kind = !many ? value.kind : value.size == 0 ? Kind::text : source[at + 1].kind;
    if (kind == Kind::integer) {
        auto& integers = to.emplace<std::vector<std::int64_t>>(many ? value.size : 1);
        JsonIndex element = many ? at + 1 : at;
        for (std::int64_t& integer : integers) {
            if (source[element].kind != Kind::integer)
                return reading_.refuse_type(element, "a whole number, as the values before it");
            integer = source[element].integer;
            element = source[element].end;
        }
    } else if (kind == Kind::text) {
        auto& texts = to.emplace<std::vector<std::string>>();
        if (many)
            read(at, texts);
        else
            texts.emplace_back(value.text);
    } else if (kind == Kind::boolean && !many) {
        to = value.integer != 0;
    } else {
        reading_.refuse_type(
            at, "the value of an attribute: true, false, whole numbers or texts are expected");
    }
}

void JsonMembers::read(JsonIndex at, std::vector<domain::Attribute>& to) {
    const JsonDocument& source = reading_.source();
    if (source[at].kind != Kind::object)
        return reading_.refuse_type(at, "an object of names and values");
    to.resize(source[at].size);
    JsonIndex member = at + 1;
    for (domain::Attribute& attribute : to) {
        attribute.name = source[member].name;
        read(member, attribute.values);
        member = source[member].end;
    }
}

void JsonMembers::read(JsonIndex at, std::vector<domain::Setting>& to) {
    const JsonDocument& source = reading_.source();
    if (source[at].kind != Kind::object)
        return reading_.refuse_type(at, "an object of names and texts");
    to.resize(source[at].size);
    JsonIndex member = at + 1;
    for (domain::Setting& setting : to) {
        setting.name = source[member].name;
        read(member, setting.value);
        member = source[member].end;
    }
}

void JsonMembers::condition(std::optional<domain::Condition>& to) {
    const JsonIndex text = find("condition");
    const JsonIndex version = find("conditionVersion");
    if (text == 0 || reading_.source()[text].kind == Kind::null) {
        if (version != 0)
            refuse("conditionVersion", "the version of a condition is given without a condition");
        return;
    }
    auto& condition = to.emplace();
    read(text, condition.text);
    if (version != 0)
        read(version, condition.version);
    else
        condition.version = condition_version_default;
}

void JsonMembers::window(domain::Window& to) {
    optional("start", to.start);
    optional("end", to.end);
}

void JsonMembers::permissions(std::vector<domain::PermissionBlock>& to) {
    const JsonIndex list = find("permissions");
    domain::PermissionBlock block;
    bool flat = false;
    const auto take = [&](std::string_view name, std::vector<std::string>& patterns) {
        const JsonIndex at = find(name);
        if (at == 0) return;
        flat = true;
        if (list != 0)
            return refuse(name, "give either 'permissions' or " + quoted(name) + ", not both");
        read(at, patterns);
    };
    take("actions", block.actions);
    take("notActions", block.not_actions);
    take("dataActions", block.data_actions);
    take("notDataActions", block.not_data_actions);
    if (list != 0)
        read(list, to);
    else if (flat)
        to.push_back(std::move(block));
}

void JsonMembers::changed_condition(std::optional<domain::Condition>& to) {
    const JsonIndex text = find("condition");
    if (text != 0 && reading_.source()[text].kind == Kind::null) {
        // Refuses a version: there is none of what is taken away.
        condition(to);
        to.emplace();
        return;
    }
    condition(to);
}

void JsonMembers::changed_window(std::optional<domain::Window>& to) {
    if (has("start") || has("end")) window(to.emplace());
}

}  // namespace tenure::codec
