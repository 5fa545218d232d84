#pragma once
// Stores of tests: maps that are small enough for many of them under TSan, and any disk will do.

#include <cstdint>

#include "node/node.h"

namespace tenure::testing {

inline node::Options small_options() {
    node::Options options;
    options.log_map_bytes = std::uint64_t{64} << 20U;
    options.index_map_bytes = std::uint64_t{256} << 20U;
    options.disk_free_bytes_min = 0;
    return options;
}

}  // namespace tenure::testing
