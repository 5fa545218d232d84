// What a condition adds to a check: the same questions of a store of its own, asked of a principal
// whose assignment has none and of one whose assignment has one that is true.

#include "bench/store_bench.h"
#include "node/node.h"

namespace tenure::bench {
namespace {

constexpr std::size_t batch = 1'000;

domain::Command command(domain::CommandBody body) {
    domain::Command result;
    result.tenant = "bench";
    result.actor = domain::system_actor;
    result.body = std::move(body);
    return result;
}

domain::CheckQuestion question(const std::string& principal) {
    domain::CheckQuestion q;
    q.tenant = "bench";
    q.principal = principal;
    q.action = "Blobs/containers/blobs/read";
    q.scope = "/subscriptions/s1/resourceGroups/g1";
    q.attributes.resource = domain::condition::AttributeSet{
        {{"Blobs/containers:name", std::vector<std::string>{"alpha-7"}}}};
    return q;
}

void make_store(node::Node& node, const std::vector<std::pair<std::string, std::string>>& people) {
    domain::Batch all;
    domain::DefineRole define;
    define.role.id = "reader";
    define.role.name = "Reader";
    define.role.assignable_scopes = {"/subscriptions/s1"};
    define.role.permissions.emplace_back().actions = {"Blobs/*/read"};
    all.commands.push_back(command(define));
    for (const auto& [id, condition] : people) {
        domain::CreatePrincipal create;
        create.principal.id = id;
        create.principal.attributes = {{"project", std::vector<std::string>{"alpha"}}};
        all.commands.push_back(command(create));
        domain::CreateAssignment assign;
        assign.assignment.id = "of-" + id;
        assign.assignment.principal = id;
        assign.assignment.role = "reader";
        assign.assignment.scope = "/subscriptions/s1";
        if (!condition.empty()) assign.assignment.condition = domain::Condition{condition, "2.0"};
        all.commands.push_back(command(assign));
    }
    must(node.submit(std::move(all)));
}

}  // namespace

void measure_conditions(const Setup& setup, Report& report) {
    const std::vector<std::pair<std::string, std::string>> people{
        {"unconditional", ""},
        {"usual",
         "(!(ActionMatches{'Blobs/containers/blobs/read'}) OR "
         "(@Resource[Blobs/containers:name] StringStartsWith 'alpha-'))"},
        {"principal",
         "(!(ActionMatches{'Blobs/containers/blobs/read'}) OR "
         "(@Resource[Blobs/containers:name] StringLike 'alpha-*' AND "
         "@Principal[project] StringEquals 'alpha'))"}};
    SystemClock clock;
    SeededRandom random{setup.seed};
    const std::string store = setup.directory + "/conditions";
    must(node::Node::create(store, {"bench", "owner"}, clock, random));
    const auto node = must(node::Node::open(store, clock, random));
    make_store(*node, people);
    const auto session = node->session();
    std::vector<std::vector<double>> times(people.size());
    // In turns, so that all meet the same machine.
    for (std::uint64_t round = 0; round < setup.checks / batch + 1; ++round)
        for (std::size_t who = 0; who < people.size(); ++who) {
            const domain::CheckQuestion q = question(people[who].first);
            const Stopwatch watch;
            for (std::size_t i = 0; i < batch; ++i)
                if (!must(session->check(q)).allowed) std::abort();
            times[who].push_back(watch.seconds() * 1e6 / static_cast<double>(batch));
        }
    const double base = median_of(times[0]);
    report.add("condition.none.p50", base, "us");
    for (std::size_t who = 1; who < people.size(); ++who) {
        const double time = median_of(times[who]);
        report.add("condition." + people[who].first + ".p50", time, "us");
        report.add("condition." + people[who].first + ".to_none", time / base, "x", at_most(1.5));
    }
}

}  // namespace tenure::bench
