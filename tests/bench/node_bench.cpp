// What a whole node costs: opening it, its files, its memory, questions through a session.

#include "bench/store_bench.h"
#include "node/node.h"

namespace tenure::bench {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;

}  // namespace

void measure_opening(const Setup& setup, Report& report) {
    SystemClock clock;
    SeededRandom random{setup.seed};
    std::vector<double> opened;
    std::vector<double> answered;
    for (std::uint32_t i = 0; i < setup.rounds + 2; ++i) {
        const Stopwatch watch;
        const auto node = must(node::Node::open(setup.store(), clock, random));
        opened.push_back(watch.seconds() * 1'000);
        const auto session = node->session();
        must(session->check(Questions{setup.shape, setup.seed + i}.cold(i)));
        answered.push_back(watch.seconds() * 1'000);
        for (const std::string& repair : node->repairs()) report.note("repaired: " + repair);
    }
    report.add("open.time", median_of(opened), "ms", at_most(200));
    report.add("open.first_answer", median_of(answered), "ms");
}

void measure_disk(const Setup& setup, Report& report) {
    SystemClock clock;
    SeededRandom random{setup.seed};
    const auto node = must(node::Node::open(setup.store(), clock, random));
    const node::Status status = node->status();
    const auto events = static_cast<double>(status.committed.value);
    const auto show = [&](const std::string& part, const std::vector<storage::TableUse>& tables) {
        for (const storage::TableUse& table : tables) {
            if (static_cast<double>(table.bytes) < events * 0.05) continue;
            report.add("disk." + part + "." + table.name, static_cast<double>(table.bytes) / events,
                       "B/event");
        }
    };
    report.add("disk.log", static_cast<double>(status.log_bytes) / events, "B/event");
    show("log", status.log_tables);
    report.add("disk.index", static_cast<double>(status.index_bytes) / events, "B/event",
               at_most(250));
    show("index", status.index_tables);
}

void measure_memory(const Setup& setup, Report& report) {
    SystemClock clock;
    SeededRandom random{setup.seed};
    open_index(setup.store());  // for the page cache
    const auto before = static_cast<double>(anonymous_memory());
    const auto node = must(node::Node::open(setup.store(), clock, random));
    const auto session = node->session();
    report.add("memory.before_open", before / mebibyte, "MiB");
    report.add("memory.open", static_cast<double>(anonymous_memory()) / mebibyte, "MiB");
    Questions questions{setup.shape, setup.seed + 77};
    const Stopwatch watch;
    constexpr std::uint64_t count = 1'000'000;
    for (std::uint64_t n = 0; n < count; ++n) must(session->check(questions.cold(n)));
    report.add("memory.after_1M_checks", static_cast<double>(anonymous_memory()) / mebibyte, "MiB",
               at_most(300));
    report.add("memory.check_with_question", watch.seconds() * 1e6 / count, "us");
}

void measure_sessions(const Setup& setup, Report& report) {
    open_index(setup.store());  // for the page cache
    SystemClock clock;
    SeededRandom random{setup.seed};
    const auto node = must(node::Node::open(setup.store(), clock, random));
    Questions questions{setup.shape, setup.seed + 5};
    std::vector<domain::CheckQuestion> cold;
    for (std::uint64_t n = 0; n < setup.checks; ++n) cold.push_back(questions.cold(n));

    Timings timings;
    {
        const auto session = node->session();
        for (const domain::CheckQuestion& question : cold) {
            const std::uint64_t begin = ticks();
            must(session->check(question));
            timings.add(ticks() - begin);
        }
    }
    report.add("session.cold.p50", timings.median(), "us");
    report.add("session.cold.p99", timings.quantile(0.99), "us");

    Timings hot;
    const auto session = node->session();
    const std::vector<domain::CheckQuestion> few{cold.begin(), cold.begin() + 1'000};
    for (int pass = 0; pass < 50; ++pass)
        for (const domain::CheckQuestion& question : few) {
            const std::uint64_t begin = ticks();
            must(session->check(question));
            if (pass > 0) hot.add(ticks() - begin);
        }
    report.add("session.hot.p50", hot.median(), "us");
    report.add("session.hot.p99", hot.quantile(0.99), "us");
    std::vector<double> batches;
    for (int pass = 0; pass < 50; ++pass) {
        const Stopwatch watch;
        const auto answers = session->check_all(few);
        batches.push_back(watch.seconds() * 1e6 / static_cast<double>(answers.size()));
    }
    report.add("session.batch_of_1000.hot", median_of(batches), "us/check");
    batches.clear();
    const auto other = node->session();
    for (std::size_t from = 0; from + 1'000 <= cold.size(); from += 1'000) {
        const std::vector<domain::CheckQuestion> some{
            cold.begin() + static_cast<std::ptrdiff_t>(from),
            cold.begin() + static_cast<std::ptrdiff_t>(from + 1'000)};
        const Stopwatch watch;
        const auto answers = other->check_all(some);
        batches.push_back(watch.seconds() * 1e6 / static_cast<double>(answers.size()));
    }
    report.add("session.batch_of_1000.cold", median_of(batches), "us/check");
}

}  // namespace tenure::bench
