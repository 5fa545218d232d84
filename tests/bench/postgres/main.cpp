// tenure_bench_postgres: the side of tenure in the comparison that postgres/run makes. It writes
// the population and the questions as files, then answers what it is asked on standard input, a
// line each:
//
//   answers LIST            "0110..." for all questions of the list
//   embedded LIST           checks a second by one session on one thread, and the microseconds of
//                           processor time that each took
//   query LIST              through tenure.query.v1: frames of 100, 16 ahead, one connection
//   http LIST CONNECTIONS   over HTTP, one check a request
//
// What it answers begins with "= ".

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "bench/http_load.h"
#include "bench/postgres/tables.h"
#include "bench/server_bench.h"

namespace {

using namespace tenure;
using namespace tenure::bench;

using List = std::vector<domain::CheckQuestion>;

// About `people` in turn, each with a new question; now, or at an instant since they came.
List make_list(const Shape& shape, std::size_t count, std::size_t people, bool past) {
    constexpr std::uint64_t seed = 11;
    Questions questions{shape, seed};
    SeededRandom random{seed};
    const double span = static_cast<double>(history_end.us - history_begin.us);
    List list;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t person = i % people;
        domain::CheckQuestion& question = list.emplace_back(questions.cold(person));
        if (!past) continue;
        const double came = questions.came_at(person);
        const double chance = static_cast<double>(random.below(1U << 30U)) / (1U << 30U);
        question.as_of.at =
            history_begin + static_cast<std::int64_t>((came + (1 - came) * chance) * span);
    }
    return list;
}

void write_list(const List& list, const std::string& file) {
    std::ofstream out{file};
    for (const domain::CheckQuestion& question : list)
        out << row({question.principal, question.action,
                    question.plane == domain::Plane::data ? "t" : "f", question.scope,
                    question.as_of.at ? format_instant(*question.as_of.at) : "now"});
}

std::string answers(node::Node& node, const List& list) {
    const auto session = node.session();
    std::string text;
    for (const domain::CheckQuestion& question : list)
        text += must(session->check(question)).allowed ? '1' : '0';
    return text;
}

std::string embedded(node::Node& node, const List& list, double seconds) {
    const auto session = node.session();
    for (const domain::CheckQuestion& question : list) must(session->check(question));
    std::uint64_t asked = 0;
    const double cpu = thread_cpu_seconds();
    const Stopwatch watch;
    do {
        for (const domain::CheckQuestion& question : list) must(session->check(question));
        asked += list.size();
    } while (watch.seconds() < seconds);
    const double rate = static_cast<double>(asked) / watch.seconds();
    const double used = thread_cpu_seconds() - cpu;
    return std::to_string(rate) + ' ' + std::to_string(1e6 * used / static_cast<double>(asked));
}

}  // namespace

int main(int argc, char** argv) {
    ServerSetup setup;
    setup.scale = 0.1;
    setup.denies = true;
    std::size_t count = 10'000;
    CLI::App app{"The side of tenure in postgres/run"};
    app.add_option("--scale", setup.scale, "1: a million users")->capture_default_str();
    app.add_option("--seconds", setup.seconds, "of each measurement")->capture_default_str();
    app.add_option("--questions", count, "in a list")->capture_default_str();
    app.add_option("--dir", setup.directory, "of the store and the files")->required();
    CLI11_PARSE(app, argc, argv);

    Report report;
    ServerBench bench{setup, report};
    constexpr std::uint64_t filled_from = 1;  // the seed that ServerBench fills a store from
    write_tables(bench.shape(), filled_from, setup.directory);
    std::map<std::string, List> lists;
    constexpr std::size_t people = 1'000;
    for (const bool past : {false, true}) {
        const std::string when = past ? "past" : "now";
        lists["few_" + when] = make_list(bench.shape(), count, people, past);
        lists["all_" + when] = make_list(bench.shape(), count, bench.shape().users(), past);
    }
    for (const auto& [name, list] : lists)
        write_list(list, setup.directory + "/" + name + ".questions");
    std::cout << "= ready" << std::endl;

    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words{line};
        std::string what;
        std::string name;
        std::uint32_t connections = 1;
        words >> what >> name >> connections;
        const List& list = lists.at(name);
        std::string answer;  // measuring prints lines of its own
        if (what == "answers") answer = answers(bench.node(), list);
        if (what == "embedded") answer = embedded(bench.node(), list, setup.seconds);
        if (what == "query") answer = std::to_string(bench.query_rate(list, "query"));
        if (what == "http") answer = std::to_string(bench.http_rate(list, connections));
        std::cout << "= " << answer << std::endl;
    }
    return 0;
}
