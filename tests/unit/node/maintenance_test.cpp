// Whole stores: verify, rebuild, backup, restore.

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "unit/node/node_fixture.h"

namespace tenure::node {
namespace {

namespace fs = std::filesystem;

class Maintenance : public Store {
protected:
    void fill(int users, const std::string& prefix = "u") {
        for (int i = 0; i < users; ++i) {
            const std::string id = prefix + std::to_string(i);
            must_submit(batch({create_user(id), assign_owner("a" + id, id)}, "id-" + id));
        }
    }

    static void must_restore(const std::string& backup, const std::string& directory) {
        const auto restored = restore(backup, directory);
        EXPECT_TRUE(restored.has_value()) << restored.error().detail;
    }
};

TEST_F(Maintenance, VerifyReportsRootAndCount) {
    fill(10);
    const auto report = node_->verify({});
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report.value().events, Revision{24});
    EXPECT_EQ(report.value().root, node_->status().root);
    EXPECT_TRUE(report.value().ok());
    for (const auto& entry : fs::directory_iterator{path_})
        EXPECT_FALSE(entry.path().filename().string().starts_with("verify"));
}

TEST_F(Maintenance, VerifyIsRightWhileOthersWrite) {
    std::atomic<bool> done{false};
    std::thread writer{[&] {
        for (int i = 0; !done; ++i) must_submit(batch({create_user("w" + std::to_string(i))}));
    }};
    for (int i = 0; i < 5; ++i) expect_sound(*node_);
    done = true;
    writer.join();
}

// A digest is of a revision: what is written meanwhile, rebuilds and copies do not change it.
TEST_F(Maintenance, DigestOfARevisionStaysWhatItWas) {
    fill(10);
    const auto before = node_->index_digest({}, {});
    ASSERT_TRUE(before) << before.error().detail;
    const Revision at = before.value().log.revision;
    EXPECT_EQ(at, Revision{24});
    EXPECT_EQ(before.value().log.root, node_->status().root);
    EXPECT_GT(before.value().rows, 24U);
    const auto is_the_same = [&](const Node& node) {
        const auto now = node.index_digest(at, {});
        ASSERT_TRUE(now) << now.error().detail;
        EXPECT_EQ(now.value().digest, before.value().digest);
        EXPECT_EQ(now.value().log.root, before.value().log.root);
        EXPECT_EQ(now.value().rows, before.value().rows);
        EXPECT_EQ(now.value().bytes, before.value().bytes);
    };
    std::thread writer{[&] { fill(10, "w"); }};
    for (int i = 0; i < 5; ++i) is_the_same(*node_);
    writer.join();
    is_the_same(*node_);
    EXPECT_NE(node_->index_digest({}, {}).value().digest, before.value().digest);
    ASSERT_TRUE(node_->rebuild());
    is_the_same(*node_);
    ASSERT_TRUE(node_->backup(dir_ / "backup", {}));
    must_restore(dir_ / "backup", dir_ / "copy");
    const auto copy = Node::open(dir_ / "copy", clock_, random_, small_options());
    ASSERT_TRUE(copy) << copy.error().detail;
    is_the_same(*copy.value());
}

TEST_F(Maintenance, DigestsAreMadeOneAtATimeAndOfWhatIsThere) {
    fill(3);
    std::string refusal;
    const auto first = node_->index_digest({}, [&](std::uint64_t) {
        const auto second = node_->index_digest({}, {});
        refusal = second ? "none" : second.error().detail;
        return true;
    });
    EXPECT_TRUE(first);
    EXPECT_EQ(refusal, "another digest of the index is being made; try again");
    const auto stopped = node_->index_digest({}, [](std::uint64_t) { return false; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, Errc::unavailable);
    EXPECT_TRUE(node_->index_digest({}, {})) << "what was stopped is over";
    const auto later = node_->index_digest(Revision{1'000}, {});
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().field, "revision");
    EXPECT_FALSE(node_->log_root(Revision{1'000}));
    EXPECT_EQ(node_->log_root(Revision{2}).value().root,
              node_->index_digest(Revision{2}, {}).value().log.root);
}

TEST_F(Maintenance, VerifyOnSeveralThreadsAtOnce) {
    fill(10);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([&] { expect_sound(*node_); });
    threads.emplace_back([&] { EXPECT_TRUE(node_->rebuild().has_value()); });
    for (std::thread& thread : threads) thread.join();
    expect_sound(*node_);
}

TEST_F(Maintenance, RebuildTakesTheOldIndexsPlaceWhileSessionsAsk) {
    fill(20);
    std::atomic<bool> done{false};
    std::atomic<int> asked{0};
    std::vector<std::thread> readers;
    for (int r = 0; r < 2; ++r)
        readers.emplace_back([&] {
            const auto session = node_->session();
            while (!done) {
                const auto yes = session->check(may_write("u7"));
                ASSERT_TRUE(yes.has_value()) << yes.error().detail;
                EXPECT_TRUE(yes.value().allowed);
                const auto no = session->check(may_write("nobody"));
                EXPECT_FALSE(no.value().allowed);
                ++asked;
            }
        });
    const std::uint64_t generation = node_->status().index_generation;
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(node_->rebuild().has_value());
        must_submit(batch({create_user("between" + std::to_string(i))}));
        const int before = asked;
        while (asked < before + 10) std::this_thread::yield();
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(node_->status().index_generation, generation + 4);
    EXPECT_FALSE(fs::exists(path_ + "/index-" + std::to_string(generation)));
    expect_sound(*node_);
    open();
    EXPECT_TRUE(node_->repairs().empty());
}

TEST_F(Maintenance, VerifyRemovesWhatAKilledOneLeft) {
    namespace fs = std::filesystem;
    const int gone = ::fork();
    if (gone == 0) ::_exit(0);
    ASSERT_GT(gone, 0);
    ASSERT_EQ(::waitpid(gone, nullptr, 0), gone);
    const std::string dead = path_ + "/verify-" + std::to_string(gone) + "-1";
    const std::string alive = path_ + "/verify-" + std::to_string(::getppid()) + "-1";
    fs::create_directories(dead + "/below");
    fs::create_directories(alive);
    expect_sound(*node_);
    EXPECT_FALSE(fs::exists(dead));
    EXPECT_TRUE(fs::exists(alive));
}

TEST_F(Maintenance, ABackupIsAStoreOfThatMoment) {
    fill(10);
    const std::string copy = dir_ / "backup";
    ASSERT_TRUE(node_->backup(copy, {}).has_value());
    const Status then = node_->status();
    must_submit(batch({create_user("later")}));
    EXPECT_EQ(node_->backup(copy, {}).error().code, Errc::already_exists);

    const std::string restored = dir_ / "restored";
    must_restore(copy, restored);
    EXPECT_EQ(restore(copy, restored).error().code, Errc::already_exists);
    node_.reset();
    path_ = restored;
    open();
    EXPECT_EQ(node_->status().root, then.root);
    EXPECT_EQ(node_->status().last, then.last);
    ASSERT_EQ(node_->repairs().size(), 1);
    EXPECT_TRUE(node_->repairs()[0].starts_with("rebuilt the index")) << node_->repairs()[0];
    EXPECT_TRUE(node_->session()->check(may_write("u7")).value().allowed);
    EXPECT_TRUE(
        must_submit(batch({create_user("u3"), assign_owner("au3", "u3")}, "id-u3")).repeated);
    expect_sound(*node_);
}

TEST_F(Maintenance, ABackupWhileOthersWriteIsWhole) {
    std::atomic<bool> done{false};
    std::thread writer{[&] {
        for (int i = 0; !done; ++i)
            must_submit(batch(
                {create_user("w" + std::to_string(i)), create_user("v" + std::to_string(i))}));
    }};
    for (int i = 0; i < 3; ++i) {
        const std::string copy = dir_ / ("backup" + std::to_string(i));
        EXPECT_TRUE(node_->backup(copy, {}).has_value());
        const std::string restored = dir_ / ("restored" + std::to_string(i));
        must_restore(copy, restored);
        const auto opened = Node::open(restored, clock_, random_, options_);
        EXPECT_TRUE(opened.has_value()) << opened.error().detail;
        if (!opened) break;
        EXPECT_EQ(opened.value()->status().last.value % 2, 0) << "half a batch";
        expect_sound(*opened.value());
    }
    done = true;
    writer.join();
}

TEST_F(Maintenance, WhatIsNotABackupIsNotRestored) {
    fill(2);
    const std::string copy = dir_ / "backup";
    ASSERT_TRUE(node_->backup(copy, {}).has_value());
    fs::remove(copy + "/backup.json");
    EXPECT_EQ(restore(copy, dir_ / "restored").error().code, Errc::not_found);
    EXPECT_EQ(restore(dir_ / "nothing", dir_ / "restored").error().code, Errc::not_found);
}

TEST_F(Maintenance, ADamagedBackupIsNotRestored) {
    fill(50);
    const std::string copy = dir_ / "backup";
    ASSERT_TRUE(node_->backup(copy, {}).has_value());
    fs::resize_file(copy + "/log/data.mdb", fs::file_size(copy + "/log/data.mdb") / 2);
    EXPECT_FALSE(restore(copy, dir_ / "restored").has_value());
    EXPECT_FALSE(Node::open(dir_ / "restored", clock_, random_, options_).has_value());
}

}  // namespace
}  // namespace tenure::node
