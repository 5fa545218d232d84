#pragma once
// Questions as values, and the coordinates of time they are asked at.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "domain/condition_attributes.h"
#include "domain/model.h"

namespace tenure::domain {

// When a question is about. Neither `at` nor `revision`: now, at head. Not both.
struct AsOf {
    std::optional<Instant> at;  // the tenant's last event effective at or before it; also the clock
    std::optional<Revision> revision;  // that revision; the clock is its effective time
    std::optional<Instant> known_at;   // only what was recorded by then
    // With `revision`: the clock instead. Both of an answer's basis ask for the same moment again.
    std::optional<Instant> clock = {};
    bool operator==(const AsOf&) const = default;
};

// What conditions may read that only the asker knows. The principal's own attributes
// are in the store.
struct AskedAttributes {
    std::string sub_operation;
    condition::AttributeSet request;
    condition::AttributeSet resource;
    condition::AttributeSet environment;
    bool operator==(const AskedAttributes&) const = default;
};

struct CheckQuestion {
    std::string tenant;
    std::string principal;
    std::string action;
    Plane plane{};
    std::string scope;
    AsOf as_of = {};
    AskedAttributes attributes = {};
    bool operator==(const CheckQuestion&) const = default;
};

struct WhoCanQuestion {
    std::string tenant;
    std::string action;
    Plane plane{};
    std::string scope;
    AsOf as_of = {};
    AskedAttributes attributes = {};
    bool operator==(const WhoCanQuestion&) const = default;
};

struct WhatCanQuestion {
    std::string tenant;
    std::string principal;
    std::string action;
    Plane plane{};
    AsOf as_of = {};
    AskedAttributes attributes = {};
    bool operator==(const WhatCanQuestion&) const = default;
};

// One line of a questions file, with the answer its author expects, if any.
struct AskLine {
    std::variant<CheckQuestion, WhoCanQuestion, WhatCanQuestion> question;
    std::optional<bool> expected_allow;                     // of a check
    std::optional<std::vector<std::string>> expected_list;  // of who-can and what-can
    bool operator==(const AskLine&) const = default;
};

}  // namespace tenure::domain
