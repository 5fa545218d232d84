// What the log costs: events per second by batch size, with and without commands; reading, checking
// and opening. Prints a table; the numbers depend on the disk below the system's temp directory.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/random.h"
#include "log/event_log.h"
#include "storage/environment.h"
#include "support/temp_store.h"

namespace {

using namespace tenure;
using namespace tenure::log;
using Timer = std::chrono::steady_clock;

double seconds_since(Timer::time_point start) {
    return std::chrono::duration<double>(Timer::now() - start).count();
}

template <class T>
T value_of(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().detail.c_str());
        std::exit(1);
    }
    return std::move(result).value();
}

void append_events(EventLog& log, std::uint64_t count, std::uint64_t batch_size, bool commands,
                   Random& random) {
    std::vector<NewEntry> entries(batch_size);
    std::vector<NewCommand> records(commands ? batch_size : 0);
    std::vector<double> batch_us;
    double preparing = 0;
    const auto start = Timer::now();
    for (std::uint64_t done = 0; done < count; done += batch_size) {
        const auto prepare = Timer::now();
        const std::uint64_t last = log.last().value;
        for (std::uint64_t i = 0; i < batch_size; ++i) {
            entries[i].term = Term{1};
            entries[i].recorded_at = Instant{static_cast<std::int64_t>(last + i + 1)};
            entries[i].body.assign(256, static_cast<std::byte>(random.next()));
            if (commands) {
                records[i].key = {{random.next(), random.next()}};
                records[i].record.first = Revision{last + i + 1};
                records[i].record.count = 1;
            }
        }
        preparing += seconds_since(prepare);
        const auto batch = Timer::now();
        value_of(log.append(entries, records, true));
        batch_us.push_back(seconds_since(batch) * 1e6);
    }
    const double seconds = seconds_since(start) - preparing;
    std::sort(batch_us.begin(), batch_us.end());
    std::printf("append  batch %5llu  commands %d  %9.0f events/s  median %7.0f us a batch\n",
                static_cast<unsigned long long>(batch_size), commands ? 1 : 0,
                static_cast<double>(count) / seconds, batch_us[batch_us.size() / 2]);
}

void measure_log() {
    const tenure::testing::TempDir dir;
    SeededRandom random{1};
    auto log = value_of(EventLog::create(dir / "log", {{1, 2}}, Instant{0}));
    append_events(*log, 2'000, 1, false, random);
    append_events(*log, 2'000, 1, true, random);
    append_events(*log, 64 * 2'000, 64, false, random);
    append_events(*log, 512 * 2'000, 512, false, random);
    append_events(*log, 512 * 1'000, 512, true, random);
    append_events(*log, 5'000 * 100, 5'000, false, random);

    const double events = static_cast<double>(log->last().value);
    auto start = Timer::now();
    Revision from{1};
    while (from <= log->last()) from = next(value_of(log->read(from)).end()[-1].revision);
    std::printf("read    %9.0f events/s\n", events / seconds_since(start));
    start = Timer::now();
    if (!log->verify({})) std::exit(1);
    std::printf("verify  %9.0f events/s\n", events / seconds_since(start));
    start = Timer::now();
    constexpr int proofs = 10'000;
    for (int i = 0; i < proofs; ++i) {
        const std::uint64_t size = 1 + random.below(log->last().value);
        log->inclusion_proof(Revision{1 + random.below(size)}, size);
    }
    std::printf("inclusion proof %6.1f us\n", seconds_since(start) / proofs * 1e6);
    start = Timer::now();
    for (int i = 0; i < proofs; ++i) log->find_command({{random.next(), 1}});
    std::printf("find command    %6.2f us\n", seconds_since(start) / proofs * 1e6);
    for (const storage::TableUse& use : log->table_use())
        std::printf("table %-9s %8llu rows %10llu bytes\n", use.name.c_str(),
                    static_cast<unsigned long long>(use.rows),
                    static_cast<unsigned long long>(use.bytes));
    log.reset();
    start = Timer::now();
    log = value_of(EventLog::open(dir / "log"));
    std::printf("open    %6.2f ms\n", seconds_since(start) * 1e3);
}

void measure_seeks() {
    constexpr storage::Table table{0};
    constexpr std::array specs{storage::TableSpec{"rows", 2}};
    constexpr std::uint64_t rows = 2'000'000;
    const tenure::testing::TempDir dir;
    storage::EnvironmentOptions options;
    options.map_bytes = std::uint64_t{1} << 32U;
    options.create = true;
    const auto environment = value_of(storage::Environment::open(dir.path(), specs, options));
    {
        storage::WriteTxn txn{*environment};
        const std::array<std::uint64_t, 2> value{};
        for (std::uint64_t i = 0; i < rows; ++i)
            if (!txn.append(table, {i, 1}, std::as_bytes(std::span{value}))) std::exit(1);
        if (!txn.commit()) std::exit(1);
    }
    SeededRandom random{2};
    storage::ReadTxn txn{*environment};
    constexpr int seeks = 2'000'000;
    std::uint64_t found = 0;
    for (const std::uint64_t range : {std::uint64_t{1'000}, rows}) {
        const auto start = Timer::now();
        for (int i = 0; i < seeks; ++i)
            found += txn.seek(table, {random.below(range), 0}, 1)->key.word(1);
        std::printf("seek    %7.3f us in %llu rows\n", seconds_since(start) / seeks * 1e6,
                    static_cast<unsigned long long>(range));
    }
    auto start = Timer::now();
    for (int i = 0; i < seeks; ++i) {
        txn.renew();
        found += txn.seek(table, {random.below(1'000), 0}, 1)->key.word(1);
    }
    std::printf("renew and seek %7.3f us\n", seconds_since(start) / seeks * 1e6);
    start = Timer::now();
    txn.reset();
    for (int i = 0; i < seeks; ++i) {
        const storage::ReadTxn fresh{*environment};
        found += fresh.seek(table, {random.below(1'000), 0}, 1)->key.word(1);
    }
    std::printf("new transaction and seek %7.3f us (%llu)\n", seconds_since(start) / seeks * 1e6,
                static_cast<unsigned long long>(found));
}

}  // namespace

int main() {
    measure_log();
    measure_seeks();
}
