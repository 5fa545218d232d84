// Questions about roles, over random histories, against plain replay.

#include <gtest/gtest.h>

#include <set>

#include "property/folded_world.h"
#include "query/questions.h"
#include "support/naive_model.h"
#include "support/random_world.h"
#include "support/seeds.h"

namespace tenure::testing {
namespace {

class RoleQuestions {
public:
    explicit RoleQuestions(std::uint64_t seed)
        : options_{random_options(seed)},
          events_{random_world(seed, options_)},
          random_{seed},
          naive_{events_},
          ask_{random_, events_},
          world_{events_, random_} {}

    bool done() const { return world_.done(); }

    void grow() {
        world_.fold_some(30);
        now_ = events_[world_.head().value - 1].recorded_at;
        ask_.advance(world_.head(), now_);
    }

    void ask() {
        const std::string tenant = ask_.tenant();
        const domain::AsOf as_of = ask_.as_of();
        const auto point = naive_.resolve(tenant, as_of, world_.head(), world_.applied(), now_);
        if (!point) return;
        SCOPED_TRACE("tenant '" + tenant + "', revision " + std::to_string(point->revision.value));
        roles(tenant, as_of, naive_.model(point->revision));
        const std::string principal = ask_.principal(tenant);
        held(tenant, principal, as_of, naive_.model(point->revision), point->clock);
    }

private:
    query::Moment moment() const { return world_.moment(now_, now_); }

    static bool is_shared_id(const NaiveModel& model, const std::string& tenant,
                             const std::string& id) {
        return tenant != domain::store_tenant && model.roles(tenant).contains(id) &&
               model.roles(std::string{domain::store_tenant}).contains(id);
    }

    void roles(const std::string& tenant, const domain::AsOf& as_of, const NaiveModel& model) {
        const auto answer = query::roles(world_.engine(), tenant, {}, as_of, moment());
        world_.engine().end();
        ASSERT_TRUE(answer.has_value());
        std::map<std::string, domain::Role> expected;
        std::set<std::string> known;
        for (const std::string& owner : {tenant, std::string{domain::store_tenant}})
            for (const auto& [id, role] : model.roles(owner))
                if (known.insert(id).second && !role.deleted) expected.emplace(id, role.role);
        std::map<std::string, domain::Role> actual;
        for (const query::DatedRole& dated : answer.value().roles)
            actual.emplace(naive_fold(dated.role.id), dated.role);
        EXPECT_EQ(actual.size(), answer.value().roles.size());
        EXPECT_TRUE(actual == expected);

        for (const auto& [id, role] : expected) {
            const auto one =
                query::role(world_.engine(), tenant, respelled(random_, id), as_of, moment());
            world_.engine().end();
            ASSERT_TRUE(one.has_value()) << id;
            EXPECT_TRUE(one.value().role.role == role) << id;
        }
    }

    void held(const std::string& tenant, const std::string& principal, const domain::AsOf& as_of,
              const NaiveModel& model, Instant clock) {
        SCOPED_TRACE("principal '" + principal + "'");
        const auto answer =
            query::held_roles(world_.engine(), tenant, principal, {}, as_of, moment());
        world_.engine().end();
        const auto* known = model.principal(tenant, principal);
        ASSERT_EQ(answer.has_value(), known != nullptr);
        if (known == nullptr) return;
        std::set<NaiveHold> holds;
        for (const query::RoleHolding& held : answer.value().holdings) {
            check_path(held.through, principal);
            holds.insert({naive_fold(held.role), naive_scope(held.scope), held.conditional});
            check_holders(tenant, principal, held, as_of, model);
        }
        const auto expected = model.holds(tenant, principal, clock);
        if (answer.value().hindered)
            EXPECT_TRUE(expected.empty());
        else
            EXPECT_TRUE(holds == expected);
    }

    // The same holding is found from the role's side.
    void check_holders(const std::string& tenant, const std::string& principal,
                       const query::RoleHolding& held, const domain::AsOf& as_of,
                       const NaiveModel& model) {
        if (is_shared_id(model, tenant, naive_fold(held.role))) return;
        const auto holders = query::role_holders(world_.engine(), tenant, held.role, held.scope,
                                                 true, as_of, moment());
        world_.engine().end();
        ASSERT_TRUE(holders.has_value()) << held.role;
        bool found = false;
        for (const query::RoleHolding& each : holders.value().holdings) {
            check_path(each.through, each.principal);
            found = found || (each.principal == principal && each.assignment == held.assignment);
        }
        EXPECT_TRUE(found) << held.role << " by " << held.assignment;
    }

    static void check_path(const std::vector<query::MembershipStep>& steps,
                           const std::string& principal) {
        std::string at = principal;
        for (const query::MembershipStep& step : steps) {
            EXPECT_EQ(step.member, at);
            at = step.group;
        }
    }

    WorldOptions options_;
    std::vector<domain::Event> events_;
    SeededRandom random_;
    NaiveStore naive_;
    QuestionMaker ask_;
    FoldedWorld world_;
    Instant now_;
};

TEST(Roles, AreThoseOfPlainReplay) {
    for_each_seed(4, [](std::uint64_t seed) {
        RoleQuestions questions{seed};
        while (!questions.done() && !::testing::Test::HasFailure()) {
            questions.grow();
            for (int i = 0; i < 3 && !::testing::Test::HasFailure(); ++i) questions.ask();
        }
    });
}

}  // namespace
}  // namespace tenure::testing
