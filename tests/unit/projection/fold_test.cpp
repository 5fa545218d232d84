// Events that no node records: folding them is refused, and what was there before is there still.

#include "projection/fold.h"

#include <string>

#include "projection/impossible_event.h"
#include "unit/projection/index_fixture.h"

namespace tenure::projection {
namespace {

class ImpossibleEvents : public FoldedIndex {
protected:
    ImpossibleEvents() {
        for (const char* group : {"a", "b", "c"}) {
            domain::PrincipalCreated created;
            created.principal.id = group;
            created.principal.kind = domain::PrincipalKind::group;
            EXPECT_EQ(fold(std::move(created)), "");
        }
    }

    // Why it was refused.
    std::string fold(domain::EventBody body) {
        IndexBatch batch{*index_};
        try {
            batch.folder().fold(event_of(next(index_->applied()), std::move(body)));
        } catch (const ImpossibleEvent& impossible) {
            return impossible.what();
        }
        EXPECT_TRUE(batch.commit());
        return {};
    }
};

TEST_F(ImpossibleEvents, NameWhatIsNotThere) {
    const Revision before = index_->applied();
    EXPECT_EQ(fold(domain::AssignmentRevoked{"none"}), "it names something that is not there");
    EXPECT_EQ(fold(domain::PrincipalDisabled{"none"}), "it names a principal that is not there");
    domain::AssignmentCreated created;
    created.assignment.id = "x";
    created.assignment.principal = "a";
    created.assignment.role = "none";
    created.assignment.scope = "/s";
    EXPECT_EQ(fold(created), "it names a role that is not there");
    EXPECT_EQ(fold(domain::MemberRemoved{"a", "b"}), "it removes a member that is none");
    EXPECT_EQ(index_->applied(), before);
    EXPECT_EQ(fold(domain::MemberAdded{"a", "b"}), "") << "what can be still can";
}

TEST_F(ImpossibleEvents, NestGroupsInACircle) {
    EXPECT_EQ(fold(domain::MemberAdded{"a", "b"}), "");
    EXPECT_EQ(fold(domain::MemberAdded{"b", "a"}), "");
    EXPECT_EQ(fold(domain::MemberAdded{"c", "b"}), "");

    EXPECT_EQ(fold(domain::MemberRemoved{"c", "b"}), "groups contain each other");
}

}  // namespace
}  // namespace tenure::projection
