#include "storage/environment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "unit/storage/storage_fixture.h"

namespace tenure::storage {
namespace {

using tenure::testing::TempDir;

Errc refusal(const std::string& directory, const EnvironmentOptions& options) {
    auto opened = Environment::open(directory, specs, options);
    EXPECT_FALSE(opened.has_value());
    if (opened) return Errc::conflict;
    EXPECT_FALSE(opened.error().detail.empty());
    return opened.error().code;
}

void fill(const std::string& directory, std::uint64_t rows) {
    const auto environment = open_or_die(directory, making());
    WriteTxn txn{*environment};
    for (std::uint64_t i = 0; i < rows; ++i) put(txn, singles, {i}, Words(100, i));
    commit(txn);
}

EnvironmentOptions reading() {
    EnvironmentOptions options;
    options.read_only = true;
    return options;
}

TEST(Environment, MakesDirectoryFileAndTables) {
    const TempDir dir;

    const auto environment = open_or_die(dir / "a/b", making());

    EXPECT_TRUE(std::filesystem::exists(dir / "a/b/data.mdb"));
    EXPECT_EQ(environment->directory(), dir / "a/b");
    EXPECT_EQ(environment->map_bytes(), std::uint64_t{1} << 30U);
    EXPECT_EQ(environment->table_use().size(), 2U);
}

TEST(Environment, KeepsRowsForTheNextOpen) {
    const TempDir dir;
    fill(dir.path(), 10);

    const auto environment = open_or_die(dir.path(), {});

    EXPECT_EQ(words(*ReadTxn{*environment}.get(singles, {7})), Words(100, 7));
}

TEST(Environment, RefusesMissingDirectory) {
    const TempDir dir;

    EXPECT_EQ(refusal(dir / "none", {}), Errc::not_found);
    EXPECT_EQ(refusal(dir / "none", reading()), Errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(dir / "none"));
}

TEST(Environment, RefusesMissingTable) {
    const TempDir dir;
    fill(dir.path(), 1);
    constexpr std::array other{TableSpec{"pairs", 2}, TableSpec{"triples", 3}};

    for (const bool read_only : {false, true}) {
        EnvironmentOptions options;
        options.read_only = read_only;
        const auto opened = Environment::open(dir.path(), other, options);
        ASSERT_FALSE(opened.has_value());
        EXPECT_EQ(opened.error().code, Errc::storage_damaged);
        EXPECT_NE(opened.error().detail.find("triples"), std::string::npos);
    }
}

TEST(Environment, AddsTablesWhenAskedToCreate) {
    const TempDir dir;
    fill(dir.path(), 1);
    constexpr std::array more{TableSpec{"pairs", 2}, TableSpec{"singles", 1},
                              TableSpec{"triples", 3}};

    const auto opened = Environment::open(dir.path(), more, making());

    ASSERT_TRUE(opened.has_value());
    EXPECT_TRUE(ReadTxn{*opened.value()}.get(singles, {0}).has_value());
}

TEST(Environment, RefusesTruncatedFileAtEveryPage) {
    const TempDir dir;
    fill(dir.path(), 200);
    const std::string file = dir / "data.mdb";
    const std::uint64_t whole = std::filesystem::file_size(file);

    for (std::uint64_t size = whole - 1; size > 4096; size -= std::min<std::uint64_t>(size, 4096)) {
        std::filesystem::resize_file(file, size);
        EXPECT_EQ(refusal(dir.path(), {}), Errc::storage_damaged) << size;
        EXPECT_EQ(refusal(dir.path(), reading()), Errc::storage_damaged) << size;
        EXPECT_EQ(std::filesystem::file_size(file), size);
    }
}

TEST(Environment, RefusesEmptyFile) {
    const TempDir dir;
    std::ofstream(dir / "data.mdb").close();

    EXPECT_EQ(refusal(dir.path(), {}), Errc::storage_damaged);
}

TEST(Environment, RefusesForeignFile) {
    const TempDir dir;
    const std::string text(20'000, 'x');
    std::ofstream(dir / "data.mdb") << text;

    EXPECT_EQ(refusal(dir.path(), {}), Errc::storage_damaged);
    EXPECT_EQ(refusal(dir.path(), making()), Errc::storage_damaged);

    std::ifstream file(dir / "data.mdb");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST(Environment, RefusesDirectoryItMayNotEnter) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may enter";
    const TempDir dir;
    fill(dir / "store", 1);
    ASSERT_EQ(::chmod((dir / "store").c_str(), 0), 0);

    EXPECT_EQ(refusal(dir / "store", {}), Errc::storage_failed);

    ASSERT_EQ(::chmod((dir / "store").c_str(), 0700), 0);
}

TEST(Environment, RefusesFileInPlaceOfDirectory) {
    const TempDir dir;
    std::ofstream(dir / "file") << "x";

    EXPECT_EQ(refusal(dir / "file", making()), Errc::storage_failed);
}

TEST(Environment, IsOpenForWritingOnce) {
    const TempDir dir;
    {
        const auto environment = open_or_die(dir.path(), making());
        EXPECT_EQ(refusal(dir.path(), making()), Errc::unavailable);
        EXPECT_EQ(refusal(dir.path(), {}), Errc::unavailable);
        WriteTxn txn{*environment};
        put(txn, singles, {1}, {1});
        commit(txn);
    }

    const auto environment = open_or_die(dir.path(), {});

    EXPECT_EQ(refusal(dir.path(), {}), Errc::unavailable);
    EXPECT_TRUE(ReadTxn{*environment}.get(singles, {1}).has_value());
}

TEST(Environment, ReadsReadOnly) {
    const TempDir dir;
    fill(dir.path(), 10);

    const auto environment = open_or_die(dir.path(), reading());

    EXPECT_TRUE(environment->read_only());
    EXPECT_EQ(words(*ReadTxn{*environment}.get(singles, {7})), Words(100, 7));
    EXPECT_DEATH(WriteTxn{*environment}, "invariant broken");
}

TEST(Environment, CopiesCompactly) {
    const TempDir dir;
    const auto environment = open_or_die(dir / "from", making());
    {
        WriteTxn txn{*environment};
        for (std::uint64_t i = 0; i < 1'000; ++i) put(txn, singles, {i}, Words(100, i));
        commit(txn);
    }
    {
        WriteTxn txn{*environment};
        for (std::uint64_t i = 0; i < 900; ++i) EXPECT_TRUE(txn.erase(singles, {i}));
        commit(txn);
    }

    ASSERT_TRUE(environment->copy_to(dir / "to").has_value());

    const auto copy = open_or_die(dir / "to", reading());
    EXPECT_LT(copy->file_bytes(), environment->file_bytes() / 2);
    EXPECT_EQ(copy->table_use()[singles.index].rows, 100U);
    EXPECT_EQ(words(*ReadTxn{*copy}.get(singles, {950})), Words(100, 950));
    const auto again = environment->copy_to(dir / "to");
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::already_exists);
}

TEST(Environment, MeasuresTables) {
    const TempDir dir;
    fill(dir.path(), 1'000);
    const auto environment = open_or_die(dir.path(), {});

    const std::vector<TableUse> use = environment->table_use();

    EXPECT_EQ(use[pairs.index].name, "pairs");
    EXPECT_EQ(use[pairs.index].rows, 0U);
    EXPECT_EQ(use[singles.index].rows, 1'000U);
    EXPECT_GE(use[singles.index].bytes, 1'000U * 808);
    EXPECT_EQ(use[singles.index].bytes % 4096, 0U);
    EXPECT_GE(environment->file_bytes(), use[singles.index].bytes);
}

// Rows that come and go from the top within one transaction leave free pages behind the file's end.
void leave_pages_at_the_end(const std::string& directory, std::size_t value_words, int rounds) {
    const auto environment = open_or_die(directory, making());
    for (int round = 0; round < rounds; ++round) {
        WriteTxn txn{*environment};
        for (std::uint64_t i = 0; i < 500; ++i) put(txn, singles, {i}, Words(value_words, i));
        for (std::uint64_t i = 500; i-- > 5;) EXPECT_TRUE(txn.erase(singles, {i}));
        commit(txn);
    }
}

TEST(Environment, OpensFileThatEndsBeforeItsLastFreePages) {
    int short_files = 0;
    for (const std::size_t value_words : {3U, 10U, 100U, 400U, 600U, 2'000U}) {
        for (int rounds = 1; rounds < 7; ++rounds) {
            const TempDir dir;
            leave_pages_at_the_end(dir.path(), value_words, rounds);

            const auto environment = open_or_die(dir.path(), {});

            const std::uint64_t size = std::filesystem::file_size(dir / "data.mdb");
            if (size < environment->file_bytes()) ++short_files;
            EXPECT_EQ(environment->table_use()[singles.index].rows, 5U);
            EXPECT_EQ(words(*ReadTxn{*environment}.get(singles, {4})), Words(value_words, 4));
            // And it goes on growing
            WriteTxn txn{*environment};
            for (std::uint64_t i = 0; i < 500; ++i) put(txn, singles, {i}, Words(value_words, i));
            commit(txn);
        }
    }
    EXPECT_GT(short_files, 0);  // or the test says nothing
}

TEST(Environment, RefusesFileCutInFrontOfItsLastFreePages) {
    const TempDir dir;
    leave_pages_at_the_end(dir.path(), 100, 1);
    fill(dir.path(), 200);
    leave_pages_at_the_end(dir.path(), 400, 3);
    fill(dir.path(), 200);
    const std::string file = dir / "data.mdb";
    const std::uint64_t pages = std::filesystem::file_size(file) / 4096;
    // The pages of the 200 rows: cutting the file before the last one of them loses some.
    std::uint64_t last_row_page = 0;
    {
        std::ifstream stream(file, std::ios::binary);
        std::vector<char> page(4096);
        for (std::uint64_t i = 0; stream.read(page.data(), 4096); ++i) {
            std::uint64_t number = 0;
            std::memcpy(&number, page.data(), sizeof number);
            if (i >= 2 && number == i && page[10] == 2) last_row_page = i;
        }
    }
    ASSERT_GT(last_row_page, 10U);

    int refused = 0;
    for (std::uint64_t size = pages; size-- > 3;) {
        std::filesystem::resize_file(file, size * 4096 + 17);
        const auto opened = Environment::open(dir.path(), specs, {});
        if (!opened) {
            EXPECT_EQ(opened.error().code, Errc::storage_damaged);
            ++refused;
            continue;
        }
        // What is let through has all its rows
        std::uint64_t rows = 0;
        ReadTxn{*opened.value()}.scan(singles, {0}, 0, [&](const RowView& row) {
            EXPECT_EQ(words(row.value), Words(100, row.key.word(0)));
            ++rows;
            return true;
        });
        EXPECT_EQ(rows, 200U);
    }
    EXPECT_GT(refused, 10);
}

TEST(Environment, SyncsRelaxedFile) {
    const TempDir dir;
    EnvironmentOptions options = making();
    options.sync = Sync::relaxed;
    const auto environment = open_or_die(dir.path(), options);
    WriteTxn txn{*environment};
    put(txn, singles, {1}, {2});
    commit(txn);

    EXPECT_TRUE(environment->sync().has_value());
    EXPECT_EQ(environment->clear_stale_readers(), 0U);
}

}  // namespace
}  // namespace tenure::storage
