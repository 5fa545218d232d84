#pragma once
// Two tables in an environment of their own, and shorthand for rows.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "storage/environment.h"
#include "support/temp_store.h"

namespace tenure::storage {

inline constexpr Table pairs{0};    // keys of two words
inline constexpr Table singles{1};  // keys of one word
inline constexpr std::array specs{TableSpec{"pairs", 2}, TableSpec{"singles", 1}};

inline EnvironmentOptions making(std::uint64_t map_bytes = std::uint64_t{1} << 30U) {
    EnvironmentOptions options;
    options.map_bytes = map_bytes;
    options.create = true;
    return options;
}

inline std::unique_ptr<Environment> open_or_die(const std::string& directory,
                                                const EnvironmentOptions& options) {
    auto opened = Environment::open(directory, specs, options);
    EXPECT_TRUE(opened.has_value()) << opened.error().detail;
    return std::move(opened).value();
}

using Words = std::vector<std::uint64_t>;

inline Bytes bytes(const Words& words) { return std::as_bytes(std::span{words}); }

inline Words words(Bytes bytes) {
    Words result(bytes.size() / sizeof(std::uint64_t));
    if (!result.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
}

inline void put(WriteTxn& txn, Table table, const Key& key, const Words& value) {
    const auto result = txn.put(table, key, bytes(value));
    EXPECT_TRUE(result.has_value()) << result.error().detail;
}

inline void commit(WriteTxn& txn) {
    const auto result = txn.commit();
    EXPECT_TRUE(result.has_value()) << result.error().detail;
}

}  // namespace tenure::storage
