#pragma once
// Conditions, the obviously right way: the text is cut into words, read as the grammar says, and
// worked out anew for every question, with texts and lists of texts. Shares nothing with
// domain/condition*.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/model.h"

namespace tenure::testing {

// What a condition is asked about.
struct ConditionFacts {
    std::string action;
    std::string sub_operation;  // empty: none
    Instant now;
    // By the source's name in lower case. Of attributes with one name the first counts.
    std::map<std::string, std::vector<domain::Attribute>> sources;
};

// "true", "false" or "unknown"; nothing if the text is not a condition.
std::optional<std::string> naive_condition(std::string_view text, const ConditionFacts& facts);

}  // namespace tenure::testing
