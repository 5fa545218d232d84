#pragma once
// The parts of tenure_bench_server. Server and clients are threads of one process, so one run has
// it all; how much of the processor the server's own threads used is told apart.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "bench/measure.h"
#include "bench/population.h"
#include "bench/report.h"
#include "domain/question.h"
#include "node/node.h"
#include "server/server.h"

namespace tenure::bench {

struct ServerSetup {
    double scale = 0.01;
    double seconds = 3;
    std::uint32_t threads = 1;
    std::uint32_t connections = 16;
    std::string directory = "tenure-bench-server";
    bool denies = false;  // see Shape
};

class ServerBench {
public:
    ServerBench(const ServerSetup& setup, Report& report);
    ~ServerBench();
    ServerBench(const ServerBench&) = delete;
    ServerBench& operator=(const ServerBench&) = delete;

    void http();    // single checks, against the echo
    void batch();   // batches of 100 in a body
    void query();   // tenure.query.v1
    void past();    // the same at past instants
    void writes();  // 64 clients, against the embedded store
    void feed();    // 100 subscribers
    void idle();    // 10,000 connections that ask nothing, 1,000 slow ones, and checks beside them

    const Shape& shape() const { return shape_; }

    node::Node& node() { return *node_; }

    // Checks a second through tenure.query.v1, and (one a request) over HTTP.
    double query_rate(const std::vector<domain::CheckQuestion>& all, std::string_view name);
    double http_rate(const std::vector<domain::CheckQuestion>& all, std::uint32_t connections);

private:
    std::vector<domain::CheckQuestion> questions(std::size_t count, bool past, std::uint64_t seed);
    std::vector<std::string> check_requests(const std::vector<domain::CheckQuestion>& all) const;

    ServerSetup setup_;
    Report& report_;
    Shape shape_;
    SystemClock clock_;
    SeededRandom random_{1};
    std::unique_ptr<server::Observer> observer_;
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<server::Server> server_;
    std::string asker_;  // a token
};

}  // namespace tenure::bench
