#pragma once
// Whole lists of a server, page by page: who-can and what-can as a questions file asks them.

#include "cli/ask_text.h"
#include "commands/remote.h"

namespace tenure::commands {

// The ids and the moment; nothing else of the entries.
Result<cli::Answer> remote_list(Remote& remote, const domain::AskLine& question,
                                const std::string& within);

}  // namespace tenure::commands
