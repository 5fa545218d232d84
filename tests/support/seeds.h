#pragma once
// How long the property tests run: TENURE_SEEDS worlds, from TENURE_SEED on. With TENURE_SEED
// alone, that one world.
//
//   TENURE_SEEDS=10000 build/release/tests/property/property_test

#include <cstddef>
#include <cstdint>
#include <functional>

namespace tenure::testing {

struct Seeds {
    std::uint64_t first = 1;
    std::size_t count = 0;
};

// `usual`: how many if nothing is said.
Seeds seeds_under_test(std::size_t usual);

// Runs the test for each seed; stops at the first that fails, whose number is part of every
// message.
void for_each_seed(std::size_t usual, const std::function<void(std::uint64_t)>& test);

}  // namespace tenure::testing
