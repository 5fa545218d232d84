#include "domain/condition_attributes.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tenure::domain::condition {
namespace {

constexpr std::array<std::string_view, 4> source_names{"Request", "Resource", "Principal",
                                                       "Environment"};
constexpr std::string_view case_sensitive_key = "<$key_case_sensitive$>";

}  // namespace

std::string_view name_of(Source source) { return source_names[static_cast<std::size_t>(source)]; }

std::optional<Source> source_named(std::string_view name) {
    for (std::size_t i = 0; i < source_names.size(); ++i)
        if (equal_folded(source_names[i], name)) return static_cast<Source>(i);
    return std::nullopt;
}

std::string canonical_attribute(std::string_view name) {
    std::string canonical = folded(name);
    if (!canonical.ends_with(case_sensitive_key)) return canonical;
    const std::size_t key = name.find(':');
    const std::size_t end = name.size() - case_sensitive_key.size();
    if (key < end) canonical.replace(key, end - key, name.substr(key, end - key));
    return canonical;
}

AttributeSet::AttributeSet(std::vector<Attribute> attributes) : attributes_{std::move(attributes)} {
    for (Attribute& attribute : attributes_) attribute.name = canonical_attribute(attribute.name);
    std::ranges::stable_sort(attributes_, {}, &Attribute::name);
    const auto same_name = [](const Attribute& a, const Attribute& b) { return a.name == b.name; };
    attributes_.erase(std::unique(attributes_.begin(), attributes_.end(), same_name),
                      attributes_.end());
}

const AttributeValues* AttributeSet::find(std::string_view canonical_name) const {
    const auto found = std::ranges::lower_bound(
        attributes_, canonical_name, {},
        [](const Attribute& attribute) -> std::string_view { return attribute.name; });
    if (found == attributes_.end() || found->name != canonical_name) return nullptr;
    return &found->values;
}

}  // namespace tenure::domain::condition
