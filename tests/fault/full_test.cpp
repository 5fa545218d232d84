// Out of room in the middle of work: a clear error, nothing acknowledged lost, and all is well
// again once there is room.

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT: signal is not in <csignal> on all systems
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <sstream>

#include "fault/protocol.h"
#include "fault/system_clock.h"
#include "support/temp_store.h"

namespace tenure::fault {
namespace {

namespace fs = std::filesystem;

class Full : public ::testing::Test {
protected:
    testing::TempDir dir_;
    std::string path_ = dir_ / "store";
    SystemClock clock_;
    SeededRandom random_{1};

    void SetUp() override {
        const auto made =
            node::Node::create(path_, {std::string(tenant), "owner"}, clock_, random_, options());
        ASSERT_TRUE(made.has_value()) << made.error().detail;
    }

    // Runs `work` in a child whose files may not grow beyond `bytes`, and returns what it reports:
    // the number of batches acknowledged. It ends by itself, without a signal.
    std::uint64_t limited(std::uint64_t bytes, const std::function<std::uint64_t()>& work) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(600);
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{bytes, RLIM_INFINITY};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            const std::uint64_t count = work();
            ::_exit(::write(ends[1], &count, sizeof count) == sizeof count ? 0 : 1);
        }
        ::close(ends[1]);
        std::uint64_t count = ~std::uint64_t{0};
        EXPECT_EQ(::read(ends[0], &count, sizeof count), static_cast<ssize_t>(sizeof count));
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
        return count;
    }

    // Submits until the first refusal.
    std::uint64_t submit_until_full(const std::string& name) {
        auto opened = node::Node::open(path_, clock_, random_, options());
        if (!opened) return report(opened.error(), 0);
        for (std::uint64_t n = 0;; ++n) {
            const auto receipt = opened.value()->submit(batch_of(id(name, n)));
            if (!receipt) return report(receipt.error(), n);
        }
    }

    static std::string id(const std::string& name, std::uint64_t n) {
        return sized(name + "." + std::to_string(n), 4);
    }

    static std::uint64_t report(const Error& error, std::uint64_t count) {
        if (error.code == Errc::storage_full && !error.detail.empty()) return count;
        std::fprintf(stderr, "%s: %s\n", name_of(error.code), error.detail.c_str());
        return ~std::uint64_t{0};
    }

    // With room again: what was acknowledged is there, all agrees, and writing goes on.
    void expect_whole(const std::string& name, std::uint64_t acknowledged) {
        ASSERT_NE(acknowledged, ~std::uint64_t{0});
        auto opened = node::Node::open(path_, clock_, random_, options());
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        node::Node& node = *opened.value();
        for (std::uint64_t n = 0; n < acknowledged; ++n) {
            const auto again = node.submit(batch_of(id(name, n)));
            ASSERT_TRUE(again.has_value()) << again.error().detail;
            EXPECT_TRUE(again.value().repeated) << n;
        }
        EXPECT_EQ((node.status().last.value - 4) % 4, 0) << "half a batch";
        EXPECT_TRUE(node.submit(batch_of(id("after-" + name, 0))).has_value());
        const auto verified = node.verify({});
        ASSERT_TRUE(verified.has_value()) << verified.error().detail;
        EXPECT_TRUE(verified.value().ok())
            << verified.value().log_problem << verified.value().index_problem;
    }
};

TEST_F(Full, FilesThatMayNotGrowWhileWriting) {
    // Another number of pages each time, so that the limit strikes at other moments.
    std::uint64_t bytes = std::max(fs::file_size(path_ + "/log/data.mdb"),
                                   fs::file_size(path_ + "/index-1/data.mdb"));
    for (int round = 0; round < 12; ++round) {
        bytes += 4'096 * 5;
        const std::string name = "r" + std::to_string(round);
        const std::uint64_t count = limited(bytes, [&] { return submit_until_full(name); });
        expect_whole(name, count);
        if (HasFailure()) return;
        bytes = std::max(bytes, fs::file_size(path_ + "/log/data.mdb"));
        for (const auto& entry : fs::directory_iterator{path_})
            if (entry.path().filename().string().starts_with("index-"))
                bytes = std::max(bytes, fs::file_size(entry.path() / "data.mdb"));
    }
}

TEST_F(Full, FilesThatMayNotGrowWhileImporting) {
    std::string lines;
    for (int i = 0; i < 6'000; ++i)
        lines += R"({"time":"2020-01-01T00:00:00Z","actor":"hr","type":"principal.create",)"
                 R"("data":{"principal":"u)" +
                 std::to_string(i) + R"(","kind":"user"}})" + "\n";
    for (const std::uint64_t bytes : {200'000U, 400'000U, 1'000'000U}) {
        const std::uint64_t count = limited(bytes, [&]() -> std::uint64_t {
            auto opened = node::Node::open(path_, clock_, random_, options());
            if (!opened) return report(opened.error(), 0);
            std::istringstream input{lines};
            const auto imported = opened.value()->import(input, {});
            return imported ? ~std::uint64_t{0} : report(imported.error(), 0);
        });
        EXPECT_EQ(count, 0);
        auto opened = node::Node::open(path_, clock_, random_, options());
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        EXPECT_EQ(opened.value()->status().last, Revision{4});
        const auto verified = opened.value()->verify({});
        ASSERT_TRUE(verified.has_value());
        EXPECT_TRUE(verified.value().ok());
    }
}

TEST_F(Full, FilesThatMayNotGrowWhileRebuildingOrBackingUp) {
    {
        auto opened = node::Node::open(path_, clock_, random_, options());
        ASSERT_TRUE(opened.has_value());
        for (std::uint64_t n = 0; n < 200; ++n)
            ASSERT_TRUE(opened.value()->submit(batch_of(id("fill", n))).has_value());
    }
    const std::string copy = dir_ / "backup";
    // Whole pages: LMDB copies past the page cache, where a part of one cannot be written.
    const std::uint64_t count = limited(4'096 * 15, [&]() -> std::uint64_t {
        auto opened = node::Node::open(path_, clock_, random_, options());
        if (!opened) return report(opened.error(), 0);
        const auto rebuilt = opened.value()->rebuild();
        if (rebuilt || report(rebuilt.error(), 1) != 1) return 100;
        const auto backed_up = opened.value()->backup(copy, {});
        if (backed_up || report(backed_up.error(), 1) != 1) return 101;
        return 0;
    });
    EXPECT_EQ(count, 0);
    EXPECT_FALSE(node::restore(copy, dir_ / "restored").has_value());
    expect_whole("fill", 200);
}

}  // namespace
}  // namespace tenure::fault
