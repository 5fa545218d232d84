#pragma once
// Pages of a search. A token says where the next page begins, as of which moment, and which request
// it belongs to: whoever repeats the request gets the rest of the same list, however much has
// happened since.

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/question.h"
#include "server/authzen_request.h"

namespace tenure::server::authzen {

struct Page {
    domain::AsOf as_of;
    std::string after;  // the key that the page before ended with; empty: the first page
};

// Error: the token is not one, or of another request.
Result<Page> page_of(const Search& asked, std::string_view tenant);
// `next` has a revision and a clock.
std::string token_of(const Search& asked, std::string_view tenant, const Page& next);

}  // namespace tenure::server::authzen
