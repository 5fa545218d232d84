#include "codec/json_document.h"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>

#include "base/text.h"
#include "codec/json_lines.h"

namespace tenure::codec {
namespace {

namespace json = boost::json;
using Kind = JsonValue::Kind;

std::string describe(const json::error_code& code) {
    if (code == json::error::too_deep)
        return "objects and arrays are nested more than " + std::to_string(json_depth_max) +
               " deep";
    if (code == json::error::object_too_large)
        return "an object has more than " + std::to_string(json_members_max) + " members";
    if (code == json::error::array_too_large)
        return "there are more than " + std::to_string(json_values_max) + " values";
    return code.message();
}

}  // namespace

// Appends to the document what the parser finds.
class JsonDocument::Handler {
public:
    using Code = json::error_code;
    using View = json::string_view;

    static constexpr std::size_t max_object_size = json_members_max;
    static constexpr std::size_t max_array_size = json_values_max;
    static constexpr std::size_t max_key_size = json_line_length_max;
    static constexpr std::size_t max_string_size = json_line_length_max;

    explicit Handler(JsonDocument& document) : document_{document} {}

    // Set when parsing ended with a better reason than the parser's.
    const std::optional<Error>& refusal() const { return refusal_; }

    bool on_document_begin(Code&) { return true; }

    bool on_document_end(Code&) { return true; }

    bool on_object_begin(Code& code) { return begin(Kind::object, code); }

    bool on_array_begin(Code& code) { return begin(Kind::array, code); }

    bool on_object_end(std::size_t size, Code&) { return end(size); }

    bool on_array_end(std::size_t size, Code&) { return end(size); }

    bool on_key_part(View part, std::size_t, Code&) { return keep(part); }

    bool on_key(View last, std::size_t, Code& code) {
        name_ = whole(last);
        // The siblings read so far; there are at most json_members_max.
        auto& values = document_.values_;
        for (JsonIndex i = open_[depth_ - 1] + 1; i < values.size(); i = values[i].end) {
            if (values[i].name != name_) continue;
            refusal_ = invalid(document_.path_of(i),
                               quoted(name_) + " is given twice: every member may be given once");
            code = json::error::syntax;
            return false;
        }
        return true;
    }

    bool on_string_part(View part, std::size_t, Code&) { return keep(part); }

    bool on_string(View last, std::size_t, Code& code) {
        const std::string_view text = whole(last);
        return add({.text = text, .kind = Kind::text}, code);
    }

    bool on_number_part(View, Code&) { return true; }

    bool on_int64(std::int64_t value, View, Code& code) {
        return add({.integer = value, .kind = Kind::integer}, code);
    }

    bool on_uint64(std::uint64_t, View, Code& code) { return add({.kind = Kind::number}, code); }

    // 7.0 and 7e0 are 7: some languages know no other numbers. Beyond 2^53 it may be another one.
    bool on_double(double value, View text, Code& code) {
        constexpr double whole_max = 9007199254740992;
        // The parser's own reading is quick and not exact. It sees the whole line at once, so the
        // text is the whole number.
        std::from_chars(text.data(), text.data() + text.size(), value);
        if (std::trunc(value) != value || std::abs(value) >= whole_max)
            return add({.kind = Kind::number}, code);
        return add({.integer = static_cast<std::int64_t>(value), .kind = Kind::integer}, code);
    }

    bool on_bool(bool value, Code& code) {
        return add({.integer = value ? 1 : 0, .kind = Kind::boolean}, code);
    }

    bool on_null(Code& code) { return add({.kind = Kind::null}, code); }

    bool on_comment_part(View, Code&) { return true; }

    bool on_comment(View, Code&) { return true; }

private:
    bool add(JsonValue value, Code& code) {
        auto& values = document_.values_;
        if (values.size() == json_values_max) {
            code = json::error::array_too_large;
            return false;
        }
        value.name = name_;
        name_ = {};
        if (value.kind != Kind::object && value.kind != Kind::array)
            value.end = static_cast<JsonIndex>(values.size() + 1);
        values.push_back(value);
        return true;
    }

    bool begin(Kind kind, Code& code) {
        if (depth_ == open_.size()) {
            code = json::error::too_deep;
            return false;
        }
        open_[depth_++] = static_cast<JsonIndex>(document_.values_.size());
        return add({.kind = kind}, code);
    }

    bool end(std::size_t size) {
        auto& values = document_.values_;
        JsonValue& container = values[open_[--depth_]];
        container.end = static_cast<JsonIndex>(values.size());
        container.size = static_cast<std::uint32_t>(size);
        return true;
    }

    bool keep(View part) {
        parts_.append(part.data(), part.size());
        return true;
    }

    // A text without escapes stands in the line as it is; one with escapes comes in parts that do
    // not last, so the document keeps it.
    std::string_view whole(View last) {
        const std::less_equal<const char*> not_after;
        const std::string_view line = document_.line_;
        if (parts_.empty() && not_after(line.data(), last.data()) &&
            not_after(last.data() + last.size(), line.data() + line.size()))
            return {last.data(), last.size()};
        keep(last);
        auto* copy = static_cast<char*>(document_.memory_.allocate(parts_.size() + 1, 1));
        parts_.copy(copy, parts_.size());
        const std::string_view text{copy, parts_.size()};
        parts_.clear();
        return text;
    }

    JsonDocument& document_;
    // The containers that are still open, outermost first.
    std::array<JsonIndex, json_depth_max + 1> open_{};
    std::size_t depth_ = 0;
    std::string_view name_;  // of the next value
    std::pmr::string parts_{&document_.memory_};
    std::optional<Error> refusal_;
};

Result<void> JsonDocument::parse() {
    const std::string what = "the " + std::string(what_);
    if (line_.size() > json_line_length_max)
        return Error{Errc::limit_exceeded,
                     what + " has " + std::to_string(line_.size()) + " bytes: at most " +
                         std::to_string(json_line_length_max) + " are accepted"};
    values_.reserve(48);
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::basic_parser<Handler> parser{options, *this};
    json::error_code code;
    const std::size_t read = parser.write_some(false, line_.data(), line_.size(), code);
    refused_at_ = read;
    if (parser.handler().refusal()) return *parser.handler().refusal();
    if (!code && read < line_.size()) code = json::error::extra_data;
    if (code)
        return invalid("", what + " is not valid JSON at byte " + std::to_string(read + 1) + ": " +
                               describe(code));
    if (values_[0].kind != Kind::object)
        return invalid("", what + " is not a JSON object: {\"type\":...} is expected");
    return success();
}

std::string JsonDocument::path_of(JsonIndex at) const {
    std::string path;
    JsonIndex parent = 0;
    while (parent != at) {
        JsonIndex child = parent + 1;
        std::size_t position = 0;
        // A value without an end is still being read: everything after it is in it.
        while (values_[child].end != 0 && values_[child].end <= at) {
            child = values_[child].end;
            ++position;
        }
        if (values_[parent].kind == Kind::array) {
            path += '[' + std::to_string(position) + ']';
        } else {
            if (!path.empty()) path += '.';
            path += values_[child].name;
        }
        parent = child;
    }
    return path;
}

std::size_t JsonDocument::offset_of(JsonIndex at) const {
    const std::less_equal<const char*> not_after;
    // A name or a text without escapes stands in the line itself.
    const auto offset = [&](std::string_view text) -> std::optional<std::size_t> {
        if (text.data() == nullptr || !not_after(line_.data(), text.data()) ||
            !not_after(text.data() + text.size(), line_.data() + line_.size()))
            return std::nullopt;
        return static_cast<std::size_t>(text.data() - line_.data());
    };
    const auto of_value = [&](const JsonValue& value) {
        const auto found = value.kind == Kind::text ? offset(value.text) : std::nullopt;
        return found ? found : offset(value.name);
    };
    if (const auto found = of_value(values_[at])) return *found;
    // What begins it, or else what is before it.
    if (values_[at].size > 0)
        if (const auto found = of_value(values_[at + 1])) return *found;
    for (JsonIndex near = at; near > 0; --near)
        if (const auto found = of_value(values_[near])) return *found;
    return 0;
}

}  // namespace tenure::codec
