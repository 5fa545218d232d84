#pragma once
// SystemRandom: chance from the operating system. The only place of the program that asks for it.

#include "base/random.h"

namespace tenure::system {

class SystemRandom final : public Random {
public:
    std::uint64_t next() override;
};

}  // namespace tenure::system
