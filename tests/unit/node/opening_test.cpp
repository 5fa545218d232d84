// Opening: who may, what is mended, and what is said about it.

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "log/event_log.h"
#include "unit/node/node_fixture.h"

namespace tenure::node {
namespace {

namespace fs = std::filesystem;

class Opening : public Store {
protected:
    // Changes notes behind a closed store's back.
    void set_note(const std::string& name, const std::string& value) {
        node_.reset();
        log::OpenOptions log_options;
        log_options.map_bytes = options_.log_map_bytes;
        const auto log = log::EventLog::open(path_ + "/log", log_options);
        ASSERT_TRUE(log.has_value());
        ASSERT_TRUE(log.value()->set_note(name, value).has_value());
    }

    // Opens again and returns the one repair.
    std::string repair() {
        open();
        if (!node_) return "not opened";
        EXPECT_EQ(node_->repairs().size(), 1);
        expect_sound(*node_);
        EXPECT_TRUE(node_->session()->check(may_write("a")).value().allowed);
        return node_->repairs().empty() ? "none" : node_->repairs()[0];
    }

    void SetUp() override {
        Store::SetUp();
        must_submit(batch({create_user("a"), assign_owner("x", "a")}));
    }
};

TEST_F(Opening, NothingIsMendedAfterACleanStop) {
    open();
    EXPECT_TRUE(node_->repairs().empty());
    must_submit(batch({create_user("b")}));
    open();
    EXPECT_TRUE(node_->repairs().empty());
}

TEST_F(Opening, ADirectoryWithoutAStoreIsNotOne) {
    EXPECT_EQ(Node::open(dir_ / "none", clock_, random_, options_).error().code, Errc::not_found);
    EXPECT_EQ(Node::create(path_, {}, clock_, random_, options_).error().code,
              Errc::already_exists);
}

TEST_F(Opening, OneProgramWritesOrSeveralRead) {
    Options reading = options_;
    reading.read_only = true;
    EXPECT_EQ(Node::open(path_, clock_, random_, options_).error().code, Errc::unavailable);
    EXPECT_EQ(Node::open(path_, clock_, random_, reading).error().code, Errc::unavailable);
    EXPECT_TRUE(node_->session()->check(may_write("a")).value().allowed);
    node_.reset();

    // LMDB opens a file once per process: the second reader is another one.
    auto first = Node::open(path_, clock_, random_, reading);
    ASSERT_TRUE(first.has_value()) << first.error().detail;
    const pid_t child = ::fork();
    if (child == 0) {
        auto second = Node::open(path_, clock_, random_, reading);
        const bool good =
            second && second.value()->session()->check(may_write("a")).value().allowed;
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(Node::open(path_, clock_, random_, options_).error().code, Errc::unavailable);
    EXPECT_TRUE(first.value()->session()->check(may_write("a")).value().allowed);
}

TEST_F(Opening, AReaderRefusesToWrite) {
    options_.read_only = true;
    open();
    EXPECT_EQ(refused(batch({create_user("b")})).code, Errc::unavailable);
    EXPECT_EQ(import_error(user_lines(1)).code, Errc::unavailable);
    EXPECT_EQ(node_->rebuild().error().code, Errc::unavailable);
    EXPECT_TRUE(node_->session()->check(may_write("a")).value().allowed);
    EXPECT_EQ(all_events(*node_).size(), 6);
    expect_sound(*node_);
    EXPECT_TRUE(node_->backup(dir_ / "backup", {}).has_value());
}

TEST_F(Opening, AReaderHasTheStoreMendedFirst) {
    node_.reset();
    fs::remove_all(path_ + "/index-1");
    options_.read_only = true;
    EXPECT_TRUE(repair().starts_with("rebuilt the index"));
    EXPECT_EQ(refused(batch({create_user("b")})).code, Errc::unavailable);
}

TEST_F(Opening, AnUncleanStopOfTheMachineRebuilds) {
    set_note("index-use", "in-use 00000000-dead-beef-0000-000000000000");
    EXPECT_EQ(repair(), "rebuilt the index, because the machine stopped uncleanly");
    open();
    EXPECT_TRUE(node_->repairs().empty());
}

TEST_F(Opening, AnIndexNobodyVouchesForIsRebuilt) {
    set_note("index-use", "");
    EXPECT_TRUE(repair().starts_with("rebuilt the index"));
}

TEST_F(Opening, AMissingGenerationIsRebuilt) {
    set_note("index-generation", "77");
    EXPECT_TRUE(repair().starts_with("rebuilt the index"));
    EXPECT_EQ(node_->status().index_generation, 78);
    EXPECT_FALSE(fs::exists(path_ + "/index-1"));
}

TEST_F(Opening, AFlippedBitInACleanIndexIsSeen) {
    node_.reset();
    const std::string file = path_ + "/index-1/data.mdb";
    std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
    stream.seekg(static_cast<std::streamoff>(fs::file_size(file) / 2));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
    stream.put(static_cast<char>(byte ^ 4));
    stream.close();
    EXPECT_EQ(repair(),
              "rebuilt the index, because its file is not what it was when it was closed");
}

TEST_F(Opening, AnIndexMarkedAsDamagedIsRebuilt) {
    node_.reset();
    std::ofstream{path_ + "/index-1/damage-found"} << "table 'x' holds a damaged row";
    EXPECT_EQ(repair(),
              "rebuilt the index, because it was found damaged: table 'x' holds a damaged row");
    EXPECT_FALSE(fs::exists(path_ + "/index-1/damage-found"));
}

TEST_F(Opening, AnIndexOfAnotherStoreIsRebuilt) {
    node_.reset();
    fs::copy(path_ + "/index-1", dir_ / "foreign", fs::copy_options::recursive);
    const std::string mine = path_;
    path_ = dir_ / "other";
    create("acme");
    open();
    must_submit(batch({create_user("a"), assign_owner("x", "a")}));
    set_note("index-use", "clean ");  // no digest: the index itself has to say whose it is
    fs::remove_all(path_ + "/index-1");
    fs::rename(dir_ / "foreign", path_ + "/index-1");
    EXPECT_TRUE(repair().starts_with("rebuilt the index"));
}

TEST_F(Opening, LeftoversOfUnfinishedWorkAreRemoved) {
    node_.reset();
    for (const std::string name : {"/index-2", "/index-99", "/verify-123"}) {
        fs::create_directory(path_ + name);
        std::ofstream{path_ + name + "/data.mdb"} << "half";
    }
    std::ofstream{path_ + "/notes.txt"} << "not ours";
    open();
    EXPECT_TRUE(node_->repairs().empty());
    for (const std::string name : {"/index-2", "/index-99", "/verify-123"})
        EXPECT_FALSE(fs::exists(path_ + name));
    EXPECT_TRUE(fs::exists(path_ + "/notes.txt"));
    EXPECT_TRUE(fs::exists(path_ + "/index-1"));
}

TEST_F(Opening, AnIndexThatIsBehindIsCaughtUp) {
    node_.reset();
    fs::copy(path_ + "/index-1", dir_ / "old", fs::copy_options::recursive);
    open();
    for (int i = 0; i < 30; ++i) must_submit(batch({create_user("u" + std::to_string(i))}));
    node_.reset();
    fs::remove_all(path_ + "/index-1");
    fs::rename(dir_ / "old", path_ + "/index-1");
    set_note("index-use", "clean ");
    EXPECT_EQ(repair(), "folded 30 events that the index had not seen");
}

TEST_F(Opening, ALogThatIsBehindItsIndexHasLostEvents) {
    node_.reset();
    fs::copy(path_ + "/log", dir_ / "old", fs::copy_options::recursive);
    open();
    must_submit(batch({create_user("b")}));
    node_.reset();
    fs::remove_all(path_ + "/log");
    fs::rename(dir_ / "old", path_ + "/log");
    set_note("index-use", "clean ");
    for (const bool read_only : {false, true}) {
        options_.read_only = read_only;
        const auto opened = Node::open(path_, clock_, random_, options_);
        ASSERT_FALSE(opened.has_value());
        EXPECT_EQ(opened.error().code, Errc::storage_damaged);
        EXPECT_NE(opened.error().detail.find("revision 7"), std::string::npos)
            << opened.error().detail;
    }
}

TEST_F(Opening, ATruncatedLogIsRefused) {
    node_.reset();
    const std::string file = path_ + "/log/data.mdb";
    for (const std::uint64_t part : {0U, 1U, 4'096U, 8'192U, 20'000U}) {
        const std::string copy = dir_ / ("cut" + std::to_string(part));
        fs::copy(path_, copy, fs::copy_options::recursive);
        fs::resize_file(copy + "/log/data.mdb", part);
        const auto opened = Node::open(copy, clock_, random_, options_);
        ASSERT_FALSE(opened.has_value()) << part;
        EXPECT_EQ(opened.error().code, Errc::storage_damaged) << opened.error().detail;
    }
}

TEST_F(Opening, ATruncatedIndexIsRebuilt) {
    node_.reset();
    for (const char* use : {"", "clean "}) {
        for (const std::uint64_t part : {0U, 1U, 4'096U, 8'192U, 20'000U, 90'000U}) {
            const std::string copy = dir_ / (std::string("cut") + use + std::to_string(part));
            fs::copy(path_, copy, fs::copy_options::recursive);
            fs::resize_file(copy + "/index-1/data.mdb", part);
            const std::string mine = std::exchange(path_, copy);
            if (*use != '\0') set_note("index-use", use);
            EXPECT_TRUE(repair().starts_with("rebuilt the index"));
            path_ = mine;
            node_.reset();
        }
    }
}

TEST_F(Opening, AFileThatMayNotBeReadIsAClearError) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    node_.reset();
    fs::permissions(path_ + "/log/data.mdb", fs::perms::none);
    EXPECT_EQ(Node::open(path_, clock_, random_, options_).error().code, Errc::storage_failed);
    fs::permissions(path_ + "/log/data.mdb", fs::perms::owner_read | fs::perms::owner_write);
    open();
}

}  // namespace
}  // namespace tenure::node
