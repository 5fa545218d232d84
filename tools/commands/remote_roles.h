#pragma once
// Roles in full, as a server tells them: for what is worked out from definitions.

#include <string>

#include "commands/remote.h"
#include "query/answers.h"

namespace tenure::commands {

Result<query::RoleAnswer> role_at(Remote& remote, const std::string& role,
                                  const domain::AsOf& as_of);
// Those that can be assigned at `scope`; empty: all.
Result<query::RolesAnswer> roles_at(Remote& remote, const std::string& scope,
                                    const domain::AsOf& as_of);

}  // namespace tenure::commands
