#pragma once
// Tables: the population as rows for PostgreSQL, each with the time it was true; see schema.sql.

#include <cstdint>
#include <string>

#include "bench/population.h"

namespace tenure::bench {

// Writes one file a table into `directory`, in the text format of COPY.
void write_tables(const Shape& shape, std::uint64_t seed, const std::string& directory);

// As COPY and a parameter take it, without escapes: `text` has nothing to escape.
std::string row(std::initializer_list<std::string> values);

}  // namespace tenure::bench
