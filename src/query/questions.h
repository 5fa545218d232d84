#pragma once
// The questions beside check: each reads as of one basis and returns a whole answer or a page of
// it.
//
// A long one takes a new snapshot now and then (Engine::begin), so that it never keeps old pages
// alive; its basis is a revision, so it does not see the difference.

#include "base/result.h"
#include "domain/question.h"
#include "query/answers.h"
#include "query/engine.h"

namespace tenure::query {

Result<Explanation> explain(Engine& engine, const domain::CheckQuestion& question,
                            const Moment& moment);

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

}  // namespace tenure::query
