#pragma once
// Answers of the AuthZEN API (requests: authzen_request.h; what they mean: docs/API.md, "AuthZEN").
//
// A decision is 200, an allow or a deny; only a request that cannot be understood, or asked by this
// asker, is refused. Asking about oneself is always allowed.

#include "base/result.h"
#include "server/route.h"

namespace tenure::server::authzen {

Reply evaluation(Call& call, node::Session& session);
Reply evaluations(Call& call, node::Session& session);

Reply search_subject(Call& call, node::Session& session);
Reply search_resource(Call& call, node::Session& session);
Reply search_action(Call& call, node::Session& session);

// A limit is 413 here: the standard knows nothing of 422.
unsigned status_of_error(Errc code);
Reply refused(const Error& error);

}  // namespace tenure::server::authzen
