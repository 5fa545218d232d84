// Finding commands by their keys, however the file that helps with it was left.

#include "log/command_lookup.h"

#include <filesystem>

#include "base/random.h"
#include "unit/log/log_fixture.h"

namespace tenure::log {
namespace {

using tenure::testing::TempDir;

// One entry and one command for each of `count`; the command's id is its revision.
void add_commands(EventLog& log, std::uint64_t count, bool commit = true) {
    std::vector<NewCommand> commands;
    for (std::uint64_t i = 1; i <= count; ++i) {
        const std::uint64_t revision = log.last().value + i;
        commands.push_back(command_of(revision, revision, 1));
    }
    value_of(log.append(next_entries(log, count), commands, commit));
}

void expect_commands(const EventLog& log, std::uint64_t count) {
    for (std::uint64_t id = 1; id <= count; ++id) {
        const NewCommand command = command_of(id, id, 1);
        ASSERT_EQ(log.find_command(command.key), command.record) << id;
    }
    for (std::uint64_t id = count + 1; id < count + 20; ++id)
        ASSERT_FALSE(log.find_command(command_of(id, id, 1).key).has_value()) << id;
}

void expect_whole(const EventLog& log, std::uint64_t count) {
    expect_commands(log, count);
    expect_success(log.verify({}));
}

// What the log says about its lookup. It may be open: a copy of the file is read.
format::LookupUse lookup_use(const std::string& directory) {
    const TempDir copy;
    std::filesystem::copy(directory, copy / "log");
    const auto environment = value_of(storage::Environment::open(copy / "log", format::tables, {}));
    const storage::ReadTxn txn{*environment};
    const storage::Key key = format::meta_key(format::MetaId::lookup_use);
    const auto use =
        format::unseal<format::LookupUse>(format::meta, key, *txn.get(format::meta, key));
    EXPECT_TRUE(use.has_value());
    return use.value_or(format::LookupUse{});
}

void set_lookup_use(const std::string& directory, format::LookupUse use) {
    const auto environment = value_of(storage::Environment::open(directory, format::tables, {}));
    storage::WriteTxn txn{*environment};
    const storage::Key key = format::meta_key(format::MetaId::lookup_use);
    use = format::seal(format::meta, key, use);
    expect_success(txn.put(format::meta, key, std::as_bytes(std::span{&use, 1})));
    expect_success(txn.commit());
}

TEST(CommandLookup, FindsCommandsOfAllAges) {
    const TempDir dir;
    auto log = make_log(dir / "log");
    for (const std::uint64_t step : {1U, 3U, 255U, 1U, 256U, 1'000U, 2U}) {
        add_commands(*log, step);
        expect_commands(*log, log->last().value);
    }
    expect_whole(*log, 1'518);

    log.reset();
    EXPECT_EQ(lookup_use(dir / "log").in_use, 0U);
    log = open_log(dir / "log");

    expect_whole(*log, 1'518);
    add_commands(*log, 300);
    expect_whole(*log, 1'818);
}

TEST(CommandLookup, IsNotMadeBeforeThereAreCommands) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    grow(*log, 1'000);

    EXPECT_FALSE(log->find_command({{1, 1}}).has_value());
    EXPECT_FALSE(std::filesystem::exists(dir / "log/commands"));
}

TEST(CommandLookup, IsMadeAnewWhereItIsMissing) {
    const TempDir dir;
    auto log = make_log(dir / "log");
    add_commands(*log, 700);
    expect_success(log->copy_to(dir / "copy"));
    log.reset();
    std::filesystem::remove_all(dir / "log/commands");

    expect_whole(*open_log(dir / "log"), 700);
    expect_whole(*open_log(dir / "copy"), 700);
}

TEST(CommandLookup, IsNotNeededByReaders) {
    const TempDir dir;
    { add_commands(*make_log(dir / "log"), 700); }
    std::filesystem::remove_all(dir / "log/commands");
    OpenOptions options = small_map();
    options.read_only = true;

    const auto log = value_of(EventLog::open(dir / "log", options));

    expect_whole(*log, 700);
    EXPECT_FALSE(std::filesystem::exists(dir / "log/commands"));
}

TEST(CommandLookup, IsMadeAnewAfterAnotherBootLeftItOpen) {
    // Given a file that is not what it should be, since a power cut left it in use
    const TempDir dir;
    { add_commands(*make_log(dir / "log"), 700); }
    std::filesystem::resize_file(dir / "log/commands/data.mdb", 20'000);
    set_lookup_use(dir / "log", {{1, 2}, 1, 0});

    auto log = open_log(dir / "log");

    expect_whole(*log, 700);
    EXPECT_EQ(lookup_use(dir / "log").in_use, 1U);
    log.reset();
    EXPECT_EQ(lookup_use(dir / "log").in_use, 0U);
}

TEST(CommandLookup, IsTakenAsItIsAfterThisBootLeftItOpen) {
    const TempDir dir;
    auto log = make_log(dir / "log");
    add_commands(*log, 700);
    add_commands(*log, 10);
    const format::LookupUse use = lookup_use(dir / "log");
    ASSERT_EQ(use.in_use, 1U);
    // When the program dies here: a copy of the files as they are
    std::filesystem::copy(dir / "log", dir / "left", std::filesystem::copy_options::recursive);

    const auto left = open_log(dir / "left");

    expect_whole(*left, 710);
}

TEST(CommandLookup, OfAnotherLogIsNotUsed) {
    const TempDir dir;
    { add_commands(*make_log(dir / "log"), 700); }
    {
        const auto other =
            value_of(EventLog::create(dir / "other", {{9, 9}}, test_start, small_map()));
        grow(*other, 5);
        add_commands(*other, 900);
    }
    std::filesystem::remove_all(dir / "log/commands");
    std::filesystem::copy(dir / "other/commands", dir / "log/commands");

    expect_whole(*open_log(dir / "log"), 700);
}

TEST(CommandLookup, OfAnotherTimeIsNotUsed) {
    // Given a log put back to an earlier copy, beside the lookup of a later one
    const TempDir dir;
    auto log = make_log(dir / "log");
    add_commands(*log, 300);
    expect_success(log->copy_to(dir / "copy"));
    add_commands(*log, 600);
    log.reset();
    std::filesystem::copy(dir / "log/commands", dir / "copy/commands");

    expect_whole(*open_log(dir / "copy"), 300);
}

TEST(CommandLookup, ForgetsWhatIsDiscarded) {
    const TempDir dir;
    SeededRandom random{6};
    auto log = make_log(dir / "log");
    for (int round = 0; round < 30; ++round) {
        add_commands(*log, random.below(400), true);
        const std::uint64_t kept = log->last().value;
        add_commands(*log, random.below(600), false);
        if (random.one_in(2)) {
            value_of(
                log->discard_above(Revision{kept + random.below(log->last().value - kept + 1)}));
        } else {
            value_of(log->discard_uncommitted());
        }
        expect_commands(*log, log->last().value);
        if (random.one_in(4)) {
            log.reset();
            log = open_log(dir / "log");
        }
        expect_success(log->commit_to(log->last()));
    }
    expect_whole(*log, log->last().value);
}

TEST(CommandLookup, TakesOtherCommandsInPlaceOfDiscardedOnes) {
    const TempDir dir;
    const auto log = make_log(dir / "log");
    add_commands(*log, 10);
    add_commands(*log, 500, false);
    value_of(log->discard_uncommitted());
    std::vector<NewCommand> commands;
    for (std::uint64_t i = 0; i < 400; ++i) commands.push_back(command_of(5'000 + i, 11 + i, 1));
    value_of(log->append(next_entries(*log, 400), commands, true));

    for (const NewCommand& command : commands)
        ASSERT_EQ(log->find_command(command.key), command.record);
    for (std::uint64_t id = 11; id <= 510; ++id)
        ASSERT_FALSE(log->find_command(command_of(id, id, 1).key).has_value());
    expect_success(log->verify({}));
}

TEST(CommandLookup, VerifyMissesWhatItLacks) {
    const TempDir dir;
    auto log = make_log(dir / "log");
    add_commands(*log, 700);
    log.reset();
    {
        constexpr std::array tables{storage::TableSpec{"numbers", 2}};
        const auto environment =
            value_of(storage::Environment::open(dir / "log/commands", tables, {}));
        storage::WriteTxn txn{*environment};
        const CommandKey key = command_of(123, 0, 0).key;
        ASSERT_TRUE(txn.erase(storage::Table{0}, {key.words[0], key.words[1]}));
        expect_success(txn.commit());
    }
    log = open_log(dir / "log");

    const auto verdict = log->verify({});

    ASSERT_FALSE(verdict.has_value());
    EXPECT_EQ(verdict.error().code, Errc::storage_damaged);
    EXPECT_NE(verdict.error().detail.find("does not find command 123"), std::string::npos);
}

}  // namespace
}  // namespace tenure::log
