#pragma once
// Result<T>: the outcome of an operation whose failure a caller can act on.
//
// Absence is std::optional and a denied check is a decision; neither is an Error. Our own data
// found damaged, or a broken promise inside the program, is an INVARIANT (invariant.h), not an
// Error: nobody can act on it but an operator.

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>
#include <string>
#include <utility>

namespace tenure {

// What kind of answer an error is. The command line turns it into an exit code and the server into
// an HTTP status, so a new enumerator needs a row in both tables.
enum class Errc {
    invalid_argument,  // the input is malformed; says which field, which value, what is right
    not_found,         // something named does not exist
    already_exists,    // an id is taken
    conflict,          // the state, or `expected_revision`, forbids it
    forbidden,         // the actor lacks a right
    limit_exceeded,    // a named limit
    unavailable,       // cannot be answered now: stopped, locked, not leader, too old a copy
    storage_full,      // disk or map full; nothing of the operation is kept unless it says so
    storage_damaged,   // bytes that are not what was written, a truncated or foreign file
    storage_too_new,   // written by a newer format than this program reads
    storage_failed,    // the operating system refused: permissions, I/O
};

// Stable lower-case name, e.g. "not_found": part of the JSON output.
const char* name_of(Errc code);

struct Error {
    Errc code{};
    std::string detail;      // a sentence for a person, without a final full stop
    std::string field = {};  // the input field it is about, e.g. "data.role"; empty if none
};

template <class T>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

inline auto success() { return boost::outcome_v2::success(); }

inline Error invalid(std::string field, std::string detail) {
    return Error{Errc::invalid_argument, std::move(detail), std::move(field)};
}

}  // namespace tenure

// TRY(auto x, f()); or TRY(f()); leaves the function with f's error, if it has one.
#define TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
