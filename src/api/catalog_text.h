#pragma once
// Catalogs as a person reads them.

#include <string>
#include <vector>

#include "api/display.h"
#include "codec/catalogs.h"

namespace tenure::api {

std::string to_json(const std::vector<codec::EmbeddedCatalog>& catalogs);
std::string to_text(const std::vector<codec::EmbeddedCatalog>& catalogs, const Paint& paint);
std::string to_text(const domain::Catalog& catalog, const Paint& paint);

// What applying a catalog did.
struct CatalogApplied {
    std::string catalog;
    std::uint64_t version = 0;
    std::string tenant;  // empty: for all tenants
    std::size_t defined = 0;
    std::size_t updated = 0;
    bool changed = false;  // something was recorded
    Revision revision;
};

std::string to_json(const CatalogApplied& applied);
std::string to_text(const CatalogApplied& applied);

}  // namespace tenure::api
