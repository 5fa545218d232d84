#pragma once
// ProgressMeter: shows on standard error how far long work has come, if that is a terminal and the
// work takes longer than a second. Any thread.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace tenure::system {

class ProgressMeter {
public:
    explicit ProgressMeter(bool shown) : shown_{shown} {}

    ~ProgressMeter() { clear(); }

    ProgressMeter(const ProgressMeter&) = delete;
    ProgressMeter& operator=(const ProgressMeter&) = delete;

    // total 0: unknown. Another name of the work starts anew.
    void show(std::string_view work, std::uint64_t done, std::uint64_t total);
    // Takes the line away, before anything else is written to the terminal.
    void clear();

private:
    static constexpr std::uint64_t silence_ms = 1'000;
    static constexpr std::uint64_t interval_ms = 100;

    const bool shown_;
    std::mutex mutex_;
    std::string work_;
    std::uint64_t started_ms_ = 0;
    std::uint64_t last_shown_ms_ = 0;
    bool on_screen_ = false;
};

}  // namespace tenure::system
