// Time as the store tells it: recorded strictly later, and never at or before what was answered.

#include <thread>

#include "unit/node/node_fixture.h"

namespace tenure::node {
namespace {

using Time = Store;

void expect_increasing(const Node& node) {
    Instant before = instant_min;
    for (const domain::Event& event : all_events(node)) {
        EXPECT_GT(event.recorded_at, before) << event.revision.value;
        EXPECT_EQ(event.effective_at, event.recorded_at);
        before = event.recorded_at;
    }
}

TEST_F(Time, RecordedAtIncreasesUnderAClockThatStandsStillOrGoesBack) {
    must_submit(batch({create_user("a"), create_user("b")}));
    must_submit(batch({create_user("c")}));
    clock_.advance(-3600 * second);
    must_submit(batch({create_user("d")}));
    open();
    must_submit(batch({create_user("e")}));
    clock_.advance(7200 * second);
    const Receipt later = must_submit(batch({create_user("f")}));
    EXPECT_EQ(later.recorded_at, clock_.now());
    expect_increasing(*node_);
}

TEST_F(Time, WhatWasAskedAboutIsClosed) {
    clock_.advance(second);
    const Instant asked = clock_.now();
    const auto before = node_->session()->check(may_write("a", at(asked)));
    ASSERT_TRUE(before.has_value());
    EXPECT_FALSE(before.value().allowed);
    EXPECT_TRUE(before.value().basis.final);

    // The same instant still stands on the clock.
    const Receipt receipt = must_submit(batch({create_user("a"), assign_owner("x", "a")}));
    EXPECT_GT(node_->event(receipt.first).value().recorded_at, asked);
    const auto after = node_->session()->check(may_write("a", at(asked)));
    EXPECT_FALSE(after.value().allowed);
    EXPECT_EQ(after.value().basis.revision, before.value().basis.revision);
}

TEST_F(Time, TheFutureIsNotFinalAndClosesNothing) {
    const Instant future = clock_.now() + 3600 * second;
    EXPECT_FALSE(node_->session()->check(may_write("a", at(future))).value().basis.final);
    const Receipt receipt = must_submit(batch({create_user("a"), assign_owner("x", "a")}));
    EXPECT_LT(receipt.recorded_at, future);
    EXPECT_TRUE(node_->session()->check(may_write("a", at(future))).value().allowed);
}

TEST_F(Time, APromiseOutlivesTheProgramAndAClockSetBack) {
    clock_.advance(10 * second);
    const Instant asked = clock_.now();
    ASSERT_TRUE(node_->session()->check(may_write("a", at(asked))).value().basis.final);
    node_.reset();
    clock_.advance(-3600 * second);
    open();
    const Receipt receipt = must_submit(batch({create_user("a"), assign_owner("x", "a")}));
    EXPECT_GT(receipt.recorded_at, asked);
    EXPECT_FALSE(node_->session()->check(may_write("a", at(asked))).value().allowed);
}

TEST_F(Time, APromiseOfAProgramThatOnlyReadsHoldsToo) {
    node_.reset();
    options_.read_only = true;
    clock_.advance(10 * second);
    const Instant asked = clock_.now();
    open();
    ASSERT_TRUE(node_->session()->check(may_write("a", at(asked))).value().basis.final);
    options_.read_only = false;
    clock_.advance(-3600 * second);
    open();
    EXPECT_GT(must_submit(batch({create_user("a")})).recorded_at, asked);
}

TEST_F(Time, KnownAtIsClosedToo) {
    clock_.advance(second);
    domain::AsOf as_of;
    as_of.known_at = clock_.now();
    const auto before = node_->session()->check(may_write("a", as_of));
    ASSERT_TRUE(before.has_value()) << before.error().detail;
    must_submit(batch({create_user("a"), assign_owner("x", "a")}));
    const auto after = node_->session()->check(may_write("a", as_of));
    EXPECT_EQ(before.value().basis.revision, after.value().basis.revision);
    EXPECT_FALSE(after.value().allowed);
}

// Final answers are noted while a writer is busy and asked again at the end.
TEST_F(Time, AFinalAnswerNeverChangesWhileOthersWrite) {
    struct Asked {
        Instant at;
        Revision revision;
        bool allowed;
    };

    constexpr int users = 150;
    std::atomic<bool> writing{true};
    std::atomic<int> final_count{0};
    std::vector<std::vector<Asked>> asked(2);
    std::vector<std::thread> readers;
    for (auto& mine : asked)
        readers.emplace_back([&] {
            const auto session = node_->session();
            SeededRandom random{7};
            while (writing) {
                clock_.advance(1);
                const Instant t = clock_.now();
                const std::string user = "u" + std::to_string(random.below(users));
                const auto one = session->check_all({may_write(user, at(t)), may_write(user)});
                for (const auto& answer : one) {
                    ASSERT_TRUE(answer.has_value());
                    if (!answer.value().basis.final) continue;
                    mine.push_back({*answer.value().basis.clock, answer.value().basis.revision,
                                    answer.value().allowed});
                    ++final_count;
                }
            }
        });
    for (int i = 0; i < users; ++i) {
        const std::string id = "u" + std::to_string(i);
        must_submit(batch({create_user(id), assign_owner("a" + id, id)}));
    }
    // Enough answers for the test to mean something.
    while (final_count < 100) std::this_thread::yield();
    writing = false;
    for (std::thread& reader : readers) reader.join();

    const auto events = all_events(*node_);
    for (const auto& mine : asked)
        for (const Asked& one : mine)
            for (std::uint64_t r = one.revision.value + 1; r <= events.size(); ++r) {
                ASSERT_GT(events[r - 1].recorded_at, one.at)
                    << "revision " << r << " was recorded in a time that was closed at revision "
                    << one.revision.value;
                if (r > one.revision.value + 2) break;
            }
}

// A recording is under way from when its first instant is chosen until it can be seen.
TEST_F(Time, NothingIsPromisedAboutARecordingUnderWay) {
    std::promise<void> begun;
    std::promise<void> go_on;
    bool told = false;
    options_.progress = [&](const Progress& progress) {
        if (progress.work != "import" || std::exchange(told, true)) return;
        begun.set_value();
        go_on.get_future().wait();
    };
    open();
    std::thread importer{[&] { must_import(user_lines(5'000)); }};
    begun.get_future().wait();
    clock_.advance(second);
    domain::AsOf as_of;
    as_of.known_at = clock_.now();
    const auto before = node_->session()->check(may_write("u1", as_of, "default"));
    ASSERT_TRUE(before.has_value());
    go_on.set_value();
    importer.join();
    const auto after = node_->session()->check(may_write("u1", as_of, "default"));
    EXPECT_LT(before.value().basis.revision, after.value().basis.revision);
    EXPECT_FALSE(before.value().basis.final);
    EXPECT_TRUE(after.value().basis.final);
    clock_.advance(second);
    as_of.known_at = clock_.now();
    EXPECT_TRUE(node_->session()->check(may_write("u1", as_of)).value().basis.final);
}

TEST_F(Time, WhoeverWroteMayAskAboutNowAtOnce) {
    for (int i = 0; i < 200; ++i) {
        const std::string id = "u" + std::to_string(i);
        const Receipt receipt = must_submit(batch({create_user(id), assign_owner("a" + id, id)}));
        clock_.advance(10);
        const auto answer = node_->session()->check(may_write(id, at(clock_.now())));
        ASSERT_TRUE(answer.value().basis.final);
        ASSERT_TRUE(answer.value().allowed);
        ASSERT_EQ(answer.value().basis.revision, receipt.last);
    }
}

// The log has what the index never got: an answer without it is not final.
TEST_F(Time, NothingIsPromisedOnceTheIndexCannotFollow) {
    options_.index_map_bytes = std::uint64_t{640} << 10U;
    open();
    std::string last;
    for (int i = 0;; ++i) {
        ASSERT_LT(i, 5'000);
        last = "u" + std::to_string(i);
        if (!node_->submit(batch({create_user(last), assign_owner("a" + last, last)}))) break;
    }
    clock_.advance(second);
    const auto answer = node_->session()->check(may_write(last, at(clock_.now())));
    if (node_->status().committed > node_->status().applied) {
        EXPECT_FALSE(answer.value().basis.final);
    } else {
        EXPECT_TRUE(answer.value().basis.final);
    }
}

TEST_F(Time, ImportedHistoryIsRecordedNowAndEffectiveThen) {
    must_import(user_lines(3));
    const auto events = all_events(*node_);
    ASSERT_EQ(events.size(), 4 + 1 + 3 + 1);
    for (std::size_t i = 4; i < events.size(); ++i) {
        EXPECT_GE(events[i].recorded_at, clock_.now());
        EXPECT_GT(events[i].recorded_at, events[i - 1].recorded_at);
        if (i > 4 && i < 8) {
            EXPECT_EQ(format_instant(events[i].effective_at),
                      old_time(static_cast<std::int64_t>(i) - 5));
            EXPECT_TRUE(events[i].imported);
        }
    }
}

}  // namespace
}  // namespace tenure::node
