// A real history of eight years, if TENURE_SHARED_DATA names a folder that has one: when, diff and
// history agree with a plain replay of its events, and with each other.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "codec/json_lines.h"
#include "node/node.h"
#include "support/naive_model.h"
#include "support/random_world.h"
#include "support/temp_store.h"

namespace tenure::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t questions_max = 40;
constexpr std::size_t moments_max = 150;
constexpr std::size_t objects_max = 40;
constexpr std::size_t diffs_max = 4;

std::string text_of(const domain::CheckQuestion& q) {
    return q.principal + " " + q.action + " at " + q.scope;
}

NaiveAsk asked(const domain::CheckQuestion& q) {
    return {q.tenant, q.principal, q.action, q.plane, q.scope};
}

bool inside(const std::vector<query::AccessInterval>& intervals, Instant t) {
    return std::ranges::any_of(intervals,
                               [&](const auto& i) { return i.from <= t && (!i.to || t < *i.to); });
}

std::set<std::pair<std::string, NaiveHold>> plain(const std::vector<query::Hold>& holds) {
    std::set<std::pair<std::string, NaiveHold>> result;
    for (const query::Hold& hold : holds)
        result.insert(
            {hold.principal, {naive_fold(hold.role), naive_scope(hold.scope), hold.conditional}});
    return result;
}

// After all of the history.
class LastDay final : public Clock {
public:
    Instant now() override { return parse_instant("2030-01-01T00:00:00Z", "now").value(); }
};

node::Options options() {
    node::Options result;
    result.log_map_bytes = std::uint64_t{1} << 30U;
    result.index_map_bytes = std::uint64_t{1} << 30U;
    return result;
}

class RealHistory : public ::testing::Test {
protected:
    void SetUp() override {
        const char* shared = std::getenv("TENURE_SHARED_DATA");
        if (shared == nullptr) GTEST_SKIP() << "TENURE_SHARED_DATA is not set";
        data_ = std::string(shared) + "/kubernetes-org/";
        if (!fs::exists(data_ + "queries.jsonl")) GTEST_SKIP() << data_ << " is not there";
        const std::string store = temp_ / "store";
        ASSERT_TRUE(node::Node::create(store, {}, clock_, random_, options()));
        auto opened = node::Node::open(store, clock_, random_, options());
        ASSERT_TRUE(opened) << opened.error().detail;
        node_ = std::move(opened.value());
        std::ifstream commands{data_ + "commands.jsonl"};
        const auto imported = node_->import(commands, {});
        ASSERT_TRUE(imported) << imported.error().detail;
        ASSERT_TRUE(node_->events({}, [this](const domain::Event& event) {
            events_.push_back(event);
            return true;
        }));
        session_ = node_->session();
        for (const domain::Event& event : events_)
            if (event.tenant == "default") by_time_[event.effective_at] = event.revision;
    }

    // Every so many check questions of the file, of different principals where they allow; half of
    // those taken are expected to be allowed, so that there is access to speak of.
    std::vector<domain::CheckQuestion> questions() const {
        std::ifstream lines{data_ + "queries.jsonl"};
        std::vector<domain::CheckQuestion> result;
        std::set<std::string> taken;
        std::string line;
        for (std::size_t n = 0; std::getline(lines, line) && result.size() < questions_max; ++n) {
            if (n % 101 != 0 && n % 101 != 50) continue;
            const auto ask = codec::parse_ask_line(line, "default");
            EXPECT_TRUE(ask);
            const auto* check = std::get_if<domain::CheckQuestion>(&ask.value().question);
            const bool wanted = ask.value().expected_allow == (result.size() % 2 == 0);
            if (check == nullptr || !wanted || !taken.insert(text_of(*check)).second) continue;
            result.push_back(*check);
            result.back().as_of = {};
        }
        return result;
    }

    const domain::Event& event(Revision revision) const { return events_.at(revision.value - 1); }

    query::DiffAnswer diff(const std::string& principal, Instant from, Instant to) {
        domain::AsOf a;
        a.at = from;
        domain::AsOf b;
        b.at = to;
        auto answer = session_->diff("default", principal, a, b);
        EXPECT_TRUE(answer) << answer.error().detail;
        return answer ? std::move(answer.value()) : query::DiffAnswer{};
    }

    std::set<Revision> history(const std::string& kind, const std::string& id) {
        const auto answer = session_->history("default", kind, id, {});
        EXPECT_TRUE(answer) << kind << " " << id << ": " << answer.error().detail;
        if (!answer) return {};
        return {answer.value().events.begin(), answer.value().events.end()};
    }

    TempDir temp_;
    LastDay clock_;
    SeededRandom random_{1};
    std::string data_;
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<node::Session> session_;
    std::vector<domain::Event> events_;    // all of the log
    std::map<Instant, Revision> by_time_;  // the last event of each instant
};

// Before, at and after the instants where an answer changes, and at many others.
TEST_F(RealHistory, WhenAgreesWithAReplay) {
    struct Asked {
        domain::CheckQuestion question;
        std::vector<query::AccessInterval> intervals;
    };

    std::vector<Asked> all;
    std::set<Instant> moments;
    std::size_t changes = 0;
    for (const domain::CheckQuestion& q : questions()) {
        const auto answer = session_->when(q);
        ASSERT_TRUE(answer) << text_of(q) << ": " << answer.error().detail;
        all.push_back({q, answer.value().intervals});
        Instant last = instant_min;
        for (const query::AccessInterval& i : all.back().intervals) {
            SCOPED_TRACE(text_of(q) + " from " + format_instant(i.from));
            EXPECT_LT(last, i.from) << "intervals touch or are not in order";
            EXPECT_EQ(event(i.opened_by).effective_at, i.from);
            last = i.to.value_or(instant_max);
            EXPECT_LT(i.from, last);
            ++changes;
            if (!i.to) continue;
            EXPECT_EQ(event(i.closed_by).effective_at, *i.to);
            ++changes;
        }
    }
    ASSERT_EQ(all.size(), questions_max);
    EXPECT_GT(changes, questions_max) << "too little happened to prove anything";

    // Which questions each instant is asked about: nothing stands for all of them.
    std::map<Instant, std::set<std::size_t>> plan;
    for (std::size_t n = 0; n < all.size(); ++n)
        for (const query::AccessInterval& i : all[n].intervals)
            for (const auto& edge : {std::optional{i.from}, i.to}) {
                if (!edge) continue;
                const auto at = by_time_.find(*edge);
                ASSERT_NE(at, by_time_.end());
                plan[at->first].insert(n);
                if (at != by_time_.begin()) plan[std::prev(at)->first].insert(n);
            }
    const std::size_t step = by_time_.size() / moments_max + 1;
    std::size_t count = 0;
    for (const auto& [at, revision] : by_time_)
        if (count++ % step == 0)
            for (std::size_t n = 0; n < all.size(); ++n) plan[at].insert(n);

    NaiveModel model;
    std::size_t replayed = 0;
    for (const auto& [at, which] : plan) {
        const Revision until = by_time_.at(at);
        for (; replayed < until.value; ++replayed) model.apply(events_[replayed]);
        for (const std::size_t n : which)
            EXPECT_EQ(inside(all[n].intervals, at), model.check(asked(all[n].question), at))
                << text_of(all[n].question) << " on " << format_instant(at) << ", revision "
                << until.value;
    }
}

// What opens an interval by giving a role is a gain in the diff across it, what closes it by taking
// one away is a loss; and it stands in the history of whom or what it happened to.
TEST_F(RealHistory, WhenAgreesWithDiffAndHistory) {
    std::size_t gains = 0;
    std::size_t losses = 0;
    for (const domain::CheckQuestion& q : questions()) {
        const auto answer = session_->when(q);
        ASSERT_TRUE(answer);
        for (const query::AccessInterval& i : answer.value().intervals) {
            for (const bool opens : {true, false}) {
                const Revision revision = opens ? i.opened_by : i.closed_by;
                if (revision.value == 0) continue;
                const domain::Event& by = event(revision);
                SCOPED_TRACE(text_of(q) + (opens ? " opened" : " closed") + " by " +
                             std::to_string(revision.value));
                const auto here = by_time_.find(by.effective_at);
                ASSERT_NE(here, by_time_.end());
                if (here == by_time_.begin()) continue;
                const query::DiffAnswer change =
                    diff(q.principal, std::prev(here)->first, here->first);
                (opens ? gains : losses) += 1;
                EXPECT_FALSE((opens ? change.gained : change.lost).empty());

                if (const auto* e = std::get_if<domain::AssignmentCreated>(&by.body)) {
                    EXPECT_TRUE(history("assignment", e->assignment.id).contains(revision));
                    EXPECT_TRUE(history("scope", e->assignment.scope).contains(revision));
                    EXPECT_TRUE(history("principal", e->assignment.principal).contains(revision));
                } else if (const auto* r = std::get_if<domain::AssignmentRevoked>(&by.body)) {
                    EXPECT_TRUE(history("assignment", r->assignment).contains(revision));
                } else if (const auto* c = std::get_if<domain::AssignmentRoleChanged>(&by.body)) {
                    EXPECT_TRUE(history("assignment", c->assignment).contains(revision));
                    EXPECT_TRUE(history("role", c->role).contains(revision));
                } else if (const auto* a = std::get_if<domain::MemberAdded>(&by.body)) {
                    EXPECT_TRUE(history("principal", a->member).contains(revision));
                    EXPECT_TRUE(history("principal", a->group).contains(revision));
                } else if (const auto* m = std::get_if<domain::MemberRemoved>(&by.body)) {
                    EXPECT_TRUE(history("principal", m->member).contains(revision));
                    EXPECT_TRUE(history("principal", m->group).contains(revision));
                } else {
                    ADD_FAILURE() << "no such event changes access here: "
                                  << domain::type_of(by.body);
                }
            }
        }
    }
    EXPECT_GT(gains, 20U);
    EXPECT_GT(losses, 20U);
}

// Of everybody, between instants spread over the years.
TEST_F(RealHistory, DiffAgreesWithTwoReplays) {
    NaiveStore naive{events_};
    const Revision head{events_.size()};
    std::vector<NaiveStore::Point> points;
    std::size_t count = 0;
    for (const auto& [at, revision] : by_time_)
        if (count++ % (by_time_.size() / diffs_max) == 1) points.push_back({revision, at});
    ASSERT_GE(points.size(), diffs_max);
    for (std::size_t n = 1; n < points.size(); ++n) {
        const NaiveStore::Point a = points[n - 1];
        const NaiveStore::Point b = points[n];
        SCOPED_TRACE(format_instant(a.clock) + " to " + format_instant(b.clock));
        const query::DiffAnswer answer = diff("", a.clock, b.clock);
        const NaiveDiff expected = naive.diff("default", "", a, b, head);
        EXPECT_FALSE(expected.gained.empty() && expected.lost.empty());
        EXPECT_EQ(plain(answer.gained), expected.gained);
        EXPECT_EQ(plain(answer.lost), expected.lost);

        // The same the other way round.
        const query::DiffAnswer back = diff("", b.clock, a.clock);
        EXPECT_EQ(plain(back.gained), expected.lost);
        EXPECT_EQ(plain(back.lost), expected.gained);
    }
}

TEST_F(RealHistory, HistoryAgreesWithReadingTheLog) {
    NaiveStore naive{events_};
    const Revision head{events_.size()};
    std::set<std::pair<std::string, std::string>> objects;
    for (std::size_t n = 7; n < events_.size(); n += events_.size() / objects_max) {
        if (const auto* e = std::get_if<domain::AssignmentCreated>(&events_[n].body)) {
            objects.insert({"assignment", e->assignment.id});
            objects.insert({"scope", e->assignment.scope});
            objects.insert({"principal", e->assignment.principal});
            objects.insert({"role", e->assignment.role});
        } else if (const auto* m = std::get_if<domain::MemberAdded>(&events_[n].body)) {
            objects.insert({"principal", m->member});
            objects.insert({"principal", m->group});
        } else if (const auto* p = std::get_if<domain::PrincipalDeleted>(&events_[n].body)) {
            objects.insert({"principal", p->principal});
        }
    }
    EXPECT_GT(objects.size(), objects_max);
    for (const auto& [kind, id] : objects) {
        SCOPED_TRACE(kind + " " + id);
        const auto expected = naive.history("default", kind, id, head, head);
        ASSERT_TRUE(expected);
        EXPECT_EQ(history(kind, id), (std::set<Revision>{expected->begin(), expected->end()}));
    }
}

}  // namespace
}  // namespace tenure::testing
