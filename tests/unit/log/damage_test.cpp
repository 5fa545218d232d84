// What happens to a log whose bytes change behind its back: it is found, and named.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/random.h"
#include "log/format.h"
#include "unit/log/log_fixture.h"

namespace tenure::log {
namespace {

using tenure::testing::TempDir;

// Writes to the file of a log that may be open: its map shows the change at once.
class FilePatch {
public:
    explicit FilePatch(const std::string& directory)
        : fd_{::open((directory + "/data.mdb").c_str(), O_RDWR | O_CLOEXEC)} {
        EXPECT_GE(fd_, 0);
    }

    ~FilePatch() { ::close(fd_); }

    FilePatch(const FilePatch&) = delete;
    FilePatch& operator=(const FilePatch&) = delete;

    // Where `bytes` stand, once or more: old versions of a page may still lie about.
    std::vector<off_t> places_of(Bytes bytes) const {
        std::vector<std::byte> file(static_cast<std::size_t>(::lseek(fd_, 0, SEEK_END)));
        EXPECT_EQ(::pread(fd_, file.data(), file.size(), 0), static_cast<ssize_t>(file.size()));
        const std::boyer_moore_searcher searcher(bytes.begin(), bytes.end());
        std::vector<off_t> places;
        for (auto at = file.begin();; ++at) {
            at = std::search(at, file.end(), searcher);
            if (at == file.end()) return places;
            places.push_back(at - file.begin());
        }
    }

    void flip(const std::vector<off_t>& places, std::size_t bit) const {
        for (const off_t place : places) {
            const off_t at = place + static_cast<off_t>(bit / 8);
            std::byte byte{};
            EXPECT_EQ(::pread(fd_, &byte, 1, at), 1);
            byte ^= std::byte{1} << (bit % 8);
            EXPECT_EQ(::pwrite(fd_, &byte, 1, at), 1);
        }
    }

private:
    int fd_;
};

// The error's text; "" if there is none.
std::string text_of(const Result<void>& result) {
    if (result) return "";
    EXPECT_EQ(result.error().code, Errc::storage_damaged) << result.error().detail;
    return result.error().detail;
}

std::string entry_damaged(std::uint64_t revision) {
    return "the log entry at revision " + std::to_string(revision) + " is damaged: ";
}

std::string node_damaged(unsigned height, std::uint64_t index) {
    return "the tree node at level " + std::to_string(height) + ", index " + std::to_string(index) +
           " is damaged";
}

// What open() says; the directory is left as it was.
std::string refusal(const std::string& directory, Errc code = Errc::storage_damaged) {
    std::string text;
    for (const bool read_only : {false, true}) {
        OpenOptions options = small_map();
        options.read_only = read_only;
        const auto opened = EventLog::open(directory, options);
        EXPECT_FALSE(opened.has_value());
        if (opened) return "";
        EXPECT_EQ(opened.error().code, code) << opened.error().detail;
        text = opened.error().detail;
    }
    return text;
}

class Damage : public ::testing::Test {
protected:
    TempDir dir_;
    std::unique_ptr<EventLog> log_ = make_log(dir_ / "log");
    FilePatch file_{dir_ / "log"};
    // Longer than what open() checks, with an incomplete block of leaves at the end.
    static constexpr std::uint64_t count = 1'500;

    void SetUp() override { grow(*log_, count); }

    std::string verdict() { return text_of(log_->verify({})); }
};

TEST_F(Damage, EveryFlippedBitOfAnEntryIsFoundAndNamed) {
    for (const std::uint64_t revision : {1U, 40U, 1'024U, 1'499U, 1'500U}) {
        const auto stored = stored_of(revision);
        const std::vector<off_t> places = file_.places_of(stored);
        ASSERT_FALSE(places.empty());
        for (std::size_t bit = 0; bit < stored.size() * 8; bit += revision == 40 ? 1 : 17) {
            file_.flip(places, bit);
            EXPECT_TRUE(verdict().starts_with(entry_damaged(revision))) << bit << verdict();
            const auto batch = log_->read(Revision{revision}, 1);
            ASSERT_FALSE(batch.has_value());
            EXPECT_EQ(batch.error().code, Errc::storage_damaged);
            EXPECT_TRUE(batch.error().detail.starts_with(entry_damaged(revision)));
            file_.flip(places, bit);
        }
    }
    EXPECT_EQ(verdict(), "");
}

TEST_F(Damage, EveryFlippedBitOfALeafIsFoundAndNamed) {
    for (const std::uint64_t revision : {1U, 40U, 1'024U, 1'499U, 1'500U}) {
        const Digest leaf = leaf_hash(stored_of(revision));
        const std::vector<off_t> places = file_.places_of(leaf);
        ASSERT_FALSE(places.empty());
        for (std::size_t bit = 0; bit < 256; bit += revision == 40 ? 1 : 13) {
            file_.flip(places, bit);
            EXPECT_TRUE(verdict().starts_with(node_damaged(0, revision - 1))) << verdict();
            file_.flip(places, bit);
        }
    }
    EXPECT_EQ(verdict(), "");
}

TEST_F(Damage, EveryFlippedBitOfANodeIsFoundAndNamed) {
    std::vector<Digest> leaves;
    for (std::uint64_t i = 1; i <= count; ++i) leaves.push_back(leaf_hash(stored_of(i)));
    const auto node = [&](std::size_t height, std::size_t index) {
        return naive_root(leaves, index << height, (index + 1) << height);
    };
    for (const auto& [height, index] :
         {std::pair<unsigned, std::size_t>{5, 0}, {5, 17}, {5, 31}, {5, 40}, {5, 45}, {10, 0}}) {
        const std::vector<off_t> places = file_.places_of(node(height, index));
        ASSERT_FALSE(places.empty());
        for (std::size_t bit = 0; bit < 256; bit += 5) {
            file_.flip(places, bit);
            EXPECT_TRUE(verdict().starts_with(node_damaged(height, index))) << verdict();
            file_.flip(places, bit);
        }
    }
    EXPECT_EQ(verdict(), "");
}

TEST_F(Damage, UnusedPlacesOfABlockAreChecked) {
    // The last leaf's place is followed by those of 1,500 % 32 = 28 and on
    const Digest leaf = leaf_hash(stored_of(count));
    std::vector<std::byte> end(leaf.begin(), leaf.end());
    end.resize(2 * sizeof(Digest));
    const std::vector<off_t> places = file_.places_of(end);
    ASSERT_FALSE(places.empty());

    file_.flip(places, 300);

    EXPECT_TRUE(verdict().starts_with(node_damaged(0, count))) << verdict();
}

TEST_F(Damage, RecordsBesidesTheEntriesAreChecked) {
    const NewCommand command = command_of(7, count + 1, 1);
    value_of(log_->append(next_entries(*log_, 1), {command}, false));
    expect_success(log_->set_note("name of a note", "value of a note"));
    expect_success(log_->reserve_until(Instant{0x0123456789ABCDE}));
    ASSERT_EQ(verdict(), "");
    const std::string note = "value of a note";
    const std::uint64_t bound = 0x0123456789ABCDE;
    const Digest root = log_->root(count + 1);
    const std::vector<std::pair<std::vector<off_t>, std::string>> cases{
        {file_.places_of(command.record.body_hash), "the record of command "},
        {file_.places_of(std::as_bytes(std::span{note})), "a note"},
        {file_.places_of(std::as_bytes(std::span{&bound, 1})), "its reservation record"},
        {file_.places_of(root), "its position record"}};
    for (const auto& [places, name] : cases) {
        ASSERT_FALSE(places.empty()) << name;
        for (std::size_t bit = 0; bit < 64; bit += 7) {
            file_.flip(places, bit);
            EXPECT_TRUE(verdict().starts_with("the log is damaged: " + name)) << verdict();
            file_.flip(places, bit);
        }
    }
    EXPECT_EQ(verdict(), "");
    file_.flip(cases[0].first, 3);
    EXPECT_DEATH(log_->find_command(command.key), "storage failure");
    file_.flip(cases[1].first, 3);
    EXPECT_DEATH(log_->note("name of a note"), "storage failure");
}

TEST_F(Damage, OpenChecksTheNewestEntries) {
    log_.reset();
    for (const std::uint64_t revision : {477U, 900U, 1'500U}) {
        const std::vector<off_t> places = file_.places_of(stored_of(revision));
        file_.flip(places, 300);
        EXPECT_TRUE(refusal(dir_ / "log").starts_with(entry_damaged(revision)));
        file_.flip(places, 300);
    }
    // Older ones are for verify()
    const std::vector<off_t> places = file_.places_of(stored_of(400));
    file_.flip(places, 300);
    log_ = open_log(dir_ / "log");
    EXPECT_TRUE(verdict().starts_with(entry_damaged(400)));
}

TEST_F(Damage, OpenRefusesCutFile) {
    log_.reset();
    const std::string path = dir_ / "log/data.mdb";
    for (std::uint64_t size = std::filesystem::file_size(path); size > 40'000; size /= 2) {
        std::filesystem::resize_file(path, size - 1);
        EXPECT_NE(refusal(dir_ / "log").find("is damaged: the file has"), std::string::npos);
    }
}

TEST_F(Damage, OpenRefusesNewerFormatAndForeignFiles) {
    log_.reset();
    storage::EnvironmentOptions options;
    const auto change = [&](const std::function<void(format::Identity&)>& edit) {
        const auto environment =
            value_of(storage::Environment::open(dir_ / "log", format::tables, options));
        storage::WriteTxn txn{*environment};
        const storage::Key key = format::meta_key(format::MetaId::identity);
        format::Identity identity{};
        const Bytes stored = *txn.get(format::meta, key);
        ASSERT_EQ(stored.size(), sizeof identity);
        std::memcpy(&identity, stored.data(), sizeof identity);
        edit(identity);
        ASSERT_TRUE(txn.put(format::meta, key, std::as_bytes(std::span{&identity, 1})));
        ASSERT_TRUE(txn.commit());
    };
    const auto seal = [](format::Identity& identity) {
        identity = format::seal(format::meta, format::meta_key(format::MetaId::identity), identity);
    };

    change([&](format::Identity& identity) {
        identity.version = 2;
        seal(identity);
    });
    EXPECT_EQ(refusal(dir_ / "log", Errc::storage_too_new),
              "the log is written in format 2; this program reads formats up to 1");
    change([&](format::Identity& identity) { identity.version = 3; });
    EXPECT_NE(refusal(dir_ / "log").find("identity record is not what was written"),
              std::string::npos);
    change([&](format::Identity& identity) { identity.magic ^= 1; });
    EXPECT_NE(refusal(dir_ / "log").find("does not begin like a log"), std::string::npos);
    change([&](format::Identity& identity) {
        identity.magic ^= 1;
        identity.version = 1;
        seal(identity);
    });
    open_log(dir_ / "log");
}

TEST_F(Damage, VerifyFindsMissingAndExtraRows) {
    log_.reset();
    const auto edit = [&](const std::function<void(storage::WriteTxn&)>& change) {
        const TempDir copy;
        std::filesystem::copy(dir_ / "log", copy / "log");
        {
            const auto environment =
                value_of(storage::Environment::open(copy / "log", format::tables, {}));
            storage::WriteTxn txn{*environment};
            change(txn);
            expect_success(txn.commit());
        }
        auto opened = EventLog::open(copy / "log", small_map());
        if (!opened) return opened.error().detail;
        return text_of(opened.value()->verify({}));
    };
    const std::vector<std::byte> block(1'024);
    const auto put = [](storage::WriteTxn& txn, storage::Table table, const storage::Key& key,
                        Bytes value) { expect_success(txn.put(table, key, value)); };

    EXPECT_EQ(edit([](storage::WriteTxn&) {}), "");
    EXPECT_EQ(edit([](storage::WriteTxn& txn) { txn.erase(format::entries, {17}); }),
              entry_damaged(17) + "it is missing");
    EXPECT_EQ(edit([](storage::WriteTxn& txn) { txn.erase(format::entries, {1'500}); }),
              entry_damaged(1'500) + "it is missing");
    EXPECT_EQ(edit([&](storage::WriteTxn& txn) { put(txn, format::entries, {1'501}, block); }),
              entry_damaged(1'501) + "it lies behind the end of the log");
    EXPECT_TRUE(edit([&](storage::WriteTxn& txn) {
                    txn.erase(format::tree, format::tree_key(0, 3));
                }).starts_with(node_damaged(0, 96)));
    EXPECT_TRUE(edit([&](storage::WriteTxn& txn) {
                    put(txn, format::tree, format::tree_key(1, 2), block);
                }).starts_with(node_damaged(5, 64)));
    EXPECT_EQ(edit([&](storage::WriteTxn& txn) {
                  put(txn, format::tree, format::tree_key(3, 0), block);
              }),
              "the log is damaged: its tree has levels above the root");
    EXPECT_EQ(edit([](storage::WriteTxn& txn) { txn.erase(format::terms, {1}); }),
              "the log is damaged: it does not know that term 1 begins at revision 1");
    EXPECT_EQ(edit([&](storage::WriteTxn& txn) { put(txn, format::terms, {2}, block); }),
              "the log is damaged: its terms are not those of its entries");
    EXPECT_EQ(edit([](storage::WriteTxn& txn) {
                  txn.erase(format::meta, format::meta_key(format::MetaId::position));
              }),
              "the log is damaged: its position record is missing");
    EXPECT_EQ(edit([](storage::WriteTxn& txn) {
                  txn.erase(format::meta, format::meta_key(format::MetaId::identity));
              }),
              "the log is damaged: its identity record is missing");
}

TEST_F(Damage, EntriesOutOfOrderAreFoundThoughTheirTreeIsRight) {
    // Given logs a broken program could have written, with matching trees
    const auto write = [&](const format::EntryHeader& second) {
        const TempDir other;
        { make_log(other / "log"); }
        {
            const auto environment =
                value_of(storage::Environment::open(other / "log", format::tables, {}));
            storage::WriteTxn txn{*environment};
            RightEdge edge;
            std::vector<TreeBlock> completed;
            const format::EntryHeader first{1, 5, 100, 0};
            std::uint64_t revision = 0;
            for (const format::EntryHeader& header : {first, second}) {
                const Bytes stored = std::as_bytes(std::span{&header, 1});
                expect_success(txn.put(format::entries, {++revision}, stored));
                edge.push(leaf_hash(stored), completed);
            }
            for (const TreeBlock& block : edge.open_blocks())
                expect_success(txn.put(format::tree, format::tree_key(block.level, block.index),
                                       std::as_bytes(std::span{block.nodes})));
            const storage::Key key = format::meta_key(format::MetaId::position);
            const auto position =
                format::seal(format::meta, key, format::Position{2, 2, 0, edge.root(), 0});
            expect_success(txn.put(format::meta, key, std::as_bytes(std::span{&position, 1})));
            const auto term = format::seal(format::terms, {5}, format::TermValue{1, 0});
            expect_success(txn.put(format::terms, {5}, std::as_bytes(std::span{&term, 1})));
            expect_success(txn.commit());
        }
        auto opened = EventLog::open(other / "log", small_map());
        return opened ? std::string{} : opened.error().detail;
    };

    EXPECT_EQ(write({2, 5, 101, 0}), "");
    EXPECT_EQ(write({3, 5, 101, 0}), entry_damaged(2) + "its header says revision 3");
    EXPECT_EQ(write({2, 4, 101, 0}), entry_damaged(2) + "its term is older than the one before");
    EXPECT_EQ(write({2, 5, 100, 0}), entry_damaged(2) + "it is not recorded after the one before");
    EXPECT_EQ(write({2, 5, 101, 9}),
              entry_damaged(2) + "its header says 9 words of body, of 32 bytes in all");
    EXPECT_EQ(write({2, 6, 101, 0}),
              "the log is damaged: it does not know that term 6 begins at revision 2");
}

}  // namespace
}  // namespace tenure::log
