#pragma once
// An event that decide() would not have let happen after those before it: it names what is not
// there, say. No node records such a thing, but a copy of a log believes its source about what it
// says. Folder throws it; whoever folds a log makes an Error of it (node/generations.h). What was
// folded with it in one batch has to be dropped.

#include <stdexcept>

namespace tenure::projection {

class ImpossibleEvent : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

inline void require(bool holds, const char* otherwise) {
    if (!holds) [[unlikely]]
        throw ImpossibleEvent{otherwise};
}

}  // namespace tenure::projection
