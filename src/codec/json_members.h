#pragma once
// JsonMembers: the members of one object of a JsonDocument, taken by name and type. The first thing
// wrong is kept with its path; what is read after it does not matter. finish() refuses members
// nobody asked for.
//
// Its required() and optional() are named as those of JsonWriter, so that json_fields.h describes a
// value once for both directions.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "codec/json_document.h"
#include "domain/model.h"

namespace tenure::codec {

// What all JsonMembers of one document share.
class JsonReading {
public:
    explicit JsonReading(JsonDocument& source) : source_{source} {}

    JsonDocument& source() { return source_; }

    void refuse(std::string path, std::string detail) {
        if (!error_) error_ = invalid(std::move(path), std::move(detail));
    }

    // "5 is not a text".
    void refuse_type(JsonIndex at, std::string_view expected);

    bool failed() const { return error_.has_value(); }

    Error take_error() { return std::move(*error_); }

private:
    JsonDocument& source_;
    std::optional<Error> error_;
};

class JsonMembers {
public:
    // If the value at `at` is no object that is refused, and it is read as an empty one.
    JsonMembers(JsonReading& reading, JsonIndex at);

    bool has(std::string_view name) { return find(name) != 0; }

    // Must be there.
    template <class T>
    void required(std::string_view name, T& to) {
        if (const JsonIndex at = find(name); at != 0)
            read(at, to);
        else
            missing(name);
    }

    // Left as it is if the member is not there.
    template <class T>
    void optional(std::string_view name, T& to) {
        if (const JsonIndex at = find(name); at != 0) read(at, to);
    }

    // Members that belong together.
    void condition(std::optional<domain::Condition>& to);
    void window(domain::Window& to);
    void permissions(std::vector<domain::PermissionBlock>& to);

    // Of assignment.update, where leaving out and taking away are two things.
    void changed_condition(std::optional<domain::Condition>& to);
    void changed_window(std::optional<domain::Window>& to);

    // An array of objects, each read by `fields`; at most `size_max`.
    template <class T, class Fields>
    void objects(std::string_view name, std::size_t size_max, std::vector<T>& to, Fields&& fields) {
        const JsonIndex at = find(name);
        if (at == 0) return missing(name);
        const JsonDocument& source = reading_.source();
        if (source[at].kind != JsonValue::Kind::array) return reading_.refuse_type(at, "an array");
        if (source[at].size > size_max)
            return refuse(name, std::to_string(source[at].size) + " are given; at most " +
                                    std::to_string(size_max) + " are taken together");
        to.resize(source[at].size);
        JsonIndex element = at + 1;
        for (T& value : to) {
            JsonMembers members{reading_, element};
            fields(members, value);
            members.finish();
            element = source[element].end;
        }
    }

    // An object that is read by `fields`.
    template <class T, class Fields>
    void object(std::string_view name, T& to, Fields&& fields) {
        if (const JsonIndex at = find(name); at != 0) {
            JsonMembers members{reading_, at};
            fields(members, to);
            members.finish();
        } else {
            missing(name);
        }
    }

    void refuse(std::string_view name, std::string detail) {
        reading_.refuse(path_of(name), std::move(detail));
    }

    void finish();

private:
    // 0 if there is none. Remembers the name as one that is known.
    JsonIndex find(std::string_view name);
    std::string path_of(std::string_view name) const;
    void missing(std::string_view name);

    void read(JsonIndex at, std::string& to);
    void read(JsonIndex at, bool& to);
    void read(JsonIndex at, std::uint64_t& to);
    void read(JsonIndex at, Instant& to);
    void read(JsonIndex at, std::optional<Instant>& to);  // null: none
    void read(JsonIndex at, domain::PrincipalKind& to);
    void read(JsonIndex at, domain::UserType& to);
    void read(JsonIndex at, domain::Redemption& to);
    void read(JsonIndex at, domain::Plane& to);
    void read(JsonIndex at, domain::RoleAtScope& to);
    void read(JsonIndex at, domain::PermissionBlock& to);
    void read(JsonIndex at, domain::Role& to);
    void read(JsonIndex at, domain::AttributeValues& to);
    // {name: value}
    void read(JsonIndex at, std::vector<domain::Attribute>& to);
    void read(JsonIndex at, std::vector<domain::Setting>& to);

    template <class T>
    void read(JsonIndex at, std::optional<T>& to) {
        read(at, to.emplace());
    }

    template <class T>
    void read(JsonIndex at, std::vector<T>& to) {
        const JsonDocument& source = reading_.source();
        if (source[at].kind != JsonValue::Kind::array) return reading_.refuse_type(at, "an array");
        to.resize(source[at].size);
        JsonIndex element = at + 1;
        for (T& value : to) {
            read(element, value);
            element = source[element].end;
        }
    }

    template <class Enum, std::size_t n>
    void read_name(JsonIndex at, Enum& to, const std::array<Enum, n>& all);

    // More than any object has names for.
    static constexpr std::size_t names_max = 24;

    JsonReading& reading_;
    JsonIndex object_;
    JsonIndex next_;  // where the search for the next name begins: they mostly come in order
    std::size_t names_count_ = 0;
    std::array<std::string_view, names_max> names_;  // asked for so far
};

}  // namespace tenure::codec
