#pragma once
// JsonWriter: writes the members of one object into a text, in the order given. The counterpart of
// JsonMembers: what it writes, that reads.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "domain/model.h"

namespace tenure::codec {

// Appends a JSON string literal. Bytes that are not UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);

class JsonWriter {
public:
    // Borrows `out` for its life. Opens the object; finish() closes it.
    explicit JsonWriter(std::string& out) : out_{out} { out_ += '{'; }

    template <class T>
    void required(std::string_view name, const T& value) {
        open(name);
        write(value);
    }

    // Leaves out what reads as the same: an empty text or list, false, no value.
    template <class T>
    void optional(std::string_view name, const T& value) {
        if (value != T{}) required(name, value);
    }

    void condition(const std::optional<domain::Condition>& value);
    void window(const domain::Window& value);
    void permissions(const std::vector<domain::PermissionBlock>& value);
    // Of assignment.update: what is taken away is null, what stays as it is is left out.
    void changed_condition(const std::optional<domain::Condition>& value);
    void changed_window(const std::optional<domain::Window>& value);

    template <class T, class Fields>
    void object(std::string_view name, const T& value, Fields&& fields) {
        open(name);
        JsonWriter members{out_};
        fields(members, value);
        members.finish();
    }

    void finish() { out_ += '}'; }

private:
    void open(std::string_view name);
    void null(std::string_view name);

    void write(const std::string& value) { append_json(out_, value); }

    void write(std::string_view value) { append_json(out_, value); }

    void write(bool value) { out_ += value ? "true" : "false"; }

    void write(std::int64_t value) { out_ += std::to_string(value); }

    void write(std::uint64_t value) { out_ += std::to_string(value); }

    void write(Instant value);

    void write(domain::PrincipalKind value) { write(domain::name_of(value)); }

    void write(domain::UserType value) { write(domain::name_of(value)); }

    void write(domain::Redemption value) { write(domain::name_of(value)); }

    void write(const domain::RoleAtScope& value);
    void write(const domain::PermissionBlock& value);
    void write(const domain::Role& value);
    void write(const std::vector<domain::Attribute>& value);
    void write(const std::vector<domain::Setting>& value);

    template <class T>
    void write(const std::optional<T>& value) {
        write(*value);
    }

    template <class T>
    void write(const std::vector<T>& values) {
        out_ += '[';
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0) out_ += ',';
            write(values[i]);
        }
        out_ += ']';
    }

    std::string& out_;
    bool first_ = true;
};

}  // namespace tenure::codec
