#include "api/json_text.h"

#include "codec/json_writer.h"

namespace tenure::api {

void JsonText::separate() {
    if (separator_due_) text_ += ',';
    separator_due_ = true;
}

void JsonText::begin_object() {
    separate();
    text_ += '{';
    separator_due_ = false;
}

void JsonText::end_object() {
    text_ += '}';
    separator_due_ = true;
}

void JsonText::begin_array() {
    separate();
    text_ += '[';
    separator_due_ = false;
}

void JsonText::end_array() {
    text_ += ']';
    separator_due_ = true;
}

void JsonText::name(std::string_view member) {
    separate();
    codec::append_json(text_, member);
    text_ += ':';
    separator_due_ = false;
}

void JsonText::value(std::string_view text) {
    separate();
    codec::append_json(text_, text);
}

void JsonText::value(bool truth) { json(truth ? "true" : "false"); }

void JsonText::value(std::uint64_t number) { json(std::to_string(number)); }

void JsonText::value(Instant instant) { value(format_instant(instant)); }

void JsonText::json(std::string_view text) {
    separate();
    text_ += text;
}

}  // namespace tenure::api
