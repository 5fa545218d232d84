#pragma once
// HttpLoad: keep-alive connections that send the same kind of request over and over, on one thread;
// and the bare Beast server that it is compared with.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/measure.h"

namespace tenure::bench {

struct LoadResult {
    double rate = 0;  // answers a second
    double p50_us = 0;
    double p99_us = 0;
    double client_cpu_seconds = 0;
    double seconds = 0;
    std::uint64_t answers = 0;
    std::uint64_t failed = 0;  // not 200
};

struct LoadPlan {
    std::uint16_t port = 0;
    std::uint32_t connections = 16;
    double seconds = 3;
    // Whole requests, sent in turn.
    std::vector<std::string> requests;
    // Requests a second, at even distances whether or not answers come; 0: as fast as they come.
    double pace = 0;
    // Connection number n begins with request n * stride.
    std::size_t stride = 1;
};

LoadResult load(const LoadPlan& plan);

// Reads requests with Beast's parser and sends their bodies back with Beast's serializer: what any
// server made of it has to do.
class EchoServer {
public:
    EchoServer();
    ~EchoServer();
    EchoServer(const EchoServer&) = delete;
    EchoServer& operator=(const EchoServer&) = delete;
    std::uint16_t port() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Of the calling thread.
double thread_cpu_seconds();

}  // namespace tenure::bench
