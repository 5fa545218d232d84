#pragma once
// JsonDocument: one line of JSON as a flat list of values in the order they were written, an object
// or array before its elements. Strict JSON (RFC 8259) and UTF-8; what Boost.JSON's own values
// would let pass is refused here: a member given twice, more than the limits below.
//
// Views in it are into the line or into the document itself: both must outlive their use. One
// document per line; neither copied nor moved.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenure::codec {

inline constexpr std::size_t json_members_max = 128;     // of one object
inline constexpr std::size_t json_values_max = 262'144;  // of one line

// Where a value stands in the document; 0 is the line's object.
using JsonIndex = std::uint32_t;

struct JsonValue {
    enum class Kind : std::uint8_t { null, boolean, integer, number, text, array, object };

    std::string_view name{};   // of a member of an object; else empty
    std::string_view text{};   // of a text
    std::int64_t integer = 0;  // of an integer; 0 or 1 of a boolean
    JsonIndex end = 0;         // where the next value beside it stands; 0 while it is being read
    std::uint32_t size = 0;    // number of elements
    Kind kind{};
    bool taken = false;  // somebody asked for this member
};

class JsonDocument {
public:
    // `what` is what messages call the text.
    explicit JsonDocument(std::string_view line, std::string_view what = "line")
        : line_{line}, what_{what} {}

    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    // Reads the line, once. It must hold one object.
    Result<void> parse();

    JsonValue& operator[](JsonIndex at) { return values_[at]; }

    const JsonValue& operator[](JsonIndex at) const { return values_[at]; }

    // "data.permissions[1].actions"; empty for the line's object.
    std::string path_of(JsonIndex at) const;
    // Where in the line the value stands, as near as is known; after a parse() that was refused,
    // offset_of_refusal() says where.
    std::size_t offset_of(JsonIndex at) const;

    std::size_t offset_of_refusal() const { return refused_at_; }

private:
    class Handler;

    std::string_view line_;
    std::string_view what_;
    std::size_t refused_at_ = 0;
    std::array<std::byte, 8192> space_;
    std::pmr::monotonic_buffer_resource memory_{space_.data(), space_.size()};
    std::pmr::vector<JsonValue> values_{&memory_};
};

}  // namespace tenure::codec
