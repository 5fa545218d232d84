// tenure_bench_micro: the primitives that everything else is made of, with Google Benchmark.

#include <benchmark/benchmark.h>

#include <filesystem>

#include "base/hash.h"
#include "bench/measure.h"
#include "bench/population.h"
#include "codec/event_codec.h"
#include "codec/json_lines.h"
#include "domain/action.h"
#include "domain/scope.h"
#include "log/merkle.h"
#include "node/generations.h"
#include "node/node.h"
#include "projection/names.h"
#include "projection/rows.h"
#include "projection/versioned_set.h"

namespace {

using namespace tenure;
using bench::must;

// Some typical events: users who join, roles given and changed.
std::vector<domain::Event> some_events() {
    bench::Population population{bench::Shape::at_scale(0.005), 1};
    std::vector<domain::Event> events;
    domain::Event event;
    for (std::size_t i = 0; population.next(event); ++i)
        if (i >= 20'000 && i < 21'000) events.push_back(event);
    return events;
}

// A small store that the reading primitives are run on; made once, removed at the end.
class SmallStore {
public:
    SmallStore() : directory_{std::filesystem::temp_directory_path() / "tenure-bench-micro"} {
        std::filesystem::remove_all(directory_);
        bench::SystemClock clock;
        SeededRandom random{1};
        must(node::Node::create(directory_.string(), {}, clock, random));
        log_ = must(log::EventLog::open((directory_ / "log").string()));
        bench::Population population{bench::Shape::at_scale(0.02), 1};
        std::vector<log::NewEntry> entries;
        domain::Event event;
        while (population.next(event)) {
            entries.push_back({event.term, event.recorded_at, codec::encode_event(event)});
            if (entries.size() < 10'000) continue;
            must(log_->append(entries, {}, true));
            entries.clear();
        }
        must(log_->append(entries, {}, true));
        index_ =
            must(node::build_index((directory_ / "index-9").string(), *log_, log_->last(), {}, {}));
        storage::ReadTxn txn{index_->environment()};
        const projection::RowReader reader{txn};
        const auto tenant = projection::find_name(reader, index_->sip(), projection::ObjectId{},
                                                  projection::Kind::tenant, bench::tenant_name);
        tenant_ = tenant->id;
        bench::Names names{bench::Shape::at_scale(0.02)};
        for (std::uint32_t user = 0; user < bench::Shape::at_scale(0.02).users(); ++user)
            users_.push_back(projection::find_name(reader, index_->sip(), tenant_,
                                                   projection::Kind::principal, names.user(user))
                                 ->id);
    }

    ~SmallStore() {
        index_.reset();
        log_.reset();
        std::filesystem::remove_all(directory_);
    }

    SmallStore(const SmallStore&) = delete;
    SmallStore& operator=(const SmallStore&) = delete;

    static SmallStore& get() {
        static SmallStore store;
        return store;
    }

    const projection::Index& index() const { return *index_; }

    projection::ObjectId tenant() const { return tenant_; }

    projection::ObjectId user(std::uint64_t n) const { return users_[n % users_.size()]; }

    Revision last() const { return log_->last(); }

private:
    std::filesystem::path directory_;
    std::unique_ptr<log::EventLog> log_;
    std::unique_ptr<projection::Index> index_;
    projection::ObjectId tenant_;
    std::vector<projection::ObjectId> users_;
};

void pattern_match(benchmark::State& state) {
    const std::string pattern = "microsoft.compute/virtualmachines/*/read";
    const std::string action = "microsoft.compute/virtualmachines/instanceview/read";
    for (auto _ : state) benchmark::DoNotOptimize(domain::matches_folded(pattern, action));
}

void role_match(benchmark::State& state) {
    // A role of six patterns and two exceptions, asked for what it does not name.
    const domain::Role& role = bench::roles()[4];
    const domain::CompiledPermissions permissions{role.permissions};
    const std::string action = "microsoft.sql/servers/databases/read";
    for (auto _ : state)
        benchmark::DoNotOptimize(permissions.match(action, domain::Plane::control));
}

void siphash_of_id(benchmark::State& state) {
    const SipKey key{{1, 2}};
    const std::string id = "u123456@contoso.example";
    for (auto _ : state) benchmark::DoNotOptimize(siphash(key, id));
}

void checksum_of_row(benchmark::State& state) {
    const std::vector<std::uint64_t> words(static_cast<std::size_t>(state.range(0)) / 8, 7);
    for (auto _ : state) benchmark::DoNotOptimize(checksum(std::as_bytes(std::span{words}), 3));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void leaf_hash(benchmark::State& state) {
    const std::vector<std::byte> entry(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(log::leaf_hash(entry));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void event_encode(benchmark::State& state) {
    const auto events = some_events();
    std::size_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(codec::encode_event(events[i++ % events.size()]));
}

void event_decode(benchmark::State& state) {
    std::vector<codec::Buffer> bodies;
    for (const domain::Event& event : some_events()) bodies.push_back(codec::encode_event(event));
    std::size_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(codec::decode_event(bodies[i++ % bodies.size()]));
}

void json_line_parse(benchmark::State& state) {
    std::vector<std::string> lines;
    for (const domain::Event& event : some_events()) lines.push_back(codec::event_line(event));
    codec::LineDefaults defaults;
    defaults.importing = true;
    defaults.imported_by = "system";
    std::size_t i = 0;
    std::int64_t bytes = 0;
    for (auto _ : state) {
        const std::string& line = lines[i++ % lines.size()];
        bytes += static_cast<std::int64_t>(line.size());
        benchmark::DoNotOptimize(codec::parse_command_line(line, defaults));
    }
    state.SetBytesProcessed(bytes);
}

void scope_parse(benchmark::State& state) {
    const std::string scope = "/subscriptions/sub-0123-prod/resourceGroups/rg-07-payments/vm-12-9";
    for (auto _ : state)
        benchmark::DoNotOptimize(
            domain::canonical_scope(must(domain::parse_scope(scope, "scope"))));
}

void name_find(benchmark::State& state) {
    const SmallStore& store = SmallStore::get();
    const storage::ReadTxn txn{store.index().environment()};
    const projection::RowReader reader{txn};
    const bench::Names names{bench::Shape::at_scale(0.02)};
    SeededRandom random{1};
    std::vector<std::string> ids;
    for (int i = 0; i < 10'000; ++i)
        ids.push_back(names.user(
            static_cast<std::uint32_t>(random.below(bench::Shape::at_scale(0.02).users()))));
    std::size_t i = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(projection::find_name(reader, store.index().sip(), store.tenant(),
                                                       projection::Kind::principal,
                                                       ids[i++ % ids.size()]));
}

void floor_seek(benchmark::State& state) {
    const SmallStore& store = SmallStore::get();
    const storage::ReadTxn txn{store.index().environment()};
    const projection::RowReader reader{txn};
    SeededRandom random{1};
    const bool past = state.range(0) != 0;
    for (auto _ : state) {
        const Revision at{past ? 1 + random.below(store.last().value) : store.last().value};
        benchmark::DoNotOptimize(reader.at(projection::table::principals,
                                           projection::Key{store.user(random.next()).value}, at));
    }
}

void set_block_read(benchmark::State& state) {
    const SmallStore& store = SmallStore::get();
    const storage::ReadTxn txn{store.index().environment()};
    const projection::RowReader reader{txn};
    SeededRandom random{1};
    for (auto _ : state) {
        const auto block = projection::set_block_at(reader, projection::groups_of_set,
                                                    store.user(random.next()).value, store.last());
        std::uint64_t sum = 0;
        if (block)
            for (std::size_t i = 0; i < block->size(); ++i)
                if (block->interval(i).contains(store.last())) sum += block->word(i, 0);
        benchmark::DoNotOptimize(sum);
    }
}

BENCHMARK(pattern_match);
BENCHMARK(role_match);
BENCHMARK(scope_parse);
BENCHMARK(siphash_of_id);
BENCHMARK(checksum_of_row)->Arg(64)->Arg(512)->Arg(2048);
BENCHMARK(leaf_hash)->Arg(256)->Arg(1024);
BENCHMARK(event_encode);
BENCHMARK(event_decode);
BENCHMARK(json_line_parse);
BENCHMARK(name_find);
BENCHMARK(floor_seek)->ArgName("past")->Arg(0)->Arg(1);
BENCHMARK(set_block_read);

}  // namespace

BENCHMARK_MAIN();
