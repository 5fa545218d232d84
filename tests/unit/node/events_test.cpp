// Reading the log as events.

#include "unit/node/node_fixture.h"

namespace tenure::node {
namespace {

class Events : public Store {
protected:
    void SetUp() override {
        Store::SetUp();
        clock_.advance(second);
        must_submit(batch({create_user("a"), assign_owner("x", "a")}));
        must_submit(batch({domain::CreateTenant{"", false, "boss"}}, "", "other"));
        domain::Batch one = batch({domain::RevokeAssignment{"x"}});
        one.commands[0].actor = "a";
        must_submit(one);
        must_import(user_lines(2));
    }

    std::vector<std::uint64_t> revisions(const EventFilter& filter) {
        std::vector<std::uint64_t> found;
        for (const domain::Event& event : all_events(*node_, filter))
            found.push_back(event.revision.value);
        return found;
    }

    using Revisions = std::vector<std::uint64_t>;
};

TEST_F(Events, AreAllThereInOrder) {
    const auto events = all_events(*node_);
    for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].revision.value, i + 1);
    EXPECT_EQ(Revision{events.size()}, node_->status().committed);
}

TEST_F(Events, ByRange) {
    EventFilter filter;
    filter.from = Revision{2};
    filter.to = Revision{3};
    EXPECT_EQ(revisions(filter), (Revisions{2, 3}));
    filter.from = Revision{0};
    filter.to = Revision{1};
    EXPECT_EQ(revisions(filter), Revisions{1});
    filter.from = Revision{1'000};
    filter.to = revision_max;
    EXPECT_EQ(revisions(filter), Revisions{});
}

TEST_F(Events, ByEffectiveTime) {
    EventFilter filter;
    filter.since = node_->event(Revision{5}).value().effective_at;
    filter.until = node_->event(Revision{6}).value().effective_at;
    EXPECT_EQ(revisions(filter), Revisions{5});
    filter = {};
    filter.until = Instant{ManualClock::start_us};
    EXPECT_EQ(revisions(filter).size(), 3);  // the imported: tenant and two users
}

TEST_F(Events, ByTenantTypeActorAndObject) {
    EventFilter filter;
    filter.any_tenant = false;
    filter.tenant = "acme";
    filter.type = "assignment.";
    EXPECT_EQ(revisions(filter).size(), 3);
    filter.type = "assignment.revoked";
    EXPECT_EQ(revisions(filter).size(), 1);
    filter.type = "assignment";
    EXPECT_EQ(revisions(filter).size(), 0);
    filter = {};
    filter.actor = "a";
    EXPECT_EQ(revisions(filter).size(), 1);
    filter = {};
    filter.object = "a";
    EXPECT_EQ(revisions(filter), (Revisions{5, 6}));
    filter.object = "x";
    EXPECT_EQ(revisions(filter).size(), 2);
    filter.object = "OWNER";  // roles without regard to case, principals not
    for (const domain::Event& event : all_events(*node_, filter))
        EXPECT_FALSE(std::holds_alternative<domain::PrincipalCreated>(event.body));
}

TEST_F(Events, StopWhenTheVisitorHasEnough) {
    int seen = 0;
    ASSERT_TRUE(node_->events({}, [&](const domain::Event&) { return ++seen < 3; }).has_value());
    EXPECT_EQ(seen, 3);
}

TEST_F(Events, OneByItsRevision) {
    EXPECT_EQ(node_->event(Revision{1}).value().revision, Revision{1});
    EXPECT_EQ(node_->event(Revision{0}).error().code, Errc::not_found);
    EXPECT_EQ(node_->event(Revision{999}).error().code, Errc::not_found);
}

TEST_F(Events, ALongReadDoesNotMakeTheLogGrow) {
    const auto write_much = [&](const std::string& prefix) {
        for (int i = 0; i < 150; ++i) {
            std::vector<domain::CommandBody> users;
            for (int u = 0; u < 20; ++u)
                users.push_back(create_user(prefix + std::to_string(i) + "." + std::to_string(u)));
            must_submit(batch(std::move(users)));
        }
    };
    const std::uint64_t start = node_->status().log_bytes;
    write_much("without");
    const std::uint64_t without = node_->status().log_bytes - start;
    // The same again, in the middle of a read that is as slow as all the writes together.
    const std::uint64_t middle = node_->status().log_bytes;
    std::uint64_t seen = 0;
    ASSERT_TRUE(node_
                    ->events({},
                             [&](const domain::Event&) {
                                 if (++seen == 10) write_much("within");
                                 return true;
                             })
                    .has_value());
    const std::uint64_t within = node_->status().log_bytes - middle;
    EXPECT_GE(seen, 3'000);
    EXPECT_LE(within, without + without / 4 + (std::uint64_t{64} << 10U));
}

}  // namespace
}  // namespace tenure::node
