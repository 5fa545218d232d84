#pragma once
// Answers as JSON. Every answer carries the revision it was computed at, the clock if it mattered,
// and whether it is final; each revision that an answer mentions comes with its event's type, actor
// and time.

#include <set>
#include <string>

#include "api/events.h"
#include "base/result.h"
#include "domain/question.h"
#include "query/answers.h"

namespace tenure::api {

// The events whose who and when an answer needs.
std::set<Revision> mentioned(const query::Explanation& answer);
std::set<Revision> mentioned(const query::WhenAnswer& answer);
std::set<Revision> mentioned(const query::DiffAnswer& answer);

// When it was last allowed, of a question that is denied at `basis`.
std::optional<query::AccessInterval> last_allowed(const query::WhenAnswer& when,
                                                  const query::Basis& basis);

std::string to_json(const query::CheckAnswer& answer);
// `last` belongs to a deny that was an allow before.
std::string to_json(const query::Explanation& answer,
                    const std::optional<query::AccessInterval>& last, const Events& events);
std::string to_json(const query::WhoCanAnswer& answer);
std::string to_json(const query::WhatCanAnswer& answer);
std::string to_json(const query::WhenAnswer& answer, const Events& events);
std::string to_json(const query::DiffAnswer& answer, const Events& events);

// The events of one object; and the same one a line, as every list of events is exported.
std::string history_json(const Events& events, const query::Basis& basis);
std::string event_lines(const Events& events);

}  // namespace tenure::api
