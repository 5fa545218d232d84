#pragma once
// Enumerate: all objects of one kind in a tenant, in runs, a fresh snapshot for each.

#include <functional>
#include <string_view>

#include "query/engine.h"

namespace tenure::query {

inline constexpr std::size_t objects_per_snapshot = 2'000;

// Calls `visit` with id and interned text until it returns false. Order is that of the name hashes.
// `visit` may use the engine; it runs on a snapshot that has just begun.
void for_each_named(Engine& engine, ObjectId tenant, Kind kind,
                    const std::function<bool(ObjectId, std::string_view)>& visit);

}  // namespace tenure::query
