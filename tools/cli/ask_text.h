#pragma once
// One line of a questions file: its answer as JSON, and whether it is the expected one.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "domain/question.h"
#include "query/answers.h"

namespace tenure::cli {

using Answer = std::variant<query::CheckAnswer, query::WhoCanAnswer, query::WhatCanAnswer>;

// {"line":7,"decision":"allow","revision":42,"final":true}, or "principals" or "scopes" with the
// ids alone.
std::string answer_line(std::uint64_t line, const Answer& answer);

// A line that cannot be answered: {"line":7,"error":"invalid_argument","detail":...}.
std::string answer_line(std::uint64_t line, const Error& error);

// What is wrong with the answer, for a person; nothing if it is as expected or nothing was
// expected. Lists are compared in order, as sorted by code point.
std::optional<std::string> mismatch(const domain::AskLine& question, const Answer& answer);

bool has_expectation(const domain::AskLine& question);

}  // namespace tenure::cli
