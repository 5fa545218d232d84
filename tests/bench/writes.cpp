// Writes: commands to a filled store, in groups and one by one, each against bare LMDB that appends
// the bytes of the same entries in the same run.

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "bench/bare_lmdb.h"
#include "bench/store_bench.h"
#include "codec/json_lines.h"
#include "node/node.h"

namespace tenure::bench {
namespace {

constexpr std::size_t group_size = 512;
constexpr std::size_t groups_per_round = 40;
constexpr std::size_t in_flight_max = 8 * group_size;
constexpr std::size_t single_commands = 400;

// Commands in flight, and what became of them.
class Flight {
public:
    void begin() {
        std::unique_lock guard{mutex_};
        changed_.wait(guard, [&] { return in_flight_ < in_flight_max; });
        ++in_flight_;
    }

    void end(const Result<node::Receipt>& receipt) {
        const std::lock_guard guard{mutex_};
        if (!receipt) ++refused_[receipt.error().detail.substr(0, 60)];
        // The writer answers a whole group at once: waking the giver each time would cost it.
        if (--in_flight_ == 0 || in_flight_ == in_flight_max / 2) changed_.notify_one();
    }

    void land() {
        std::unique_lock guard{mutex_};
        changed_.wait(guard, [&] { return in_flight_ == 0; });
    }

    std::map<std::string, std::uint64_t> refused() {
        const std::lock_guard guard{mutex_};
        return refused_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t in_flight_ = 0;
    std::map<std::string, std::uint64_t> refused_;
};

class WriteBench {
public:
    WriteBench(const Setup& setup, Report& report)
        : setup_{setup},
          report_{report},
          population_{setup.shape, setup.seed},
          given_{commands_given(setup)} {
        domain::Event event;
        while (population_.next(event)) {
        }
        for (std::uint64_t i = 0; i < given_; ++i) population_.next_command();
        open_index(setup.store());  // for the page cache
        node_ = must(node::Node::open(setup.store(), clock_, random_));
        std::filesystem::remove_all(bare_directory());
        bare_.emplace(bare_directory());
    }

    ~WriteBench() {
        remember_commands(setup_, given_);
        bare_.reset();
        std::filesystem::remove_all(bare_directory());
    }

    WriteBench(const WriteBench&) = delete;
    WriteBench& operator=(const WriteBench&) = delete;

    void groups(const std::string& name, bool with_ids, std::optional<Target> target) {
        std::vector<double> rates;
        std::vector<double> bare_rates;
        std::vector<double> ratios;
        std::vector<double> cpu;
        Flight flight;
        for (std::uint32_t round = 0; round < setup_.rounds + 2; ++round) {
            std::vector<domain::Batch> batches;
            for (std::size_t i = 0; i < groups_per_round * group_size; ++i)
                batches.push_back(next_batch(with_ids));
            const Revision before = node_->event_log().last();
            const Stopwatch watch;
            const double cpu_begin = cpu_seconds();
            for (domain::Batch& batch : batches) {
                flight.begin();
                must(node_->submit_later(
                    std::move(batch),
                    [&flight](const Result<node::Receipt>& receipt) { flight.end(receipt); }));
            }
            flight.land();
            const double seconds = watch.seconds();
            const double cpu_used = cpu_seconds() - cpu_begin;
            const auto values = stored_after(before);
            rates.push_back(static_cast<double>(values.size()) / seconds);
            cpu.push_back(cpu_used * 1e6 / static_cast<double>(values.size()));
            const Stopwatch bare_watch;
            for (std::size_t i = 0; i < values.size(); i += group_size)
                bare_->append(
                    std::span{values}.subspan(i, std::min(group_size, values.size() - i)));
            bare_rates.push_back(static_cast<double>(values.size()) / bare_watch.seconds());
            ratios.push_back(rates.back() / bare_rates.back());
        }
        report_.add(name + ".rate", median_of(rates), "events/s", target);
        report_.add(name + ".cpu", median_of(cpu), "us/event");
        report_.add(name + ".bare_lmdb", median_of(bare_rates), "events/s");
        report_.add(name + ".share_of_bare", 100 * median_of(ratios), "%");
        for (const auto& [why, count] : flight.refused())
            report_.note(std::to_string(count) + " refused: " + why);
    }

    void singles() {
        Timings ours;
        Timings bare;
        for (std::size_t i = 0; i < single_commands; ++i) {
            domain::Batch batch = next_batch(true);
            const Revision before = node_->event_log().last();
            const std::uint64_t begin = ticks();
            const auto receipt = node_->submit(std::move(batch));
            const std::uint64_t end = ticks();
            const auto values = stored_after(before);
            if (!receipt || values.empty()) continue;
            ours.add(end - begin);
            const std::uint64_t bare_begin = ticks();
            bare_->append(values);
            bare.add(ticks() - bare_begin);
        }
        report_.add("write.single.p50", ours.median(), "us");
        report_.add("write.single.p99", ours.quantile(0.99), "us");
        report_.add("write.single.bare_lmdb_p50", bare.median(), "us");
        report_.add("write.single.to_bare", ours.median() / bare.median(), "x", at_most(1.5));
    }

private:
    std::string bare_directory() const { return setup_.directory + "/bare"; }

    domain::Batch next_batch(bool with_id) {
        domain::Batch batch;
        if (with_id) batch.command_id = "command-" + std::to_string(given_);
        ++given_;
        batch.commands.push_back(population_.next_command());
        return batch;
    }

    std::vector<std::vector<std::byte>> stored_after(Revision before) const {
        std::vector<std::vector<std::byte>> values;
        const log::EventLog& log = node_->event_log();
        for (Revision at = tenure::next(before); at <= log.last();) {
            const auto entries = must(log.read(at));
            for (const log::Entry& entry : entries)
                values.emplace_back(entry.stored.begin(), entry.stored.end());
            at = tenure::next(entries[entries.size() - 1].revision);
        }
        return values;
    }

    const Setup& setup_;
    Report& report_;
    SystemClock clock_;
    SeededRandom random_{1};
    Population population_;
    std::uint64_t given_;
    std::unique_ptr<node::Node> node_;
    std::optional<BareLog> bare_;
};

}  // namespace

void measure_writes(const Setup& setup, Report& report) {
    WriteBench bench{setup, report};
    bench.groups("write.groups", false, at_least(50'000));
    bench.groups("write.groups_with_ids", true, at_least(50'000));
    bench.singles();
}

void measure_import(const Setup& setup, Report& report) {
    const std::string store = setup.directory + "/imported";
    const std::string file = setup.directory + "/history.jsonl";
    Setup small = setup;
    small.shape.departments = std::min(setup.shape.departments, 16U);
    small.shape.history = 1;
    Population population{small.shape, setup.seed};
    std::uint64_t bytes = 0;
    {
        std::ofstream lines{file};
        domain::Event event;
        while (population.next(event)) {
            const std::string line = codec::event_line(event);
            bytes += line.size() + 1;
            lines << line << '\n';
        }
    }
    SystemClock clock;
    SeededRandom random{setup.seed};
    std::filesystem::remove_all(store);
    must(node::Node::create(store, {}, clock, random));
    {
        const auto node = must(node::Node::open(store, clock, random));
        std::ifstream lines{file};
        const Stopwatch watch;
        const auto imported = must(node->import(lines, {}));
        const double seconds = watch.seconds();
        report.add("import.lines", static_cast<double>(imported.lines), "lines");
        report.add("import.rate", static_cast<double>(imported.lines) / seconds, "lines/s",
                   at_least(50'000));
        report.add("import.bytes", static_cast<double>(bytes) / seconds / 1e6, "MB/s");
    }
    std::filesystem::remove_all(store);
    std::filesystem::remove(file);
}

}  // namespace tenure::bench
