#include "bench/server_bench.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <filesystem>
#include <thread>

#include "api/json_text.h"
#include "bench/crowd.h"
#include "bench/http_load.h"
#include "bench/store_bench.h"
#include "server/query_client.h"
#include "server/store_token.h"

namespace tenure::bench {
namespace {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;

constexpr std::size_t checks_in_batch = 100;

std::string request_text(std::string_view method, const std::string& target,
                         const std::string& token, const std::string& body) {
    std::string text =
        std::string(method) + ' ' + target +
        " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n";
    return text + body;
}

void add_check(api::JsonText& json, const domain::CheckQuestion& question) {
    json.begin_object();
    json.member("principal", question.principal);
    json.member("action", question.action);
    if (question.plane == domain::Plane::data) json.member("plane", "data");
    json.member("scope", question.scope);
    json.member("at", question.as_of.at);
    json.end_object();
}

const std::string tenant_path = "/v1/tenants/" + std::string(tenant_name);

domain::Batch one(domain::CommandBody body) {
    domain::Batch batch;
    domain::Command& command = batch.commands.emplace_back();
    command.tenant = tenant_name;
    command.actor = domain::system_actor;
    command.body = std::move(body);
    return batch;
}

domain::CommandBody new_user(const std::string& id) {
    domain::CreatePrincipal create;
    create.principal.id = id;
    create.principal.kind = domain::PrincipalKind::user;
    return create;
}

std::string token_for(node::Node& node, const std::string& principal, Random& random) {
    std::string secret = server::make_store_token(random);
    domain::Token token;
    token.principal = principal;
    token.secret_hash = server::hash_of(secret);
    token.id = domain::token_id_of(token.secret_hash);
    must(node.submit(one(domain::IssueToken{token})));
    return secret;
}

// Who the clients are: a service that may do everything.
std::string prepare_asker(node::Node& node, Random& random) {
    const std::string asker = "bench-service-" + std::to_string(random.next());
    must(node.submit(one(new_user(asker))));
    domain::CreateAssignment assign;
    assign.assignment.id = asker + "/1";
    assign.assignment.principal = asker;
    assign.assignment.role = "bench-everything";
    assign.assignment.scope = "/";
    domain::ApplyCatalog catalog;
    domain::Role role;
    role.id = "bench-everything";
    role.name = "Bench everything";
    role.built_in = true;
    role.permissions.push_back({{"*"}, {}, {"*"}, {}, {}});
    role.assignable_scopes = {"/"};
    catalog.roles.push_back(role);
    must(node.submit(one(std::move(catalog))));
    must(node.submit(one(std::move(assign))));
    return token_for(node, asker, random);
}

}  // namespace

ServerBench::ServerBench(const ServerSetup& setup, Report& report)
    : setup_{setup}, report_{report}, shape_{Shape::at_scale(setup.scale)} {
    shape_.denies = setup.denies;
    random_ = SeededRandom{static_cast<std::uint64_t>(clock_.now().us)};
    const std::string store = setup.directory + "/store";
    if (!std::filesystem::exists(store)) {
        std::filesystem::create_directories(setup.directory);
        Setup filling;
        filling.shape = shape_;
        filling.directory = setup.directory;
        fill_log(filling, store, report);
    }
    observer_ = std::make_unique<server::Observer>();
    node::Options options;
    options.committed = [this](const node::Committed& group) { observer_->committed(group); };
    node_ = must(node::Node::open(store, clock_, random_, options));
    asker_ = prepare_asker(*node_, random_);
    server::Settings settings;
    settings.port = 0;
    settings.threads = setup.threads;
    settings.log_level = "error";
    settings.limits.client_requests_per_second_max = 100'000'000;
    settings.limits.client_concurrent_max = 100'000;
    settings.limits.connections_of_client_max = settings.limits.connections_max;
    server_ =
        std::make_unique<server::Server>(std::move(settings), *node_, *observer_, clock_, random_);
    must(server_->start());
    read_through(store);
}

ServerBench::~ServerBench() {
    server_.reset();
    node_.reset();
}

std::vector<domain::CheckQuestion> ServerBench::questions(std::size_t count, bool past,
                                                          std::uint64_t seed) {
    Questions all{shape_, seed};
    SeededRandom random{seed};
    std::vector<domain::CheckQuestion> chosen;
    // A thousand people, many questions about each: a service asks again about those it serves.
    constexpr std::size_t people = 1'000;
    for (std::size_t i = 0; i < count; ++i) {
        domain::CheckQuestion question = all.cold(random.below(people));
        if (past) {
            const auto span = static_cast<std::uint64_t>(history_end.us - history_begin.us);
            question.as_of.at = history_begin + static_cast<std::int64_t>(random.below(span));
        }
        chosen.push_back(std::move(question));
    }
    return chosen;
}

std::vector<std::string> ServerBench::check_requests(
    const std::vector<domain::CheckQuestion>& all) const {
    std::vector<std::string> requests;
    for (const domain::CheckQuestion& question : all) {
        api::JsonText json;
        add_check(json, question);
        requests.push_back(request_text("POST", tenant_path + "/check", asker_, json.take()));
    }
    return requests;
}

double ServerBench::http_rate(const std::vector<domain::CheckQuestion>& all,
                              std::uint32_t connections) {
    LoadPlan plan{server_->port(), connections, setup_.seconds, check_requests(all), 0};
    plan.stride = all.size() / connections;
    const LoadResult result = load(plan);
    if (result.failed > 0) give_up("checks were not answered");
    return result.rate;
}

void ServerBench::http() {
    const std::vector<std::string> checks = check_requests(questions(4'096, false, 1));
    const EchoServer echo;
    // In turn, so that what else the machine does meets both.
    constexpr int rounds = 3;
    std::vector<double> ratios;
    std::vector<double> echo_rates;
    std::vector<double> rates;
    std::vector<double> server_us;
    for (int round = 0; round < rounds; ++round) {
        LoadPlan plan{echo.port(), setup_.connections, setup_.seconds, checks, 0};
        const LoadResult bare = load(plan);
        plan.port = server_->port();
        const double cpu = cpu_seconds();
        const LoadResult ours = load(plan);
        const double used = cpu_seconds() - cpu - ours.client_cpu_seconds;
        if (ours.failed > 0) give_up("checks were not answered");
        echo_rates.push_back(bare.rate);
        rates.push_back(ours.rate);
        ratios.push_back(ours.rate / bare.rate);
        server_us.push_back(1e6 * used / static_cast<double>(ours.answers));
    }
    report_.add("http.echo", median_of(echo_rates), "requests/s");
    report_.add("http.check", median_of(rates), "requests/s");
    report_.add("http.check_to_echo", median_of(ratios), "ratio", at_least(0.8));
    report_.add("http.server_cpu", median_of(server_us), "us/request");

    std::vector<double> p99_ratios;
    std::vector<double> echo_p99;
    std::vector<double> our_p99;
    for (int round = 0; round < rounds; ++round) {
        LoadPlan plan{echo.port(), setup_.connections, setup_.seconds, checks,
                      0.6 * median_of(echo_rates)};
        echo_p99.push_back(load(plan).p99_us);
        plan.port = server_->port();
        plan.pace = 0.6 * median_of(rates);
        our_p99.push_back(load(plan).p99_us);
        p99_ratios.push_back(our_p99.back() / echo_p99.back());
    }
    report_.add("http.echo_p99_at_60", median_of(echo_p99), "us");
    report_.add("http.check_p99_at_60", median_of(our_p99), "us");
    report_.add("http.p99_to_echo", median_of(p99_ratios), "ratio", at_most(2));
}

void ServerBench::batch() {
    std::vector<std::string> batches;
    const auto all = questions(64 * checks_in_batch, false, 2);
    for (std::size_t i = 0; i < all.size(); i += checks_in_batch) {
        api::JsonText json;
        json.begin_object();
        json.name("checks");
        json.begin_array();
        for (std::size_t k = 0; k < checks_in_batch; ++k) add_check(json, all[i + k]);
        json.end_array();
        json.end_object();
        batches.push_back(request_text("POST", tenant_path + "/checks", asker_, json.take()));
    }
    LoadPlan plan{server_->port(), setup_.connections, setup_.seconds, batches, 0};
    const double cpu = cpu_seconds();
    const LoadResult result = load(plan);
    const double used = cpu_seconds() - cpu - result.client_cpu_seconds;
    if (result.failed > 0) give_up("batches were not answered");
    const double checks = static_cast<double>(result.answers) * checks_in_batch;
    report_.add("batch.http", result.rate * checks_in_batch, "checks/s", at_least(200'000));
    report_.add("batch.http_server_cpu", 1e6 * used / checks, "us/check");
}

double ServerBench::query_rate(const std::vector<domain::CheckQuestion>& all,
                               std::string_view name) {
    // One connection for each thread of the server, all carried by this thread.
    std::vector<std::unique_ptr<server::QueryClient>> clients;
    for (std::uint32_t i = 0; i < setup_.threads; ++i)
        clients.push_back(must(
            server::QueryClient::connect({"http://127.0.0.1:" + std::to_string(server_->port()),
                                          std::string(tenant_name), asker_})));
    constexpr std::size_t ahead = 16;
    std::vector<codec::QuestionFrame> frames;
    for (std::size_t i = 0; i + checks_in_batch <= all.size(); i += checks_in_batch) {
        codec::QuestionFrame& frame = frames.emplace_back();
        frame.checks.assign(all.begin() + static_cast<std::ptrdiff_t>(i),
                            all.begin() + static_cast<std::ptrdiff_t>(i + checks_in_batch));
        frame.size = checks_in_batch;
    }
    std::size_t sent = 0;
    std::uint64_t answered = 0;
    const double cpu = cpu_seconds();
    const double own_cpu = thread_cpu_seconds();
    const Stopwatch watch;
    for (const auto& client : clients)
        for (std::size_t i = 0; i < ahead; ++i) must(client->send(frames[sent++ % frames.size()]));
    while (watch.seconds() < setup_.seconds)
        for (const auto& client : clients) {
            const auto got = must(client->receive());
            if (got.problem) give_up(got.problem->detail);
            answered += got.answers.size();
            must(client->send(frames[sent++ % frames.size()]));
        }
    const double seconds = watch.seconds();
    const double own = thread_cpu_seconds() - own_cpu;
    const double used = cpu_seconds() - cpu - own;
    for (const auto& client : clients)
        for (std::size_t i = 0; i < ahead; ++i) must(client->receive());
    const double rate = static_cast<double>(answered) / seconds;
    const std::string prefix{name};
    report_.add(prefix + ".server_core", static_cast<double>(answered) / used, "checks/s/core");
    report_.add(prefix + ".client_cpu", 1e6 * own / static_cast<double>(answered), "us/check");
    return rate;
}

void ServerBench::query() {
    const double rate = query_rate(questions(64 * checks_in_batch, false, 3), "query");
    report_.add("query.rate", rate, "checks/s", at_least(500'000));
}

void ServerBench::past() {
    const double now = query_rate(questions(64 * checks_in_batch, false, 3), "past.now");
    const double then = query_rate(questions(64 * checks_in_batch, true, 3), "past.then");
    report_.add("past.rate", then, "checks/s");
    report_.add("past.now_to_past", now / then, "ratio", at_most(1.2));
}

void ServerBench::writes() {
    constexpr std::uint32_t clients = 64;
    // Embedded: as many batches under way, the next given when one is answered.
    std::atomic<std::uint64_t> count{0};
    std::atomic<bool> on{true};
    std::atomic<std::uint32_t> under_way{0};
    const std::string run = std::to_string(random_.next());
    std::function<void()> give = [&] {
        const std::uint64_t number = count.fetch_add(1);
        ++under_way;
        must(node_->submit_later(one(new_user("e" + run + std::to_string(number))),
                                 [&](Result<node::Receipt> receipt) {
                                     must(std::move(receipt));
                                     --under_way;
                                     if (on) give();
                                 }));
    };
    const Stopwatch watch;
    for (std::uint32_t i = 0; i < clients; ++i) give();
    pause(setup_.seconds);
    const double embedded = static_cast<double>(count.load()) / watch.seconds();
    on = false;
    while (under_way > 0) std::this_thread::yield();

    std::vector<std::string> requests;
    const auto many = static_cast<std::size_t>(40'000 * setup_.seconds);
    for (std::size_t i = 0; i < many; ++i)
        requests.push_back(
            request_text("POST", tenant_path + "/commands", asker_,
                         R"({"commands":[{"type":"principal.create","data":{"principal":"h)" + run +
                             std::to_string(i) + R"(","kind":"user"}}]})"));
    // Each once: connection number n begins at n and goes on by one, so they are dealt out.
    std::vector<std::string> dealt(requests.size());
    const std::size_t each = requests.size() / clients;
    for (std::size_t i = 0; i < clients * each; ++i) dealt[i] = std::move(requests[i]);
    LoadPlan plan{server_->port(), clients, setup_.seconds, std::move(dealt), 0};
    plan.stride = each;
    const LoadResult result = load(plan);
    report_.add("writes.embedded", embedded, "commands/s");
    report_.add("writes.http", result.rate, "commands/s");
    report_.add("writes.http_p99", result.p99_us, "us");
    report_.add("writes.http_failed", static_cast<double>(result.failed), "answers", at_most(0));
    report_.add("writes.http_to_embedded", result.rate / embedded, "ratio", at_least(0.5));
}

namespace {

// Subscribers of the feed, on one thread.
class Subscribers {
public:
    Subscribers(std::uint16_t port, const std::string& token, std::size_t readers_count) {
        for (std::size_t i = 0; i < readers_count; ++i) {
            auto reader = std::make_unique<Reader>(context_);
            reader->socket.next_layer().connect({net::ip::address_v4::loopback(), port});
            websocket::stream_base::decorator asking{[&](websocket::request_type& request) {
                request.set("Sec-WebSocket-Protocol", "cloudevents.json");
                request.set("Authorization", "Bearer " + token);
            }};
            reader->socket.set_option(std::move(asking));
            reader->socket.handshake("localhost", tenant_path + "/feed");
            readers_.push_back(std::move(reader));
        }
    }

    void run(const std::vector<std::atomic<std::uint64_t>>& committed, Revision first) {
        for (const auto& reader : readers_) read(*reader, committed, first);
        context_.run();
    }

    void stop() { context_.stop(); }

    const Timings& timings() const { return timings_; }

    std::uint64_t count = 0;

private:
    struct Reader {
        explicit Reader(net::io_context& context) : socket{context} {}

        websocket::stream<net::ip::tcp::socket> socket;
        boost::beast::flat_buffer buffer;
    };

    void read(Reader& reader, const std::vector<std::atomic<std::uint64_t>>& committed,
              Revision first) {
        reader.socket.async_read(
            reader.buffer, [&, first](boost::system::error_code failed, std::size_t) {
                if (failed) return;
                const auto data = reader.buffer.cdata();
                const std::string_view text{static_cast<const char*>(data.data()), data.size()};
                constexpr std::string_view name = "\"id\":\"";
                const std::uint64_t revision =
                    std::stoull(std::string(text.substr(text.find(name) + name.size(), 20)));
                const std::uint64_t at = revision - first.value;
                if (at < committed.size() && committed[at] != 0) {
                    timings_.add(ticks() - committed[at]);
                    ++count;
                }
                reader.buffer.clear();
                read(reader, committed, first);
            });
    }

    net::io_context context_{1};
    std::vector<std::unique_ptr<Reader>> readers_;
    Timings timings_;
};

}  // namespace

void ServerBench::feed() {
    constexpr std::size_t subscribers = 100;
    constexpr double events_a_second = 1'000;
    const auto events = static_cast<std::size_t>(events_a_second * setup_.seconds);
    Subscribers readers{server_->port(), asker_, subscribers};
    const Revision first{node_->status().committed.value + 1};
    // When each was given to the store.
    std::vector<std::atomic<std::uint64_t>> given(events);
    std::thread reading{[&] { readers.run(given, first); }};
    const std::string run = std::to_string(random_.next());
    const Stopwatch watch;
    for (std::size_t i = 0; i < events; ++i) {
        const double due = static_cast<double>(i) / events_a_second;
        while (watch.seconds() < due) pause(0.0002);
        given[i] = ticks();
        must(node_->submit_later(one(new_user("f" + run + std::to_string(i))),
                                 [](Result<node::Receipt> receipt) { must(std::move(receipt)); }));
    }
    pause(1);
    readers.stop();
    reading.join();
    report_.add("feed.delivered", static_cast<double>(readers.count), "messages",
                at_least(static_cast<double>(events * subscribers)));
    report_.add("feed.p50", readers.timings().median() / 1000, "ms, from giving the command");
    report_.add("feed.p99", readers.timings().quantile(0.99) / 1000, "ms, likewise", at_most(20));
}

void ServerBench::idle() {
    constexpr std::size_t idle = 10'000;
    constexpr std::size_t slow = 1'000;
    const LoadPlan plan{server_->port(), setup_.connections, setup_.seconds,
                        check_requests(questions(4'096, false, 1)), 0};
    const auto rate = [&] {
        const LoadResult result = load(plan);
        if (result.failed > 0) give_up("checks were not answered");
        return result.rate;
    };
    // What grows with the first questions has grown before anything is measured.
    load(plan);
    const double alone = rate();
    const auto before = static_cast<double>(anonymous_memory());
    const CrowdPlan all{server_->port(), idle, slow, plan.requests.front()};
    const Crowd crowd{all};
    const auto with_crowd = static_cast<double>(anonymous_memory());
    const double beside = rate();
    const auto after = static_cast<double>(anonymous_memory());
    report_.add("idle.connection", (with_crowd - before) / (1024.0 * (idle + slow)), "KiB each",
                at_most(20));
    report_.add("idle.growth_while_asked", (after - with_crowd) / (1024.0 * 1024.0), "MiB");
    report_.add("idle.check_alone", alone, "requests/s");
    report_.add("idle.check_beside", beside, "requests/s");
    report_.add("idle.beside_to_alone", beside / alone, "ratio", at_least(0.8));
}

}  // namespace tenure::bench
