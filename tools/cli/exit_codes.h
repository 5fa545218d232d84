#pragma once
// What the program's exit code says. docs/OPERATIONS.md repeats this list.

#include "base/result.h"

namespace tenure::cli {

enum class Exit : int {
    ok = 0,  // allow; done
    // Deny; an answer that is not the expected one; a condition that does not hold; no roles that
    // are enough; a node that is not well; copies that differ.
    deny = 1,
    usage = 2,    // the command line itself is wrong
    refused = 3,  // understood and refused: a rule, a line of a file, something that is not there
    storage = 4,  // the store's files cannot be read or written
};

// The one table from kinds of errors to exit codes.
constexpr Exit exit_of(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return Exit::usage;
        case Errc::not_found:
        case Errc::already_exists:
        case Errc::conflict:
        case Errc::forbidden:
        case Errc::limit_exceeded:
        case Errc::unavailable:
            return Exit::refused;
        case Errc::storage_full:
        case Errc::storage_damaged:
        case Errc::storage_too_new:
        case Errc::storage_failed:
            return Exit::storage;
    }
    return Exit::storage;
}

}  // namespace tenure::cli
