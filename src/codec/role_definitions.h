#pragma once
// Role definitions in and out, in the JSON that Azure and its tools write: a role with its fields
// under "properties" or flat, permissions as a list of blocks or as four lists; names of members
// without regard to case. docs/FORMAT.md, "Role definitions", has the members.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/operations.h"
#include "domain/role_changes.h"

namespace tenure::codec {

// As many as one batch can carry out.
inline constexpr std::size_t role_definitions_max = 10'000;

// One role, an array of roles, an object with the array as its "value", or roles one after the
// other. Error::detail begins with "line N: "; Error::field is the path in the definition.
Result<std::vector<domain::GivenRole>> parse_role_definitions(std::string_view text);

// One line without an end.
std::string role_definition_json(const domain::Role& role);
// An array, one role a line.
std::string role_definitions_json(const std::vector<domain::Role>& roles);

// {"name","isDataAction"}, one after the other or as an array; other members are passed over.
Result<domain::Operations> parse_operations(std::string_view text);

// "azure-ai-user" of "Azure AI User": the id of a role that is given without one.
std::string role_id_of_name(std::string_view name);

}  // namespace tenure::codec
