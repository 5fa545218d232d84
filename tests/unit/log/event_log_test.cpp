#include "log/event_log.h"

#include <thread>

#include "base/random.h"
#include "unit/log/log_fixture.h"

namespace tenure::log {
namespace {

using tenure::testing::TempDir;

void expect_same(const Entry& entry, std::uint64_t revision, Term term = Term{1}) {
    EXPECT_EQ(entry.revision, Revision{revision});
    EXPECT_EQ(entry.term, term);
    EXPECT_EQ(entry.recorded_at, test_start + static_cast<std::int64_t>(revision));
    const auto body = body_of(revision);
    EXPECT_TRUE(std::equal(entry.body.begin(), entry.body.end(), body.begin(), body.end()));
    const auto stored = stored_of(revision, term);
    EXPECT_TRUE(std::equal(entry.stored.begin(), entry.stored.end(), stored.begin(), stored.end()));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(entry.body.data()) % 8, 0U);
}

// The root a log must have that holds these revisions, terms apart.
Digest expected_root(std::uint64_t size) {
    std::vector<Digest> leaves;
    for (std::uint64_t i = 1; i <= size; ++i) leaves.push_back(leaf_hash(stored_of(i)));
    return naive_root(leaves);
}

TEST(EventLog, BeginsEmpty) {
    const TempDir dir;
    const auto log = make_log(dir / "log");

    EXPECT_EQ(log->id(), test_id);
    EXPECT_EQ(log->created_at(), test_start);
    EXPECT_EQ(log->last(), revision_none);
    EXPECT_EQ(log->committed(), revision_none);
    EXPECT_EQ(log->last_recorded_at(), instant_min);
    EXPECT_EQ(log->reserved_until(), instant_min);
    EXPECT_EQ(log->last_term(), Term{0});
    EXPECT_TRUE(log->terms().empty());
    EXPECT_EQ(log->root(0), empty_root());
    EXPECT_TRUE(value_of(log->read(Revision{1})).empty());
    expect_success(log->verify({}));
}

TEST(EventLog, RefusesSecondCreate) {
    const TempDir dir;
    make_log(dir / "log");

    const auto again = EventLog::create(dir / "log", test_id, test_start, small_map());

    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::already_exists);
}

TEST(EventLog, RefusesOpenOfNothing) {
    const TempDir dir;

    const auto opened = EventLog::open(dir / "log", small_map());

    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, Errc::not_found);
}

TEST(EventLog, ReturnsWhatWasAppended) {
    const TempDir dir;
    const auto log = make_log(dir / "log");

    EXPECT_EQ(value_of(log->append(next_entries(*log, 3), {}, true)), Revision{3});
    EXPECT_EQ(value_of(log->append(next_entries(*log, 70), {}, false)), Revision{73});

    EXPECT_EQ(log->last(), Revision{73});
    EXPECT_EQ(log->committed(), Revision{3});
    EXPECT_EQ(log->last_recorded_at(), test_start + 73);
    const EntryBatch batch = value_of(log->read(Revision{1}));
    ASSERT_EQ(batch.size(), 73U);
    for (std::uint64_t i = 1; i <= 73; ++i) expect_same(batch[i - 1], i);
}

TEST(EventLog, KeepsAllForTheNextOpen) {
    const TempDir dir;
    Digest root;
    {
        const auto log = make_log(dir / "log");
        grow(*log, 100);
        grow(*log, 5, false, Term{3});
        root = log->root(105);
    }

    const auto log = open_log(dir / "log");

    EXPECT_EQ(log->id(), test_id);
    EXPECT_EQ(log->created_at(), test_start);
    EXPECT_EQ(log->last(), Revision{105});
    EXPECT_EQ(log->committed(), Revision{100});
    EXPECT_EQ(log->last_recorded_at(), test_start + 105);
    EXPECT_EQ(log->last_term(), Term{3});
    EXPECT_EQ(log->root(105), root);
    grow(*log, 50, true, Term{3});
    expect_success(log->verify({}));
}

TEST(EventLog, GrowsTheSameTreeInAnySteps) {
    const TempDir dir;
    SeededRandom random{3};
    const Digest root = expected_root(1'200);
    for (int round = 0; round < 4; ++round) {
        const std::string path = dir / std::to_string(round);
        auto log = make_log(path);
        while (log->last() < Revision{1'200}) {
            const std::uint64_t step = 1 + random.below(round == 0 ? 1'200 : 90);
            grow(*log, std::min(step, 1'200 - log->last().value), random.one_in(2));
            if (random.one_in(8)) {
                log.reset();
                log = open_log(path);
            }
        }
        EXPECT_EQ(log->root(1'200), root);
        expect_success(log->verify({}));
    }
}

TEST(EventLog, RootsAndProofsAreThoseOfTheDefinition) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    constexpr std::uint64_t count = 1'100;
    std::vector<Digest> leaves;
    for (std::uint64_t i = 1; i <= count; ++i) leaves.push_back(leaf_hash(stored_of(i)));
    grow(*log, count);

    for (std::uint64_t size = 0; size <= count; size += size < 70 ? 1 : 103)
        EXPECT_EQ(log->root(size), naive_root(leaves, 0, size)) << size;
    SeededRandom random{4};
    for (int i = 0; i < 200; ++i) {
        const std::uint64_t size = 1 + random.below(count);
        const std::uint64_t revision = 1 + random.below(size);
        EXPECT_TRUE(verify_inclusion(leaves[revision - 1], revision - 1, size,
                                     log->inclusion_proof(Revision{revision}, size),
                                     log->root(size)));
        const std::uint64_t from = random.below(size + 1);
        EXPECT_TRUE(verify_consistency(from, size, log->root(from), log->root(size),
                                       log->consistency_proof(from, size)));
    }
}

TEST(EventLog, RejectsGapInTimesAndTerms) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 3, true, Term{2});

    const auto add = [&](NewEntry entry) {
        static_cast<void>(log->append({std::move(entry)}, {}, true));
    };
    EXPECT_DEATH(add({Term{2}, test_start + 3, {}}), "invariant broken");
    EXPECT_DEATH(add({Term{1}, test_start + 4, {}}), "invariant broken");
    EXPECT_DEATH(add({Term{2}, test_start + 4, std::vector<std::byte>(7)}), "invariant broken");
}

TEST(EventLog, RejectsCommitOutsideTheLog) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 3);
    grow(*log, 3, false);

    EXPECT_DEATH(static_cast<void>(log->commit_to(Revision{7})), "invariant broken");
    EXPECT_DEATH(static_cast<void>(log->commit_to(Revision{2})), "invariant broken");
    EXPECT_DEATH(static_cast<void>(log->discard_above(Revision{2})), "invariant broken");
    EXPECT_DEATH(static_cast<void>(log->root(7)), "invariant broken");
}

TEST(EventLog, HasOneWriter) {
    const TempDir dir;
    const auto log = make_log(dir / "log");

    const auto other = EventLog::open(dir / "log", small_map());

    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().code, Errc::unavailable);
    grow(*log, 1);
}

TEST(EventLog, CommitsUpToARevision) {
    const TempDir dir;
    {
        const auto log = make_log(dir / "log");
        grow(*log, 10, false);
        expect_success(log->commit_to(Revision{4}));
        expect_success(log->commit_to(Revision{4}));
        EXPECT_EQ(log->committed(), Revision{4});
        EXPECT_EQ(value_of(log->append(next_entries(*log, 2), {}, Revision{11})), Revision{12});
    }

    const auto log = open_log(dir / "log");

    EXPECT_EQ(log->committed(), Revision{11});
    EXPECT_EQ(log->last(), Revision{12});
}

TEST(EventLog, DiscardsItsTailAsIfItHadNeverBeen) {
    const TempDir dir;
    for (const std::uint64_t kept : {0U, 1U, 31U, 32U, 33U, 64U, 1'000U, 1'024U, 1'056U}) {
        for (const std::uint64_t more : {1U, 31U, 32U, 100U, 1'100U}) {
            const std::string path = dir / (std::to_string(kept) + "-" + std::to_string(more));
            auto log = make_log(path);
            if (kept != 0) grow(*log, kept);
            const auto use_before = log->table_use();
            grow(*log, more, false, Term{2});

            EXPECT_EQ(value_of(log->discard_uncommitted()), more);

            EXPECT_EQ(log->last(), Revision{kept});
            EXPECT_EQ(log->last_recorded_at(),
                      kept == 0 ? instant_min : test_start + static_cast<std::int64_t>(kept));
            EXPECT_EQ(log->last_term(), Term{kept == 0 ? 0U : 1U});
            EXPECT_EQ(log->root(kept), expected_root(kept));
            const auto use_after = log->table_use();
            for (std::size_t i = 0; i < use_after.size(); ++i)
                EXPECT_EQ(use_after[i].rows, use_before[i].rows) << use_after[i].name;
            expect_success(log->verify({}));
            log.reset();
            log = open_log(path);
            grow(*log, 40);
            EXPECT_EQ(log->root(kept + 40), expected_root(kept + 40));
            expect_success(log->verify({}));
            EXPECT_EQ(value_of(log->discard_uncommitted()), 0U);
        }
    }
}

TEST(EventLog, DiscardsAboveARevision) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 5);
    grow(*log, 5, false, Term{2});
    grow(*log, 5, false, Term{4});

    EXPECT_EQ(value_of(log->discard_above(Revision{12})), 3U);
    EXPECT_EQ(log->terms(),
              (std::vector<TermStart>{
                  {Term{1}, Revision{1}}, {Term{2}, Revision{6}}, {Term{4}, Revision{11}}}));
    EXPECT_EQ(value_of(log->discard_above(Revision{10})), 2U);
    EXPECT_EQ(log->terms(),
              (std::vector<TermStart>{{Term{1}, Revision{1}}, {Term{2}, Revision{6}}}));
    EXPECT_EQ(log->committed(), Revision{5});
    EXPECT_EQ(log->last_term(), Term{2});
    expect_success(log->verify({}));
}

TEST(EventLog, KeepsCommandsForEver) {
    const TempDir dir;
    {
        const auto log = make_log(dir / "log");
        value_of(log->append(next_entries(*log, 3),
                             {command_of(1, 1, 2), command_of(2, 3, 1), command_of(3, 4, 0)},
                             true));
        grow(*log, 10, false);
        value_of(log->discard_uncommitted());
    }

    const auto log = open_log(dir / "log");

    for (const auto& [id, first, count] : {std::tuple{1U, 1U, 2U}, {2U, 3U, 1U}, {3U, 4U, 0U}}) {
        const NewCommand command = command_of(id, first, count);
        EXPECT_EQ(log->find_command(command.key), command.record);
    }
    EXPECT_FALSE(log->find_command(command_of(4, 1, 1).key).has_value());
    expect_success(log->verify({}));
}

TEST(EventLog, DiscardsCommandsWithTheirEntries) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    value_of(log->append(next_entries(*log, 3), {command_of(1, 1, 3)}, true));
    value_of(log->append(next_entries(*log, 3),
                         {command_of(2, 4, 1), command_of(3, 5, 2), command_of(4, 7, 0)}, false));
    EXPECT_TRUE(log->find_command(command_of(3, 5, 2).key).has_value());

    // When the middle of the tail is committed, then the rest is cut off
    expect_success(log->commit_to(Revision{4}));
    EXPECT_EQ(value_of(log->discard_uncommitted()), 2U);

    EXPECT_TRUE(log->find_command(command_of(1, 1, 3).key).has_value());
    EXPECT_TRUE(log->find_command(command_of(2, 4, 1).key).has_value());
    EXPECT_FALSE(log->find_command(command_of(3, 5, 2).key).has_value());
    EXPECT_FALSE(log->find_command(command_of(4, 7, 0).key).has_value());
    expect_success(log->verify({}));

    // And the same commands may come again
    value_of(log->append(next_entries(*log, 2), {command_of(3, 5, 2)}, true));
    EXPECT_EQ(log->find_command(command_of(3, 5, 2).key), command_of(3, 5, 2).record);
}

TEST(EventLog, RejectsCommandsElsewhereOrOutOfOrder) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    value_of(log->append(next_entries(*log, 1), {command_of(1, 1, 1)}, true));

    const auto add = [&](const std::vector<NewCommand>& commands) {
        static_cast<void>(log->append(next_entries(*log, 2), commands, true));
    };
    EXPECT_DEATH(add({command_of(2, 1, 1)}), "invariant broken");
    EXPECT_DEATH(add({command_of(2, 2, 3)}), "invariant broken");
    EXPECT_DEATH(add({command_of(2, 3, 1), command_of(3, 2, 1)}), "invariant broken");
}

TEST(EventLog, ReadsWithinLimits) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 500);

    EXPECT_EQ(value_of(log->read(Revision{1}, 10)).size(), 10U);
    EXPECT_EQ(value_of(log->read(Revision{495}, 10)).size(), 6U);
    EXPECT_TRUE(value_of(log->read(Revision{501}, 10)).empty());
    EXPECT_TRUE(value_of(log->read(Revision{1}, 0)).empty());
    expect_same(value_of(log->read(Revision{0}, 1))[0], 1);
    expect_same(value_of(log->read(Revision{77}, 1))[0], 77);
    EXPECT_EQ(value_of(log->read(Revision{1}, 100, 1)).size(), 1U);
    const EntryBatch batch = value_of(log->read(Revision{1}, 500, 1'000));
    std::size_t bytes = 0;
    for (const Entry& entry : batch) bytes += entry.stored.size();
    EXPECT_GE(bytes, 1'000U);
    EXPECT_LT(bytes, 1'100U);
    // Moving a batch does not move its entries
    EntryBatch batches[2];
    batches[1] = value_of(log->read(Revision{3}, 5));
    expect_same(batches[1][4], 7);
}

TEST(EventLog, TakesEntriesOfAllSizes) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    SeededRandom random{5};
    std::vector<NewEntry> entries;
    for (std::uint64_t i = 1; i <= 300; ++i) {
        NewEntry entry = entry_of(i);
        entry.body.assign(8 * random.below(random.one_in(20) ? 20'000 : 60),
                          static_cast<std::byte>(i));
        entries.push_back(entry);
    }
    value_of(log->append(entries, {}, true));

    Revision from{1};
    while (from <= log->last()) {
        const EntryBatch batch = value_of(log->read(from));
        for (const Entry& entry : batch) {
            const auto& body = entries[entry.revision.value - 1].body;
            EXPECT_TRUE(std::equal(entry.body.begin(), entry.body.end(), body.begin(), body.end()));
            from = next(entry.revision);
        }
    }
    expect_success(log->verify({}));
}

TEST(EventLog, ReservationOutlivesRestartAndNeverDecreases) {
    const TempDir dir;
    {
        const auto log = make_log(dir / "log");
        expect_success(log->reserve_until(test_start + 100));
        expect_success(log->reserve_until(test_start + 50));
        EXPECT_EQ(log->reserved_until(), test_start + 100);
    }

    const auto log = open_log(dir / "log");

    EXPECT_EQ(log->reserved_until(), test_start + 100);
    expect_success(log->reserve_until(test_start + 101));
    EXPECT_EQ(log->reserved_until(), test_start + 101);
    expect_success(log->verify({}));
}

TEST(EventLog, KeepsNotes) {
    const TempDir dir;
    {
        const auto log = make_log(dir / "log");
        EXPECT_FALSE(log->note("index").has_value());
        expect_success(log->set_note("index", "generation 1"));
        expect_success(log->set_note("index", "generation 12"));
        expect_success(log->set_note("", "no name"));
        expect_success(log->set_note("empty", ""));
    }

    const auto log = open_log(dir / "log");

    EXPECT_EQ(log->note("index"), "generation 12");
    EXPECT_EQ(log->note(""), "no name");
    EXPECT_EQ(log->note("empty"), "");
    EXPECT_FALSE(log->note("other").has_value());
    expect_success(log->verify({}));
}

TEST(EventLog, ReadsReadOnlyAndRefusesToWrite) {
    const TempDir dir;
    {
        const auto log = make_log(dir / "log");
        grow(*log, 50);
        grow(*log, 5, false);
    }
    OpenOptions options = small_map();
    options.read_only = true;
    const auto log = value_of(EventLog::open(dir / "log", options));

    EXPECT_EQ(log->last(), Revision{55});
    EXPECT_EQ(value_of(log->read(Revision{1})).size(), 55U);
    expect_success(log->verify({}));
    EXPECT_DEATH(grow(*log, 1), "invariant broken");
    EXPECT_DEATH(static_cast<void>(log->commit_to(Revision{55})), "invariant broken");
    EXPECT_DEATH(static_cast<void>(log->discard_uncommitted()), "invariant broken");
    EXPECT_DEATH(static_cast<void>(log->set_note("a", "b")), "invariant broken");
    EXPECT_DEATH(static_cast<void>(log->reserve_until(test_start)), "invariant broken");
}

TEST(EventLog, KeepsNothingOfWhatDoesNotFit) {
    const TempDir dir;
    auto log = value_of(
        EventLog::create(dir / "log", test_id, test_start, small_map(std::uint64_t{1} << 20U)));
    grow(*log, 40, true);
    grow(*log, 10, false);
    const Digest root = log->root(50);
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::vector<NewEntry> entries = next_entries(*log, 200, Term{2});
        for (NewEntry& entry : entries) entry.body.resize(8'000);

        const auto result = log->append(entries, {command_of(9, 51, 3)}, true);

        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, Errc::storage_full);
        EXPECT_EQ(log->last(), Revision{50});
        EXPECT_EQ(log->committed(), Revision{40});
        EXPECT_EQ(log->last_term(), Term{1});
        EXPECT_EQ(log->root(50), root);
        EXPECT_FALSE(log->find_command(command_of(9, 51, 3).key).has_value());
        expect_success(log->verify({}));
    }

    // What fits still goes in, and the map can be made larger
    grow(*log, 10);
    log.reset();
    log = open_log(dir / "log");
    EXPECT_EQ(log->root(60), expected_root(60));
    grow(*log, 1'000);
    expect_success(log->verify({}));
}

TEST(EventLog, CopiesWhole) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 700);
    expect_success(log->set_note("a", "b"));

    expect_success(log->copy_to(dir / "copy"));
    grow(*log, 1);

    const auto copy = open_log(dir / "copy");
    EXPECT_EQ(copy->id(), log->id());
    EXPECT_EQ(copy->last(), Revision{700});
    EXPECT_EQ(copy->root(700), log->root(700));
    EXPECT_EQ(copy->note("a"), "b");
    expect_success(copy->verify({}));
    const auto again = log->copy_to(dir / "copy");
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::already_exists);
}

TEST(EventLog, IsReadAndVerifiedWhileItGrows) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 6'000);
    std::atomic<bool> stop{false};
    std::thread reader([&] {
        while (!stop) {
            const Revision committed = log->committed();
            const Revision last = log->last();
            EXPECT_LE(committed.value, last.value);
            const EntryBatch batch = value_of(log->read(Revision{committed.value - 20}));
            for (const Entry& entry : batch)
                if (entry.revision <= committed) expect_same(entry, entry.revision.value);
            // Of the committed entries behind the first 6,000 each has a command
            if (committed.value > 6'000) {
                const NewCommand command = command_of(committed.value, committed.value, 1);
                EXPECT_EQ(log->find_command(command.key), command.record);
                EXPECT_TRUE(log->find_command(command_of(6'001, 6'001, 1).key).has_value());
            }
            EXPECT_FALSE(log->find_command({{1, 1}}).has_value());
        }
    });
    std::thread verifier([&] {
        std::uint64_t done = 0;
        do {
            expect_success(log->verify([&](const VerifyProgress& progress) {
                EXPECT_LE(progress.done, progress.last);
                done = progress.done.value;
                // The callback may read on its own
                EXPECT_FALSE(value_of(log->read(Revision{1}, 1)).empty());
            }));
        } while (!stop);
        EXPECT_GE(done, 6'000U);
    });

    for (int i = 0; i < 60; ++i) {
        std::vector<NewCommand> commands;
        for (std::uint64_t k = 1; k <= 20; ++k)
            commands.push_back(command_of(log->last().value + k, log->last().value + k, 1));
        value_of(log->append(next_entries(*log, 20), commands, false));
        if (i % 3 == 0) {
            value_of(log->discard_uncommitted());
        } else {
            expect_success(log->commit_to(log->last()));
        }
    }
    stop = true;
    reader.join();
    verifier.join();

    expect_success(log->verify({}));
}

TEST(EventLog, TellsProgressOfVerification) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 12'000);
    std::vector<std::uint64_t> done;

    expect_success(log->verify([&](const VerifyProgress& progress) {
        done.push_back(progress.done.value);
        EXPECT_EQ(progress.last, Revision{12'000});
    }));

    EXPECT_EQ(done, (std::vector<std::uint64_t>{5'000, 10'000, 12'000}));
}

}  // namespace
}  // namespace tenure::log
