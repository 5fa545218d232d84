#pragma once
// Submitting: carries out commands as one batch, in a store's directory or by a server.

#include <string>
#include <vector>

#include "commands/options.h"
#include "commands/program.h"

namespace tenure::commands {

// `remote`: the server; null: the store. There the actor is the one of `cause`, at a server who the
// token stands for, so naming another is refused.
Result<node::Receipt> submit_batch(Program& program, Remote* remote, const CauseTexts& cause,
                                   std::vector<domain::CommandBody> bodies);

// The batch it makes.
domain::Batch batch_of(const std::string& tenant, const CauseTexts& cause,
                       std::vector<domain::CommandBody> bodies);

}  // namespace tenure::commands
