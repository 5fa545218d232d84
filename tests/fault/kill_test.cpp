// A program is killed at hundreds of moments; what it had acknowledged is there, and nothing half.

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT: kill is not in <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "fault/protocol.h"
#include "fault/system_clock.h"
#include "support/temp_store.h"

namespace tenure::fault {

namespace {

namespace fs = std::filesystem;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Acknowledged {
    std::string kind;
    std::string what;
    Revision first;
    Revision last;
};

// Runs the child until it is dead.
std::vector<Acknowledged> killed(const std::string& directory, const std::string& work,
                                 std::uint64_t seed, const std::string& name) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        const std::string seed_text = std::to_string(seed);
        const std::string pipe_text = std::to_string(ends[1]);
        ::execl(FAULT_CHILD, FAULT_CHILD, directory.c_str(), work.c_str(), seed_text.c_str(),
                name.c_str(), pipe_text.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[4'096];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended with " << status;
    if (WIFSIGNALED(status)) {
        EXPECT_EQ(WTERMSIG(status), SIGKILL);
    }

    std::vector<Acknowledged> found;
    std::istringstream lines{text};
    for (Acknowledged one; lines >> one.kind >> one.what >> one.first.value >> one.last.value;)
        found.push_back(one);
    return found;
}

struct Work {
    const char* name;
    std::uint64_t share;           // of all runs, in percent
    std::uint64_t runs_per_store;  // a new store now and then keeps the checks short
};

class Killed : public ::testing::TestWithParam<Work> {
protected:
    testing::TempDir dir_;
    std::string path_;
    SystemClock clock_;
    SeededRandom random_{1};
    std::vector<Acknowledged> all_;  // of this store

    void begin(std::uint64_t number) {
        path_ = dir_ / ("store" + std::to_string(number));
        all_.clear();
        const auto made =
            node::Node::create(path_, {std::string(tenant), "owner"}, clock_, random_, options());
        ASSERT_TRUE(made.has_value()) << made.error().detail;
    }

    // Everything a store must hold after its program was killed.
    void check(const std::vector<Acknowledged>& fresh) {
        all_.insert(all_.end(), fresh.begin(), fresh.end());
        auto opened = node::Node::open(path_, clock_, random_, options());
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        node::Node& node = *opened.value();
        const node::Status status = node.status();
        EXPECT_EQ(status.last, status.committed);
        EXPECT_EQ(status.last, status.applied);

        std::map<std::string, std::vector<Revision>> by_command;
        std::map<std::string, std::uint64_t> imported;
        std::map<std::string, int> tenants;
        const auto read = node.events({}, [&](const domain::Event& event) {
            if (!event.command_id.empty()) by_command[event.command_id].push_back(event.revision);
            if (size_of(event.tenant) == 0) return true;
            if (event.imported && std::holds_alternative<domain::PrincipalCreated>(event.body))
                ++imported[event.tenant];
            else
                ++tenants[event.tenant];  // created and sealed
            return true;
        });
        ASSERT_TRUE(read.has_value()) << read.error().detail;
        for (const auto& [id, revisions] : by_command) {
            EXPECT_EQ(revisions.size(), size_of(id)) << "half a batch: " << id;
            EXPECT_EQ(revisions.back().value - revisions.front().value + 1, revisions.size());
        }
        for (const auto& [name, count] : imported)
            EXPECT_EQ(count, size_of(name)) << "half an import: " << name;
        for (const auto& [name, count] : tenants) EXPECT_EQ(count, 2) << name;
        for (const Acknowledged& one : all_) {
            if (one.kind == "command") {
                const auto at = by_command.find(one.what);
                ASSERT_NE(at, by_command.end()) << "lost: " << one.what;
                EXPECT_EQ(at->second.front(), one.first) << one.what;
                EXPECT_EQ(at->second.back(), one.last) << one.what;
            } else if (one.kind == "import") {
                EXPECT_TRUE(imported.contains(one.what)) << "lost: " << one.what;
                EXPECT_GE(status.committed, one.last);
            }
        }
        // The same by their ids: the first answer again, and nothing new.
        std::size_t asked = 0;
        for (auto one = all_.rbegin(); one != all_.rend() && asked < 20; ++one) {
            if (one->kind != "command") continue;
            ++asked;
            const auto again = node.submit(batch_of(one->what));
            ASSERT_TRUE(again.has_value()) << again.error().detail;
            EXPECT_TRUE(again.value().repeated) << one->what;
            EXPECT_EQ(again.value().first, one->first);
            EXPECT_EQ(again.value().last, one->last);
        }
        EXPECT_EQ(node.status().last, status.last);

        const auto verified = node.verify({});
        ASSERT_TRUE(verified.has_value()) << verified.error().detail;
        EXPECT_EQ(verified.value().log_problem, "");
        EXPECT_EQ(verified.value().index_problem, "");
        for (const auto& entry : fs::directory_iterator{path_}) {
            const std::string name = entry.path().filename().string();
            EXPECT_TRUE(name == "log" || name == "lock" ||
                        name == "index-" + std::to_string(status.index_generation))
                << "left behind: " << name;
        }
    }

    // A backup is whole, or is not taken for one.
    void check_backups(const std::vector<Acknowledged>& fresh) {
        for (const auto& entry : fs::directory_iterator{dir_.path()}) {
            const std::string from = entry.path().string();
            if (from.find("-backup-") == std::string::npos) continue;
            bool acknowledged = false;
            for (const Acknowledged& one : fresh)
                acknowledged = acknowledged || (one.kind == "backup" && one.what == from);
            const std::string to = dir_ / "restored";
            const auto restored = node::restore(from, to);
            EXPECT_TRUE(restored.has_value() || !acknowledged) << restored.error().detail;
            if (restored) {
                const auto opened = node::Node::open(to, clock_, random_, options());
                ASSERT_TRUE(opened.has_value()) << opened.error().detail;
                const auto verified = opened.value()->verify({});
                ASSERT_TRUE(verified.has_value());
                EXPECT_TRUE(verified.value().ok());
            }
            fs::remove_all(to);
            fs::remove_all(from);
        }
    }
};

TEST_P(Killed, AtRandomMomentsLosesNothingAndLeavesNothingHalf) {
    const std::string work = GetParam().name;
    const std::uint64_t runs =
        (number_from("TENURE_FAULT_RUNS", 200) * GetParam().share + 99) / 100;
    const std::uint64_t seed = number_from("TENURE_SEED", 20'240'101);
    std::printf("TENURE_SEED=%llu, %llu kills of '%s'\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(runs), work.c_str());
    std::uint64_t acknowledged = 0;
    for (std::uint64_t run = 0; run < runs; ++run) {
        SCOPED_TRACE("run " + std::to_string(run) + " of " + work + ", seed " +
                     std::to_string(seed + run));
        if (run % GetParam().runs_per_store == 0) begin(run);
        const auto fresh = killed(path_, work, seed + run, "r" + std::to_string(run));
        acknowledged += fresh.size();
        check(fresh);
        check_backups(fresh);
        if (HasFailure()) return;
    }
    std::printf("%llu acknowledgements kept\n", static_cast<unsigned long long>(acknowledged));
}

INSTANTIATE_TEST_SUITE_P(Programs, Killed,
                         ::testing::Values(Work{"apply", 45, 10}, Work{"import", 15, 3},
                                           Work{"rebuild", 20, 10}, Work{"backup", 20, 10}),
                         [](const auto& work) { return std::string(work.param.name); });

}  // namespace
}  // namespace tenure::fault
