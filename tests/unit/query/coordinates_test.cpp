#include "query/coordinates.h"

#include <gtest/gtest.h>

#include "unit/query/small_world.h"

namespace tenure::query {
namespace {

Result<Basis> resolved(SmallWorld& world, const domain::AsOf& as_of, const Moment& moment,
                       const std::string& tenant = "t") {
    world.engine().begin();
    auto basis = resolve(world.engine().reader(), world.engine().tenant_time(tenant), as_of,
                         world.engine().head(), moment);
    world.engine().end();
    return basis;
}

Basis resolved(SmallWorld& world, const domain::AsOf& as_of, const std::string& tenant = "t") {
    const auto basis = resolved(world, as_of, world.moment(), tenant);
    EXPECT_TRUE(basis.has_value());
    return basis.value();
}

domain::AsOf at(Instant t) { return {t, {}, {}}; }

domain::AsOf at(Revision revision) { return {{}, revision, {}}; }

TEST(Coordinates, WithoutAnyMeanHeadAndNow) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    world.wait(10);

    const Basis basis = resolved(world, {});

    EXPECT_EQ(basis.revision, world.head());
    EXPECT_EQ(basis.clock, world.now());
    EXPECT_TRUE(basis.final);
}

TEST(Coordinates, AnInstantMeansTheTenantsLastEventByThen) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    const Instant created = world.now();
    world.happen("other", domain::TenantCreated{});
    world.wait(10);
    world.user("dana");

    EXPECT_EQ(resolved(world, at(created + -1)).revision, revision_none);
    EXPECT_EQ(resolved(world, at(created)).revision, Revision{1});
    EXPECT_EQ(resolved(world, at(world.now() + -1)).revision, Revision{1});
    EXPECT_EQ(resolved(world, at(world.now())).revision, Revision{3});
    EXPECT_EQ(resolved(world, at(world.now() + -1)).clock, world.now() + -1);
}

TEST(Coordinates, ChangesOfBuiltInRolesCountForEveryTenant) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    world.role("reader", {"*/read"}, "");

    EXPECT_EQ(resolved(world, at(world.now())).revision, Revision{2});
    EXPECT_EQ(resolved(world, at(world.now() + -1)).revision, Revision{1});
}

TEST(Coordinates, ALateChangeOfABuiltInRoleBringsInNothingElse) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    const Instant early = world.now() + 5;
    world.wait(100);
    world.user("dana");
    domain::Role role;
    role.id = "reader";
    world.import("", early, domain::RoleDefined{role});

    EXPECT_EQ(resolved(world, at(early)).revision, Revision{1});
    EXPECT_EQ(resolved(world, at(world.now())).revision, Revision{3});
    EXPECT_EQ(resolved(world, at(early), "unknown").revision, Revision{3});
}

TEST(Coordinates, ARevisionHasNoClockUntilItMatters) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    const Instant created = world.now();
    world.user("dana");

    const Basis basis = resolved(world, at(Revision{1}));

    EXPECT_FALSE(basis.clock.has_value());
    EXPECT_EQ(clock_of(basis, world.moment()), created);
    EXPECT_TRUE(basis.final);
    EXPECT_EQ(clock_of(resolved(world, at(revision_none)), world.moment()), instant_min);
}

TEST(Coordinates, ARevisionWithAClockIsTheSameMomentAgain) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    domain::AsOf same = at(Revision{1});
    same.clock = world.now() + 5;
    world.user("dana");

    const Basis basis = resolved(world, same);

    EXPECT_EQ(basis.revision, Revision{1});
    EXPECT_EQ(basis.clock, same.clock);
    EXPECT_TRUE(basis.final);
}

TEST(Coordinates, RefuseARevisionThatIsNotHereAndTwoAtOnce) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});

    const auto later = resolved(world, at(Revision{2}), world.moment());
    const auto both = resolved(world, {world.now(), Revision{1}, {}}, world.moment());

    ASSERT_FALSE(later.has_value());
    EXPECT_EQ(later.error().code, Errc::unavailable);
    ASSERT_FALSE(both.has_value());
    EXPECT_EQ(both.error().code, Errc::invalid_argument);
}

TEST(Coordinates, TheFutureIsTodayWithALaterClock) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});

    const Basis basis = resolved(world, at(world.now() + 1000));

    EXPECT_EQ(basis.revision, world.head());
    EXPECT_EQ(basis.clock, world.now() + 1000);
    EXPECT_FALSE(basis.final);
}

TEST(Coordinates, WhatIsNotClosedIsNotFinal) {
    SmallWorld world;
    world.happen("t", domain::TenantCreated{});
    const Instant created = world.now();
    world.wait(10);

    EXPECT_TRUE(resolved(world, at(created), world.moment(created)).value().final);
    EXPECT_FALSE(resolved(world, at(created + 1), world.moment(created)).value().final);
    EXPECT_FALSE(resolved(world, {}, world.moment(created)).value().final);
}

TEST(Coordinates, OpenForImportIsSettledBeforeItsNewestEventOnly) {
    SmallWorld world;
    world.wait(1000);
    const Instant first = world.now() + -500;
    world.import("t", first, domain::TenantCreated{"", true});
    world.import("t", first + 10, domain::SettingsChanged{});

    EXPECT_TRUE(resolved(world, at(first + 9)).final);
    EXPECT_FALSE(resolved(world, at(first + 10)).final);
    EXPECT_FALSE(resolved(world, {}).final);
    EXPECT_FALSE(world.check(world.may("dana", "a/read", "/")).basis.final);

    world.happen("t", domain::TenantSealed{});
    EXPECT_TRUE(resolved(world, at(first + 10)).final);
    EXPECT_TRUE(world.check(world.may("dana", "a/read", "/")).basis.final);
}

TEST(Coordinates, ATenantThatMayStillBeImportedIsNotSettled) {
    SmallWorld world;
    world.happen("other", domain::TenantCreated{});
    const Instant then = world.now();
    world.wait(10);

    EXPECT_FALSE(resolved(world, at(then)).final);
    EXPECT_FALSE(world.check(world.may("dana", "a/read", "/")).basis.final);
}

TEST(Coordinates, WhatAnImportSealedOutOfSightIsStillOpen) {
    SmallWorld world;
    world.wait(1000);
    world.import("t", world.now() + -500, domain::TenantCreated{"", true});
    const Revision seen = world.head();
    world.happen("t", domain::TenantSealed{});
    world.index().set_visible(seen);

    EXPECT_FALSE(resolved(world, at(world.now() + -1)).final);
    EXPECT_FALSE(resolved(world, at(world.now() + -500)).final);
    EXPECT_TRUE(resolved(world, at(world.now() + -503)).final);
}

TEST(Coordinates, KnownAtLeavesOutWhatWasRecordedLater) {
    SmallWorld world;
    world.wait(1000);
    const Instant first = world.now() + -500;
    world.import("t", first, domain::TenantCreated{"", true});
    const Instant recorded = world.now();
    world.import("t", first + 1, domain::SettingsChanged{});

    EXPECT_EQ(resolved(world, at(first + 1)).revision, Revision{2});
    EXPECT_EQ(resolved(world, {first + 1, {}, recorded}).revision, Revision{1});
    EXPECT_EQ(resolved(world, {first + 1, {}, recorded + -1}).revision, revision_none);
    EXPECT_EQ(resolved(world, {{}, Revision{2}, recorded}).revision, Revision{1});
    EXPECT_EQ(resolved(world, {{}, {}, recorded}).revision, Revision{1});
    // However much is imported later.
    EXPECT_TRUE(resolved(world, {first + 1, {}, recorded}).final);
}

}  // namespace
}  // namespace tenure::query
