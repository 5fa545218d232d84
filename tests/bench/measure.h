#pragma once
// Measuring: time, spread and memory of what a benchmark does.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace tenure::bench {

class SystemClock final : public Clock {
public:
    Instant now() override {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return Instant{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
    }
};

// The processor's own counter: some nanoseconds to read, so that single checks can be timed.
std::uint64_t ticks();
double nanoseconds_per_tick();

class Stopwatch {
public:
    Stopwatch() : begin_{std::chrono::steady_clock::now()} {}

    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }

private:
    std::chrono::steady_clock::time_point begin_;
};

// Lets others work.
void pause(double seconds);

// Of the whole process: what the work cost, however busy the machine was with other things.
double cpu_seconds();

// Many timings of one kind.
class Timings {
public:
    void reserve(std::size_t count) { ticks_.reserve(count); }

    void add(std::uint64_t ticks) {
        ticks_.push_back(
            static_cast<std::uint32_t>(ticks < ~std::uint32_t{0} ? ticks : ~std::uint32_t{0}));
    }

    bool empty() const { return ticks_.empty(); }

    // In microseconds; share from 0 to 1.
    double quantile(double share) const;

    double median() const { return quantile(0.5); }

    double mean() const;

private:
    std::vector<std::uint32_t> ticks_;
};

double median_of(std::vector<double> values);

// Memory of the process that no file stands behind, in bytes; what the allocator can give back is
// given back first.
std::uint64_t anonymous_memory();
// The same without giving back, for the middle of some work.
std::uint64_t anonymous_memory_held();

// Reads the files of a directory once, so that they are in the page cache: what is measured is the
// program, on a machine with memory for its index, and not the disk.
void read_through(const std::string& directory);

// Ends the program with the error's text: a benchmark has nothing else to do with it.
[[noreturn]] void give_up(const std::string& what);

template <class T>
T must(Result<T> result) {
    if (!result) give_up(result.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(result.value());
}

}  // namespace tenure::bench
