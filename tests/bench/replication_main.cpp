// tenure_bench_replication: what copying costs, beside the least it could cost, in the same run.
// Leader and followers are servers of one process that speak over loopback, so they share the
// machine. docs/BENCHMARKS.md says how it is used and what came out.

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>

#include "bench/bare_lmdb.h"
#include "bench/store_bench.h"
#include "bench/taker.h"
#include "log/event_log.h"
#include "node/replicated_store.h"
#include "server/http_client.h"
#include "server/replication_source.h"
#include "server/server.h"

namespace {

using namespace tenure;
using namespace tenure::bench;
namespace fs = std::filesystem;

struct ReplicationSetup {
    double scale = 0.02;
    double seconds = 5;
    std::string directory = "tenure-bench-replication";
};

const std::vector<std::string> parts{"catch_up", "lag", "copies", "takers", "members"};
constexpr std::uint64_t events_per_second = 10'000;
constexpr std::uint64_t groups_per_second = 100;
constexpr std::size_t copies_most = 16;
constexpr std::size_t single_commands = 400;
constexpr std::size_t in_flight_max = 2'048;

// When a node's index came to which revision.
class Progress {
public:
    struct Step {
        Revision to;
        std::uint64_t ticks;
    };

    void reached(Revision to) {
        {
            const std::lock_guard guard{mutex_};
            steps_.push_back({to, ticks()});
        }
        changed_.notify_all();
    }

    void await(Revision to) {
        std::unique_lock guard{mutex_};
        changed_.wait(guard, [&] { return !steps_.empty() && steps_.back().to >= to; });
    }

    std::vector<Step> take() {
        const std::lock_guard guard{mutex_};
        return std::exchange(steps_, {});
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Step> steps_;
};

// A node that serves; a follower where there is a source.
class Server {
public:
    Server(const std::string& name, const std::string& store, const std::string& source,
           const std::vector<std::string>& members, Clock& clock, Random& random) {
        server::Settings settings;
        settings.port = 0;
        settings.threads = 1;
        settings.log_level = "error";
        settings.authentication = false;
        settings.replication.node = name;
        settings.replication.source = source;
        settings.replication.members = members;
        if (!source.empty() && !fs::exists(store)) {
            const auto log = must(server::ask_log_identity(server::source_place(settings)));
            must(node::Node::create_copy(store, log));
        }
        node::Options options;
        options.copies = !source.empty();
        options.replicated = true;
        options.needs_members = !members.empty();
        options.committed = [this](const node::Committed& group) {
            observer_.committed(group);
            progress.reached(group.last);
        };
        node_ = must(node::Node::open(store, clock, random, options));
        server_ = std::make_unique<server::Server>(settings, *node_, observer_, clock, random);
        must(server_->start());
    }

    ~Server() {
        server_->stop();
        node_->stop();
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    node::Node& node() { return *node_; }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

    Progress progress;

private:
    server::Observer observer_;
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<server::Server> server_;
};

domain::Batch new_user(std::uint64_t number, bool with_id) {
    domain::Batch batch;
    domain::Command& command = batch.commands.emplace_back();
    command.tenant = tenant_name;
    command.actor = domain::system_actor;
    domain::CreatePrincipal create;
    create.principal.id = "copied-" + std::to_string(number);
    create.principal.kind = domain::PrincipalKind::user;
    command.body = std::move(create);
    if (with_id) batch.command_id = "copied-" + std::to_string(number);
    return batch;
}

class ReplicationBench {
public:
    ReplicationBench(const ReplicationSetup& setup, Report& report)
        : setup_{setup}, report_{report}, leader_store_{setup.directory + "/leader/store"} {
        if (fs::exists(setup.directory)) give_up(setup.directory + " is there already");
        fs::create_directories(setup.directory + "/leader");
        Setup filling;
        filling.shape = Shape::at_scale(setup.scale);
        filling.directory = setup.directory + "/leader";
        fill_log(filling, leader_store_, report);
        build_index(filling, leader_store_, report);
    }

    ~ReplicationBench() { fs::remove_all(setup_.directory); }

    ReplicationBench(const ReplicationBench&) = delete;
    ReplicationBench& operator=(const ReplicationBench&) = delete;

    // A new follower takes the whole log: as it is, and then with an id for each change.
    void catch_up() {
        {
            const auto leader = lead();
            catch_up(*leader, "catch_up");
            const std::uint64_t count = leader->node().event_log().last().value / 2;
            write(*leader, count, true);
        }
        const auto leader = lead();
        catch_up(*leader, "catch_up_with_ids");
    }

    // From a group's commit at the leader until a follower shows it.
    void lag() {
        const auto leader = lead();
        const auto copy = follow(*leader);
        copy->progress.await(leader->node().event_log().last());
        leader->progress.take();
        copy->progress.take();
        const auto groups = static_cast<std::uint64_t>(setup_.seconds * groups_per_second);
        std::uint64_t behind = 0;
        const Stopwatch watch;
        for (std::uint64_t group = 0; group < groups; ++group) {
            for (std::uint64_t i = 0; i < events_per_second / groups_per_second; ++i)
                must(leader->node().submit_later(new_user(next_user_++, false), [](auto) {}));
            const double due = static_cast<double>(group + 1) / groups_per_second;
            const double now = watch.seconds();
            if (now < due)
                pause(due - now);
            else
                ++behind;
        }
        must(leader->node().submit(new_user(next_user_++, false)));
        copy->progress.await(leader->node().event_log().last());
        const auto here = leader->progress.take();
        const auto there = copy->progress.take();
        Timings lag;
        std::size_t at = 0;
        for (const Progress::Step& step : here) {
            while (there[at].to < step.to) ++at;
            lag.add(there[at].ticks > step.ticks ? there[at].ticks - step.ticks : 0);
        }
        report_.add("lag.p50", lag.median() / 1e3, "ms");
        report_.add("lag.p99", lag.quantile(0.99) / 1e3, "ms", at_most(5));
        report_.add("lag.groups_begun_late", static_cast<double>(behind),
                    "of " + std::to_string(groups));
    }

    // What many followers take away from the leader's writes.
    void copies() {
        const auto leader = lead();
        write(*leader, 20'000, false);
        const double alone = write_rate(*leader);
        report_.add("copies.0", alone, "events/s");
        std::vector<std::unique_ptr<Server>> all;
        for (const std::size_t count : {std::size_t{1}, std::size_t{4}, copies_most}) {
            while (all.size() < count) all.push_back(follow(*leader));
            for (const auto& copy : all) copy->progress.await(leader->node().event_log().last());
            const std::string name = "copies." + std::to_string(count);
            const double rate = write_rate(*leader);
            report_.add(name, rate, "events/s");
            report_.add(name + ".share", 100 * rate / alone, "%",
                        count == copies_most ? std::optional{at_least(90)} : std::nullopt);
        }
    }

    // The same of copies that keep nothing, in another process: what is left of the difference is
    // what the leader itself pays for them.
    void takers() {
        const auto leader = lead();
        write(*leader, 20'000, false);
        std::optional<double> alone;
        for (const std::size_t count :
             {std::size_t{0}, std::size_t{1}, std::size_t{4}, copies_most}) {
            const Takers all{leader->url(), count};
            await_level(*leader, count);
            const std::string name = "takers." + std::to_string(count);
            const double cpu_before = cpu_seconds();
            const Stopwatch watch;
            const double rate = write_rate(*leader);
            const double cpu = cpu_seconds() - cpu_before;
            if (!alone) alone = rate;
            report_.add(name, rate, "events/s");
            report_.add(name + ".share", 100 * rate / *alone, "%");
            report_.add(name + ".leader_cpu", 1e6 * cpu / (rate * watch.seconds()), "us/event");
        }
    }

    // One command after the other: alone, and with members that must have it first.
    void members() {
        double alone = 0;
        {
            const auto leader = lead();
            alone = single_latency(*leader, "members.0");
        }
        double fsync = 0;
        {
            BareLog bare{setup_.directory + "/bare"};
            Timings each;
            const std::vector<std::vector<std::byte>> value{std::vector<std::byte>(200)};
            for (std::size_t i = 0; i < single_commands; ++i) {
                const std::uint64_t begin = ticks();
                bare.append(value);
                each.add(ticks() - begin);
            }
            fsync = each.median();
            report_.add("members.bare_append_p50", fsync, "us");
        }
        for (const std::size_t count : {1U, 2U}) {
            std::vector<std::string> names;
            for (std::size_t i = 0; i < count; ++i) names.push_back("m" + std::to_string(i));
            const auto leader = lead(names);
            std::vector<std::unique_ptr<Server>> all;
            for (const std::string& name : names) all.push_back(follow(*leader, name));
            for (const auto& copy : all) copy->progress.await(leader->node().event_log().last());
            const std::string name = "members." + std::to_string(count);
            const double median = single_latency(*leader, name);
            report_.add(name + ".beyond_both_disks", median - alone - fsync, "us",
                        count == 1 ? std::optional{at_most(500)} : std::nullopt);
            report_.add(name + ".rate", write_rate(*leader), "events/s");
        }
    }

private:
    std::unique_ptr<Server> lead(const std::vector<std::string>& members = {}) {
        return std::make_unique<Server>("leader", leader_store_, "", members, clock_, random_);
    }

    // So many copies have all that there is.
    static void await_level(Server& leader, std::size_t count) {
        const auto place = must(server::parse_server_url(leader.url(), "url"));
        const std::string durable =
            "\"durable\":" + std::to_string(leader.node().event_log().last().value) + ',';
        for (;;) {
            server::HttpClient client{place, {}};
            server::ClientRequest request;
            request.target = "/v1/replication";
            const std::string said = must(client.ask(request)).body;
            std::size_t level = 0;
            for (std::size_t at = said.find(durable); at != std::string::npos;
                 at = said.find(durable, at + 1))
                ++level;
            if (level == count) return;
            pause(0.01);
        }
    }

    // With an empty disk.
    std::unique_ptr<Server> follow(Server& leader, const std::string& name = {}) {
        const std::string node = name.empty() ? "copy-" + std::to_string(++copies_) : name;
        const std::string store = setup_.directory + '/' + node;
        fs::remove_all(store);
        return std::make_unique<Server>(node, store, leader.url(), std::vector<std::string>{},
                                        clock_, random_);
    }

    void catch_up(Server& leader, const std::string& name) {
        const Revision last = leader.node().event_log().last();
        const auto events = static_cast<double>(last.value);
        const double local = local_copy(leader, last);
        const Stopwatch watch;
        const auto copy = follow(leader);
        while (copy->node().event_log().last() < last) pause(0.001);
        const double durable = watch.seconds();
        copy->progress.await(last);
        const double shown = watch.seconds();
        report_.add(name + ".events", events, "events");
        report_.add(name + ".local", events / local, "events/s");
        report_.add(name + ".durable", events / durable, "events/s", at_least(300'000));
        report_.add(name + ".share_of_local", 100 * local / durable, "%", at_least(80));
        report_.add(name + ".index", events / (shown - durable), "events/s", at_least(500'000));
    }

    // The same runs, read, checked and appended without a network.
    double local_copy(Server& leader, Revision last) {
        const std::string directory = setup_.directory + "/local";
        fs::remove_all(directory);
        const log::EventLog& source = leader.node().event_log();
        const auto copy = must(log::EventLog::create(directory, source.id(), source.created_at()));
        const Stopwatch watch;
        while (copy->last() < last) {
            const auto run =
                must(source.read_run(tenure::next(copy->last()), last, std::uint64_t{1} << 18U));
            must(copy->append_run(run, copy->committed()));
        }
        return watch.seconds();
    }

    // Changes in groups, as many as there is room for.
    void write(Server& leader, std::uint64_t count, bool with_ids) {
        std::mutex mutex;
        std::condition_variable changed;
        std::size_t in_flight = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            {
                std::unique_lock guard{mutex};
                changed.wait(guard, [&] { return in_flight < in_flight_max; });
                ++in_flight;
            }
            must(leader.node().submit_later(
                new_user(next_user_++, with_ids), [&](const Result<node::Receipt>& receipt) {
                    must(receipt);
                    const std::lock_guard guard{mutex};
                    if (--in_flight == in_flight_max / 2 || in_flight == 0) changed.notify_one();
                }));
        }
        std::unique_lock guard{mutex};
        changed.wait(guard, [&] { return in_flight == 0; });
    }

    double write_rate(Server& leader) {
        std::uint64_t written = 0;
        const Stopwatch watch;
        while (watch.seconds() < setup_.seconds) {
            write(leader, 4 * in_flight_max, false);
            written += 4 * in_flight_max;
        }
        return static_cast<double>(written) / watch.seconds();
    }

    double single_latency(Server& leader, const std::string& name) {
        // Held up until the members are there.
        while (!leader.node().submit(new_user(next_user_++, false))) pause(0.02);
        Timings each;
        for (std::size_t i = 0; i < single_commands; ++i) {
            domain::Batch batch = new_user(next_user_++, false);
            const std::uint64_t begin = ticks();
            must(leader.node().submit(std::move(batch)));
            each.add(ticks() - begin);
        }
        report_.add(name + ".p50", each.median(), "us");
        report_.add(name + ".p99", each.quantile(0.99), "us");
        return each.median();
    }

    ReplicationSetup setup_;
    Report& report_;
    std::string leader_store_;
    SystemClock clock_;
    SeededRandom random_{1};
    std::uint64_t next_user_ = 0;
    std::size_t copies_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4 && argv[1] == std::string_view{take_flag}) take(argv[2], std::stoull(argv[3]));
    ReplicationSetup setup;
    std::string json;
    std::vector<std::string> only;
    CLI::App app{"Measures a leader and its followers over loopback; they share the machine"};
    app.add_option("--scale", setup.scale, "1: a million users")->capture_default_str();
    app.add_option("--seconds", setup.seconds, "of each measurement")->capture_default_str();
    app.add_option("--dir", setup.directory, "for the stores; made and removed")
        ->capture_default_str();
    app.add_option("--json", json, "write the results to FILE");
    app.add_option("--only", only, "parts to run")->delimiter(',')->check(CLI::IsMember(parts));
    CLI11_PARSE(app, argc, argv);
    const std::set<std::string> chosen(only.begin(), only.end());
    Report report;
    ReplicationBench bench{setup, report};
    const auto part = [&](const std::string& name, auto&& work) {
        if (!chosen.empty() && !chosen.contains(name)) return;
        report.section(name);
        work();
    };
    part("catch_up", [&] { bench.catch_up(); });
    part("lag", [&] { bench.lag(); });
    part("copies", [&] { bench.copies(); });
    part("takers", [&] { bench.takers(); });
    part("members", [&] { bench.members(); });
    if (!json.empty()) std::ofstream{json} << report.json();
    return 0;
}
