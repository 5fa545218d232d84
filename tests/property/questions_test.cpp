// Every question, over a growing history, against plain replay: one engine is kept from the
// beginning, so that whatever it caches is overtaken again and again, and another is new.

#include "query/questions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "property/folded_world.h"
#include "support/naive_model.h"
#include "support/random_world.h"
#include "support/seeds.h"

namespace tenure::testing {
namespace {

std::string text_of(const domain::AsOf& as_of) {
    std::string text;
    if (as_of.at) text += " at " + format_instant(*as_of.at);
    if (as_of.revision) text += " at revision " + std::to_string(as_of.revision->value);
    if (as_of.known_at) text += " known at " + format_instant(*as_of.known_at);
    return text;
}

std::string text_of(const domain::CheckQuestion& q) {
    return "may '" + q.principal + "' of '" + q.tenant + "' do " +
           (q.plane == domain::Plane::data ? "data action " : "") + "'" + q.action + "' at '" +
           q.scope + "'" + text_of(q.as_of);
}

NaiveAsk asked(const domain::CheckQuestion& q) {
    return {q.tenant, q.principal, q.action, q.plane, q.scope, q.attributes};
}

class Comparison {
public:
    explicit Comparison(std::uint64_t seed)
        : options_{random_options(seed)},
          events_{random_world(seed, options_)},
          random_{seed},
          naive_{events_},
          ask_{random_, events_},
          world_{events_, random_} {}

    bool done() const { return world_.done(); }

    // Some more history, and it is a little later.
    void grow() {
        world_.fold_some(random_.one_in(4) ? 40 : 6);
        const Instant last = events_[world_.head().value - 1].recorded_at;
        now_ = last;
        if (random_.one_in(2)) {
            // Before the next event, if there is one.
            std::int64_t later = static_cast<std::int64_t>(random_.below(100'000'000'000));
            if (!world_.done())
                later = std::min(later, events_[world_.head().value].recorded_at.us - last.us - 1);
            now_ = last + later;
        }
        closed_ = random_.one_in(3) ? std::max(closed_, last) : std::max(closed_, now_);
        ask_.advance(world_.head(), now_);
    }

    Revision head() const { return world_.head(); }

    Random& random() { return random_; }

    QuestionMaker& ask() { return ask_; }

    void check(const domain::CheckQuestion& q) { check(world_.engine(), q); }

    void check_with_new_engine(int questions) {
        query::Engine engine{world_.index()};
        for (int i = 0; i < questions && !::testing::Test::HasFailure(); ++i)
            check(engine, ask_.check());
    }

    // What was called final stays as it was.
    void check_final_answers() {
        query::Engine& engine = world_.engine();
        engine.begin();
        for (const auto& [q, allowed] : final_) {
            const auto answer = engine.check(q, moment());
            ASSERT_TRUE(answer.has_value()) << text_of(q);
            EXPECT_EQ(answer.value().allowed, allowed) << "was final: " << text_of(q);
        }
        engine.end();
    }

    void explain(const domain::CheckQuestion& q) {
        SCOPED_TRACE("explain " + text_of(q));
        const auto explained = query::explain(world_.engine(), q, moment());
        world_.engine().end();
        const auto point = naive_.resolve(q.tenant, q.as_of, head(), world_.applied(), now_);
        ASSERT_EQ(explained.has_value(), point.has_value());
        if (!point) return;
        const query::Explanation& e = explained.value();
        EXPECT_EQ(e.answer.allowed, naive_.model(point->revision).check(asked(q), point->clock));
        EXPECT_EQ(e.reason == query::Reason::granted, e.answer.allowed);
        const auto* who = naive_.model(point->revision).principal(q.tenant, q.principal);
        EXPECT_EQ(e.reason == query::Reason::principal_unknown, who == nullptr);
        for (const std::string& scope : e.allowed_at)
            EXPECT_TRUE(naive_.model(point->revision)
                            .check({q.tenant, q.principal, q.action, q.plane, scope, q.attributes},
                                   point->clock))
                << "said to be allowed at " << scope;
        for (const query::GrantPath& path : e.grants) check_path(path.through, q.principal);
    }

    void who_can(const domain::WhoCanQuestion& q) {
        SCOPED_TRACE("who can '" + q.action + "' at '" + q.scope + "' of '" + q.tenant + "'" +
                     text_of(q.as_of));
        const auto answer = query::who_can(world_.engine(), q, true, {}, moment());
        world_.engine().end();
        const auto point = naive_.resolve(q.tenant, q.as_of, head(), world_.applied(), now_);
        ASSERT_EQ(answer.has_value(), point.has_value());
        if (!point) return;
        const NaiveAsk wanted{q.tenant, {}, q.action, q.plane, q.scope, q.attributes};
        EXPECT_EQ(answer.value().basis.revision, point->revision);
        EXPECT_EQ(answer.value().next, "");
        const auto expected = naive_.model(point->revision).who_can(wanted, point->clock);
        EXPECT_EQ(ids_of(answer.value().principals), expected);
        EXPECT_EQ(ids_of(answer.value().groups),
                  naive_.model(point->revision).groups_that_can(wanted, point->clock));
        for (const query::WhoCanEntry& entry : answer.value().principals) {
            const auto* who = naive_.model(point->revision).principal(q.tenant, entry.principal);
            ASSERT_NE(who, nullptr);
            EXPECT_EQ(entry.kind, who->principal.kind);
            EXPECT_EQ(entry.display_name, who->principal.display_name);
        }
        if (expected.size() > 1) open_pages_.push_back({q, {}, "", expected});
    }

    // One more page of each list that was begun, however much has happened since.
    void turn_pages() {
        for (OpenPages& open : open_pages_) {
            const query::Page page{1 + random_.below(3), open.cursor};
            const auto answer =
                query::who_can(world_.engine(), open.question, false, page, moment());
            world_.engine().end();
            ASSERT_TRUE(answer.has_value());
            for (const std::string& id : ids_of(answer.value().principals)) open.seen.push_back(id);
            open.cursor = answer.value().next;
            EXPECT_LE(answer.value().principals.size(), page.limit);
            if (open.cursor.empty()) {
                EXPECT_EQ(open.seen, open.expected);
            }
        }
        std::erase_if(open_pages_, [](const OpenPages& open) { return open.cursor.empty(); });
    }

    void what_can(const domain::WhatCanQuestion& q, const std::string& within) {
        SCOPED_TRACE("what can '" + q.principal + "' of '" + q.tenant + "' do '" + q.action + "'" +
                     text_of(q.as_of));
        const auto answer = query::what_can(world_.engine(), q, within, {}, moment());
        world_.engine().end();
        const auto point = naive_.resolve(q.tenant, q.as_of, head(), world_.applied(), now_);
        ASSERT_EQ(answer.has_value(), point.has_value());
        if (!point) return;
        std::map<std::string, std::set<std::string>> expected;
        const NaiveModel& model = naive_.model(point->revision);
        if (q.action.empty())
            for (const NaiveHold& hold : model.holds(q.tenant, q.principal, point->clock))
                expected[hold.scope].insert(hold.role);
        else
            for (const std::string& scope : model.what_can(
                     {q.tenant, q.principal, q.action, q.plane, {}, q.attributes}, point->clock))
                expected[scope];
        if (!within.empty())
            std::erase_if(expected, [&](const auto& each) { return !fits(within, each.first); });

        std::map<std::string, std::set<std::string>> actual;
        std::string last;
        for (const query::WhatCanEntry& entry : answer.value().scopes) {
            const std::string canonical = naive_scope(entry.scope);
            EXPECT_LT(last, canonical) << "not in order";
            last = canonical;
            EXPECT_EQ(entry.scope, naive_.scope_as_first_written(q.tenant, canonical, head()));
            for (const std::string& role : entry.roles) actual[canonical].insert(naive_fold(role));
            actual[canonical];
        }
        EXPECT_EQ(actual, expected);
        check_what_can_pages(q, within, answer.value());
    }

    void when(const domain::CheckQuestion& q) {
        SCOPED_TRACE("when " + text_of(q));
        const auto answer = query::when(world_.engine(), q, moment());
        world_.engine().end();
        const auto point = naive_.resolve(q.tenant, q.as_of, head(), world_.applied(), now_);
        ASSERT_EQ(answer.has_value(), point.has_value());
        if (!point) return;
        std::vector<NaiveInterval> actual;
        for (const query::AccessInterval& i : answer.value().intervals)
            actual.push_back({i.from, i.to, i.opened_by, i.closed_by});
        const auto expected = naive_.when(asked(q), point->revision, world_.applied());
        EXPECT_EQ(texts(actual), texts(expected));
    }

    void diff(const std::string& tenant, const std::string& principal, const domain::AsOf& from,
              const domain::AsOf& to) {
        SCOPED_TRACE("diff of '" + tenant + "', '" + principal + "' from" + text_of(from) + " to" +
                     text_of(to));
        const auto answer = query::diff(world_.engine(), tenant, principal, from, to, moment());
        world_.engine().end();
        const auto a = naive_.resolve(tenant, from, head(), world_.applied(), now_);
        const auto b = naive_.resolve(tenant, to, head(), world_.applied(), now_);
        if (!answer) {
            const bool unknown =
                !principal.empty() && naive_.model(head()).principal(tenant, principal) == nullptr;
            EXPECT_TRUE(!a || !b || unknown) << answer.error().detail;
            return;
        }
        ASSERT_TRUE(a && b);
        const NaiveDiff expected = naive_.diff(tenant, principal, *a, *b, head());
        EXPECT_EQ(holds_of(answer.value().gained), expected.gained);
        EXPECT_EQ(holds_of(answer.value().lost), expected.lost);
        std::set<std::pair<std::string, std::pair<Revision, Revision>>> roles;
        for (const query::RoleDiff& r : answer.value().roles_changed)
            EXPECT_TRUE(roles.insert({naive_fold(r.role), {r.from, r.to}}).second) << "twice";
        if (naive_.model(head()).roles(tenant).empty() && !tenant_known(tenant)) return;
        EXPECT_EQ(roles, expected.roles_changed);
    }

    void history(const std::string& tenant, const std::string& kind, const std::string& id,
                 const domain::AsOf& as_of) {
        SCOPED_TRACE("history of " + kind + " '" + id + "' of '" + tenant + "'" + text_of(as_of));
        const auto answer = query::history(world_.engine(), tenant, kind, id, as_of, moment());
        world_.engine().end();
        const auto point = naive_.resolve(tenant, as_of, head(), world_.applied(), now_);
        const auto expected =
            point ? naive_.history(tenant, kind, id, point->revision, head()) : std::nullopt;
        // A scope may have been written first in what cannot be seen yet.
        if (answer && !expected && kind == "scope" && answer.value().events.empty()) return;
        ASSERT_EQ(answer.has_value(), expected.has_value())
            << (answer ? "" : answer.error().detail);
        if (expected) {
            EXPECT_EQ(values(answer.value().events), values(*expected));
        }
    }

private:
    struct OpenPages {
        domain::WhoCanQuestion question;
        std::vector<std::string> seen;
        std::string cursor;
        std::vector<std::string> expected;
    };

    query::Moment moment() const { return world_.moment(now_, closed_); }

    void check(query::Engine& engine, const domain::CheckQuestion& q) {
        SCOPED_TRACE(text_of(q) + " with head " + std::to_string(head().value));
        engine.begin();
        const auto answer = engine.check(q, moment());
        engine.end();
        const auto point = naive_.resolve(q.tenant, q.as_of, head(), world_.applied(), now_);
        ASSERT_EQ(answer.has_value(), point.has_value());
        if (!point) return;
        EXPECT_EQ(answer.value().basis.revision, point->revision);
        EXPECT_EQ(answer.value().allowed,
                  naive_.model(point->revision).check(asked(q), point->clock));
        if (answer.value().basis.final) remember_final(q, answer.value().allowed);
    }

    // A question about "now" is one about this instant later on.
    void remember_final(domain::CheckQuestion q, bool allowed) {
        if (!q.as_of.revision && !q.as_of.at) q.as_of.at = now_;
        constexpr std::size_t final_max = 400;
        // Built-in roles that come late are nobody's past.
        if (options_.late_built_in_roles) return;
        if (final_.size() < final_max)
            final_.emplace_back(std::move(q), allowed);
        else
            final_[random_.below(final_max)] = {std::move(q), allowed};
    }

    // From the principal outward, each member in the group beside it.
    static void check_path(const std::vector<query::MembershipStep>& steps,
                           const std::string& principal) {
        std::string at = principal;
        for (const query::MembershipStep& step : steps) {
            EXPECT_EQ(step.member, at);
            at = step.group;
        }
    }

    void check_what_can_pages(const domain::WhatCanQuestion& q, const std::string& within,
                              const query::WhatCanAnswer& whole) {
        std::vector<std::string> paged;
        query::Page page{1 + random_.below(3), ""};
        for (std::size_t turns = 0; turns <= whole.scopes.size(); ++turns) {
            const auto answer = query::what_can(world_.engine(), q, within, page, moment());
            world_.engine().end();
            ASSERT_TRUE(answer.has_value());
            for (const query::WhatCanEntry& entry : answer.value().scopes)
                paged.push_back(entry.scope);
            page.cursor = answer.value().next;
            if (page.cursor.empty()) break;
        }
        std::vector<std::string> expected;
        for (const query::WhatCanEntry& entry : whole.scopes) expected.push_back(entry.scope);
        EXPECT_EQ(paged, expected);
    }

    // "/a/*" against "/a/b".
    static bool fits(const std::string& pattern, const std::string& scope) {
        const auto cut = [](const std::string& text) {
            std::vector<std::string> parts;
            std::string part;
            for (std::size_t i = 1; i <= text.size(); ++i) {
                if (i == text.size() || text[i] == '/') {
                    parts.push_back(part);
                    part.clear();
                } else {
                    part += text[i];
                }
            }
            return text == "/" ? std::vector<std::string>{} : parts;
        };
        const auto p = cut(naive_scope(pattern));
        const auto s = cut(scope);
        return p.size() == s.size() &&
               std::equal(p.begin(), p.end(), s.begin(),
                          [](const auto& a, const auto& b) { return a == "*" || a == b; });
    }

    bool tenant_known(const std::string& tenant) const {
        return std::ranges::any_of(events_, [&](const domain::Event& event) {
            return event.revision <= head() && event.tenant == tenant;
        });
    }

    static std::vector<std::string> ids_of(const std::vector<query::WhoCanEntry>& entries) {
        std::vector<std::string> ids;
        for (const query::WhoCanEntry& entry : entries) ids.push_back(entry.principal);
        return ids;
    }

    static std::set<std::pair<std::string, NaiveHold>> holds_of(
        const std::vector<query::Hold>& holds) {
        EXPECT_TRUE(std::ranges::is_sorted(holds));
        std::set<std::pair<std::string, NaiveHold>> result;
        for (const query::Hold& hold : holds)
            EXPECT_TRUE(
                result
                    .insert({hold.principal,
                             {naive_fold(hold.role), naive_scope(hold.scope), hold.conditional}})
                    .second)
                << "twice";
        return result;
    }

    static std::vector<std::string> texts(const std::vector<NaiveInterval>& intervals) {
        std::vector<std::string> result;
        for (const NaiveInterval& i : intervals)
            result.push_back(
                format_instant(i.from) + " by " + std::to_string(i.opened_by.value) +
                (i.to ? " to " + format_instant(*i.to) + " by " + std::to_string(i.closed_by.value)
                      : " on"));
        return result;
    }

    static std::vector<std::uint64_t> values(const std::vector<Revision>& revisions) {
        std::vector<std::uint64_t> result;
        for (const Revision revision : revisions) result.push_back(revision.value);
        return result;
    }

    WorldOptions options_;
    std::vector<domain::Event> events_;
    SeededRandom random_;
    NaiveStore naive_;
    QuestionMaker ask_;
    FoldedWorld world_;
    Instant now_;
    Instant closed_ = instant_min;
    std::vector<std::pair<domain::CheckQuestion, bool>> final_;
    std::vector<OpenPages> open_pages_;
};

TEST(Check, AgreesWithReplayWhateverIsCached) {
    for_each_seed(25, [](std::uint64_t seed) {
        Comparison compare{seed};
        std::vector<domain::CheckQuestion> again;
        while (!compare.done() && !::testing::Test::HasFailure()) {
            compare.grow();
            // The same questions over and over, and others.
            if (again.size() < 30)
                for (int i = 0; i < 3; ++i) again.push_back(compare.ask().check());
            for (const domain::CheckQuestion& q : again)
                if (compare.random().one_in(3)) compare.check(q);
            for (int i = 0; i < 6; ++i) compare.check(compare.ask().check());
            if (compare.random().one_in(4)) compare.check_with_new_engine(4);
        }
        compare.check_final_answers();
        compare.check_with_new_engine(40);
    });
}

TEST(Explain, DecidesAsCheckDoes) {
    for_each_seed(15, [](std::uint64_t seed) {
        Comparison compare{seed};
        while (!compare.done() && !::testing::Test::HasFailure()) {
            compare.grow();
            for (int i = 0; i < 3; ++i) compare.explain(compare.ask().check());
        }
    });
}

TEST(Lists, AgreeWithReplay) {
    for_each_seed(12, [](std::uint64_t seed) {
        Comparison compare{seed};
        static const std::vector<std::string> patterns{"/*", "/A/*", "/*/*", "/", "/a/b/*"};
        while (!compare.done() && !::testing::Test::HasFailure()) {
            compare.grow();
            for (int i = 0; i < 2; ++i) {
                compare.who_can(compare.ask().who_can());
                compare.what_can(compare.ask().what_can(),
                                 compare.random().one_in(4)
                                     ? patterns[compare.random().below(patterns.size())]
                                     : "");
            }
            compare.turn_pages();
        }
    });
}

TEST(When, AgreesWithTryingEveryInstant) {
    for_each_seed(12, [](std::uint64_t seed) {
        Comparison compare{seed};
        // Trying every instant is slow: the longest histories are left to the other tests.
        while (!compare.done() && compare.head().value < 250 && !::testing::Test::HasFailure()) {
            compare.grow();
            if (compare.random().one_in(3)) compare.when(compare.ask().check());
        }
        for (int i = 0; i < 3 && !::testing::Test::HasFailure(); ++i)
            if (compare.head().value < 300) compare.when(compare.ask().check());
    });
}

TEST(Diff, AgreesWithReplay) {
    for_each_seed(12, [](std::uint64_t seed) {
        Comparison compare{seed};
        while (!compare.done() && !::testing::Test::HasFailure()) {
            compare.grow();
            const std::string tenant = compare.ask().tenant();
            const std::string principal =
                compare.random().one_in(2) ? compare.ask().principal(tenant) : "";
            compare.diff(tenant, principal, compare.ask().as_of(), compare.ask().as_of());
        }
    });
}

TEST(History, NamesEveryEventOfAnObject) {
    for_each_seed(20, [](std::uint64_t seed) {
        Comparison compare{seed};
        static const std::vector<std::string> kinds{
            "principal", "role", "scope", "assignment", "deny", "invitation", "eligibility"};
        while (!compare.done() && !::testing::Test::HasFailure()) {
            compare.grow();
            for (const std::string& kind : kinds) {
                const std::string tenant = compare.ask().tenant();
                compare.history(tenant, kind, compare.ask().object(tenant, kind),
                                compare.ask().as_of());
            }
        }
    });
}

}  // namespace
}  // namespace tenure::testing
