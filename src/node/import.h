#pragma once
// The import of history, on the writer thread. Private to node/.

#include <iosfwd>

#include "base/result.h"
#include "node/node.h"

namespace tenure::node {

struct Core;

Result<ImportReport> import_history(Core& core, std::istream& input, const ImportOptions& options);

}  // namespace tenure::node
