// fault_child STORE WORK SEED RUN PIPE: opens a store, works on it without end and reports what was
// acknowledged, until it is killed at a moment the seed decides: at a fail point, by a timer, or
// after so many acknowledgements. The moment may lie in the opening.

#include <signal.h>  // NOLINT: sigaction is not in <csignal>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "fault/fail_points.h"
#include "fault/protocol.h"
#include "fault/system_clock.h"

namespace tenure::fault {

namespace {

class Worker {
public:
    Worker(node::Node& node, std::string directory, std::uint64_t seed, std::string run, int pipe,
           std::uint64_t acknowledged_max)
        : node_{node},
          directory_{std::move(directory)},
          random_{seed},
          run_{std::move(run)},
          pipe_{pipe},
          left_{acknowledged_max} {}

    void apply() {
        std::vector<std::thread> clients;
        for (int t = 0; t < 3; ++t)
            clients.emplace_back([this, t] {
                SeededRandom random{static_cast<std::uint64_t>(t)};
                for (std::uint64_t n = 0;; ++n)
                    submit(run_ + "." + std::to_string(t) + "." + std::to_string(n),
                           1 + random.below(5));
            });
        for (std::thread& client : clients) client.join();
    }

    void import() {
        for (std::uint64_t n = 0;; ++n) {
            // Now and then more than one chunk.
            const std::uint64_t users =
                random_.one_in(4) ? 4'100 + random_.below(200) : 1 + random_.below(60);
            const bool bad = random_.one_in(4);
            const std::string into = sized(run_ + "." + std::to_string(n), users);
            std::string lines;
            for (std::uint64_t i = 0; i < users; ++i)
                lines += R"({"time":"2020-01-01T00:00:00Z","actor":"hr","type":"principal.create",)"
                         R"("data":{"principal":"u)" +
                         std::to_string(i) + R"(","kind":"user"}})" + "\n";
            if (bad) lines += "not a line\n";
            std::istringstream input{lines};
            const auto report = node_.import(input, {.tenant = into});
            if (report.has_value() == bad)
                fail("import", report ? "bad line taken" : report.error().detail);
            if (report) acknowledge("import " + into, report.value().last, report.value().last);
            submit(run_ + ".i" + std::to_string(n), 2);
        }
    }

    void rebuild() {
        for (std::uint64_t n = 0;; ++n) {
            submit(run_ + "." + std::to_string(n), 3);
            if (const auto rebuilt = node_.rebuild(); !rebuilt)
                fail("rebuild", rebuilt.error().detail);
        }
    }

    void backup() {
        std::thread client{[this] {
            for (std::uint64_t n = 0;; ++n) submit(run_ + "." + std::to_string(n), 2);
        }};
        for (std::uint64_t n = 0;; ++n) {
            const std::string to = directory_ + "-backup-" + run_ + "." + std::to_string(n);
            if (const auto done = node_.backup(to, {}); !done) fail("backup", done.error().detail);
            acknowledge("backup " + to, {}, {});
        }
    }

private:
    void submit(const std::string& name, std::uint64_t size) {
        const std::string id = sized(name, size);
        const auto receipt = node_.submit(batch_of(id));
        if (!receipt) fail("submit", receipt.error().detail);
        acknowledge("command " + id, receipt.value().first, receipt.value().last);
    }

    void acknowledge(const std::string& what, Revision first, Revision last) {
        const std::string line =
            what + " " + std::to_string(first.value) + " " + std::to_string(last.value) + "\n";
        if (::write(pipe_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) die();
        if (left_.load() != 0 && left_.fetch_sub(1) == 1) die();
    }

    [[noreturn]] void fail(const char* what, const std::string& why) {
        std::fprintf(stderr, "%s: %s\n", what, why.c_str());
        std::_Exit(1);
    }

    node::Node& node_;
    std::string directory_;
    SeededRandom random_;
    std::string run_;
    int pipe_;
    std::atomic<std::uint64_t> left_;
};

void die_after(std::uint64_t us) {
    struct sigaction action {};

    action.sa_handler = [](int) { die(); };
    ::sigaction(SIGALRM, &action, nullptr);
    itimerval timer{};
    timer.it_value.tv_sec = static_cast<time_t>(us / 1'000'000);
    timer.it_value.tv_usec = static_cast<suseconds_t>(us % 1'000'000);
    ::setitimer(ITIMER_REAL, &timer, nullptr);
}

int run(const std::string& directory, const std::string& work, std::uint64_t seed,
        const std::string& run_name, int pipe) {
    SeededRandom random{seed};
    SystemClock clock;
    std::uint64_t acknowledged_max = 0;
    const auto arm = [&] {
        die_after(20'000'000);  // at the latest
        const std::uint64_t how = random.below(4);
        if (how < 2) {
            die_at_fail_point(1 + random.below(how == 0 ? 12 : 60));
        } else if (how == 2) {
            die_after(1 + random.below(60'000));
        } else {
            acknowledged_max = 1 + random.below(work == "import" ? 5 : 20);
        }
    };
    const bool while_opening = random.one_in(4);
    if (while_opening) arm();
    auto opened = node::Node::open(directory, clock, random, options());
    if (!opened) {
        std::fprintf(stderr, "open: %s\n", opened.error().detail.c_str());
        return 1;
    }
    if (!while_opening) arm();
    Worker worker{*opened.value(), directory, seed, run_name, pipe, acknowledged_max};
    if (work == "apply") worker.apply();
    if (work == "import") worker.import();
    if (work == "rebuild") worker.rebuild();
    if (work == "backup") worker.backup();
    return 2;
}

}  // namespace
}  // namespace tenure::fault

int main(int count, char** arguments) {
    if (count != 6) return 2;
    return tenure::fault::run(arguments[1], arguments[2], std::strtoull(arguments[3], nullptr, 10),
                              arguments[4], std::atoi(arguments[5]));
}
