#include "codec/role_definitions.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "codec/json_roles.h"
#include "codec/json_writer.h"

namespace tenure::codec {
namespace {

constexpr std::string_view blanks = " \t\r\n";

Error at_line(std::uint64_t line, std::string detail, std::string field = {}) {
    return invalid(std::move(field), "line " + std::to_string(line) + ": " + std::move(detail));
}

// Cuts a file into its objects without looking into them, so that each can be read by itself,
// however long the file is.
class Objects {
public:
    explicit Objects(std::string_view text) : text_{text} {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
        skip_blanks();
        array_ = take('[');
    }

    // The next one, with its line; empty at the end.
    struct Object {
        std::string_view text;
        std::uint64_t line = 0;
    };

    Result<Object> next() {
        skip_blanks();
        if (array_ && take(']')) {
            array_ = false;
            ended_ = true;
            skip_blanks();
        } else if (array_ && count_ > 0) {
            if (!take(',')) return expected(text_.empty() ? "',' or ']'" : "','");
            skip_blanks();
        }
        if (text_.empty() && !array_) return Object{};
        if (ended_) return at_line(line_, "something follows the end of the array");
        if (text_.empty() || text_.front() != '{') return expected("an object");
        Object object{text_.substr(0, length()), line_};
        if (object.text.empty()) return at_line(line_, "the object that begins here has no end");
        forward(object.text.size());
        ++count_;
        return object;
    }

private:
    // Of the object that stands here; 0 if it has no end.
    std::size_t length() const {
        std::size_t depth = 0;
        bool in_text = false;
        for (std::size_t i = 0; i < text_.size(); ++i) {
            const char c = text_[i];
            if (in_text) {
                if (c == '\\') ++i;
                if (c == '"') in_text = false;
            } else if (c == '"') {
                in_text = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return i + 1;
            }
        }
        return 0;
    }

    Error expected(std::string_view what) const {
        const std::string_view here = text_.substr(0, text_.find_first_of(blanks));
        return at_line(line_, (here.empty() ? "the file ends" : quoted(here.substr(0, 20))) +
                                  " where " + std::string(what) + " is expected");
    }

    bool take(char c) {
        if (!text_.starts_with(c)) return false;
        forward(1);
        return true;
    }

    void skip_blanks() { forward(std::min(text_.find_first_not_of(blanks), text_.size())); }

    void forward(std::size_t count) {
        line_ += static_cast<std::uint64_t>(
            std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(count), '\n'));
        text_.remove_prefix(count);
    }

    std::string_view text_;
    std::uint64_t line_ = 1;
    std::size_t count_ = 0;
    bool array_ = false;  // inside the array
    bool ended_ = false;
};

// The one role of an object, or all in its "value".
Result<std::vector<domain::GivenRole>> parse_object(std::string_view text, std::uint64_t line) {
    JsonDocument document{text, "role definition"};
    RoleReading reading{document, text, line};
    if (auto parsed = document.parse(); !parsed) return reading.located(std::move(parsed.error()));
    std::vector<domain::GivenRole> roles;
    FoldedMembers members{reading, 0};
    const JsonIndex list = members.find({"value"});
    if (list != 0) {
        members.find({"nextLink"});
        roles = reading.read_roles(list);
        members.finish();
    } else {
        roles.push_back(reading.read_role(0));
    }
    if (reading.failed()) return reading.take_error();
    return roles;
}

Result<void> check_distinct(const std::vector<domain::GivenRole>& roles) {
    std::map<std::string, std::uint64_t> ids;
    std::map<std::string, std::uint64_t> names;
    for (const domain::GivenRole& definition : roles) {
        const domain::Role& role = definition.role;
        const auto [id, fresh_id] = ids.emplace(folded(role.id), definition.line);
        if (!fresh_id)
            return at_line(definition.line,
                           "role " + quoted(role.id) + " is given in line " +
                               std::to_string(id->second) + " already; give it once",
                           "id");
        const auto [name, fresh_name] = names.emplace(folded(role.name), definition.line);
        if (!fresh_name)
            return at_line(definition.line,
                           "role name " + quoted(role.name) + " is given in line " +
                               std::to_string(name->second) + " already; give each role its own",
                           "roleName");
    }
    return success();
}

}  // namespace

Result<std::vector<domain::GivenRole>> parse_role_definitions(std::string_view text) {
    std::vector<domain::GivenRole> roles;
    Objects objects{text};
    for (;;) {
        TRY(const auto object, objects.next());
        if (object.text.empty()) break;
        TRY(auto some, parse_object(object.text, object.line));
        std::move(some.begin(), some.end(), std::back_inserter(roles));
        if (roles.size() > role_definitions_max)
            return Error{Errc::limit_exceeded, "line " + std::to_string(roles.back().line) +
                                                   ": at most " +
                                                   std::to_string(role_definitions_max) +
                                                   " roles are taken at once; split the file"};
    }
    TRY(check_distinct(roles));
    return roles;
}

Result<domain::Operations> parse_operations(std::string_view text) {
    domain::Operations operations;
    Objects objects{text};
    for (;;) {
        TRY(const auto object, objects.next());
        if (object.text.empty()) return operations;
        JsonDocument document{object.text, "operation"};
        RoleReading reading{document, object.text, object.line};
        if (auto parsed = document.parse(); !parsed)
            return reading.located(std::move(parsed.error()));
        FoldedMembers members{reading, 0};
        std::string name;
        bool is_data_action = false;
        members.take({"name"}, name);
        members.take({"isDataAction"}, is_data_action);
        if (name.empty()) reading.refuse(0, "the operation has no name", "name");
        if (reading.failed()) return reading.take_error();
        operations.insert(
            domain::operation(name, is_data_action ? domain::Plane::data : domain::Plane::control));
    }
}

std::string role_definition_json(const domain::Role& role) {
    std::string out;
    JsonWriter json{out};
    json.required("id", role.id);
    json.required("roleName", role.name);
    json.required("roleType", std::string_view{role.built_in ? "BuiltInRole" : "CustomRole"});
    json.required("description", role.description);
    json.required("assignableScopes", role.assignable_scopes);
    json.required("permissions", role.permissions);
    json.finish();
    return out;
}

std::string role_definitions_json(const std::vector<domain::Role>& roles) {
    std::string out = "[";
    for (std::size_t i = 0; i < roles.size(); ++i)
        out += (i == 0 ? "\n" : ",\n") + role_definition_json(roles[i]);
    return out + (roles.empty() ? "]" : "\n]");
}

std::string role_id_of_name(std::string_view name) {
    std::string id;
    for (const char c : folded(name)) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                          static_cast<unsigned char>(c) >= 0x80;
        if (kept)
            id += c;
        else if (!id.empty() && id.back() != '-')
            id += '-';
    }
    while (id.ends_with('-')) id.pop_back();
    return id;
}

}  // namespace tenure::codec
