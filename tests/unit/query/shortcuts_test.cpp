// What the engine makes of its views when the same is asked again and again: whom a principal
// stands for, and what is assigned at a scope. Both are overtaken by changes of others.

#include <gtest/gtest.h>

#include "query/views.h"
#include "unit/query/small_world.h"

namespace tenure::query {
namespace {

constexpr int often = 40;  // more than any shortcut waits for

class Shortcuts : public ::testing::Test {
protected:
    Shortcuts() {
        world.role("reader", {"a/read"});
        world.user("u");
        world.group("g");
        world.group("upper");
        world.join("g", "u");
    }

    bool may_now(const std::string& who = "u", const std::string& scope = "/s/x") {
        return world.check(world.may(who, "a/read", scope)).allowed;
    }

    bool may_at(Revision revision, const std::string& who = "u") {
        return world.check(world.may(who, "a/read", "/s/x", {{}, revision, {}})).allowed;
    }

    void ask_often(const std::string& who = "u") {
        for (int i = 0; i < often; ++i) may_now(who);
    }

    SmallWorld world;
};

TEST_F(Shortcuts, SeeAGroupThatIsPutIntoAnother) {
    world.assign("a", "upper", "reader", "/s");
    ask_often();
    ASSERT_FALSE(may_now());
    const Revision before = world.head();

    world.join("upper", "g");
    for (int i = 0; i < often; ++i) {
        EXPECT_TRUE(may_now());
        EXPECT_FALSE(may_at(before));
    }
}

TEST_F(Shortcuts, SeeWhatIsAssignedAtAScopeThatTheyKnow) {
    ask_often();
    const Revision before = world.head();

    world.assign("a", "g", "reader", "/s");
    EXPECT_TRUE(may_now());
    ask_often();
    EXPECT_TRUE(may_now());
    EXPECT_FALSE(may_at(before));
    world.happen("t", domain::AssignmentRevoked{"a"});
    EXPECT_FALSE(may_now());
    ask_often();
    EXPECT_FALSE(may_now());
    EXPECT_TRUE(may_at(Revision{world.head().value - 1}));
}

TEST_F(Shortcuts, MadeForThePastFromWhatIsOldDoNotAnswerForNow) {
    world.assign("a", "upper", "reader", "/s");
    // The group's view is read now, and will be good for this revision for ever.
    world.user("other");
    world.join("g", "other");
    ask_often("other");
    const Revision before = world.head();

    world.join("upper", "g");
    for (int i = 0; i < often; ++i) EXPECT_FALSE(may_at(before));
    EXPECT_TRUE(may_now());
}

TEST_F(Shortcuts, KnowWhoLeftAndCameBack) {
    world.assign("a", "g", "reader", "/s");
    const Revision in = world.head();
    const Revision out = world.happen("t", domain::MemberRemoved{"g", "u"});
    world.join("g", "u");
    for (int i = 0; i < often; ++i) {
        EXPECT_TRUE(may_now());
        EXPECT_TRUE(may_at(in));
        EXPECT_FALSE(may_at(out));
    }
}

TEST_F(Shortcuts, LeaveScopesAloneThatHoldTooMuch) {
    for (std::size_t i = 0; i <= scope_view_rows_max; ++i) {
        const std::string name = "n" + std::to_string(i);
        world.user(name);
        world.assign("of-" + name, name, "reader", "/s");
    }
    ask_often();
    EXPECT_FALSE(may_now());
    ask_often("n7");
    EXPECT_TRUE(may_now("n7"));
    world.assign("a", "g", "reader", "/s");
    EXPECT_TRUE(may_now());
}

TEST_F(Shortcuts, LeavePrincipalsAloneThatAreInTooManyGroups) {
    for (std::size_t i = 0; i <= standings_max; ++i) {
        const std::string name = "many" + std::to_string(i);
        world.group(name);
        world.join(name, "u");
    }
    ask_often();
    EXPECT_FALSE(may_now());
    world.assign("a", "many7", "reader", "/s");
    EXPECT_TRUE(may_now());
}

TEST(Everywhere, LastsUnlessAClockWasLookedAt) {
    SmallWorld world;
    world.role("reader", {"a/read"});
    world.user("always");
    world.assign("a1", "always", "reader", "/");
    world.user("today");
    domain::AssignmentCreated for_today;
    for_today.assignment = {"a2", "today", "reader", "/", {}, {{}, world.now() + 1'000'000}, {}};
    world.happen("t", for_today);
    world.user("nobody");

    const auto everywhere = [&](const std::string& who) {
        world.engine().begin();
        const auto answer =
            world.engine().check_everywhere(world.may(who, "a/read", "/"), world.moment());
        world.engine().end();
        EXPECT_TRUE(answer.has_value());
        return answer.value();
    };
    EXPECT_TRUE(everywhere("always").allowed);
    EXPECT_TRUE(everywhere("always").lasting);
    EXPECT_TRUE(everywhere("today").allowed);
    EXPECT_FALSE(everywhere("today").lasting);
    EXPECT_FALSE(everywhere("nobody").allowed);
}

}  // namespace
}  // namespace tenure::query
