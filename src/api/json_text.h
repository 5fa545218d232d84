#pragma once
// JsonText: builds one JSON value, member by member, in the order given.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/instant.h"

namespace tenure::api {

class JsonText {
public:
    void begin_object();
    void end_object();
    void begin_array();
    void end_array();

    // A member's name; its value follows.
    void name(std::string_view member);

    void value(std::string_view text);

    void value(const char* text) { value(std::string_view{text}); }

    void value(bool truth);
    void value(std::uint64_t number);

    void value(Revision revision) { value(revision.value); }

    void value(Instant instant);
    // Text that is JSON already.
    void json(std::string_view text);

    template <class T>
    void member(std::string_view member_name, const T& member_value) {
        name(member_name);
        value(member_value);
    }

    // Left out if there is none.
    template <class T>
    void member(std::string_view member_name, const std::optional<T>& member_value) {
        if (member_value) member(member_name, *member_value);
    }

    // Left out if empty.
    void text_member(std::string_view member_name, std::string_view text) {
        if (!text.empty()) member(member_name, text);
    }

    template <class List>
    void list_member(std::string_view member_name, const List& values) {
        name(member_name);
        begin_array();
        for (const auto& element : values) value(std::string_view{element});
        end_array();
    }

    std::string take() { return std::move(text_); }

private:
    void separate();

    std::string text_;
    bool separator_due_ = false;
};

}  // namespace tenure::api
