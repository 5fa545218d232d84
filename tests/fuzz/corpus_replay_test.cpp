// Runs every input in corpus/ through the function that the fuzzer runs it through.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/targets.h"

namespace tenure::fuzz {
namespace {

namespace fs = std::filesystem;

class FuzzCorpus : public ::testing::TestWithParam<Target> {};

TEST_P(FuzzCorpus, HoldsForEveryInput) {
    const fs::path folder =
        fs::path{TENURE_SOURCE_DIR} / "tests" / "fuzz" / "corpus" / GetParam().name;
    std::size_t inputs = 0;
    for (const auto& entry : fs::directory_iterator{folder}) {
        SCOPED_TRACE(entry.path());
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string input{std::istreambuf_iterator<char>{file}, {}};
        GetParam().run(std::as_bytes(std::span{input}));
        ++inputs;
    }
    EXPECT_GT(inputs, 0U) << folder;
}

TEST_P(FuzzCorpus, HoldsForNoInput) { GetParam().run({}); }

INSTANTIATE_TEST_SUITE_P(All, FuzzCorpus, ::testing::ValuesIn(targets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace tenure::fuzz
