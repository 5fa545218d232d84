#pragma once
// Every limit of the server, by name. docs/OPERATIONS.md, "Limits of the server", has the table;
// the configuration file's [limits] may change each (settings.h). What is refused for one is
// counted under its name, batches and frames that are too large apart (metrics.h).

#include <cstddef>
#include <cstdint>

namespace tenure::server {

struct Limits {
    // Of one HTTP request. JSON has limits of its own besides (codec/json_lines.h: depth, values).
    std::uint32_t header_bytes_max = 16 * 1024;
    std::uint64_t body_bytes_max = std::uint64_t{4} << 20U;
    std::size_t target_bytes_max = 8 * 1024;
    // Checks in one batch; items in one AuthZEN evaluations request.
    std::size_t batch_checks_max = 10'000;
    // Entries on one page of a list, and what a page has if nobody says.
    std::size_t page_entries_max = 10'000;
    std::size_t page_entries = 1'000;
    // WebSocket: one message, questions in it.
    std::size_t frame_bytes_max = std::size_t{4} << 20U;
    std::size_t frame_questions_max = 10'000;

    std::size_t connections_max = 20'000;
    std::size_t connections_of_client_max = 10'000;
    // Of one client (its principal, else its address): requests a second, and at a time.
    std::uint32_t client_requests_per_second_max = 100'000;
    std::uint32_t client_concurrent_max = 512;

    // Store tokens whose last use is remembered (token_uses.h); uses of more are not.
    std::size_t token_uses_max = 100'000;

    // Long questions: threads, and how many wait for one.
    std::size_t long_questions_threads = 2;
    std::size_t long_questions_waiting_max = 256;

    // Milliseconds.
    std::uint32_t idle_timeout_ms = 60'000;     // between requests, and for a WebSocket's pong
    std::uint32_t request_timeout_ms = 10'000;  // from a request's first byte to its last
    std::uint32_t write_timeout_ms = 10'000;    // a client that does not read
    std::uint32_t wait_max_ms = 5'000;          // of `at_least` and of long polling
    std::uint32_t forward_timeout_ms = 15'000;  // of a change that is sent on to the leader
    std::uint32_t stop_timeout_ms = 10'000;     // what is in flight, at a graceful stop
};

}  // namespace tenure::server
