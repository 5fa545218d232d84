#pragma once
// The parts of tenure_bench_store, one file each. Each opens what it needs of the store and closes
// it again.

#include <memory>
#include <string>

#include "bench/measure.h"
#include "bench/population.h"
#include "bench/report.h"
#include "log/event_log.h"
#include "projection/index.h"
#include "query/engine.h"

namespace tenure::bench {

struct Setup {
    Shape shape;
    std::uint64_t seed = 1;
    std::string directory;  // of all stores
    std::uint32_t rounds = 3;
    std::uint64_t checks = 200'000;    // of one kind in one round
    std::uint64_t rebuild_memory = 0;  // 0: as much as a node takes

    std::string store() const { return directory + "/store"; }
};

// Makes a store and fills its log; the index stays empty.
void fill_log(const Setup& setup, const std::string& store, Report& report);
// Builds the index of a filled log and puts it in use.
void build_index(const Setup& setup, const std::string& store, Report& report);

void measure_opening(const Setup& setup, Report& report);
void measure_disk(const Setup& setup, Report& report);
void measure_memory(const Setup& setup, Report& report);
void measure_checks(const Setup& setup, Report& report);
void measure_sessions(const Setup& setup, Report& report);
// Two stores of one population, the second with `history` times as many events.
void measure_history(const Setup& setup, Report& report);
void measure_writes(const Setup& setup, Report& report);
void measure_import(const Setup& setup, Report& report);
// A store of its own.
void measure_conditions(const Setup& setup, Report& report);

// A closed store's log and index, to be asked without a node.
struct OpenIndex {
    std::unique_ptr<log::EventLog> log;
    std::unique_ptr<projection::Index> index;
};

OpenIndex open_index(const std::string& store);

// Commands given to the store of `setup` so far by measure_writes(), kept beside it: the population
// has to be brought forward by as many.
std::uint64_t commands_given(const Setup& setup);
void remember_commands(const Setup& setup, std::uint64_t count);

}  // namespace tenure::bench
