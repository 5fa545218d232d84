// The state commands are decided against: read through the writer's open transaction, between any
// two events of a batch, it is what plain maps say.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "property/folded_world.h"
#include "query/index_state.h"
#include "support/map_state.h"
#include "support/naive_model.h"
#include "support/random_world.h"
#include "support/seeds.h"

namespace tenure::testing {
namespace {

template <class List>
std::multiset<std::string> sorted(const List& list) {
    return {list.begin(), list.end()};
}

std::multiset<std::string> sorted_scopes(const std::vector<std::string>& list) {
    std::multiset<std::string> result;
    for (const std::string& scope : list) result.insert(naive_scope(scope));
    return result;
}

// Roles and scopes come back in one spelling of several.
domain::Assignment canonical(domain::Assignment a) {
    a.role = naive_fold(a.role);
    a.scope = naive_scope(a.scope);
    return a;
}

class StateComparison {
public:
    StateComparison(const domain::State& actual, const MapState& expected, QuestionMaker& ask)
        : actual_{actual}, expected_{expected}, ask_{ask} {}

    void all(const std::string& t) const {
        SCOPED_TRACE("tenant '" + t + "'");
        tenant(t);
        principals(t, ask_.principal(t), ask_.principal(t));
        roles(t, ask_.role(t));
        assignments(t);
        scopes(t, ask_.scope());
        others(t);
    }

private:
    void tenant(const std::string& t) const {
        const auto a = actual_.tenant(t);
        const auto e = expected_.tenant(t);
        ASSERT_EQ(a.has_value(), e.has_value());
        if (!a) return;
        EXPECT_EQ(a->open_for_import, e->open_for_import);
        EXPECT_EQ(a->last_effective, e->last_effective);
        EXPECT_EQ(a->last_revision, e->last_revision);
    }

    void principals(const std::string& t, const std::string& p, const std::string& q) const {
        SCOPED_TRACE("principals '" + p + "' and '" + q + "'");
        const auto a = actual_.principal(t, p);
        const auto e = expected_.principal(t, p);
        ASSERT_EQ(a.has_value(), e.has_value());
        if (a) {
            EXPECT_EQ(a->principal, e->principal);
            EXPECT_EQ(a->enabled, e->enabled);
            EXPECT_EQ(a->deleted, e->deleted);
        }
        EXPECT_EQ(actual_.is_direct_member(t, p, q), expected_.is_direct_member(t, p, q));
        EXPECT_EQ(actual_.direct_group_count(t, p), expected_.direct_group_count(t, p));
        if (!a || a->principal.kind == domain::PrincipalKind::group) {
            EXPECT_EQ(actual_.is_nested(t, p, q), expected_.is_nested(t, p, q));
            EXPECT_EQ(actual_.ancestor_group_count(t, p), expected_.ancestor_group_count(t, p));
            EXPECT_EQ(actual_.ancestor_group_count_below(t, p),
                      expected_.ancestor_group_count_below(t, p));
            EXPECT_EQ(actual_.denies_of_group(t, p), expected_.denies_of_group(t, p));
            EXPECT_EQ(sorted(actual_.eligibilities_of_group(t, p)),
                      sorted(expected_.eligibilities_of_group(t, p)));
        }
        const domain::Holdings has = actual_.holdings(t, p);
        const domain::Holdings should = expected_.holdings(t, p);
        EXPECT_EQ(sorted(has.assignments), sorted(should.assignments));
        EXPECT_EQ(sorted(has.groups), sorted(should.groups));
        EXPECT_EQ(sorted(has.members), sorted(should.members));
        EXPECT_EQ(sorted(has.denies), sorted(should.denies));
        EXPECT_EQ(sorted(has.eligibilities), sorted(should.eligibilities));
        EXPECT_EQ(sorted(actual_.direct_groups(t, p)), sorted(expected_.direct_groups(t, p)));
    }

    void roles(const std::string& t, const std::string& id) const {
        SCOPED_TRACE("role '" + id + "'");
        const auto a = actual_.role(t, id);
        const auto e = expected_.role(t, id);
        ASSERT_EQ(a.has_value(), e.has_value());
        EXPECT_EQ(sorted_scopes(actual_.role_scopes(t, id)),
                  sorted_scopes(expected_.role_scopes(t, id)));
        EXPECT_EQ(actual_.role_user(t, id).has_value(), expected_.role_user(t, id).has_value());
        for (const std::size_t most : {std::size_t{2}, std::size_t{1000}})
            EXPECT_EQ(actual_.role_use_count(t, id, most), expected_.role_use_count(t, id, most));
        if (!a) return;
        EXPECT_EQ(a->role, e->role);
        EXPECT_EQ(a->deleted, e->deleted);
        const auto by_name = actual_.role_named(t, respelled(random_, a->role.name));
        const auto expected = expected_.role_named(t, a->role.name);
        ASSERT_EQ(by_name.has_value(), expected.has_value()) << a->role.name;
        if (by_name) {
            EXPECT_EQ(naive_fold(*by_name), naive_fold(*expected));
        }
    }

    void assignments(const std::string& t) const {
        const std::string id = ask_.object(t, "assignment");
        SCOPED_TRACE("assignment '" + id + "'");
        const auto a = actual_.assignment(t, id);
        const auto e = expected_.assignment(t, id);
        ASSERT_EQ(a.has_value(), e.has_value());
        if (!a) return;
        EXPECT_EQ(canonical(a->assignment), canonical(e->assignment));
        EXPECT_EQ(a->revoked, e->revoked);
        const domain::Assignment& x = e->assignment;
        const auto same = actual_.assignment_of(t, x.principal, respelled(random_, x.role),
                                                respelled(random_, x.scope));
        EXPECT_EQ(same.has_value(),
                  expected_.assignment_of(t, x.principal, x.role, x.scope).has_value());
        if (!same) return;
        const auto found = expected_.assignment(t, *same);
        ASSERT_TRUE(found.has_value());
        EXPECT_FALSE(found->revoked);
        EXPECT_EQ(found->assignment.principal, x.principal);
        EXPECT_EQ(canonical(found->assignment).role, canonical(x).role);
        EXPECT_EQ(canonical(found->assignment).scope, canonical(x).scope);
    }

    void scopes(const std::string& t, const std::string& scope) const {
        SCOPED_TRACE("scope '" + scope + "'");
        EXPECT_EQ(actual_.scope(t, scope).created, expected_.scope(t, scope).created);
        EXPECT_EQ(naive_scope(actual_.scope(t, scope).parent),
                  naive_scope(expected_.scope(t, scope).parent));
        EXPECT_EQ(actual_.scope_chain(t, scope), expected_.scope_chain(t, scope));
        EXPECT_EQ(actual_.scope_user(t, scope).value().has_value(),
                  expected_.scope_user(t, scope).value().has_value());
        EXPECT_EQ(sorted(actual_.assignments_below(t, scope).value()),
                  sorted(expected_.assignments_below(t, scope).value()));
        EXPECT_EQ(actual_.scope_parents_below(t, scope).value(),
                  expected_.scope_parents_below(t, scope).value());
    }

    void others(const std::string& t) const {
        const auto deny = actual_.deny(t, ask_deny(t));
        const auto expected_deny = expected_.deny(t, last_);
        ASSERT_EQ(deny.has_value(), expected_deny.has_value()) << last_;
        if (deny) {
            EXPECT_EQ(deny->deny, expected_deny->deny);
            EXPECT_EQ(deny->deleted, expected_deny->deleted);
        }
        const std::string invitation = ask_.object(t, "invitation");
        const auto i = actual_.invitation(t, invitation);
        const auto expected_i = expected_.invitation(t, invitation);
        ASSERT_EQ(i.has_value(), expected_i.has_value()) << invitation;
        if (i) {
            EXPECT_EQ(i->invitation, expected_i->invitation);
            EXPECT_EQ(i->status, expected_i->status);
        }
        const std::string eligibility = ask_.object(t, "eligibility");
        const auto x = actual_.eligibility(t, eligibility);
        const auto expected_x = expected_.eligibility(t, eligibility);
        ASSERT_EQ(x.has_value(), expected_x.has_value()) << eligibility;
        if (x) {
            EXPECT_EQ(x->eligibility, expected_x->eligibility);
            EXPECT_EQ(x->removed, expected_x->removed);
        }
        EXPECT_EQ(actual_.setting(t, "color"), expected_.setting(t, "color"));
    }

    const std::string& ask_deny(const std::string& t) const {
        last_ = ask_.object(t, "deny");
        return last_;
    }

    const domain::State& actual_;
    const MapState& expected_;
    QuestionMaker& ask_;
    mutable std::string last_;
    mutable SeededRandom random_{7};
};

TEST(WriterState, IsThatOfPlainMapsBetweenAnyTwoEvents) {
    for_each_seed(6, [](std::uint64_t seed) {
        const auto events = random_world(seed, random_options(seed));
        SeededRandom random{seed};
        QuestionMaker ask{random, events};
        FoldedWorld world{events, random};
        MapState maps;
        while (!world.done() && !::testing::Test::HasFailure()) {
            const std::size_t count =
                std::min(1 + random.below(20), events.size() - world.head().value);
            if (random.one_in(5)) world.fold_and_give_up(count);
            projection::IndexBatch batch{world.index()};
            const query::IndexState state{batch};
            for (std::size_t i = 0; i < count; ++i) {
                const domain::Event& event = events[world.head().value + i];
                batch.folder().fold(event);
                maps.apply(event);
                SCOPED_TRACE("after event " + std::to_string(event.revision.value));
                if (random.one_in(2)) StateComparison{state, maps, ask}.all(event.tenant);
                if (random.one_in(8)) StateComparison{state, maps, ask}.all(ask.tenant());
            }
            world.commit(batch, count);
        }
    });
}

}  // namespace
}  // namespace tenure::testing
