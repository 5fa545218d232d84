// Filling a store: the population's events go straight into the log, the index is built from it.

#include <algorithm>
#include <fstream>

#include "bench/store_bench.h"
#include "codec/event_codec.h"
#include "node/generations.h"
#include "node/node.h"

namespace tenure::bench {
namespace {

constexpr std::size_t events_per_append = 4'096;

std::string commands_file(const Setup& setup) { return setup.directory + "/commands-given"; }

}  // namespace

void fill_log(const Setup& setup, const std::string& store, Report& report) {
    SystemClock clock;
    SeededRandom random{setup.seed};
    must(node::Node::create(store, {}, clock, random));
    const auto log = must(log::EventLog::open(store + "/log"));

    Population population{setup.shape, setup.seed};
    domain::Event event;
    std::vector<log::NewEntry> entries;
    std::uint64_t bytes = 0;
    double appending = 0;
    const Stopwatch watch;
    const auto append = [&] {
        const Stopwatch appended;
        must(log->append(entries, {}, true));
        appending += appended.seconds();
        entries.clear();
    };
    while (population.next(event)) {
        entries.push_back({event.term, event.recorded_at, codec::encode_event(event)});
        bytes += entries.back().body.size();
        if (entries.size() == events_per_append) append();
    }
    if (!entries.empty()) append();
    const auto events = static_cast<double>(log->last().value);
    report.add("population.events", events, "events");
    report.add("population.users", static_cast<double>(population.users()), "users");
    report.add(
        "population.groups_per_user",
        static_cast<double>(population.memberships()) / static_cast<double>(population.users()),
        "groups");
    report.add("population.assignments", static_cast<double>(population.assignments()), "in force");
    report.add("fill.body", static_cast<double>(bytes) / events, "B/event");
    report.add("fill.rate", events / watch.seconds(), "events/s");
    report.add("fill.append_rate", events / appending, "events/s");
}

void build_index(const Setup& setup, const std::string& store, Report& report) {
    const auto log = must(log::EventLog::open(store + "/log"));
    node::Generations generations{store, *log};
    const std::uint64_t generation = generations.current() + 1;
    const Revision last = log->committed();
    const Stopwatch watch;
    const double cpu = cpu_seconds();
    double folded = 0;
    std::uint64_t memory = 0;
    std::uint64_t calls = 0;
    node::BuildLimits limits;
    if (setup.rebuild_memory > 0) limits.memory_bytes = setup.rebuild_memory;
    const auto progress = [&](Revision) {
        folded = watch.seconds();
        if (++calls % 16 == 0) memory = std::max(memory, anonymous_memory_held());
    };
    const auto index =
        must(node::build_index(generations.path(generation), *log, last, limits, progress));
    const double built = watch.seconds();
    const double cpu_built = cpu_seconds() - cpu;
    must(index->environment().sync());
    const double synced = watch.seconds();
    must(generations.switch_to(generation));
    must(generations.mark_clean());
    const auto events = static_cast<double>(last.value);
    report.add("rebuild.rate", events / built, "events/s", at_least(500'000));
    report.add("rebuild.cpu", cpu_built * 1e6 / events, "us/event");
    report.add("rebuild.memory", static_cast<double>(memory) / 1024 / 1024, "MiB");
    report.add("rebuild.fold", folded, "s");
    report.add("rebuild.write", built - folded, "s");
    report.add("rebuild.sync", synced - built, "s");
}

OpenIndex open_index(const std::string& store) {
    OpenIndex open;
    log::OpenOptions log_options;
    log_options.read_only = true;
    open.log = must(log::EventLog::open(store + "/log", log_options));
    const node::Generations generations{store, *open.log};
    projection::IndexOptions options;
    options.read_only = true;
    read_through(generations.path(generations.current()));
    open.index = must(
        projection::Index::open(generations.path(generations.current()), open.log->id(), options));
    return open;
}

std::uint64_t commands_given(const Setup& setup) {
    std::ifstream file{commands_file(setup)};
    std::uint64_t count = 0;
    file >> count;
    return count;
}

void remember_commands(const Setup& setup, std::uint64_t count) {
    std::ofstream{commands_file(setup)} << count;
}

}  // namespace tenure::bench
