#pragma once
// FeedPart: some events of a feed, ready to be sent.

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace tenure::server {

struct FeedPart {
    std::vector<std::string> messages;
    Revision next;  // where to go on
    std::optional<Error> failed;
};

// The part a worker has read last: who follows the same feed at the same place is given it again.
struct FeedMemory {
    std::string tenant;
    std::string type;
    std::string principal;
    std::string scope;
    Revision from;
    Revision head;  // the store when it was read
    FeedPart part;
};

}  // namespace tenure::server
