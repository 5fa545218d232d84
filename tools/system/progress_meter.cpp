#include "system/progress_meter.h"

#include <cstdio>

#include "cli/progress_text.h"
#include "system/system_clock.h"
#include "system/terminal.h"

namespace tenure::system {

void ProgressMeter::show(std::string_view work, std::uint64_t done, std::uint64_t total) {
    if (!shown_) return;
    const std::lock_guard guard{mutex_};
    const std::uint64_t now = monotonic_ms();
    if (work != work_) {
        work_ = work;
        started_ms_ = now;
    }
    if (now - started_ms_ < silence_ms || now - last_shown_ms_ < interval_ms) return;
    last_shown_ms_ = now;
    on_screen_ = true;
    const std::string line =
        cli::progress_line({work_, done, total, now - started_ms_}, terminal_columns() - 1);
    // Carriage return, the line, and "erase to the end of the line".
    std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
    std::fflush(stderr);
}

void ProgressMeter::clear() {
    const std::lock_guard guard{mutex_};
    if (!on_screen_) return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    on_screen_ = false;
}

}  // namespace tenure::system
