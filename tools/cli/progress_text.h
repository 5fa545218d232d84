#pragma once
// One line that says how far long work has come, how fast it is and how long it will still take.

#include <cstdint>
#include <string>
#include <string_view>

namespace tenure::cli {

struct ProgressState {
    std::string_view work;  // "import"
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: unknown
    std::uint64_t elapsed_ms = 0;
};

// At most `columns` wide: "import  [#####.....]  48%  51,000/s  0:12 left".
std::string progress_line(const ProgressState& state, std::size_t columns);

}  // namespace tenure::cli
