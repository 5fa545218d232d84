#pragma once
// Lists of tokens, as JSON and as a person reads them. A token's last use is no event: only a
// running server knows it, of itself and since it started.

#include <optional>
#include <string>
#include <vector>

#include "api/display.h"
#include "query/answers.h"

namespace tenure::api {

struct TokenList {
    query::TokensAnswer answer;
    // One for each token, to the second; nothing: not used since. Empty without a server.
    std::vector<std::optional<Instant>> last_used{};
    // From when on the server has noted uses; nothing without a server.
    std::optional<Instant> uses_since{};
    // False: there were more tokens than it notes uses of, so that one without may have been used.
    bool uses_complete = true;
};

std::string to_json(const TokenList& list);
std::string to_text(const TokenList& list, const Paint& paint);

}  // namespace tenure::api
