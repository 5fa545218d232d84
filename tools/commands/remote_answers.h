#pragma once
// Reading a server's JSON, where its answer is not printed as it comes.

#include "codec/json_document.h"
#include "query/answers.h"

namespace tenure::commands {

inline Error strange_answer() {
    return Error{Errc::unavailable, "the server's answer cannot be read"};
}

// The members "revision", "at" and "final" of an answer.
Result<query::Basis> read_basis(const codec::JsonDocument& document);

Result<Revision> revision_member(const codec::JsonDocument& document, codec::JsonIndex object,
                                 std::string_view name);

}  // namespace tenure::commands
