#pragma once
// Random: the only source of chance. SeededRandom repeats itself for a seed, for tests and tools;
// the program's own one (tools/) reads the operating system's.

#include <cstdint>

namespace tenure {

class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t next() = 0;

    // Uniform enough for tests and generators: 0 <= result < bound; bound > 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

    bool one_in(std::uint64_t n) { return below(n) == 0; }
};

// SplitMix64 (Steele, Lea, Flood 2014): one word of state, every seed good.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() override {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }

private:
    std::uint64_t state_;
};

}  // namespace tenure
