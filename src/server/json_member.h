#pragma once
// Members of an object in a JsonDocument, by name. What is wrong with one is said without its
// value, which may be secret; codec/json_members.h would repeat it.

#include <string_view>

#include "codec/json_document.h"

namespace tenure::server {

// The member `name` of the object at `object`; null if there is none. Points into the document.
inline const codec::JsonValue* member_of(const codec::JsonDocument& document,
                                         codec::JsonIndex object, std::string_view name) {
    for (codec::JsonIndex at = object + 1; at < document[object].end; at = document[at].end)
        if (document[at].name == name) return &document[at];
    return nullptr;
}

inline bool is_text(const codec::JsonValue& value) {
    return value.kind == codec::JsonValue::Kind::text;
}

// Whether the member is a text, and this one. No member is no text.
inline bool is_text(const codec::JsonValue* value, std::string_view text) {
    return value != nullptr && is_text(*value) && value->text == text;
}

}  // namespace tenure::server
