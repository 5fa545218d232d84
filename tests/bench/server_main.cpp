// tenure_bench_server: what the server's doors cost, beside a bare Beast server that echoes, in the
// same run, by the same client. docs/BENCHMARKS.md says how it is used and what came out.

#include <CLI/CLI.hpp>
#include <fstream>
#include <set>

#include "bench/server_bench.h"

namespace {

using namespace tenure::bench;

const std::vector<std::string> parts{"http", "batch", "query", "past", "writes", "feed", "idle"};

}  // namespace

int main(int argc, char** argv) {
    ServerSetup setup;
    std::string json;
    std::vector<std::string> only;
    CLI::App app{"Measures a server over loopback; it and its clients share the machine"};
    app.add_option("--scale", setup.scale, "1: a million users")->capture_default_str();
    app.add_option("--seconds", setup.seconds, "of each measurement")->capture_default_str();
    app.add_option("--threads", setup.threads, "of the server")->capture_default_str();
    app.add_option("--connections", setup.connections, "of HTTP")->capture_default_str();
    app.add_option("--dir", setup.directory, "of the store; kept, used again if it is there")
        ->capture_default_str();
    app.add_option("--json", json, "write the results to FILE");
    app.add_option("--only", only, "parts to run")->delimiter(',')->check(CLI::IsMember(parts));
    CLI11_PARSE(app, argc, argv);
    const std::set<std::string> chosen(only.begin(), only.end());
    Report report;
    ServerBench bench{setup, report};
    const auto part = [&](const std::string& name, auto&& work) {
        if (!chosen.empty() && !chosen.contains(name)) return;
        report.section(name);
        work();
    };
    part("http", [&] { bench.http(); });
    part("batch", [&] { bench.batch(); });
    part("query", [&] { bench.query(); });
    part("past", [&] { bench.past(); });
    part("writes", [&] { bench.writes(); });
    part("feed", [&] { bench.feed(); });
    part("idle", [&] { bench.idle(); });
    if (!json.empty()) std::ofstream{json} << report.json();
    return 0;
}
