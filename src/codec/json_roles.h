#pragma once
// Reads a role definition out of a JsonDocument; role_definitions.h says what it looks like.
// Private to codec/.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json_document.h"
#include "codec/role_definitions.h"

namespace tenure::codec {

// One document while it is read. The first thing wrong is kept, with its line and path.
class RoleReading {
public:
    // `first_line` is the line the document's text begins at.
    RoleReading(JsonDocument& source, std::string_view text, std::uint64_t first_line)
        : source_{source}, text_{text}, first_line_{first_line} {}

    JsonDocument& source() { return source_; }

    // After source().parse(): its refusal with the line.
    Error located(Error refusal) const;

    domain::GivenRole read_role(JsonIndex at);
    std::vector<domain::GivenRole> read_roles(JsonIndex array);

    void read(JsonIndex at, std::string& to);
    void read(JsonIndex at, bool& to);
    void read(JsonIndex at, std::vector<std::string>& to);  // null: empty

    void refuse(JsonIndex at, std::string_view detail, std::string_view below = {});
    // "5 is not a text".
    void refuse_type(JsonIndex at, std::string_view expected);

    bool failed() const { return error_.has_value(); }

    Error take_error() { return std::move(*error_); }

    std::uint64_t line_of(JsonIndex at) const;

private:
    std::uint64_t line_at(std::size_t offset) const;
    domain::PermissionBlock read_block(JsonIndex at);

    JsonDocument& source_;
    std::string_view text_;
    std::uint64_t first_line_;
    std::optional<Error> error_;
};

// The members of one object, each known by one name or several, without regard to case.
class FoldedMembers {
public:
    FoldedMembers(RoleReading& reading, JsonIndex object);

    JsonIndex object() const { return object_; }

    // 0 if there is none, or only a null.
    JsonIndex find(std::initializer_list<std::string_view> names);

    template <class T>
    bool take(std::initializer_list<std::string_view> names, T& to) {
        const JsonIndex at = find(names);
        if (at != 0) reading_.read(at, to);
        return at != 0;
    }

    // Refuses members nobody asked for.
    void finish();

private:
    RoleReading& reading_;
    JsonIndex object_;
    std::vector<std::string_view> known_;
};

}  // namespace tenure::codec
