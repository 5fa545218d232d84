#pragma once
// Catalogs of built-in roles as JSON (docs/FORMAT.md, "Catalogs"), and those the program carries:
// the files of schema/catalogs/, as they were when it was built.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/catalog.h"

namespace tenure::codec {

Result<domain::Catalog> parse_catalog(std::string_view text);

struct EmbeddedCatalog {
    std::string_view text;  // the file; lives as long as the program
    domain::Catalog catalog;
};

// By name.
const std::vector<EmbeddedCatalog>& embedded_catalogs();
// Null if there is none of that name.
const EmbeddedCatalog* find_catalog(std::string_view name);

}  // namespace tenure::codec
