#include "support/seeds.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace tenure::testing {

Seeds seeds_under_test(std::size_t usual) {
    const char* first = std::getenv("TENURE_SEED");
    const char* count = std::getenv("TENURE_SEEDS");
    Seeds seeds{1, usual};
    if (first != nullptr) seeds = {std::strtoull(first, nullptr, 0), 1};
    if (count != nullptr) seeds.count = std::strtoull(count, nullptr, 0);
    return seeds;
}

void for_each_seed(std::size_t usual, const std::function<void(std::uint64_t)>& test) {
    const Seeds seeds = seeds_under_test(usual);
    for (std::size_t i = 0; i < seeds.count; ++i) {
        const std::uint64_t seed = seeds.first + i;
        const ::testing::ScopedTrace trace{__FILE__, __LINE__,
                                           "TENURE_SEED=" + std::to_string(seed)};
        test(seed);
        if (::testing::Test::HasFailure()) return;
    }
}

}  // namespace tenure::testing
