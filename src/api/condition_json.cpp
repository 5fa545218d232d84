#include "api/condition_json.h"

namespace tenure::api {

using domain::condition::AttributeRead;
using domain::condition::Trace;

void add_value(JsonText& json, const Trace& trace) {
    json.begin_object();
    json.member("part", trace.text);
    json.member("truth", name_of(trace.truth));
    json.text_member("doubt", text_of(trace.doubt));
    if (!trace.read.empty()) {
        json.name("read");
        json.begin_array();
        for (const AttributeRead& read : trace.read) {
            json.begin_object();
            json.member("attribute", read.attribute);
            json.member("value", read.value);
            json.end_object();
        }
        json.end_array();
    }
    if (!trace.parts.empty()) {
        json.name("parts");
        json.begin_array();
        for (const Trace& part : trace.parts) add_value(json, part);
        json.end_array();
    }
    json.end_object();
}

std::string to_json(const Trace& trace) {
    JsonText json;
    add_value(json, trace);
    return json.take();
}

}  // namespace tenure::api
