// The rows of the index: the same whatever the batches were, and everything they can say about
// single things agrees with plain replay.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "projection/bulk.h"
#include "property/folded_world.h"
#include "query/facts.h"
#include "storage/environment.h"
#include "support/naive_model.h"
#include "support/random_world.h"
#include "support/seeds.h"

namespace tenure::testing {
namespace {

using projection::Kind;
using projection::ObjectId;
using projection::RowReader;
namespace table = projection::table;

TEST(IndexRows, AreTheSameForAllBatchSizes) {
    for_each_seed(25, [](std::uint64_t seed) {
        const auto events = random_world(seed, random_options(seed));
        SeededRandom random{seed};
        FoldedWorld whole{events, random};
        FoldedWorld pieces{events, random};

        whole.fold(events.size());
        while (!pieces.done()) pieces.fold_some(1 + random.below(30));

        const auto difference =
            projection::first_difference(whole.index(), pieces.index(), nullptr);
        EXPECT_EQ(difference, std::nullopt);
    });
}

TEST(IndexRows, AreTheSameWhenBuiltInOneGo) {
    for_each_seed(12, [](std::uint64_t seed) {
        const auto events = random_world(seed, random_options(seed));
        SeededRandom random{seed};
        FoldedWorld folded{events, random};
        FoldedWorld built{events, random};

        while (!folded.done()) folded.fold_some(20);
        // Some of it at once, the rest as the writer does.
        built.build(random.below(events.size() + 1));
        while (!built.done()) built.fold_some(20);

        const auto difference =
            projection::first_difference(folded.index(), built.index(), nullptr);
        EXPECT_EQ(difference, std::nullopt);
    });
}

// Compares the facts about one tenant as of a revision.
class FactsCheck {
public:
    FactsCheck(const RowReader& reader, const SipKey& sip, const NaiveStore& naive,
               std::string tenant, Revision at)
        : reader_{reader},
          sip_{sip},
          model_{naive.model(at)},
          tenant_{std::move(tenant)},
          names_{reader, sip, tenant_},
          at_{at} {}

    void principal(const std::string& id) const {
        const auto object = names_.find(Kind::principal, id);
        const auto* expected = model_.principal(tenant_, id);
        const auto state = object ? query::principal_at(reader_, *object, at_) : std::nullopt;
        ASSERT_EQ(state.has_value(), expected != nullptr) << id;
        if (!state) return;
        EXPECT_EQ(state->value.principal, expected->principal);
        EXPECT_EQ(state->value.enabled, expected->enabled);
        EXPECT_EQ(state->value.deleted, expected->deleted);

        EXPECT_EQ(groups(query::direct_groups_at(reader_, *object, at_)),
                  model_.direct_groups(tenant_, id));
        EXPECT_EQ(groups(query::members_at(reader_, *object, at_)), model_.members(tenant_, id));
        EXPECT_EQ(texts(query::subjects_at(reader_, *object, at_)), model_.subjects(tenant_, id));
        if (expected->principal.kind == domain::PrincipalKind::group) {
            auto above = model_.subjects(tenant_, id);
            above.erase(id);
            EXPECT_EQ(texts(query::ancestor_groups_at(reader_, *object, at_)), above);
        }
        EXPECT_EQ(assignments(query::grants_of_at(reader_, *object, at_)),
                  model_.assignments_of(tenant_, id));
    }

    void group(const std::string& id, const std::set<std::string>& all_groups) const {
        const auto object = names_.find(Kind::principal, id);
        if (!object) return;
        std::set<std::string> below;
        for (const std::string& other : all_groups)
            if (other != id && model_.subjects(tenant_, other).contains(id)) below.insert(other);
        EXPECT_EQ(texts(query::descendant_groups_at(reader_, *object, at_)), below) << id;
    }

    void scope(const std::string& text, Instant clock) const {
        const std::string canonical = naive_scope(text);
        std::vector<std::string> chain;
        for (const ObjectId id :
             query::scope_chain_at(reader_, sip_, names_.tenant(), canonical, at_))
            chain.push_back(naive_scope(projection::text_of(reader_, id)));
        // Scopes that nothing was ever said about have no id.
        std::vector<std::string> expected;
        for (const std::string& above : model_.scope_chain(tenant_, canonical))
            if (names_.find(Kind::scope, above)) expected.push_back(above);
        EXPECT_EQ(chain, expected) << text;

        const auto object = names_.find(Kind::scope, canonical);
        if (!object) return;
        EXPECT_EQ(query::scope_known_at(reader_, *object, at_, clock),
                  model_.scope_known(tenant_, canonical, clock))
            << text;
        EXPECT_EQ(assignments(query::grants_at_scope(reader_, *object, at_)),
                  model_.assignments_at(tenant_, canonical));
        std::set<std::string> denies;
        for (const query::DenyAt& deny : query::denies_at_scope(reader_, *object, at_))
            denies.insert(deny.record.value.state.deny.id);
        EXPECT_EQ(denies, model_.denies_at(tenant_, canonical));
    }

private:
    std::set<std::string> texts(const std::vector<ObjectId>& ids) const {
        std::set<std::string> result;
        for (const ObjectId id : ids)
            EXPECT_TRUE(result.insert(projection::text_of(reader_, id)).second) << "twice";
        return result;
    }

    std::set<std::string> groups(const std::vector<query::Membership>& list) const {
        std::vector<ObjectId> ids;
        for (const query::Membership& each : list) ids.push_back(each.group);
        return texts(ids);
    }

    std::set<std::string> assignments(const std::vector<query::Grant>& grants) const {
        std::vector<ObjectId> ids;
        for (const query::Grant& grant : grants) ids.push_back(grant.assignment);
        return texts(ids);
    }

    const RowReader& reader_;
    SipKey sip_;
    NaiveModel model_;
    std::string tenant_;
    query::TenantNames names_;
    Revision at_;
};

TEST(IndexRows, SayWhatReplaySays) {
    for_each_seed(25, [](std::uint64_t seed) {
        const auto events = random_world(seed, random_options(seed));
        SeededRandom random{seed};
        FoldedWorld world{events, random};
        while (!world.done()) world.fold_some(20);
        const NaiveStore naive{events};
        QuestionMaker ask{random, events};
        ask.advance(world.head(), events.back().recorded_at);
        std::map<std::string, std::set<std::string>> principals;
        std::map<std::string, std::set<std::string>> groups;
        for (const domain::Event& event : events)
            if (const auto* e = std::get_if<domain::PrincipalCreated>(&event.body)) {
                principals[event.tenant].insert(e->principal.id);
                if (e->principal.kind == domain::PrincipalKind::group)
                    groups[event.tenant].insert(e->principal.id);
            }

        const storage::ReadTxn txn{world.index().environment()};
        const RowReader reader{txn};
        for (int i = 0; i < 8 && !::testing::Test::HasFailure(); ++i) {
            const std::string tenant = ask.tenant();
            const Revision at{random.below(world.head().value + 1)};
            SCOPED_TRACE("tenant '" + tenant + "' at revision " + std::to_string(at.value));
            const FactsCheck facts{reader, world.index().sip(), naive, tenant, at};
            if (!query::TenantNames{reader, world.index().sip(), tenant}.known()) continue;
            for (const std::string& id : principals[tenant]) facts.principal(id);
            for (const std::string& id : groups[tenant]) facts.group(id, groups[tenant]);
            for (int n = 0; n < 10; ++n) facts.scope(ask.scope(), ask.instant());
        }
    });
}

// The worlds above are only worth something if they reach the places where rows are laid out
// differently.
struct Reached {
    bool wide = false;
    std::size_t blocks_of_one_member = 0;
};

Reached reached(const std::vector<domain::Event>& events) {
    SeededRandom random{1};
    FoldedWorld world{events, random};
    world.fold(events.size());
    const storage::ReadTxn txn{world.index().environment()};
    const RowReader reader{txn};
    Reached result;
    reader.scan(table::grants_of, storage::Key{}, [&](const projection::VersionRow& row) {
        result.wide =
            result.wide || projection::SetBlockView{projection::grants_of_set, row.version}.wide();
        return true;
    });
    std::map<std::uint64_t, std::size_t> blocks;
    reader.scan(table::groups_of, storage::Key{}, [&](const projection::VersionRow& row) {
        result.blocks_of_one_member = std::max(result.blocks_of_one_member, ++blocks[row.owner(0)]);
        return true;
    });
    return result;
}

TEST(IndexRows, AreReachedInAllTheirLayouts) {
    int wide = 0;
    int split = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        wide += reached(random_world(seed, {WorldShape::wide, 1000})).wide ? 1 : 0;
        split += reached(random_world(seed, {WorldShape::joiners, 500})).blocks_of_one_member >= 3
                     ? 1
                     : 0;
    }
    EXPECT_GE(wide, 3);
    EXPECT_GE(split, 3);
    // And the seeds that the other tests run do have such worlds among them.
    std::set<WorldShape> shapes;
    for (std::uint64_t seed = 1; seed <= 25; ++seed) shapes.insert(random_options(seed).shape);
    EXPECT_EQ(shapes.size(), 3U);
}

}  // namespace
}  // namespace tenure::testing
