#pragma once
// Metrics: what the server counts, in Prometheus' form (names and units: docs/OPERATIONS.md,
// "Metrics"). Any thread; counting takes no lock.

#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/node.h"
#include "node/replicator.h"

namespace tenure::server {

class Metrics {
public:
    // One counter for each route and class of status, made before the first request.
    explicit Metrics(const std::vector<std::string>& routes);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void request(std::size_t route, unsigned status, std::int64_t us);
    void limit_hit(std::string_view limit);
    void decisions(std::string_view door, std::uint64_t allowed, std::uint64_t denied);
    void committed(const node::Committed& group);
    void connections(std::int64_t change);
    void sockets(std::string_view protocol, std::int64_t change);
    void signed_in(bool well);
    void keys_fetched(bool well);
    void long_questions_waiting(std::size_t count);

    // By name; those that were never hit are left out.
    std::vector<std::pair<std::string, std::uint64_t>> limits_hit() const;

    // The whole exposition; `status` fills in what is read rather than counted, and `replica` if
    // the node is one of several; lines that the decision log could not keep.
    std::string text(const node::Status& status, const std::optional<node::ReplicaStatus>& replica,
                     std::uint64_t decisions_dropped);

private:
    struct Series;
    std::unique_ptr<Series> series_;
};

}  // namespace tenure::server
