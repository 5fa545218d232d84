// The entry function of a libFuzzer program; the build says which target it runs.

#include <cstddef>
#include <cstdint>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tenure::fuzz::TENURE_FUZZ_TARGET(std::as_bytes(std::span{data, size}));
    return 0;
}
