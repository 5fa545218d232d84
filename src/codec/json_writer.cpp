#include "codec/json_writer.h"

#include "base/match.h"
#include "codec/json_fields.h"
#include "codec/utf8.h"

namespace tenure::codec {
namespace {

constexpr std::string_view hex = "0123456789abcdef";
constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_escape(std::string& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 0xFU];
    }
}

// The text with everything that is not UTF-8 replaced.
std::string repaired(std::string_view text) {
    constexpr std::size_t sequence_max = 4;
    std::string result;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length <= sequence_max && length <= text.size() && !is_utf8(text.substr(0, length)))
            ++length;
        if (length <= sequence_max && length <= text.size()) {
            result += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            result += replacement;
            text.remove_prefix(1);
        }
    }
    return result;
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    if (!is_utf8(text)) return append_json(out, repaired(text));
    out += '"';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_plain(text[i])) continue;
        out += text.substr(begin, i - begin);
        append_escape(out, text[i]);
        begin = i + 1;
    }
    out += text.substr(begin);
    out += '"';
}

void JsonWriter::open(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json(out_, name);
    out_ += ':';
}

void JsonWriter::write(Instant value) {
    out_ += '"';
    out_ += format_instant(value);
    out_ += '"';
}

void JsonWriter::write(const domain::RoleAtScope& value) {
    JsonWriter members{out_};
    members.required("role", value.role);
    members.required("scope", value.scope);
    members.finish();
}

void JsonWriter::write(const domain::PermissionBlock& value) {
    JsonWriter members{out_};
    members.required("actions", value.actions);
    members.required("notActions", value.not_actions);
    members.required("dataActions", value.data_actions);
    members.required("notDataActions", value.not_data_actions);
    members.condition(value.condition);
    members.finish();
}

void JsonWriter::write(const domain::Role& value) {
    JsonWriter members{out_};
    fields(members, value);
    members.finish();
}

void JsonWriter::write(const std::vector<domain::Attribute>& value) {
    JsonWriter members{out_};
    for (const domain::Attribute& attribute : value)
        std::visit([&](const auto& values) { members.required(attribute.name, values); },
                   attribute.values);
    members.finish();
}

void JsonWriter::write(const std::vector<domain::Setting>& value) {
    JsonWriter members{out_};
    for (const domain::Setting& setting : value) members.required(setting.name, setting.value);
    members.finish();
}

void JsonWriter::condition(const std::optional<domain::Condition>& value) {
    if (!value) return;
    required("condition", value->text);
    required("conditionVersion", value->version);
}

void JsonWriter::changed_condition(const std::optional<domain::Condition>& value) {
    if (value && value->text.empty())
        null("condition");
    else
        condition(value);
}

void JsonWriter::changed_window(const std::optional<domain::Window>& value) {
    if (!value) return;
    value->start ? required("start", *value->start) : null("start");
    value->end ? required("end", *value->end) : null("end");
}

void JsonWriter::null(std::string_view name) {
    open(name);
    out_ += "null";
}

void JsonWriter::window(const domain::Window& value) {
    optional("start", value.start);
    optional("end", value.end);
}

void JsonWriter::permissions(const std::vector<domain::PermissionBlock>& value) {
    if (value.size() != 1 || value.front().condition) return required("permissions", value);
    const domain::PermissionBlock& block = value.front();
    required("actions", block.actions);
    required("notActions", block.not_actions);
    required("dataActions", block.data_actions);
    required("notDataActions", block.not_data_actions);
}

}  // namespace tenure::codec
