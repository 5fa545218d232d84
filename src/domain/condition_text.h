#pragma once
// Conditions and their values as canonical text.

#include <optional>
#include <string>

#include "domain/condition_code.h"
#include "domain/condition_compare.h"

namespace tenure::domain::condition {

std::string text_of(const Code& code);
// Of a part that is not AND, OR or NOT.
std::string text_of_leaf(const Code& code, const Part& part);
// "@Request[name]".
std::string text_of(const Code& code, const AttributeName& name);
// As a literal or a set of literals; nothing if the values are missing.
std::optional<std::string> text_of(const Code& code, const ValuesView& values);

}  // namespace tenure::domain::condition
