#pragma once
// Paths: how the subjects of a principal, itself and the groups above it, are reached.

#include <map>
#include <utility>
#include <vector>

#include "query/answers.h"
#include "query/facts.h"

namespace tenure::query {

class Paths {
public:
    Paths(const RowReader& reader, ObjectId principal, Revision at);

    std::vector<ObjectId> subjects() const;
    // The shortest chain of memberships, from the principal outward.
    std::vector<MembershipStep> to(const RowReader& reader, ObjectId subject) const;

private:
    ObjectId principal_;
    std::map<ObjectId, std::pair<ObjectId, Revision>> came_by_;
};

}  // namespace tenure::query
