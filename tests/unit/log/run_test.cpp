// Runs: what one copy of a log reads, another appends; and nothing else.

#include "log/event_log.h"
#include "unit/log/log_fixture.h"

namespace tenure::log {
namespace {

using tenure::testing::TempDir;

constexpr std::uint64_t frame_bytes = std::uint64_t{1} << 18U;

// Appends all of `from` that `to` lacks, in runs of about `bytes_max`.
void copy_runs(const EventLog& from, EventLog& to, std::uint64_t bytes_max) {
    while (to.last() < from.last()) {
        const StoredRun run = value_of(from.read_run(next(to.last()), revision_max, bytes_max));
        ASSERT_EQ(run.before, to.last());
        ASSERT_GT(run.last, run.before);
        EXPECT_EQ(value_of(to.append_run(run, to.committed())), run.last);
    }
}

class Runs : public ::testing::Test {
protected:
    void SetUp() override {
        value_of(source_->append(next_entries(*source_, 5),
                                 {command_of(1, 1, 2), command_of(2, 3, 0), command_of(3, 3, 3)},
                                 true));
        value_of(source_->append(next_entries(*source_, 4, Term{3}),
                                 {command_of(4, 6, 0), command_of(5, 6, 4)}, true));
    }

    std::string refusal(const StoredRun& run, Revision committed = revision_none) {
        const bool well = copy_->check_run(run).has_value();
        const auto appended = copy_->append_run(run, committed);
        EXPECT_EQ(well, appended || committed > run.last);
        if (appended) return "appended";
        EXPECT_EQ(appended.error().code, Errc::invalid_argument);
        EXPECT_EQ(appended.error().field, "run");
        EXPECT_EQ(copy_->last(), revision_none);
        EXPECT_FALSE(copy_->find_command(command_of(1, 1, 2).key));
        return appended.error().detail;
    }

    StoredRun whole() {
        return value_of(source_->read_run(Revision{1}, revision_max, frame_bytes));
    }

    // Of the entry at place `index`, in words.
    static std::size_t begin_of(const StoredRun& run, std::size_t index) {
        std::size_t at = 0;
        while (index-- > 0) at += 4 + run.words[at + 3];
        return at;
    }

    const TempDir dir_;
    const std::unique_ptr<EventLog> source_ = make_log(dir_ / "source");
    const std::unique_ptr<EventLog> copy_ = make_log(dir_ / "copy");
};

TEST_F(Runs, MakeAnEqualCopyInAnySteps) {
    grow(*source_, 100, true, Term{4});
    for (const std::uint64_t bytes_max : {std::uint64_t{1}, std::uint64_t{100}, frame_bytes}) {
        const auto copy = make_log(dir_ / ("copy" + std::to_string(bytes_max)));
        copy_runs(*source_, *copy, bytes_max);
        EXPECT_EQ(copy->root(109), source_->root(109));
        EXPECT_EQ(copy->terms(), source_->terms());
        EXPECT_EQ(copy->last_recorded_at(), source_->last_recorded_at());
        EXPECT_EQ(copy->committed(), revision_none);
        for (const auto& [id, first, count] :
             {std::tuple{1U, 1U, 2U}, {2U, 3U, 0U}, {3U, 3U, 3U}, {4U, 6U, 0U}, {5U, 6U, 4U}})
            EXPECT_EQ(copy->find_command(command_of(id, first, count).key),
                      command_of(id, first, count).record)
                << id << ' ' << bytes_max;
        expect_success(copy->commit_to(Revision{109}));
        expect_success(copy->verify({}));
        // It is a source like the other.
        const auto second = make_log(dir_ / ("second" + std::to_string(bytes_max)));
        copy_runs(*copy, *second, bytes_max * 2);
        EXPECT_EQ(second->root(109), source_->root(109));
        expect_success(second->verify({}));
    }
}

TEST_F(Runs, OfTheEndHaveNoEntries) {
    const StoredRun none = value_of(source_->read_run(Revision{10}, revision_max, frame_bytes));
    EXPECT_EQ(none.before, Revision{9});
    EXPECT_EQ(none.last, Revision{9});
    EXPECT_TRUE(none.words.empty());
}

TEST_F(Runs, EndWhereTheyAreTold) {
    const StoredRun run = value_of(source_->read_run(Revision{2}, Revision{4}, frame_bytes));
    EXPECT_EQ(run.last, Revision{4});
    EXPECT_EQ(run.root, source_->root(4));
    // The command of the events up to revision 5 comes with that.
    ASSERT_EQ(run.commands.size(), 2U);
    EXPECT_EQ(run.commands[1].key, command_of(2, 3, 0).key);
}

TEST_F(Runs, BringACommandWithoutEventsWithTheEntryAfterIt) {
    value_of(source_->append({}, {command_of(6, 10, 0)}, Revision{9}));
    copy_runs(*source_, *copy_, frame_bytes);
    EXPECT_FALSE(copy_->find_command(command_of(6, 10, 0).key));
    grow(*source_, 1, true, Term{3});
    copy_runs(*source_, *copy_, frame_bytes);
    EXPECT_EQ(copy_->find_command(command_of(6, 10, 0).key), command_of(6, 10, 0).record);
}

TEST_F(Runs, LeaveOutACommandTheCopyHas) {
    // It led once and carried out a command that changed nothing.
    value_of(copy_->append({}, {command_of(5, 1, 0)}, revision_none));
    copy_runs(*source_, *copy_, frame_bytes);
    EXPECT_EQ(copy_->find_command(command_of(5, 1, 0).key), command_of(5, 1, 0).record);
    expect_success(copy_->verify({}));
}

TEST_F(Runs, SetWhatIsCommitted) {
    value_of(copy_->append_run(whole(), Revision{7}));
    EXPECT_EQ(copy_->committed(), Revision{7});
    EXPECT_EQ(value_of(copy_->discard_uncommitted()), 2U);
    copy_runs(*source_, *copy_, frame_bytes);
    EXPECT_EQ(copy_->root(9), source_->root(9));
}

TEST_F(Runs, ThatDoNotFitAreRefusedWhole) {
    StoredRun gap = value_of(source_->read_run(Revision{3}, revision_max, frame_bytes));
    EXPECT_NE(refusal(gap).find("it follows revision 2, the log ends at 0"), std::string::npos);

    StoredRun shorter = whole();
    shorter.words.pop_back();
    EXPECT_NE(refusal(shorter).find("revision 9: its header says"), std::string::npos);
    shorter.words.resize(begin_of(shorter, 8) + 3);
    EXPECT_NE(refusal(shorter).find("revision 9: it is shorter than its header"),
              std::string::npos);
    shorter.words.resize(begin_of(shorter, 8));
    EXPECT_NE(refusal(shorter).find("its entries end at revision 8, it says at 9"),
              std::string::npos);

    StoredRun committed = whole();
    EXPECT_NE(refusal(committed, Revision{10}).find("before what is said to be committed"),
              std::string::npos);

    StoredRun other_root = whole();
    other_root.root[0] ^= std::byte{1};
    EXPECT_NE(refusal(other_root).find("the tree's root is"), std::string::npos);
    EXPECT_EQ(refusal(whole()), "appended");
}

TEST_F(Runs, WithAnyWordOfAnEntryChangedAreRefused) {
    const StoredRun good = whole();
    for (std::size_t i = 0; i < good.words.size(); ++i)
        for (const std::uint64_t flip : {std::uint64_t{1}, std::uint64_t{1} << 63U}) {
            StoredRun bad = good;
            bad.words[i] ^= flip;
            EXPECT_NE(refusal(bad), "appended") << i;
        }
}

TEST_F(Runs, OfEntriesOutOfOrderAreRefused) {
    StoredRun older = whole();
    older.words[begin_of(older, 7) + 1] = 2;
    EXPECT_NE(refusal(older).find("revision 8: its term 2 is older than the one before"),
              std::string::npos);
    StoredRun none = whole();
    none.words[1] = 0;
    EXPECT_NE(refusal(none).find("revision 1: it has no term"), std::string::npos);
    StoredRun same_time = whole();
    same_time.words[begin_of(same_time, 3) + 2] = same_time.words[begin_of(same_time, 2) + 2];
    EXPECT_NE(refusal(same_time).find("revision 4: it is not recorded after the one before"),
              std::string::npos);
    StoredRun late = whole();
    late.words[begin_of(late, 8) + 2] = static_cast<std::uint64_t>(instant_max.us) + 1;
    EXPECT_NE(refusal(late).find("revision 9: it is recorded after the year 9999"),
              std::string::npos);
}

TEST_F(Runs, OfAnotherTermThanTheySayAreRefused) {
    for (const std::uint64_t said : {1U, 2U, 4U}) {
        StoredRun run = whole();
        run.term = Term{said};
        EXPECT_NE(refusal(run).find("its newest entry is of term 3, it says of"),
                  std::string::npos);
    }
}

TEST_F(Runs, WithCommandsOfOtherEntriesAreRefused) {
    const auto with = [&](const NewCommand& command) {
        StoredRun run = whole();
        run.commands.push_back(command);
        return refusal(run);
    };
    EXPECT_NE(with(command_of(9, 10, 1)).find("does not belong"), std::string::npos);
    EXPECT_NE(with(command_of(9, 9, 2)).find("does not belong"), std::string::npos);
    EXPECT_NE(with(command_of(9, 2, 1)).find("does not belong"), std::string::npos);
    EXPECT_NE(with(command_of(9, 0, 9)).find("does not belong"), std::string::npos);
    EXPECT_NE(with(command_of(9, 9, ~std::uint64_t{0})).find("does not belong"), std::string::npos);
    EXPECT_NE(with(command_of(9, ~std::uint64_t{0}, 11)).find("does not belong"),
              std::string::npos);
    EXPECT_NE(with(command_of(5, 9, 1)).find("two commands with one key"), std::string::npos);
}

}  // namespace
}  // namespace tenure::log
