#include "base/invariant.h"

#include <cstdio>
#include <cstdlib>

#include "base/result.h"

namespace tenure {

void invariant_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "tenure: invariant broken: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

const char* name_of(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return "invalid_argument";
        case Errc::not_found:
            return "not_found";
        case Errc::already_exists:
            return "already_exists";
        case Errc::conflict:
            return "conflict";
        case Errc::forbidden:
            return "forbidden";
        case Errc::limit_exceeded:
            return "limit_exceeded";
        case Errc::unavailable:
            return "unavailable";
        case Errc::storage_full:
            return "storage_full";
        case Errc::storage_damaged:
            return "storage_damaged";
        case Errc::storage_too_new:
            return "storage_too_new";
        case Errc::storage_failed:
            return "storage_failed";
    }
    return "unknown";
}

}  // namespace tenure
