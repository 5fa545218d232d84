#pragma once
// Answers as a person reads them: a sentence or a table, and what moment they are about.

#include <optional>
#include <string>

#include "api/display.h"
#include "api/event_text.h"
#include "api/table.h"
#include "query/answers.h"

namespace tenure::api {

// "as of 2025-03-01T00:00:00Z, revision 42 (not final: later events may change the answer)".
std::string basis_text(const query::Basis& basis);

// After a list: how much of it this is, of what moment, and where the next page begins.
std::string list_end(std::size_t count, std::string_view noun, const std::string& next,
                     const query::Basis& basis, const Paint& paint);

std::string to_text(const query::CheckAnswer& answer, const Paint& paint);
std::string to_text(const query::WhoCanAnswer& answer, const Paint& paint);
// `by_role`: the question named no action, so entries have roles.
std::string to_text(const query::WhatCanAnswer& answer, bool by_role, const Paint& paint);
std::string to_text(const query::WhenAnswer& answer, const Events& events, const Paint& paint);
std::string to_text(const query::DiffAnswer& answer, const Events& events, const Paint& paint);

// The whole derivation of a decision, step by step. `last` is when a denied principal could last do
// it.
std::string to_text(const query::Explanation& answer,
                    const std::optional<query::AccessInterval>& last, const Events& events,
                    const Paint& paint);

// The events of one object.
std::string history_text(const Events& events, const query::Basis& basis, const Paint& paint);

// Rows of events. With several tenants each row names its own.
Table event_table(bool with_tenant);
void add_event(Table& table, const domain::Event& event, bool with_tenant);

}  // namespace tenure::api
