#include "cli/progress_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "api/display.h"

namespace tenure::cli {
namespace {

std::string clock_text(std::uint64_t seconds) {
    std::array<char, 48> text{};
    if (seconds >= 3600)
        std::snprintf(text.data(), text.size(), "%llu:%02llu:%02llu",
                      static_cast<unsigned long long>(seconds / 3600),
                      static_cast<unsigned long long>(seconds / 60 % 60),
                      static_cast<unsigned long long>(seconds % 60));
    else
        std::snprintf(text.data(), text.size(), "%llu:%02llu",
                      static_cast<unsigned long long>(seconds / 60),
                      static_cast<unsigned long long>(seconds % 60));
    return text.data();
}

}  // namespace

std::string progress_line(const ProgressState& state, std::size_t columns) {
    constexpr std::size_t bar_columns_max = 30;
    const double seconds = static_cast<double>(std::max<std::uint64_t>(state.elapsed_ms, 1)) / 1e3;
    const double rate = static_cast<double>(state.done) / seconds;
    const std::string speed = api::grouped(static_cast<std::size_t>(rate)) + "/s";

    std::string head{state.work};
    std::string tail;
    if (state.total == 0) {
        tail = api::grouped(state.done) + "  " + speed + "  " +
               clock_text(static_cast<std::uint64_t>(seconds));
    } else {
        const std::uint64_t done = std::min(state.done, state.total);
        const double fraction = static_cast<double>(done) / static_cast<double>(state.total);
        std::array<char, 8> percent{};
        std::snprintf(percent.data(), percent.size(), "%3d%%", static_cast<int>(fraction * 100));
        tail = std::string(percent.data()) + "  " + speed;
        if (rate > 0)
            tail += "  " +
                    clock_text(static_cast<std::uint64_t>(static_cast<double>(state.total - done) /
                                                          rate)) +
                    " left";
        const std::size_t used = api::display_width(head) + api::display_width(tail) + 6;
        if (columns > used + 4) {
            const std::size_t bar = std::min(bar_columns_max, columns - used);
            const auto filled = static_cast<std::size_t>(fraction * static_cast<double>(bar));
            head += "  [" + std::string(filled, '#') + std::string(bar - filled, '.') + ']';
        }
    }
    std::string line = head + "  " + tail;
    if (line.size() > columns) line.resize(columns);
    return line;
}

}  // namespace tenure::cli
