#include "query/paths.h"

#include <algorithm>

namespace tenure::query {

Paths::Paths(const RowReader& reader, ObjectId principal, Revision at) : principal_{principal} {
    std::vector<ObjectId> round{principal};
    while (!round.empty()) {
        std::vector<ObjectId> next;
        for (const ObjectId member : round)
            for (const Membership& in : direct_groups_at(reader, member, at))
                if (in.group != principal &&
                    came_by_.try_emplace(in.group, member, in.since).second)
                    next.push_back(in.group);
        round = std::move(next);
    }
}

std::vector<ObjectId> Paths::subjects() const {
    std::vector<ObjectId> all{principal_};
    for (const auto& [group, from] : came_by_) all.push_back(group);
    return all;
}

std::vector<MembershipStep> Paths::to(const RowReader& reader, ObjectId subject) const {
    std::vector<MembershipStep> steps;
    while (subject != principal_) {
        const auto& [member, since] = came_by_.at(subject);
        steps.push_back(
            {projection::text_of(reader, member), projection::text_of(reader, subject), since});
        subject = member;
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
}

}  // namespace tenure::query
