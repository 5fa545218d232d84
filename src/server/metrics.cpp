#include "server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>

#include "base/invariant.h"

namespace tenure::server {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;
using Labels = std::map<std::string, std::string>;

const Buckets request_seconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                              0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
const Buckets commit_seconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                             0.01,   0.025,   0.05,   0.1,   0.25,   1};
const Buckets batch_sizes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

constexpr std::array<std::string_view, 6> classes{"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::array<std::string_view, 11> limits{"header_bytes_max",
                                                  "body_bytes_max",
                                                  "target_bytes_max",
                                                  "frame_questions_max",
                                                  "connections_max",
                                                  "connections_of_client_max",
                                                  "client_requests_per_second_max",
                                                  "client_concurrent_max",
                                                  "token_uses_max",
                                                  "long_questions_waiting_max",
                                                  "forwards_waiting_max"};
constexpr std::array<std::string_view, 3> doors{"http", "authzen", "query"};
constexpr std::array<std::string_view, 3> protocols{"query", "feed", "replication"};

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

template <std::size_t n>
std::size_t place_of(const std::array<std::string_view, n>& names, std::string_view name) {
    const auto at = std::ranges::find(names, name);
    INVARIANT(at != names.end());
    return static_cast<std::size_t>(at - names.begin());
}

// Of this moment: of nodes that have gone nothing is said any more.
std::vector<prometheus::MetricFamily> families_of(const node::ReplicaStatus& replica,
                                                  Revision applied) {
    prometheus::Registry registry;
    const auto gauge = [&](const char* name, const char* help, double value,
                           const Labels& labels = {}) {
        prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels).Set(value);
    };
    const auto number = [](Revision revision) { return static_cast<double>(revision.value); };
    const Revision newest = std::max(replica.source_committed, replica.committed);
    gauge("tenure_replication_leader", "Whether this node leads", replica.leads ? 1 : 0);
    gauge("tenure_replication_term", "Newest term this node knows",
          static_cast<double>(replica.term.value));
    gauge("tenure_replication_halted", "Whether replication has stopped for good",
          replica.halted.empty() ? 0 : 1);
    gauge("tenure_replication_connected", "Whether a follower copies from its source",
          replica.leads || !replica.source.empty() ? 1 : 0);
    if (replica.distance)
        gauge("tenure_replication_distance", "Steps to the leader", *replica.distance);
    if (replica.heard_at != instant_min)
        gauge("tenure_replication_heard_timestamp_seconds", "When its source spoke last",
              seconds(replica.heard_at.us));
    gauge("tenure_replication_last_revision", "Newest durable revision, committed or not",
          number(replica.last));
    gauge("tenure_replication_behind_events", "Committed events that are not applied here",
          number(newest) - number(std::min(newest, applied)));
    gauge("tenure_replication_copies", "Nodes that copy from this one",
          static_cast<double>(replica.copies.size()));
    for (const node::ReplicaPeerStatus& copy : replica.copies) {
        if (copy.node.empty()) continue;  // has not said who it is
        gauge("tenure_replication_copy_durable_revision", "Newest durable at a copy of this node",
              number(copy.durable), {{"node", copy.node}});
        gauge("tenure_replication_copy_applied_revision", "Newest applied at a copy of this node",
              number(copy.applied), {{"node", copy.node}});
    }
    gauge("tenure_replication_members", "Nodes that must have what is recorded here",
          static_cast<double>(replica.members.size()));
    for (const node::ReplicaMemberStatus& member : replica.members)
        gauge("tenure_replication_member_here", "Whether a member copies from this node now",
              member.here ? 1 : 0, {{"node", member.node}});
    gauge("tenure_replication_held_up", "Whether members keep this leader from recording",
          replica.held_up.empty() ? 0 : 1);
    return registry.Collect();
}

}  // namespace

struct Metrics::Series {
    prometheus::Registry registry;

    prometheus::Counter& counter(const char* name, const char* help, const Labels& labels = {}) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
    }

    prometheus::Gauge& gauge(const char* name, const char* help, const Labels& labels = {}) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
    }

    prometheus::Histogram& histogram(const char* name, const char* help, const Buckets& buckets,
                                     const Labels& labels = {}) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels,
                                                                                         buckets);
    }

    struct Route {
        std::array<prometheus::Counter*, classes.size()> requests{};
        prometheus::Histogram* duration = nullptr;
    };

    std::vector<Route> routes;
    std::array<prometheus::Counter*, limits.size()> limit{};
    std::array<prometheus::Counter*, doors.size()> allowed{};
    std::array<prometheus::Counter*, doors.size()> denied{};
    std::array<prometheus::Gauge*, protocols.size()> sockets{};

    prometheus::Gauge& connections = gauge("tenure_connections", "Open connections of clients");
    prometheus::Gauge& long_waiting =
        gauge("tenure_long_questions_waiting", "Long questions that wait for a thread");
    prometheus::Counter& signed_in =
        counter("tenure_authentications_total", "Requests by how their token was found",
                {{"result", "ok"}});
    prometheus::Counter& not_signed_in =
        counter("tenure_authentications_total", "Requests by how their token was found",
                {{"result", "refused"}});
    prometheus::Counter& keys_fetched =
        counter("tenure_key_fetches_total", "Fetches of issuers' keys by URL", {{"result", "ok"}});
    prometheus::Counter& keys_not_fetched = counter(
        "tenure_key_fetches_total", "Fetches of issuers' keys by URL", {{"result", "failed"}});
    prometheus::Counter& commits = counter("tenure_commits_total", "Groups committed together");
    prometheus::Counter& batches =
        counter("tenure_batches_total", "Batches of commands carried out or refused");
    prometheus::Counter& events = counter("tenure_events_total", "Events recorded");
    prometheus::Histogram& commit_batches =
        histogram("tenure_commit_batches", "Batches in one group", batch_sizes);
    prometheus::Histogram& decide =
        histogram("tenure_decide_seconds", "Deciding and folding one group", commit_seconds);
    prometheus::Histogram& append = histogram(
        "tenure_append_seconds", "Appending one group to the log, durably", commit_seconds);
    prometheus::Histogram& confirm =
        histogram("tenure_confirm_seconds", "Waiting until members had one group", commit_seconds);
    prometheus::Histogram& index = histogram("tenure_index_commit_seconds",
                                             "Committing the index of one group", commit_seconds);
    prometheus::Gauge& writer_waiting =
        gauge("tenure_writer_queue_batches", "Batches that wait for the writer");
    prometheus::Gauge& revision = gauge("tenure_revision", "Newest committed revision");
    prometheus::Gauge& applied = gauge("tenure_applied_revision", "Newest revision of the index");
    prometheus::Gauge& closed =
        gauge("tenure_closed_timestamp_seconds", "No event will be recorded at or before it");
    prometheus::Gauge& decisions_dropped =
        gauge("tenure_decision_log_dropped_lines", "Lines the decision log could not keep");
    prometheus::Gauge& log_bytes = gauge("tenure_log_bytes", "Bytes of the log's map in use");
    prometheus::Gauge& index_bytes = gauge("tenure_index_bytes", "Bytes of the index's map in use");
};

Metrics::Metrics(const std::vector<std::string>& routes) : series_{std::make_unique<Series>()} {
    Series& all = *series_;
    for (const std::string& name : routes) {
        Series::Route route;
        for (std::size_t i = 0; i < classes.size(); ++i)
            route.requests[i] =
                &all.counter("tenure_http_requests_total", "Requests answered",
                             {{"route", name}, {"status", std::string(classes[i])}});
        route.duration = &all.histogram("http_server_request_duration_seconds",
                                        "From a request's last byte to its answer", request_seconds,
                                        {{"http_route", name}});
        all.routes.push_back(route);
    }
    for (std::size_t i = 0; i < limits.size(); ++i)
        all.limit[i] = &all.counter("tenure_limit_hits_total", "What was refused for a limit",
                                    {{"limit", std::string(limits[i])}});
    for (std::size_t i = 0; i < doors.size(); ++i) {
        all.allowed[i] = &all.counter("tenure_decisions_total", "Checks answered",
                                      {{"decision", "allow"}, {"door", std::string(doors[i])}});
        all.denied[i] = &all.counter("tenure_decisions_total", "Checks answered",
                                     {{"decision", "deny"}, {"door", std::string(doors[i])}});
    }
    for (std::size_t i = 0; i < protocols.size(); ++i)
        all.sockets[i] = &all.gauge("tenure_websockets", "Open WebSockets",
                                    {{"protocol", std::string(protocols[i])}});
}

Metrics::~Metrics() = default;

void Metrics::request(std::size_t route, unsigned status, std::int64_t us) {
    const Series::Route& series = series_->routes[route];
    const unsigned group = status / 100;
    series.requests[group < classes.size() ? group : 0]->Increment();
    series.duration->Observe(seconds(us));
}

void Metrics::limit_hit(std::string_view limit) {
    series_->limit[place_of(limits, limit)]->Increment();
}

void Metrics::decisions(std::string_view door, std::uint64_t allowed, std::uint64_t denied) {
    const std::size_t at = place_of(doors, door);
    if (allowed > 0) series_->allowed[at]->Increment(static_cast<double>(allowed));
    if (denied > 0) series_->denied[at]->Increment(static_cast<double>(denied));
}

void Metrics::committed(const node::Committed& group) {
    Series& all = *series_;
    all.commits.Increment();
    all.batches.Increment(static_cast<double>(group.batches));
    all.events.Increment(static_cast<double>(group.events));
    all.commit_batches.Observe(static_cast<double>(group.batches));
    all.decide.Observe(seconds(group.decide_us));
    all.append.Observe(seconds(group.append_us));
    all.confirm.Observe(seconds(group.confirm_us));
    all.index.Observe(seconds(group.index_us));
    all.writer_waiting.Set(static_cast<double>(group.waiting));
    all.revision.Set(static_cast<double>(group.last.value));
}

void Metrics::connections(std::int64_t change) {
    series_->connections.Increment(static_cast<double>(change));
}

void Metrics::sockets(std::string_view protocol, std::int64_t change) {
    series_->sockets[place_of(protocols, protocol)]->Increment(static_cast<double>(change));
}

void Metrics::signed_in(bool well) {
    (well ? series_->signed_in : series_->not_signed_in).Increment();
}

void Metrics::keys_fetched(bool well) {
    (well ? series_->keys_fetched : series_->keys_not_fetched).Increment();
}

void Metrics::long_questions_waiting(std::size_t count) {
    series_->long_waiting.Set(static_cast<double>(count));
}

std::vector<std::pair<std::string, std::uint64_t>> Metrics::limits_hit() const {
    std::vector<std::pair<std::string, std::uint64_t>> hit;
    for (std::size_t i = 0; i < limits.size(); ++i)
        if (const auto times = static_cast<std::uint64_t>(series_->limit[i]->Value()); times > 0)
            hit.emplace_back(limits[i], times);
    return hit;
}

std::string Metrics::text(const node::Status& status,
                          const std::optional<node::ReplicaStatus>& replica,
                          std::uint64_t decisions_dropped) {
    Series& all = *series_;
    all.decisions_dropped.Set(static_cast<double>(decisions_dropped));
    all.revision.Set(static_cast<double>(status.committed.value));
    all.applied.Set(static_cast<double>(status.applied.value));
    all.closed.Set(seconds(status.closed_until.us));
    all.log_bytes.Set(static_cast<double>(status.log_bytes));
    all.index_bytes.Set(static_cast<double>(status.index_bytes));
    auto families = all.registry.Collect();
    if (replica)
        for (auto& family : families_of(*replica, status.applied))
            families.push_back(std::move(family));
    return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace tenure::server
