#pragma once
// What a server answers, read member by member; members that are not asked for are passed over.

#include <string_view>

#include "base/result.h"
#include "codec/json_document.h"
#include "codec/json_members.h"

namespace tenure::commands {

// `fields(members, value)` takes what there is to know. Errors: it is no JSON object, or a member
// is missing or of another type.
template <class T, class Fields>
Result<T> read_answer_object(std::string_view text, Fields&& fields) {
    codec::JsonDocument document{text, "answer"};
    TRY(document.parse());
    codec::JsonReading reading{document};
    T value;
    {
        codec::JsonMembers members{reading, 0};
        fields(members, value);
    }
    if (reading.failed()) return reading.take_error();
    return value;
}

}  // namespace tenure::commands
