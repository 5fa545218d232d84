#pragma once
// The questions beside check: each reads as of one basis and returns a whole answer or a page of
// it.
//
// A long one takes a new snapshot now and then (Engine::begin), so that it never keeps old pages
// alive; its basis is a revision, so it does not see the difference.

#include <cstdint>

#include "base/result.h"
#include "domain/question.h"
#include "query/answers.h"
#include "query/engine.h"

namespace tenure::query {

// What a denied one is told beside the reason: the roles that would do, and (which takes a check
// for each role held) also where else it is allowed.
enum class Hints : std::uint8_t { roles, roles_and_places };

Result<Explanation> explain(Engine& engine, const domain::CheckQuestion& question,
                            const Moment& moment, Hints hints = Hints::roles_and_places);

Result<WhoCanAnswer> who_can(Engine& engine, const domain::WhoCanQuestion& question, bool groups,
                             const Page& page, const Moment& moment);

// An empty action asks for the roles assigned, by scope.
Result<WhatCanAnswer> what_can(Engine& engine, const domain::WhatCanQuestion& question,
                               std::string_view within, const Page& page, const Moment& moment);

Result<WhenAnswer> when(Engine& engine, const domain::CheckQuestion& question,
                        const Moment& moment);

Result<DiffAnswer> diff(Engine& engine, std::string_view tenant, std::string_view principal,
                        const domain::AsOf& from, const domain::AsOf& to, const Moment& moment);

Result<HistoryAnswer> history(Engine& engine, std::string_view tenant, std::string_view kind,
                              std::string_view id, const domain::AsOf& as_of, const Moment& moment);

// The live roles of the tenant and of the store; with a scope those that can be assigned there.
Result<RolesAnswer> roles(Engine& engine, std::string_view tenant, std::string_view scope,
                          const domain::AsOf& as_of, const Moment& moment);

// One role, by id or by name.
Result<RoleAnswer> role(Engine& engine, std::string_view tenant, std::string_view role,
                        const domain::AsOf& as_of, const Moment& moment);

// Who holds a role by an assignment in force; with a scope, there: at it or above it.
Result<RoleHoldersAnswer> role_holders(Engine& engine, std::string_view tenant,
                                       std::string_view role, std::string_view scope, bool groups,
                                       const domain::AsOf& as_of, const Moment& moment);

// The roles a principal holds by assignments in force, likewise.
Result<HeldRolesAnswer> held_roles(Engine& engine, std::string_view tenant,
                                   std::string_view principal, std::string_view scope,
                                   const domain::AsOf& as_of, const Moment& moment);

// One principal with its direct groups, one assignment, one token; empty if there was none.
Result<PrincipalAnswer> principal(Engine& engine, std::string_view tenant,
                                  std::string_view principal, const domain::AsOf& as_of,
                                  const Moment& moment);
// What kind of principal it was as of a revision, of an answer mostly; nothing if it was unknown.
std::optional<domain::PrincipalKind> kind_of(Engine& engine, std::string_view tenant,
                                             std::string_view principal, Revision at);
Result<AssignmentAnswer> assignment(Engine& engine, std::string_view tenant,
                                    std::string_view assignment, const domain::AsOf& as_of,
                                    const Moment& moment);
// The newest event of the tenant: what Batch::expected_revision is compared with. 0: none.
Revision last_revision(Engine& engine, std::string_view tenant);
Result<TokenAnswer> token(Engine& engine, std::string_view tenant, std::string_view token,
                          const Moment& moment);
// All tokens that were ever issued; of one principal, or (empty) of all.
Result<TokensAnswer> tokens(Engine& engine, std::string_view tenant, std::string_view principal,
                            const domain::AsOf& as_of, const Page& page, const Moment& moment);

}  // namespace tenure::query
