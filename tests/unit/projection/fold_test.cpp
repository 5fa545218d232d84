// Events that no node records: folding them is refused, and what was there before is there still.

#include "projection/fold.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/invariant.h"
#include "projection/impossible_event.h"
#include "projection/index.h"
#include "support/temp_store.h"

namespace tenure::projection {
namespace {

class ImpossibleEvents : public ::testing::Test {
protected:
    ImpossibleEvents() {
        IndexOptions options;
        options.map_bytes = std::uint64_t{1} << 26U;
        options.create = true;
        auto opened = Index::open(directory_ / "index", log::LogId{{7, 11}}, options);
        INVARIANT(opened.has_value());
        index_ = std::move(opened.value());
        for (const char* group : {"a", "b", "c"}) {
            domain::PrincipalCreated created;
            created.principal.id = group;
            created.principal.kind = domain::PrincipalKind::group;
            EXPECT_EQ(fold(std::move(created)), "");
        }
    }

    // Why it was refused.
    std::string fold(domain::EventBody body) {
        domain::Event event;
        event.revision = next(index_->applied());
        event.recorded_at = event.effective_at =
            Instant{static_cast<std::int64_t>(event.revision.value)};
        event.tenant = "t";
        event.body = std::move(body);
        IndexBatch batch{*index_};
        try {
            batch.folder().fold(event);
        } catch (const ImpossibleEvent& impossible) {
            return impossible.what();
        }
        EXPECT_TRUE(batch.commit());
        return {};
    }

    testing::TempDir directory_;
    std::unique_ptr<Index> index_;
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
