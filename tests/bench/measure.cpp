#include "bench/measure.h"

#include <malloc.h>
#include <time.h>  // NOLINT: clock_gettime

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace tenure::bench {

std::uint64_t ticks() {
#if defined(__x86_64__)
    return __rdtsc();
#else
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(since).count());
#endif
}

double nanoseconds_per_tick() {
    static const double measured = [] {
        const Stopwatch watch;
        const std::uint64_t begin = ticks();
        while (watch.seconds() < 0.05) {
        }
        return watch.seconds() * 1e9 / static_cast<double>(ticks() - begin);
    }();
    return measured;
}

void pause(double seconds) {
    boost::asio::io_context context;
    boost::asio::steady_timer timer{
        context, std::chrono::microseconds{static_cast<std::int64_t>(seconds * 1e6)}};
    timer.wait();
}

double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double Timings::quantile(double share) const {
    if (ticks_.empty()) return 0;
    std::vector<std::uint32_t> sorted = ticks_;
    const auto place = sorted.begin() +
                       static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), place, sorted.end());
    return *place * nanoseconds_per_tick() / 1'000;
}

double Timings::mean() const {
    if (ticks_.empty()) return 0;
    const double sum = std::accumulate(ticks_.begin(), ticks_.end(), 0.0);
    return sum / static_cast<double>(ticks_.size()) * nanoseconds_per_tick() / 1'000;
}

double median_of(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::uint64_t anonymous_memory() {
    ::malloc_trim(0);
    return anonymous_memory_held();
}

std::uint64_t anonymous_memory_held() {
    std::ifstream status{"/proc/self/status"};
    std::string name;
    while (status >> name) {
        std::uint64_t kilobytes = 0;
        if (name == "RssAnon:" && status >> kilobytes) return kilobytes * 1'024;
    }
    return 0;
}

void read_through(const std::string& directory) {
    std::vector<char> buffer(std::size_t{1} << 20U);
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory, error}) {
        std::ifstream file{entry.path(), std::ios::binary};
        while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()))) {
        }
    }
}

void give_up(const std::string& what) {
    std::fprintf(stderr, "tenure_bench: %s\n", what.c_str());
    std::exit(1);
}

}  // namespace tenure::bench
