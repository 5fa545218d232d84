#include "log/format.h"

#include <map>

#include "unit/log/log_fixture.h"

namespace tenure::log {
namespace {

using tenure::testing::TempDir;

std::string hex_of(Bytes bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : bytes) {
        text += digits[std::to_integer<std::size_t>(byte >> 4U)];
        text += digits[std::to_integer<std::size_t>(byte & std::byte{0xF})];
    }
    return text;
}

// The example of docs/FORMAT.md: bytes that every later version must read.
TEST(Format, StoresTheBytesOfTheDocument) {
    const TempDir dir;
    {
        const LogId id{{0x1111111111111111, 0x2222222222222222}};
        const auto log = value_of(
            EventLog::create(dir / "log", id, Instant{1'714'564'800'000'000}, small_map()));
        const std::string text = "an example body.";
        const Bytes body = std::as_bytes(std::span{text});
        NewCommand command;
        command.key = {{0xAAAA, 0xBBBB}};
        command.record.body_hash.fill(std::byte{0xCC});
        command.record.first = Revision{1};
        command.record.count = 1;
        value_of(
            log->append({{Term{1}, Instant{1'714'564'800'250'000}, {body.begin(), body.end()}}},
                        {command}, true));
        expect_success(log->reserve_until(Instant{1'714'564'805'250'000}));
        expect_success(log->set_note("index", "generation 1"));
    }
    const std::string leaf = "16c09e74cb81cc717422b266ff2f8a2abe37678471efc7312bff7d3fefe614e8";
    const std::map<std::string, std::string> expected{
        {"entries 0000000000000001",
         "010000000000000001000000000000009000dd39631706000200000000000000"
         "616e206578616d706c6520626f64792e"},
        {"tree ffffffffffffffff0000000000000000", leaf + std::string(31 * 64, '0')},
        {"commands 0000000000000001",
         "aaaa000000000000bbbb000000000000"
         "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
         "010000000000000001000000000000002809ac2b77a57ff1"},
        {"terms 0000000000000001", "0100000000000000b86fdd40614e9486"},
        {"notes 1bc04b5291c26a46d918139138b992d2",
         "05000000000000000c00000000000000696e646578000000"
         "67656e65726174696f6e203100000000dc64e052376d6ba1"},
        {"meta 0000000000000001",
         "74656e75726c6f6701000000000000001111111111111111"
         "22222222222222220030d9396317060097ffe3eec2dc9d60"},
        {"meta 0000000000000002",
         "010000000000000001000000000000000100000000000000" + leaf + "88cfd9415646d740"},
        {"meta 0000000000000003", "d04b293a63170600990b6c94fc4c9c8a"}};

    const auto environment = value_of(storage::Environment::open(dir / "log", format::tables, {}));
    const storage::ReadTxn txn{*environment};
    std::map<std::string, std::string> stored;
    for (std::uint32_t table = 0; table < format::tables.size(); ++table)
        txn.scan(storage::Table{table}, {0}, 0, [&](const storage::RowView& row) {
            const std::string key = hex_of(row.key.bytes());
            // The id of the machine's boot is not ours to know.
            if (table != format::meta.index || row.key.word(0) != 4)
                stored[std::string(format::tables[table].name) + " " + key] = hex_of(row.value);
            return true;
        });

    EXPECT_EQ(stored, expected);
}

TEST(Format, BindsValuesToTheirPlace) {
    const storage::Key key{7};
    const auto value = format::seal(format::terms, key, format::TermValue{5, 0});
    const Bytes bytes = std::as_bytes(std::span{&value, 1});

    EXPECT_EQ(format::unseal<format::TermValue>(format::terms, key, bytes)->first, 5U);
    EXPECT_FALSE(format::unseal<format::TermValue>(format::terms, {8}, bytes).has_value());
    EXPECT_FALSE(format::unseal<format::TermValue>(format::meta, key, bytes).has_value());
    EXPECT_FALSE(format::unseal<format::TermValue>(format::terms, key, bytes.first(8)).has_value());
}

}  // namespace
}  // namespace tenure::log
