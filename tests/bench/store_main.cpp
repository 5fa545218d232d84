// tenure_bench_store: how fast a large store is. docs/BENCHMARKS.md says how it is used and what
// came out.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "bench/store_bench.h"

namespace {

using namespace tenure::bench;

struct Arguments {
    double scale = 0.1;
    double history_scale = 0.02;
    std::uint32_t history = 10;
    bool azure_paths = false;
    bool keep = false;
    std::string reuse;
    std::string json;
    std::vector<std::string> only;
    Setup setup;
};

const std::vector<std::string> parts{"fill",   "rebuild", "open",      "disk",
                                     "memory", "checks",  "sessions",  "history",
                                     "writes", "import",  "conditions"};

void run(const Arguments& arguments, Report& report) {
    const Setup& setup = arguments.setup;
    const std::set<std::string> chosen(arguments.only.begin(), arguments.only.end());
    const auto part = [&](const std::string& name, auto&& work) {
        if (!chosen.empty() && !chosen.contains(name)) return;
        report.section(name);
        work();
    };
    if (arguments.reuse.empty()) part("fill", [&] { fill_log(setup, setup.store(), report); });
    if (arguments.reuse.empty() || chosen.contains("rebuild"))
        part("rebuild", [&] { build_index(setup, setup.store(), report); });
    part("open", [&] { measure_opening(setup, report); });
    part("disk", [&] { measure_disk(setup, report); });
    part("memory", [&] { measure_memory(setup, report); });
    part("checks", [&] { measure_checks(setup, report); });
    part("sessions", [&] { measure_sessions(setup, report); });
    part("history", [&] {
        Setup other = setup;
        other.shape.departments = Shape::at_scale(arguments.history_scale).departments;
        other.shape.history = arguments.history;
        other.checks = std::min<std::uint64_t>(setup.checks, other.shape.users());
        measure_history(other, report);
    });
    part("writes", [&] { measure_writes(setup, report); });
    part("import", [&] { measure_import(setup, report); });
    part("conditions", [&] { measure_conditions(setup, report); });
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    Setup& setup = arguments.setup;
    std::string directory;
    CLI::App app{"Measures a large generated store"};
    app.add_option("--scale", arguments.scale, "1: a million users")->capture_default_str();
    app.add_option("--seed", setup.seed)->capture_default_str();
    app.add_option("--dir", directory, "where the stores are made and removed again");
    app.add_flag("--keep", arguments.keep, "leave the store for --reuse");
    app.add_option("--reuse", arguments.reuse, "DIR of an earlier run, of the same scale and seed");
    app.add_option("--json", arguments.json, "write the results to FILE");
    app.add_option("--only", arguments.only, "parts to run")
        ->delimiter(',')
        ->check(CLI::IsMember(parts));
    app.add_option("--rounds", setup.rounds)->capture_default_str();
    app.add_option("--checks", setup.checks, "of one kind in one round, at most one a user")
        ->capture_default_str();
    app.add_option("--rebuild-memory", setup.rebuild_memory, "bytes it may take; 0: as a node does")
        ->capture_default_str()
        ->transform(CLI::AsSizeValue(false));
    app.add_option("--history", arguments.history, "times the events, in the part of that name")
        ->capture_default_str();
    app.add_option("--history-scale", arguments.history_scale)->capture_default_str();
    app.add_flag("--azure-paths", arguments.azure_paths,
                 "long resource ids, subscriptions under management groups");
    CLI11_PARSE(app, argc, argv);

    setup.shape = Shape::at_scale(arguments.scale);
    setup.shape.azure_paths = arguments.azure_paths;
    setup.checks = std::min<std::uint64_t>(setup.checks, setup.shape.users() / setup.rounds);
    const std::filesystem::path chosen =
        !arguments.reuse.empty() ? std::filesystem::path{arguments.reuse}
        : !directory.empty()     ? std::filesystem::path{directory}
                                 : std::filesystem::temp_directory_path() / "tenure-bench";
    setup.directory = chosen.string();
    if (arguments.reuse.empty() && std::filesystem::exists(setup.store()))
        give_up("there is a store in " + setup.directory + " already: --reuse it or remove it");
    std::filesystem::create_directories(setup.directory);

    Report report;
    run(arguments, report);
    if (!arguments.json.empty()) std::ofstream{arguments.json} << report.json();
    if (!arguments.keep && arguments.reuse.empty()) std::filesystem::remove_all(setup.directory);
    return 0;
}
