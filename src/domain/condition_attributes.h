#pragma once
// Attributes that conditions read, as one of the four sources has them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/model.h"

namespace tenure::domain::condition {

// Where an attribute comes from. Each source has names of its own.
enum class Source : std::uint8_t { request, resource, principal, environment };

// "Request", as after the '@'.
std::string_view name_of(Source source);
std::optional<Source> source_named(std::string_view name);

// What attribute names are compared by: ASCII case is folded, but not in the key
// before "<$key_case_sensitive$>", which begins after the first ':'.
std::string canonical_attribute(std::string_view name);

// Attributes that come with a question, as they were written.
struct GivenAttributes {
    std::vector<Attribute> request;
    std::vector<Attribute> resource;
    std::vector<Attribute> principal;
    std::vector<Attribute> environment;
    bool operator==(const GivenAttributes&) const = default;
};

// The attributes of one source, ready to be asked by name. Texts also stand for the values that
// have a text form only: GUIDs and DateTimes. Immutable; may be shared between threads.
class AttributeSet {
public:
    AttributeSet() = default;
    // Of several attributes with the same canonical name, the first counts.
    explicit AttributeSet(std::vector<Attribute> attributes);

    // Null if there is none; owner: the set.
    const AttributeValues* find(std::string_view canonical_name) const;

    // By name.
    const std::vector<Attribute>& all() const { return attributes_; }

    bool operator==(const AttributeSet&) const = default;

private:
    std::vector<Attribute> attributes_;  // with canonical names, in their order
};

}  // namespace tenure::domain::condition
