#include "support/json_schema.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/instant.h"
#include "base/invariant.h"

namespace tenure::testing {
namespace {

namespace json = boost::json;

// What tells people something, and what is proved elsewhere: patterns by schemathesis.sh.
constexpr std::array annotations{"description",   "default",  "example", "pattern",
                                 "discriminator", "mapping",  "not",     "dependentRequired",
                                 "propertyNames", "maxLength"};

std::string text_of(json::string_view text) { return {text.data(), text.size()}; }

bool has_type(std::string_view type, const json::value& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    return type == "number" && value.is_number();
}

bool fits_type(const json::value& types, const json::value& value) {
    if (types.is_string()) return has_type(text_of(types.get_string()), value);
    return std::ranges::any_of(types.get_array(), [&](const json::value& type) {
        return has_type(text_of(type.get_string()), value);
    });
}

bool fits_format(std::string_view format, const json::value& value) {
    if (!value.is_string()) return true;
    const std::string text = text_of(value.get_string());
    const bool date_alone = text.find_first_of("Tt") == std::string::npos;
    if (format == "date-time") return !date_alone && parse_instant(text, "").has_value();
    if (format == "date") return date_alone && parse_instant(text, "").has_value();
    return true;
}

bool in_range(std::string_view keyword, const json::value& limit, const json::value& value) {
    const auto at_least = [&](std::size_t size) { return size >= limit.to_number<std::size_t>(); };
    const auto at_most = [&](std::size_t size) { return size <= limit.to_number<std::size_t>(); };
    if (keyword == "minLength") return !value.is_string() || at_least(value.get_string().size());
    if (keyword == "minItems") return !value.is_array() || at_least(value.get_array().size());
    if (keyword == "maxItems") return !value.is_array() || at_most(value.get_array().size());
    if (keyword == "minProperties")
        return !value.is_object() || at_least(value.get_object().size());
    if (keyword == "maxProperties") return !value.is_object() || at_most(value.get_object().size());
    if (!value.is_number()) return true;
    if (keyword == "minimum") return value.to_number<double>() >= limit.to_number<double>();
    return value.to_number<double>() <= limit.to_number<double>();
}

}  // namespace

const json::value& JsonSchema::followed(const json::value& part) const {
    const json::value* at = &part;
    for (;;) {
        const json::object* object = at->if_object();
        const json::value* reference = object != nullptr ? object->if_contains("$ref") : nullptr;
        if (reference == nullptr) return *at;
        const std::string pointer = text_of(reference->get_string()).substr(1);
        json::error_code failed;
        at = document_.find_pointer(pointer, failed);
        INVARIANT(at != nullptr);
    }
}

std::vector<std::string> JsonSchema::faults(const json::value& schema,
                                            const json::value& value) const {
    Faults faults;
    const json::value& found = followed(schema);
    if (found.is_bool()) {
        if (!found.get_bool()) faults.emplace_back("nothing is allowed here");
        return faults;
    }
    check(found.get_object(), value, "$", faults);
    return faults;
}

void JsonSchema::check(const json::object& schema, const json::value& value,
                       const std::string& path, Faults& faults) const {
    for (const auto& [keyword, rest] : schema)
        check_keyword({keyword.data(), keyword.size()}, schema, value, path, faults);
    if (value.is_object()) check_members(schema, value.get_object(), path, faults);
}

void JsonSchema::check_keyword(std::string_view keyword, const json::object& schema,
                               const json::value& value, const std::string& path,
                               Faults& faults) const {
    const json::value& rule = schema.at({keyword.data(), keyword.size()});
    const auto fault = [&](const std::string& what) {
        faults.push_back(path + ": " + json::serialize(value) + ' ' + what);
    };
    if (std::ranges::find(annotations, keyword) != annotations.end()) return;
    if (keyword == "properties" || keyword == "required" || keyword == "additionalProperties")
        return;  // check_members
    if (keyword == "type") {
        if (!fits_type(rule, value)) fault("is not " + json::serialize(rule));
    } else if (keyword == "const") {
        if (value != rule) fault("is not " + json::serialize(rule));
    } else if (keyword == "enum") {
        const auto& known = rule.get_array();
        if (std::find(known.begin(), known.end(), value) == known.end())
            fault("is none of " + json::serialize(rule));
    } else if (keyword == "format") {
        if (!fits_format(text_of(rule.get_string()), value))
            fault("is not a " + text_of(rule.get_string()));
    } else if (keyword == "items") {
        if (!value.is_array()) return;
        std::size_t number = 0;
        for (const json::value& each : value.get_array())
            check(followed(rule).get_object(), each, path + '[' + std::to_string(number++) + ']',
                  faults);
    } else if (keyword == "oneOf" || keyword == "anyOf") {
        const std::size_t good = count_of_good(rule.get_array(), value);
        if (good == 0) fault("is none of what " + std::string(keyword) + " names");
        if (good > 1 && keyword == "oneOf") fault("is several of what oneOf names");
    } else if (keyword == "uniqueItems") {
        if (!value.is_array()) return;
        const auto& all = value.get_array();
        for (auto at = all.begin(); at != all.end(); ++at)
            if (std::find(all.begin(), at, *at) != at) fault("has an element twice");
    } else if (keyword.starts_with("min") || keyword.starts_with("max")) {
        if (!in_range(keyword, rule, value))
            fault("goes beyond " + std::string(keyword) + ' ' + json::serialize(rule));
    } else {
        faults.push_back(path + ": the schema has keyword " + std::string(keyword) +
                         ", which is not known here");
    }
}

void JsonSchema::check_members(const json::object& schema, const json::object& value,
                               const std::string& path, Faults& faults) const {
    if (const json::value* required = schema.if_contains("required"))
        for (const json::value& name : required->get_array())
            if (!value.contains(name.get_string()))
                faults.push_back(path + " has no member " + text_of(name.get_string()));
    const json::value* properties = schema.if_contains("properties");
    const json::value* others = schema.if_contains("additionalProperties");
    for (const auto& [name, member] : value) {
        const std::string at = path + '.' + text_of(name);
        const json::value* known =
            properties != nullptr ? properties->get_object().if_contains(name) : nullptr;
        const json::value* rule = known != nullptr ? known : others;
        if (rule == nullptr) continue;
        const json::value& found = followed(*rule);
        if (found.is_object())
            check(found.get_object(), member, at, faults);
        else if (!found.get_bool())
            faults.push_back(at + " is not a member that is described");
    }
}

std::size_t JsonSchema::count_of_good(const json::array& schemas, const json::value& value) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        schemas, [&](const json::value& schema) { return faults(schema, value).empty(); }));
}

}  // namespace tenure::testing
